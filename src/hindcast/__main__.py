"""`python -m hindcast` is the command line."""

from __future__ import annotations

from hindcast.cli.main import main

if __name__ == "__main__":
    main()
