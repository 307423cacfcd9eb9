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
    "bad_quantity": "The quantity was not a number above zero",
    "bad_price": "A price was not a number above zero",
    "unknown_symbol": "The symbol is not among the bars",
    "bad_combination": "The order asked for things that exclude one another",
    "bad_expiry": "The order was to end before it began",
    "wrong_side": "A stop or a target lay on the wrong side of the price",
    "no_size": "The sizer had no size for it",
    "oco": "The other exit of its bracket came first",
    "user": "The strategy cancelled it",
    "ioc": "What did not fill at once was dropped (IOC)",
    "fok": "It could not be filled whole at once (FOK)",
    "day": "Its day ended",
    "gtd": "Its last day passed",
}


def explain(word: str) -> str:
    """A reason in words; one that is not known is shown as it is."""
    return EXPLANATIONS.get(word) or word.replace("_", " ").strip() or "No reason recorded"
