"""The border: Bars, Signals and BacktestConfig read into plain lists and dicts, by symbol name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from math import ceil, floor, isnan, sqrt

from tests.oracle.records import TOLERANCE

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import (
    Commission,
    HalfSpreadSlippage,
    Slippage,
    SquareRootSlippage,
    VolumeShareSlippage,
)
from hindcast.domain.sizing import FixedCash, FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget
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
class Prices:
    """What an order may say of its prices; None = not given."""

    limit: float | None = None
    stop: float | None = None
    trailing: float | None = None
    trailing_pct: float | None = None
    stop_loss: float | None = None
    take_profit: float | None = None
    trailing_stop: float | None = None
    trailing_stop_pct: float | None = None

    def given(self) -> dict[str, float]:
        """Those that are given, by name."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def without_bracket(self) -> Prices:
        """Those of the order itself."""
        return replace(self, stop_loss=None, take_profit=None, trailing_stop=None, trailing_stop_pct=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One signal that is not HOLD."""

    kind: str  # "BUY", "SELL", "TARGET"
    strength: float
    weight: float
    prices: Prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizer:
    """The configured sizer: its kind and its numbers."""

    kind: str
    size: float  # weight, quantity, cash, target or fraction
    window: int = 0
    periods_per_year: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The configuration, flat."""

    capital: float
    per_order: float
    per_share: float
    rate: float
    minimum: float
    maximum: float
    slippage: str  # kind
    slippage_size: float
    sizer: Sizer
    at_close: bool
    touch: bool
    intrabar: str
    allow_short: bool
    max_leverage: float
    maintenance: float
    borrow_rate: float
    margin_rate: float
    pyramiding: int
    lot: float | None
    tick: float | None
    participation: float | None
    reduce: bool

    def in_lots(self, quantity: float) -> float:
        """Toward zero to a multiple of the lot; within 1e-9 of a multiple is that multiple."""
        return quantity if self.lot is None else _multiple(quantity, self.lot, floor)

    def limit_price(self, price: float, side: int) -> float:
        """Limit buys down, limit sells up."""
        return price if self.tick is None else _multiple(price, self.tick, floor if side > 0 else ceil)

    def stop_price(self, price: float, side: int) -> float:
        """Stop buys up, stop sells down."""
        return price if self.tick is None else _multiple(price, self.tick, ceil if side > 0 else floor)

    def commission(self, quantity: float, notional: float) -> float:
        """min(max(per_order + per_share * Q + rate * N, minimum), maximum)."""
        plain = self.per_order + self.per_share * quantity + self.rate * notional
        return min(max(plain, self.minimum), self.maximum)

    def slipped(self, price: float, side: int, quantity: float, volume: float) -> float:
        """Slippage moves every fill against the trader; a sell's price is never below 0."""
        u = 1.0 if volume == 0 else min(quantity / volume, 1.0)
        k = self.slippage_size
        if self.slippage == "half_spread":
            return max(price + side * k, 0.0)
        moved = {"bps": k / 1e4, "volume_share": k * u**2, "square_root": k * sqrt(u)}[self.slippage]
        return max(price * (1 + side * moved), 0.0)


def _multiple(number: float, of: float, rounded: Callable[[float], int]) -> float:
    """A multiple of a tick or lot; within 1e-9 (relative) of one is that one."""
    count = number / of
    if abs(count - round(count)) <= TOLERANCE * abs(round(count)):
        return round(count) * of
    return rounded(count) * of


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
                    volume=0.0 if isnan(panel.volume[t, s]) else float(panel.volume[t, s]),
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
            row[name] = Decision(kind=KINDS[code], strength=strength, weight=weight, prices=_prices(signals, t, s))
        decisions.append(row)
    return decisions


def _prices(signals: Signals, t: int, s: int) -> Prices:
    """NaN in a signal's column = not given."""
    found = {}
    for item in fields(Prices):
        column = getattr(signals, item.name)
        if column is not None and not isnan(column[t, s]):
            found[item.name] = float(column[t, s])
    return Prices(**found)


def _sizing(sizing: object) -> Sizer:
    match sizing:
        case TargetWeight():
            return Sizer(kind="weight", size=sizing.weight)
        case FixedQuantity():
            return Sizer(kind="quantity", size=sizing.quantity)
        case FixedCash():
            return Sizer(kind="cash", size=sizing.cash)
        case VolatilityTarget():
            return Sizer(
                kind="volatility",
                size=sizing.target,
                window=sizing.window,
                periods_per_year=sizing.periods_per_year,
            )
        case RiskPerTrade():
            return Sizer(kind="risk", size=sizing.fraction)
        case Kelly():
            return Sizer(kind="kelly", size=sizing.fraction, window=sizing.window)
    raise AssertionError(f"the oracle knows no sizer {sizing!r}")


def _slippage(slippage: object) -> tuple[str, float]:
    match slippage:
        case Slippage():
            return "bps", slippage.bps
        case HalfSpreadSlippage():
            return "half_spread", slippage.amount
        case VolumeShareSlippage():
            return "volume_share", slippage.k
        case SquareRootSlippage():
            return "square_root", slippage.k
    raise AssertionError(f"the oracle knows no slippage {slippage!r}")


def read_rules(config: BacktestConfig) -> Rules:
    """The configuration, with its defaults worked out."""
    slippage, slippage_size = _slippage(config.slippage)
    fee = config.commission
    assert isinstance(fee, Commission), f"the oracle knows no commission {fee!r}"
    return Rules(
        capital=config.initial_capital,
        per_order=fee.per_order,
        per_share=fee.per_share,
        rate=fee.rate,
        minimum=fee.minimum,
        maximum=float("inf") if fee.maximum is None else fee.maximum,
        slippage=slippage,
        slippage_size=slippage_size,
        sizer=_sizing(config.sizing),
        at_close=config.fill_on == "close",
        touch=config.limit_fill == "touch",
        intrabar=config.intrabar,
        allow_short=config.allow_short,
        max_leverage=config.max_leverage,
        maintenance=0.5 / config.max_leverage if config.maintenance_margin is None else config.maintenance_margin,
        borrow_rate=config.borrow_rate,
        margin_rate=config.margin_rate,
        pyramiding=config.pyramiding,
        lot=config.lot_size,
        tick=config.tick_size,
        participation=config.max_participation,
        reduce=config.on_insufficient_cash == "reduce",
    )
