"""Other views of the same bars: adjusted for splits and dividends, or longer."""
