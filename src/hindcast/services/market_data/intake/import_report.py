"""ImportReport: what was read, what was published, what was put aside and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from hindcast.domain.market_data import DataVersion
from hindcast.services.market_data.intake.source_rows import UnusableFile
from hindcast.services.market_data.quality.bad_bars import CLASSES
from hindcast.services.market_data.quality.sanity_rules import Issue

SHOWN: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was put in quarantine."""

    symbol: str
    origin: str
    row: int  # from 1, the heading not counted
    stamp: str  # as a person reads it; empty where it can't be read
    reasons: tuple[str, ...]  # classes of bad bars
    values: tuple[float | None, ...]  # open, high, low, close, volume; None where there is no number
    said: str = ""  # what the reader could not read, for the first rows of each class

    def __str__(self) -> str:
        when = f" {self.stamp}" if self.stamp else ""
        said = f": {self.said}" if self.said else self._numbers()
        return f"{self.origin}, row {self.row} ({self.symbol}{when}): {', '.join(self.reasons)}{said}"

    def _numbers(self) -> str:
        names = ("open", "high", "low", "close", "volume")
        shown = [f"{name} {value:.10g}" for name, value in zip(names, self.values, strict=True) if value is not None]
        return f" ({', '.join(shown)})" if shown else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSymbol:
    """What became of one symbol's rows."""

    symbol: str
    rows: int  # that were read
    published: int
    quarantined: int
    first: str  # ISO stamps of the first and the last good bar; empty where none is
    last: str
    currency: str
    calendar: str
    adjusted: bool
    notes: tuple[str, ...]  # what a reader of a result must know of these prices


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The whole story of an import; `print` shows it, `to_dict` gives it to machines."""

    provider: str
    interval: str
    files: int
    rows_read: int
    rows_published: int  # 0 where the import was refused, or not carried out
    rows_bad: int
    max_bad_share: float
    symbols: tuple[ImportedSymbol, ...]
    quarantined: Mapping[str, int]  # class of bad bar → rows that have it
    bad_rows: tuple[BadRow, ...]  # some of each kind; the quarantine report holds all
    findings: tuple[Issue, ...]  # gaps and warnings
    structural: tuple[Issue, ...]  # for which the whole import is refused
    unusable: tuple[UnusableFile, ...]
    version: DataVersion | None = None
    quarantine_id: str | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing may be published: structure, no good row, or too many bad ones."""
        return bool(
            self.structural
            or self.unusable
            or self.rows_bad > self.max_bad_share * self.rows_read
            or not any(symbol.published for symbol in self.symbols)
        )

    @property
    def bad_share(self) -> float:
        """Bad rows per row."""
        return self.rows_bad / self.rows_read if self.rows_read else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Plain types for JSON."""
        plain = asdict(self)
        plain["quarantined"] = dict(self.quarantined)
        plain["refused"] = self.refused
        if self.version is not None:
            plain["version"]["known_at"] = self.version.known_at.isoformat()
        return plain

    def refusal(self) -> str:
        """Why nothing was published: one line with the counts, then the first cases and what to do."""
        lines = [f"import into {self.provider}/{self.interval} refused, nothing was stored: {self._why()}"]
        lines += [f"  {said}" for said in self.cases()]
        if self.rows_bad and not (self.structural or self.unusable or any(symbol.published for symbol in self.symbols)):
            lines.append(
                "  No row is good, so leaving bad ones out would help nothing: mend what the first of them says"
            )
        elif self.rows_bad > self.max_bad_share * self.rows_read and not (self.structural or self.unusable):
            lines.append(
                f"  Mend the rows, or let them be left out: max_bad_share={_enough(self.bad_share):g} (--max-bad-share)"
            )
        if self.quarantine_id is not None:
            lines.append(f"  All of it: quarantine report {self.quarantine_id}")
        return "\n".join(lines)

    def cases(self, most: int = SHOWN) -> list[str]:
        """The first cases of what refuses an import or was put aside, in words."""
        every = [f"{file.rule}: {file.message}" for file in self.unusable]
        every += [f"{issue.rule}: {issue.message}" for issue in self.structural]
        every += [str(row) for row in self.bad_rows]
        rest = len(self.unusable) + len(self.structural) + self.rows_bad - min(most, len(every))
        return every[:most] + ([f"and {rest:,} more"] if rest > 0 else [])

    def _why(self) -> str:
        parts = []
        if self.unusable:
            parts.append(f"{len(self.unusable)} of {self.files} files can't be used")
        if self.structural:
            kinds = dict.fromkeys(issue.rule for issue in self.structural)
            parts.append(f"{', '.join(kinds)} ({len(self.structural)} symbol{'s' if len(self.structural) > 1 else ''})")
        if self.rows_bad > self.max_bad_share * self.rows_read:
            parts.append(
                f"{self.rows_bad:,} of {self.rows_read:,} rows are bad ({self.bad_share:.2%}, at most "
                f"{self.max_bad_share:.2%} may be)"
            )
        return "; ".join(parts) or "no row is left that could be published"

    def __str__(self) -> str:
        done = "not published" if self.version is None else f"published as version {self.version.id[:12]}"
        lines = [self.counted() + f", {done}"]
        if self.refused:
            lines.append(f"refused: {self._why()}")
        for rule, count in self.quarantined.items():
            lines.append(f"  quarantine  {rule}: {count:,} ({CLASSES[rule].meaning})")
        lines += [f"  {said}" for said in self.cases()]
        for issue, count in self.first_findings():
            more = f" (and {count - 1:,} more of this kind)" if count > 1 else ""
            lines.append(f"  {issue.severity}  {issue.rule}: {issue.message}{more}")
        lines += [f"  note  {note} ({_named(symbols)})" for note, symbols in self.notes().items()]
        if self.quarantine_id is not None:
            lines.append(f"  quarantine report {self.quarantine_id}")
        return "\n".join(lines)

    def first_findings(self) -> list[tuple[Issue, int]]:
        """The first finding of each kind, and how many there are; `findings` has them all."""
        kinds = Counter(issue.rule for issue in self.findings)
        first: dict[str, Issue] = {}
        for issue in self.findings:
            first.setdefault(issue.rule, issue)
        return [(issue, kinds[rule]) for rule, issue in first.items()]

    def counted(self) -> str:
        """Rows, symbols and files in words."""
        symbols, files = len(self.symbols), self.files
        return (
            f"{self.provider}/{self.interval}: {self.rows_read:,} rows of {symbols:,} symbol{'s'[: symbols != 1]} from "
            f"{files:,} {'source' if files == 1 else 'files'}"
        )

    def notes(self) -> dict[str, list[str]]:
        """What a reader must know of the prices, each note with its symbols."""
        found: dict[str, list[str]] = {}
        for symbol in self.symbols:
            for note in symbol.notes:
                found.setdefault(note, []).append(symbol.symbol)
        return found


def _named(symbols: Sequence[str]) -> str:
    return ", ".join(symbols[:5]) + (f" and {len(symbols) - 5} more" if len(symbols) > 5 else "")


def _enough(share: float) -> float:
    """A round number that is not below the share."""
    for digits in range(1, 7):
        rounded = float(f"{share:.{digits}g}")
        if share <= rounded <= share * 1.2:
            return rounded
    return 1.0
