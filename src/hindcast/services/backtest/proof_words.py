"""The certificate in words: what was found, and what to do about it."""

from __future__ import annotations

from hindcast.domain.certificate import Certificate, Difference, ReplayKind, Verdict

_DONE: dict[ReplayKind, str] = {
    ReplayKind.TRUNCATED: "were cut off",
    ReplayKind.NAN: "had no prices",
    ReplayKind.SCALED: "were scaled by a thousand",
    ReplayKind.SHUFFLED: "were shuffled",
}
_USUAL = (
    "Usual causes: shift(-1) or an index one too far; a centred window; a mean, deviation, minimum, rank or fit over "
    "the whole sample; back-filling or interpolating; resampling that labels a period by its beginning. Compute each "
    "value from its own bar and those before it (rolling, expanding, shift(1))."
)
_BY_LENGTH = (
    "Altered prices did not do it here, only the missing bars: perhaps it looks at the end of its data, draws random "
    "numbers by the number of bars, or shifts data of its own. "
)


def explain(certificate: Certificate) -> str:
    """One paragraph a person can act on."""
    match certificate.verdict:
        case Verdict.PASSED:
            return _passed(certificate)
        case Verdict.LOOK_AHEAD:
            return _look_ahead(certificate)
        case Verdict.NOT_REPRODUCIBLE:
            return _not_reproducible(certificate)
        case Verdict.FAILED_ON_REPLAY:
            return (
                f"The strategy failed wherever the future was altered ({certificate.error}), so nothing is proven. It "
                "must run on any first part of its bars, and on bars with missing or unusual prices."
            )
        case Verdict.NOT_RUN:
            return "No look-ahead proof was run."


def _passed(certificate: Certificate) -> str:
    if certificate.level == "full":
        said = (
            f"With the future cut off or altered after every one of {certificate.bars:,} bars, each decision was the "
            "same."
        )
    else:
        said = (
            f"With the future cut off or altered after {certificate.cuts:,} bars, "
            f"{certificate.decision_bars_cut:,} of {certificate.decision_bars:,} decision bars among them, all "
            "decisions up to these bars were the same. A look-ahead of a few bars that shows only elsewhere is not "
            'excluded; proof="full" does that.'
        )
    if certificate.decision_bars and not certificate.reacted and certificate.replays:
        said += (
            " No altered price changed any later decision: what the strategy reads from elsewhere than its bars can't "
            "be proven."
        )
    return said


def _look_ahead(certificate: Certificate) -> str:
    found = certificate.first_difference
    if found is None:
        return "A decision depends on bars that come after it."
    done = " or ".join(_DONE[kind] for kind in found.replays)
    by_length = found.replays == (ReplayKind.TRUNCATED,)
    return (
        f"The decision for {found.symbol} on {_day(found)} (bar {found.bar}, {found.column}) changed when the bars "
        f"after bar {found.cut} {done}: it knew what came later, and such a result can't be had in real trading. "
        f"{_BY_LENGTH if by_length else ''}{_USUAL}"
    )


def _not_reproducible(certificate: Certificate) -> str:
    found = certificate.first_difference
    if found is None:
        return (
            f"The strategy failed when it was run again on the same bars ({certificate.error}); it must give the same "
            "decisions each time."
        )
    return (
        f"Run again on the same bars, the strategy decided otherwise for {found.symbol} on {_day(found)} (bar "
        f"{found.bar}, {found.column}). Nothing can be proven of it, and its result can't be repeated: seed its random "
        "numbers, and keep no state outside the instance."
    )


def _day(found: Difference) -> str:
    return f"{found.timestamp:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
