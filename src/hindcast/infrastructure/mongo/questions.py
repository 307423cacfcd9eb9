"""Questions of the port in MongoDB's words."""

from __future__ import annotations

from typing import Any, Final

from beanie import SortDirection

from hindcast.services.documents.questions import first_behind
from hindcast.services.ports import Find

_LEAST: Final = -(2**63)


def filter_of(wanted: Find) -> dict[str, Any]:
    """Which documents match. A range is true of values of its own type alone: None is in no range."""
    terms: list[dict[str, Any]] = [{name: value} for name, value in wanted.where.items()]
    terms += [{name: _beginning_with(text)} for name, text in wanted.starting.items()]
    terms += [{name: {"$lt": limit}} for name, limit in wanted.below.items()]
    terms.append({wanted.order: _range_of(wanted)})
    if wanted.after is not None:
        number, last = wanted.after
        beyond = "$lt" if wanted.descending else "$gt"
        terms.append({"$or": [{wanted.order: {beyond: number}}, {wanted.order: number, "_id": {beyond: last}}]})
    return {"$and": terms}


def sort_of(wanted: Find) -> list[tuple[str, SortDirection]]:
    """In which order they come."""
    way = SortDirection.DESCENDING if wanted.descending else SortDirection.ASCENDING
    return [(wanted.order, way), ("_id", way)]


def _beginning_with(text: str) -> dict[str, str]:
    behind = first_behind(text)
    return {"$gte": text} if behind is None else {"$gte": text, "$lt": behind}


def _range_of(wanted: Find) -> dict[str, int]:
    """The numbers that the order may have: what the cursor says again, so that an index starts where a page does."""
    if wanted.after is None:
        return {"$gte": _LEAST}
    return {"$gte": _LEAST, "$lte": wanted.after[0]} if wanted.descending else {"$gte": wanted.after[0]}
