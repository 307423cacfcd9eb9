"""`python -m hindcast` is the command line."""

from __future__ import annotations

from hindcast.cli.process import run

if __name__ == "__main__":
    run()
