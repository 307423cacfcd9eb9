"""Sample data that comes with the package: real prices for a first backtest, without a network or a key."""
