"""One command a file: its arguments, and the few steps from them to an answer."""
