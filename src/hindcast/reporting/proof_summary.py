"""The look-ahead certificate as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.certificate import Certificate, Difference, ReplayKind, Verdict

_VERDICTS: Final[dict[Verdict, tuple[str, Literal["gain", "loss", "plain"]]]] = {
    Verdict.PASSED: ("passed", "gain"),
    Verdict.LOOK_AHEAD: ("LOOK-AHEAD FOUND", "loss"),
    Verdict.NOT_REPRODUCIBLE: ("NOT REPRODUCIBLE", "loss"),
    Verdict.FAILED_ON_REPLAY: ("NOTHING PROVEN: the strategy failed in the replays", "loss"),
    Verdict.NOT_RUN: ("not run", "plain"),
}
_KINDS: Final = {
    ReplayKind.TRUNCATED: "cut off",
    ReplayKind.NAN: "without prices",
    ReplayKind.SCALED: "scaled by 1,000",
    ReplayKind.SHUFFLED: "shuffled",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSummary:
    """What a certificate says, in parts."""

    verdict: str
    tone: Literal["gain", "loss", "plain"]
    extent: str  # how much was tried; empty where nothing was
    explanation: str
    facts: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """Verdict and extent in one line."""
        return f"{self.verdict} · {self.extent}" if self.extent else self.verdict


def proof_summary(certificate: Certificate) -> ProofSummary:
    """The certificate in words."""
    verdict, tone = _VERDICTS[certificate.verdict]
    return ProofSummary(
        verdict=verdict,
        tone=tone,
        extent=_extent(certificate),
        explanation=certificate.explanation,
        facts=_facts(certificate),
    )


def books_line(result: BacktestResult) -> str:
    """How exactly the run's books balance, in a few words; empty where they weren't checked."""
    off = result.books_deviation
    if off is None:
        return ""
    return "balance exactly" if off == 0 else f"balance to {off:.0e}".replace("e-0", "e-")


def _extent(certificate: Certificate) -> str:
    found = certificate.first_difference
    if found is not None:
        return f"{found.symbol}, {_moment(found)}, {found.column}"
    if certificate.verdict is not Verdict.PASSED:
        return ""
    if certificate.level == "full":
        return f"full, all {certificate.bars:,} bars"
    cuts = "1 cut" if certificate.cuts == 1 else f"{certificate.cuts:,} cuts"
    return f"sampled, {cuts}, {certificate.decision_bars_cut:,} of {certificate.decision_bars:,} decision bars"


def _facts(certificate: Certificate) -> tuple[tuple[str, str], ...]:
    if certificate.verdict is Verdict.NOT_RUN:
        return ()
    facts = [
        ("level", certificate.level),
        ("replays", f"{certificate.replays:,}"),
        ("bars after a cut were", ", ".join(_KINDS[kind] for kind in certificate.replay_kinds) or "not altered"),
        ("cuts", f"{certificate.cuts:,} of {max(certificate.bars - 1, 0):,} bars that have a future"),
    ]
    if certificate.cut_bars:
        facts.append(("last bars before the cuts", ", ".join(str(bar) for bar in certificate.cut_bars)))
    facts += [
        ("decision bars at a cut", f"{certificate.decision_bars_cut:,} of {certificate.decision_bars:,}"),
        ("decision bars compared", f"{certificate.decision_bars_compared:,} of {certificate.decision_bars:,}"),
        ("seed", str(certificate.seed)),
    ]
    if certificate.raised:
        facts.append(("replays in which the strategy failed", f"{certificate.raised:,}, first: {certificate.error}"))
    if certificate.rounded:
        facts.append(("replays that agree but for rounding", f"{certificate.rounded:,}"))
    return tuple(facts)


def _moment(found: Difference) -> str:
    return f"{found.timestamp:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
