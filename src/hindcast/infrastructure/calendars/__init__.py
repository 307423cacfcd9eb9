"""Trading calendars: the only room that knows exchange_calendars."""
