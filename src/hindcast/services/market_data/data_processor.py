"""DataProcessor: raw prices become bars that can be trusted, with the ready-made columns beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import BarsError, DateRangeError, SymbolError
from hindcast.engine.bars import Bars, Panel, as_mapping
from hindcast.engine.stamps import day_text, to_nanoseconds
from hindcast.services.market_data.continued_features import ContinuedFeatures, column_of
from hindcast.services.market_data.gap_rules import (
    GapRule,
    check_gap_rule,
    forward_filled,
    packed,
    packed_order,
    refuse_gaps,
    unpacked,
)
from hindcast.services.ports import FeatureStore, PanelTable

if TYPE_CHECKING:
    import pandas as pd

FloatArray = NDArray[np.float64]

FEATURES: Final = ("sma_10", "sma_30", "sma_50", "daily_return", "volatility_20d", "return_volatility_20d")


class Features(Mapping[str, FloatArray]):
    """The ready-made columns by name, each (T, S); all are computed when the first is read."""

    def __init__(self, store: FeatureStore, bars: Bars, gap_rule: GapRule) -> None:
        self._store = store
        self._bars = bars
        self._gap_rule = gap_rule
        self._found: dict[str, FloatArray] = {}

    def __getitem__(self, name: str) -> FloatArray:
        if name not in FEATURES:
            raise KeyError(name)
        if not self._found:
            self._found = self._compute()
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(FEATURES)

    def __len__(self) -> int:
        return len(FEATURES)

    def _compute(self) -> dict[str, FloatArray]:
        closes = _after_gap_rule(self._bars, self._gap_rule)
        if self._gap_rule == "drop":
            order = packed_order(closes)
            found = self._store.compute(self._bars, packed(closes, order))
            found = {name: unpacked(values, order) for name, values in found.items()}
        else:
            found = dict(self._store.compute(self._bars, closes))
        for values in found.values():
            values.flags.writeable = False
        return found


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
    if isinstance(data, Bars):
        return data
    return Bars.from_numpy(
        data.timestamps,
        data.symbols,
        data.open,
        data.high,
        data.low,
        data.close,
        data.volume,
        data.split,
        data.dividend,
        data.adjusted,
        notes=data.notes,
    )


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
    return Bars(bars.timestamps[traded], bars.symbols, panel, adjusted=bars.adjusted, notes=bars.notes)


def _altered_column(bars: Bars, gap_rule: GapRule, name: str) -> FloatArray:
    closes = _after_gap_rule(bars, gap_rule)
    if gap_rule != "drop":
        return column_of(name, closes)
    order = packed_order(closes)
    return unpacked(column_of(name, packed(closes, order)), order)


def _after_gap_rule(bars: Bars, gap_rule: GapRule) -> FloatArray:
    return forward_filled(bars.panel.close) if gap_rule == "forward_fill" else bars.panel.close
