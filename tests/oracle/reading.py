"""The border: Bars, Signals and BacktestConfig read into plain lists and dicts, by symbol name."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isnan

from tests.oracle.records import TOLERANCE

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.sizing import FixedCash, FixedQuantity, Sizing
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.signals import Signals

KINDS = {layout.SIGNAL_BUY: "BUY", layout.SIGNAL_SELL: "SELL", layout.SIGNAL_TARGET: "TARGET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of one symbol that trades."""

    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Bars by bar number and name; a symbol that does not trade on a bar is not in that bar's dict."""

    stamps: list[int]
    names: list[str]  # in the order of their names, which is the order of all work
    bars: list[dict[str, Bar]]
    splits: list[dict[str, float]]
    dividends: list[dict[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One signal that is not HOLD."""

    kind: str  # "BUY", "SELL", "TARGET"
    strength: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The configuration, flat."""

    capital: float
    per_order: float
    per_share: float
    rate: float
    minimum: float
    maximum: float
    slippage_bps: float
    sizer: str
    size: float
    at_close: bool
    allow_short: bool
    max_leverage: float
    maintenance: float
    borrow_rate: float
    margin_rate: float
    pyramiding: int
    lot: float | None
    participation: float | None
    reduce: bool

    def in_lots(self, quantity: float) -> float:
        """Toward zero to a multiple of the lot; within 1e-9 of a multiple is that multiple."""
        if self.lot is None:
            return quantity
        lots = quantity / self.lot
        if abs(lots - round(lots)) <= TOLERANCE * abs(round(lots)):
            return round(lots) * self.lot
        return floor(lots) * self.lot

    def commission(self, quantity: float, notional: float) -> float:
        """min(max(per_order + per_share * Q + rate * N, minimum), maximum)."""
        plain = self.per_order + self.per_share * quantity + self.rate * notional
        return min(max(plain, self.minimum), self.maximum)

    def slipped(self, price: float, side: int) -> float:
        """Slippage moves every fill against the trader."""
        return price * (1 + side * self.slippage_bps / 1e4)


def read_market(data: Bars) -> Market:
    """The panel; "none where Bars.adjusted" leaves no corporate actions."""
    panel, names = data.panel, sorted(data.symbols)
    column = {name: data.symbols.index(name) for name in names}
    bars: list[dict[str, Bar]] = []
    splits: list[dict[str, float]] = []
    dividends: list[dict[str, float]] = []
    for t in range(len(data)):
        traded, split, dividend = {}, {}, {}
        for name, s in column.items():
            if not isnan(panel.close[t, s]):
                traded[name] = Bar(
                    open=float(panel.open[t, s]),
                    high=float(panel.high[t, s]),
                    low=float(panel.low[t, s]),
                    close=float(panel.close[t, s]),
                    volume=float(panel.volume[t, s]),
                )
            if panel.split is not None and not data.adjusted:
                split[name] = float(panel.split[t, s])
            if panel.dividend is not None and not data.adjusted:
                dividend[name] = float(panel.dividend[t, s])
        bars.append(traded)
        splits.append(split)
        dividends.append(dividend)
    stamps = [int(stamp) for stamp in data.timestamps]
    return Market(stamps=stamps, names=names, bars=bars, splits=splits, dividends=dividends)


def read_decisions(signals: Signals, data: Bars) -> list[dict[str, Decision]]:
    """ "HOLD, None and NaN do nothing": they are left out."""
    decisions: list[dict[str, Decision]] = []
    for t in range(len(data)):
        row = {}
        for s, name in enumerate(data.symbols):
            code = int(signals.side[t, s])
            if code == layout.SIGNAL_HOLD:
                continue
            weight = float("nan") if signals.weight is None else float(signals.weight[t, s])
            if code == layout.SIGNAL_TARGET and isnan(weight):
                continue
            strength = 1.0 if signals.strength is None else float(signals.strength[t, s])
            row[name] = Decision(kind=KINDS[code], strength=strength, weight=weight)
        decisions.append(row)
    return decisions


def _sizing(sizing: Sizing) -> tuple[str, float]:
    if isinstance(sizing, FixedQuantity):
        return "quantity", sizing.quantity
    if isinstance(sizing, FixedCash):
        return "cash", sizing.cash
    return "weight", sizing.weight


def read_rules(config: BacktestConfig) -> Rules:
    """The configuration, with its defaults worked out."""
    sizer, size = _sizing(config.sizing)
    fee = config.commission
    return Rules(
        capital=config.initial_capital,
        per_order=fee.per_order,
        per_share=fee.per_share,
        rate=fee.rate,
        minimum=fee.minimum,
        maximum=float("inf") if fee.maximum is None else fee.maximum,
        slippage_bps=config.slippage.bps,
        sizer=sizer,
        size=size,
        at_close=config.fill_on == "close",
        allow_short=config.allow_short,
        max_leverage=config.max_leverage,
        maintenance=0.5 / config.max_leverage if config.maintenance_margin is None else config.maintenance_margin,
        borrow_rate=config.borrow_rate,
        margin_rate=config.margin_rate,
        pyramiding=config.pyramiding,
        lot=config.lot_size,
        participation=config.max_participation,
        reduce=config.on_insufficient_cash == "reduce",
    )
