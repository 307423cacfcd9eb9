"""How often a random choice falls on what."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def rarely(common: object, *others: object, one_in: int = 6) -> st.SearchStrategy[Any]:
    """Mostly the first value."""
    spread = [common] * (one_in * len(others) - len(others)) + list(others)
    return st.sampled_from(spread)
