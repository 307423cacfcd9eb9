"""DataProcessor: raw prices become bars that can be trusted, with the ready-made columns beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError, DateRangeError, SymbolError
from hindcast.engine.bars import Bars, Panel, as_mapping
from hindcast.engine.stamps import day_text, to_nanoseconds
from hindcast.services.market_data.continued_features import ContinuedFeatures
from hindcast.services.market_data.gap_rules import (
    GapRule,
    check_gap_rule,
    forward_filled,
    packed,
    packed_order,
    refuse_gaps,
    unpacked,
)
from hindcast.services.market_data.ready_made import FEATURES, column_of
from hindcast.services.ports import FeatureStore, PanelTable

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Features(Mapping[str, FloatArray]):
    """The ready-made columns by name, each (T, S); none is computed before one is read."""

    def __init__(self, store: FeatureStore, bars: Bars, gap_rule: GapRule) -> None:
        self._store = store
        self._bars = bars
        self._gap_rule = gap_rule
        self._columns: Mapping[str, FloatArray] | None = None
        self._order: IntArray | None = None  # of the bars that exist, where the gap rule drops the others
        self._found: dict[str, FloatArray] = {}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in FEATURES:
            raise KeyError(name)
        if name not in self._found:
            if self._columns is None:
                self._columns = self._compute()
            values = self._columns[name] if self._order is None else unpacked(self._columns[name], self._order)
            values.flags.writeable = False
            self._found[name] = values
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FEATURES)

    def __len__(self) -> int:
        return len(FEATURES)

    def _compute(self) -> Mapping[str, FloatArray]:
        closes = _after_gap_rule(self._bars, self._gap_rule)
        if self._gap_rule == "drop":
            self._order = packed_order(closes)
            closes = packed(closes, self._order)
        return self._store.compute(self._bars, closes)


class ProcessedData:
    """Bars, the closes after the gap rule, and the ready-made columns; what is not read is not computed."""

    __slots__ = ("bars", "features", "gap_rule")

    bars: Bars  # prices as they are: NaN where a symbol has no bar
    features: Mapping[str, FloatArray]  # sma_10 … return_volatility_20d, (T, S), computed on first use
    gap_rule: GapRule

    def __init__(self, bars: Bars, features: Mapping[str, FloatArray], gap_rule: GapRule) -> None:
        self.bars = bars
        self.features = features
        self.gap_rule = gap_rule

    @property
    def closes(self) -> FloatArray:
        """The closes after the gap rule, (T, S), price: what features and marks use."""
        closes = _after_gap_rule(self.bars, self.gap_rule)
        closes.flags.writeable = False
        return closes

    def altered(self, bars: Bars, known: int) -> ProcessedData:
        """Other bars in the place of these, the first `known` of them the same; not looked at for gaps."""
        continuation = partial(_altered_column, bars, self.gap_rule) if len(bars) > known else None
        return ProcessedData(bars, ContinuedFeatures(self.features, known, continuation), self.gap_rule)

    def to_frame(self) -> pd.DataFrame:
        """One long pandas frame: symbol, date, prices, volume and the ready-made columns, a row per bar."""
        from hindcast.strategies.long_frame import to_long_frame

        return to_long_frame(self.bars, self.features)


class DataProcessor:
    """Validates, restricts and cleans prices; the ready-made columns come from the feature store, on first use."""

    def __init__(self, feature_store: FeatureStore) -> None:
        self._features = feature_store

    def process(
        self,
        data: PanelTable | Bars,
        symbols: Sequence[str],
        start_date: date | str | None = None,
        end_date: date | str | None = None,
        *,
        gap_rule: GapRule = "forward_fill",
    ) -> ProcessedData:
        """The bars of these symbols and dates, checked, with closes after the gap rule.

        Parameters
        ----------
        data : PanelTable or Bars
            What a source gave.
        symbols : names
            Which of its symbols, in this order.
        start_date, end_date : date, datetime or ISO text, optional
            First and last bar; a date as the end takes in its whole day.
        gap_rule : "forward_fill", "drop" or "raise"
            What features and marks take where a symbol has no bar: the close last seen; nothing, and windows run over
            the bars that exist; or an error. Prices stay NaN, and fill no order.

        Raises
        ------
        BarsError
            Prices that can't be; names symbol, date and value.
        SymbolError
            A symbol that the data does not hold, or that has no bar in the range.
        DateRangeError
            A range that is inverted or holds no bar.
        MissingDataError
            `raise`, and a bar is missing between a symbol's first and last.
        ConfigError
            An unknown gap rule.
        """
        bars = _validated(data)
        bars = _restricted(bars, symbols, start_date, end_date)
        bars = _cleaned(bars)
        return self.ready(bars, gap_rule=gap_rule)

    def ready(self, bars: Bars, *, gap_rule: GapRule = "forward_fill") -> ProcessedData:
        """Bars that are clean already, with the ready-made columns beside them.

        Raises MissingDataError where the gap rule is `raise` and a bar is missing, ConfigError for an unknown rule.
        """
        check_gap_rule(gap_rule)
        if gap_rule == "raise":
            refuse_gaps(bars.panel.close, bars.timestamps, bars.symbols)
        return ProcessedData(bars, Features(self._features, bars, gap_rule), gap_rule)


def _validated(data: PanelTable | Bars) -> Bars:
    """Bars of a table, whose arrays they take over as they are: copies would cost more than reading them did."""
    if isinstance(data, Bars):
        return data
    panel = Panel(
        open=data.open,
        high=data.high,
        low=data.low,
        close=data.close,
        volume=_without_nan(data.volume, 0.0),
        split=None if data.split is None else _without_nan(data.split, 1.0),
        dividend=None if data.dividend is None else _without_nan(data.dividend, 0.0),
    )
    bars = Bars(data.timestamps, data.symbols, panel, adjusted=data.adjusted, notes=data.notes)
    return bars.with_source("", data.version)


def _without_nan(values: FloatArray, instead: float) -> FloatArray:
    """The values themselves where none is NaN."""
    missing = np.isnan(values)
    return np.where(missing, instead, values) if missing.any() else values


def _restricted(bars: Bars, symbols: Sequence[str], start: date | str | None, end: date | str | None) -> Bars:
    if start is not None and end is not None and _instant(start) > _instant(end):
        raise DateRangeError(f"start_date {start} is after end_date {end}; exchange the two")
    if not symbols:
        raise SymbolError(f"no symbol was asked for; the data holds {', '.join(bars.symbols[:10])}")
    if tuple(symbols) != bars.symbols:
        bars = bars.select(symbols)
    return bars if start is None and end is None else bars.between(start, end)


def _instant(day: date | str) -> int:
    try:
        return int(to_nanoseconds([day])[0])
    except BarsError as error:
        raise DateRangeError(str(error)) from None


def _cleaned(bars: Bars) -> Bars:
    """Without stamps that no symbol has a bar at. Raises SymbolError for a symbol that has none at all."""
    present = ~np.isnan(bars.panel.close)
    without = ~present.any(axis=0)
    if without.any():
        span = f"{day_text(bars.timestamps[0])} to {day_text(bars.timestamps[-1])}"
        names = ", ".join(bars.symbols[place] for place in np.flatnonzero(without)[:5])
        raise SymbolError(f"no bar of {names} from {span}; leave it out, or choose other dates")
    traded = present.any(axis=1)
    if traded.all():
        return bars
    panel = Panel(**{name: array[traded] for name, array in as_mapping(bars.panel).items()})
    cleaned = Bars(bars.timestamps[traded], bars.symbols, panel, adjusted=bars.adjusted, notes=bars.notes)
    return cleaned.with_source(bars.source, bars.version)


def _altered_column(bars: Bars, gap_rule: GapRule, name: str) -> FloatArray:
    closes = _after_gap_rule(bars, gap_rule)
    if gap_rule != "drop":
        return column_of(name, closes)
    order = packed_order(closes)
    return unpacked(column_of(name, packed(closes, order)), order)


def _after_gap_rule(bars: Bars, gap_rule: GapRule) -> FloatArray:
    return forward_filled(bars.panel.close) if gap_rule == "forward_fill" else bars.panel.close
