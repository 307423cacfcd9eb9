"""The Python door: load bars, run backtests, analyse curves."""
