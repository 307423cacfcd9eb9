"""DataValidator: whether prices are complete and credible, and what to do where they are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from hindcast.domain.errors import DataError, InputError
from hindcast.domain.market_data import CorporateAction, SeriesTerms
from hindcast.engine.bars import Bars
from hindcast.engine.stamps import to_nanoseconds
from hindcast.services.market_data.gap_rules import GapRule, check_gap_rule, refuse_gaps
from hindcast.services.market_data.quality.sanity_rules import RULES, Issue
from hindcast.services.market_data.quality.screening import Screened, screen
from hindcast.services.ports import BarRows, PanelTable, Schedule

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """What was found; the data is valid where nothing of it is an error."""

    issues: tuple[Issue, ...]

    @property
    def is_valid(self) -> bool:
        """Whether no issue is an error; missing bars are warnings, because the gap rule takes care of them."""
        return not self.errors

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that make the data unusable."""
        return tuple(issue for issue in self.issues if issue.severity == "error")

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """The issues that a reader should judge."""
        return tuple(issue for issue in self.issues if issue.severity == "warning")


class DataValidator:
    """Holds data against its rules, and reports everything instead of stopping at the first.

    A panel that is ready is held against `sanity_rules`, rows on their way into the store against the 28 classes of
    `bad_bars`.
    """

    def screen(
        self,
        rows: BarRows,
        terms: SeriesTerms,
        interval: str,
        *,
        now: datetime,
        schedule: Schedule | None = None,
        actions: Sequence[CorporateAction] | None = None,
    ) -> Screened:
        """Part rows as a source gave them into good bars, quarantine and findings: `screening.screen` tells how."""
        return screen(rows, terms, interval, now=now, schedule=schedule, actions=actions)

    def validate_completeness(self, data: Bars | PanelTable | pd.DataFrame, symbols: Sequence[str]) -> ValidationReport:
        """Everything that is wrong with the data of these symbols, symbols without data first."""
        try:
            table = _table(data)
        except DataError as error:
            issue = Issue(rule="structure", severity="error", symbol="", timestamp=None, message=str(error))
            return ValidationReport(issues=(issue,))
        known = ", ".join(table.symbols[:10])
        issues = [
            Issue(
                rule="no_data",
                severity="error",
                symbol=symbol,
                timestamp=None,
                message=f"no data of symbol {symbol!r}; the data holds {known}",
            )
            for symbol in symbols
            if symbol not in table.symbols
        ]
        wanted = _only(table, [symbol for symbol in symbols if symbol in table.symbols])
        if wanted is not None:
            issues += [issue for rule in RULES for issue in rule(wanted)]
        return ValidationReport(issues=tuple(issues))

    def handle_missing_data(self, frame: pd.DataFrame, method: GapRule = "forward_fill") -> pd.DataFrame:
        """A new frame without missing values, by a gap rule.

        Parameters
        ----------
        frame : DataFrame
            Long (with columns `symbol` and `date`), or wide (a column per symbol, dates as index), in order of date.
        method : "forward_fill", "drop" or "raise"
            Carry the last value of the same symbol on (never back; a volume becomes 0), leave out rows with a missing
            value, or refuse them.

        Raises
        ------
        MissingDataError
            `raise`, and a value is missing after its symbol's first and before its last.
        ConfigError
            An unknown method.
        InputError
            No pandas frame.
        """
        check_gap_rule(method)
        if not hasattr(frame, "iloc") or not hasattr(frame, "columns"):
            raise InputError(f"handle_missing_data was given a {type(frame).__name__}; expected a pandas DataFrame")
        if method == "drop":
            return frame.dropna()
        if method == "raise":
            _refuse_missing(frame)
            return frame.copy()
        filled = frame.copy()
        if "symbol" not in frame.columns:
            return filled.ffill()
        numbers = [name for name in frame.select_dtypes("number").columns if name != "volume"]
        filled[numbers] = frame.groupby("symbol", sort=False)[numbers].ffill()
        if "volume" in frame.columns:
            filled["volume"] = frame["volume"].fillna(0)
        return filled


def _refuse_missing(frame: pd.DataFrame) -> None:
    if "symbol" not in frame.columns:
        symbols = tuple(str(column) for column in frame.columns)
        refuse_gaps(frame.to_numpy(dtype=np.float64), to_nanoseconds(frame.index), symbols)
        return
    for symbol, rows in frame.groupby("symbol", sort=False):
        prices = rows.select_dtypes("number").drop(columns="volume", errors="ignore")
        stamps = to_nanoseconds(rows["date"])
        refuse_gaps(prices.to_numpy(dtype=np.float64), stamps, (str(symbol),) * prices.shape[1])


def _table(data: Bars | PanelTable | pd.DataFrame) -> PanelTable:
    if isinstance(data, PanelTable):
        return data
    bars = data if isinstance(data, Bars) else Bars.from_pandas(data)
    panel = bars.panel
    return PanelTable(
        timestamps=bars.timestamps,
        symbols=bars.symbols,
        open=panel.open,
        high=panel.high,
        low=panel.low,
        close=panel.close,
        volume=panel.volume,
        split=panel.split,
        dividend=panel.dividend,
        adjusted=bars.adjusted,
        notes=bars.notes,
    )


def _only(table: PanelTable, symbols: list[str]) -> PanelTable | None:
    if not symbols or not len(table.timestamps):
        return None
    columns = [table.symbols.index(symbol) for symbol in symbols]
    return PanelTable(
        timestamps=table.timestamps,
        symbols=tuple(symbols),
        open=table.open[:, columns],
        high=table.high[:, columns],
        low=table.low[:, columns],
        close=table.close[:, columns],
        volume=table.volume[:, columns],
        split=None if table.split is None else table.split[:, columns],
        dividend=None if table.dividend is None else table.dividend[:, columns],
        adjusted=table.adjusted,
    )
