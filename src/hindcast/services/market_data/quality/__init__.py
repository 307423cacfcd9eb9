"""Whether rows and panels can be true: rules, calendars, and the screening that every bar passes on its way in."""
