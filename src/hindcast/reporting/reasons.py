"""What the short words of orders and fills mean, in a sentence."""

from __future__ import annotations

EXPLANATIONS = {
    "insufficient_cash": "Cash did not cover the order",
    "too_small": "Smaller than the least quantity that can be traded",
    "no_price": "The symbol had no price to trade at",
    "replaced": "A later signal replaced the order",
    "margin": "Leverage would have gone over the limit, or margin fell short",
    "ruined": "The account had been ruined",
    "no_short": "Short positions are not allowed",
    "position_closed": "The position that the order belonged to was closed",
}


def explain(word: str) -> str:
    """A reason in words; one that is not known is shown as it is."""
    return EXPLANATIONS.get(word) or word.replace("_", " ").strip() or "No reason recorded"
