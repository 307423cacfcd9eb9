"""What an answer is: data, or one of the vendor's refusals, which all come with status 200."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from hindcast.domain.errors import ProviderResponseError

Reason = Literal["credential", "demo", "unknown", "pace", "minute", "day", "premium", "function", "other"]
Answer = Mapping[str, object]

_NOTICES: Final = ("information", "note", "message", "detail")
# The first pattern that is found decides. The text about the pace names the day's limit and premium plans as well, and
# the text about the day's limit names premium plans: so the order matters.
_PATTERNS: Final[tuple[tuple[Reason, re.Pattern[str]], ...]] = (
    ("demo", re.compile(r"demo\W*\s*api key|api key is for demo")),
    (
        "credential",
        re.compile(r"api\s?key\W.{0,40}\b(invalid|missing|incorrect)|\b(invalid|missing|incorrect) api\s?key"),
    ),
    ("function", re.compile(r"api function .{0,80}does not exist")),
    ("unknown", re.compile(r"invalid api call|invalid symbol|symbol not found")),
    ("day", re.compile(r"(rate limit|frequency) (is|of) \d[\d,]* (api )?(requests|calls) per day")),
    ("pace", re.compile(r"per second|spreading out|sparingly")),
    ("minute", re.compile(r"per minute|call frequency|too many requests")),
    ("premium", re.compile(r"premium (api )?(endpoint|feature|function|only|subscription)|not entitled|entitlement")),
    ("day", re.compile(r"per day|daily (api )?(rate )?limit|rate limit|quota")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The vendor's words where it gives no data, and what they mean. The text may hold the key."""

    reason: Reason
    text: str


def read_answer(body: bytes) -> Answer | Refusal:
    """The data of an answer, or why there is none.

    Raises
    ------
    ProviderResponseError
        The body is no JSON object: a web page, a text cut short, a key that stands twice.
    """
    if not body.lstrip().startswith(b"{"):
        raise ProviderResponseError(f"the answer is {_likeness(body)}; expected a JSON object")
    try:
        answer = json.loads(body, object_pairs_hook=_only_once)
    except (ValueError, RecursionError):
        raise ProviderResponseError(
            f"the answer of {len(body):,} bytes is no JSON, is cut short, or names something twice"
        ) from None
    if not isinstance(answer, dict):
        raise ProviderResponseError("the answer is no JSON object")
    return _refusal(answer) or answer


def _refusal(answer: Answer) -> Refusal | None:
    folded = {str(key).casefold(): value for key, value in answer.items()}
    if "error message" in folded:
        return _read_notice(folded["error message"])
    for name in _NOTICES:
        if name in folded:
            return _read_notice(folded[name])
    return None


def _read_notice(said: object) -> Refusal:
    text = said if isinstance(said, str) else json.dumps(said)[:1_000]
    folded = " ".join(text.casefold().split())
    for reason, pattern in _PATTERNS:
        if pattern.search(folded):
            return Refusal(reason=reason, text=text)
    return Refusal(reason="other", text=text)


def _only_once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _likeness(body: bytes) -> str:
    start = body[:200].lstrip().lower()
    if not start:
        return "empty"
    return "a web page" if start.startswith(b"<") else "no JSON object"
