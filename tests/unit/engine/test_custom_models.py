"""Models of a user's own trade like the built-in ones that they copy, and what is wrong with one fails the run."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage, Slippage, SquareRootSlippage, VolumeShareSlippage
from hindcast.domain.errors import StrategyError
from hindcast.domain.models import CommissionModel, PositionSizer, SizeRequest, SlippageModel
from hindcast.domain.sizing import FixedCash, FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget
from hindcast.engine import layout
from hindcast.engine.bars import Bars
from hindcast.engine.history import PortfolioHistory
from hindcast.engine.signals import Signals
from hindcast.engine.trade_engine import TradeEngine

ASKED: list[SizeRequest] = []


class Points(SlippageModel):
    bps: float

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        return price * (1.0 + side * (self.bps / 1e4))


class Spread(SlippageModel):
    amount: float

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        return price + side * self.amount


class Share(SlippageModel):
    k: float
    square: bool

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        share = min(quantity / volume, 1.0) if volume > 0 else 1.0
        return price * (1.0 + side * self.k * (share * share if self.square else math.sqrt(share)))


class Line(CommissionModel):
    per_order: float = 0.0
    per_share: float = 0.0
    rate: float = 0.0
    minimum: float = 0.0
    maximum: float = 1e300

    def commission(self, quantity: float, notional: float) -> float:
        line = self.per_order + self.per_share * quantity + self.rate * notional
        return min(max(line, self.minimum), self.maximum)


class Cash(PositionSizer):
    unit = "cash"
    cash: float

    def size(self, request: SizeRequest) -> float:
        return self.cash


class Units(PositionSizer):
    unit = "quantity"
    units: float

    def size(self, request: SizeRequest) -> float:
        return self.units


class Weight(PositionSizer):
    unit = "cash"
    weight: float

    def size(self, request: SizeRequest) -> float:
        return self.weight * request.equity / request.symbols


class Risk(PositionSizer):
    unit = "quantity"
    fraction: float

    def size(self, request: SizeRequest) -> float:
        return self.fraction * request.equity / abs(request.entry - request.stop_loss)


class CalmAndKelly(PositionSizer):
    """Both sizers of returns, read off the closes that a request holds."""

    unit = "cash"
    window: int
    target: float = 0.0
    fraction: float = 0.0

    def size(self, request: SizeRequest) -> float:
        closes = np.array(request.closes[-self.window - 1 :])
        if len(closes) <= self.window:
            return math.nan
        returns = closes[1:] / closes[:-1] - 1
        weight = self.target / (returns.std(ddof=1) * math.sqrt(252.0))
        if self.fraction:
            weight = self.fraction * returns.mean() / returns.var(ddof=1)
        return float(min(weight, 1.0) * request.equity / request.symbols)


class Recording(PositionSizer):
    unit = "quantity"

    def size(self, request: SizeRequest) -> float:
        ASKED.append(request)
        return 1.0


def panel(seed: int = 1, count: int = 120, symbols: int = 3) -> Bars:
    """A random walk with gaps, splits and a volume that varies."""
    draw = np.random.default_rng(seed)
    shape = (count, symbols)
    close = 50.0 * np.exp(np.cumsum(draw.normal(0.0, 0.03, shape), axis=0))
    opens = close * np.exp(draw.normal(0.0, 0.01, shape))
    high = np.maximum(opens, close) * (1 + draw.random(shape) * 0.01)
    low = np.minimum(opens, close) * (1 - draw.random(shape) * 0.01)
    gone = draw.random(shape) < 0.05
    for prices in (opens, high, low, close):
        prices[gone] = np.nan
    split = np.where(draw.random(shape) < 0.01, 2.0, 1.0)
    stamps = np.arange("2020-01-01", count, dtype="M8[D]")
    names = [f"S{column}" for column in range(symbols)]
    return Bars.from_numpy(stamps, names, opens, high, low, close, draw.integers(1, 5000, shape) * 1.0, split=split)


BARS = panel()


def signals(seed: int = 2, bars: Bars = BARS, *, brackets: bool = True) -> Signals:
    """Entries and exits, some of them limits, some with a stop-loss, of all strengths."""
    draw = np.random.default_rng(seed)
    buy, sell = draw.random(bars.shape) < 0.15, draw.random(bars.shape) < 0.1
    close = bars.panel.close
    prices: dict[str, Any] = {}
    if brackets:
        prices["limit"] = np.where(draw.random(bars.shape) < 0.3, close * 0.995, np.nan)
        prices["stop_loss"] = np.where(draw.random(bars.shape) < 0.7, close * 0.9, np.nan)
    return Signals.from_entries(buy, sell, draw.choice((0.25, 0.5, 1.0), bars.shape), **prices)


def run(found: Signals | None = None, bars: Bars = BARS, **fields: Any) -> PortfolioHistory:
    return TradeEngine().simulate(signals() if found is None else found, bars, BacktestConfig(**fields))


def check_same_bytes(one: PortfolioHistory, other: PortfolioHistory) -> None:
    assert len(one.fills) > 10
    for name in ("orders", "fills", "trades", "equity", "cash", "gross_exposure"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name


def check_same_numbers(one: PortfolioHistory, other: PortfolioHistory) -> None:
    assert len(one.fills) > 10
    for name in ("order_id", "bar", "symbol", "side", "reason"):
        np.testing.assert_array_equal(one.fills[name], other.fills[name])
    for name in ("quantity", "price", "commission", "slippage", "realised"):
        np.testing.assert_allclose(one.fills[name], other.fills[name], rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(one.equity, other.equity, rtol=1e-9)
    np.testing.assert_array_equal(one.orders["status"], other.orders["status"])


@pytest.mark.parametrize(
    ("built_in", "custom"),
    [
        (Slippage(bps=5), Points(bps=5)),
        (HalfSpreadSlippage(0.02), Spread(amount=0.02)),
        (VolumeShareSlippage(0.3), Share(k=0.3, square=True)),
        (SquareRootSlippage(0.1), Share(k=0.1, square=False)),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"allow_short": True, "max_leverage": 2.0, "commission": Commission(rate=0.001, minimum=1)},
        {"max_participation": 0.1, "lot_size": 1, "fill_on": "close", "sizing": FixedCash(20_000)},
    ],
    ids=["plain", "short", "close"],
)
def test_a_slippage_of_ones_own_gives_the_bytes_of_the_built_in_one(
    built_in: Any, custom: SlippageModel, fields: dict[str, Any]
) -> None:
    expected = run(slippage=built_in, **fields)
    assert expected.fills["slippage"].sum() > 0
    check_same_bytes(run(slippage=custom, **fields), expected)


COMMISSIONS = [
    {"per_order": 2.0},
    {"per_share": 0.05},
    {"rate": 0.002},
    {"rate": 0.001, "minimum": 5.0, "maximum": 30.0},
]


@pytest.mark.parametrize("terms", COMMISSIONS, ids=repr)
def test_a_commission_of_ones_own_gives_the_bytes_of_the_built_in_one_where_cash_is_plenty(
    terms: dict[str, float],
) -> None:
    fields: dict[str, Any] = {"sizing": FixedCash(5_000), "max_participation": 0.2}
    expected = run(commission=Commission(**terms), **fields)
    assert expected.fills["commission"].sum() > 0
    check_same_bytes(run(commission=Line(**terms), **fields), expected)


@pytest.mark.parametrize("terms", COMMISSIONS, ids=repr)
@pytest.mark.parametrize("fields", [{}, {"allow_short": True, "max_leverage": 3.0}, {"lot_size": 10}], ids=repr)
def test_a_commission_of_ones_own_gives_the_same_numbers_where_it_cuts_the_fills(
    terms: dict[str, float], fields: dict[str, Any]
) -> None:
    sizing = TargetWeight(3.0)
    expected = run(commission=Commission(**terms), sizing=sizing, **fields)
    assert (expected.orders["reason"] == layout.REASON_INSUFFICIENT_CASH).any()
    check_same_numbers(run(commission=Line(**terms), sizing=sizing, **fields), expected)


@pytest.mark.parametrize(
    ("built_in", "custom"),
    [
        (FixedCash(7_000), Cash(cash=7_000)),
        (FixedQuantity(70), Units(units=70)),
        (TargetWeight(0.8), Weight(weight=0.8)),
    ],
    ids=lambda model: type(model).__name__,
)
@pytest.mark.parametrize("fields", [{}, {"allow_short": True, "pyramiding": 2}, {"fill_on": "close"}], ids=repr)
def test_a_sizer_of_ones_own_gives_the_bytes_of_the_built_in_one(
    built_in: Any, custom: PositionSizer, fields: dict[str, Any]
) -> None:
    check_same_bytes(run(sizing=custom, **fields), run(sizing=built_in, **fields))


@pytest.mark.parametrize(
    ("built_in", "custom"),
    [
        (RiskPerTrade(0.02), Risk(fraction=0.02)),
        (VolatilityTarget(0.2, window=15), CalmAndKelly(window=15, target=0.2)),
        (Kelly(0.5, window=30), CalmAndKelly(window=30, fraction=0.5)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_sizer_of_ones_own_sees_what_the_built_in_ones_see(built_in: Any, custom: PositionSizer) -> None:
    expected = run(sizing=built_in)
    assert (expected.orders["reason"] == layout.REASON_NO_SIZE).any()
    check_same_numbers(run(sizing=custom), expected)


def test_a_sizer_is_asked_with_what_is_known_at_the_decision() -> None:
    bars = panel(seed=3, count=300, symbols=2)
    found = signals(seed=4, bars=bars)
    ASKED.clear()
    history = run(found, bars, sizing=Recording(), initial_capital=5_000.0)
    orders = history.orders[history.orders["signal"] == layout.SIGNAL_BUY]
    assert len(ASKED) == len(orders) > 20
    split = bars.panel.split
    assert split is not None
    assert found.stop_loss is not None
    assert found.limit is not None
    assert found.strength is not None
    for order, asked in zip(orders, ASKED, strict=True):
        t, s = order["created"], order["symbol"]
        close = bars.panel.close[: t + 1, s]
        later = np.append(np.cumprod(split[: t + 1, s][::-1])[::-1][1:], 1.0)
        traded = ~np.isnan(close)
        closes = (close / later)[traded]
        np.testing.assert_allclose(list(asked.closes), closes, rtol=1e-12)
        assert (asked.symbol, asked.side, asked.symbols) == (bars.symbols[s], 1, 2)
        assert asked.strength == found.strength[t, s]
        assert asked.equity == history.equity[t]
        assert asked.last_close == pytest.approx(closes[-1], rel=1e-12)
        assert asked.entry == pytest.approx(found.limit[t, s] if found.limit[t, s] > 0 else closes[-1], rel=1e-12)
        assert asked.stop_loss == pytest.approx(found.stop_loss[t, s], rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("brackets", [False, True])
def test_a_sizer_knows_which_way_an_order_trades(brackets: bool) -> None:
    bars = panel(seed=3, count=300, symbols=2)
    entries = signals(seed=4, bars=bars, brackets=brackets)
    stop_loss = np.where(entries.side == layout.SIGNAL_SELL, bars.panel.close * 1.1, bars.panel.close * 0.9)
    found = dataclasses.replace(entries, limit=None, stop_loss=stop_loss if brackets else None)
    ASKED.clear()
    orders = run(found, bars, sizing=Recording(), initial_capital=5_000.0, allow_short=True).orders
    sized = orders[orders["role"] == layout.ROLE_NONE]
    assert [asked.side for asked in ASKED] == sized["side"].tolist()
    assert {asked.side for asked in ASKED} == {1, -1}
    assert {asked.stop_loss > asked.entry for asked in ASKED} == ({True, False} if brackets else {False})


@pytest.mark.parametrize("size", [0.0, -1.0, math.nan])
@pytest.mark.parametrize("unit", ["cash", "quantity"])
def test_no_size_rejects_the_order_and_the_run_goes_on(size: float, unit: str) -> None:
    sizer: PositionSizer = Odd(answer=repr(size)) if unit == "cash" else OddUnits(answer=repr(size))
    history = run(sizing=sizer)
    assert len(history.orders) > 5
    assert set(history.orders["reason"].tolist()) == {layout.REASON_NO_SIZE}
    assert set(history.equity.tolist()) == {100_000.0}


class Odd(PositionSizer):
    unit = "cash"
    answer: str

    def size(self, request: SizeRequest) -> float:
        return float(self.answer)


class OddUnits(PositionSizer):
    unit = "quantity"
    answer: str

    def size(self, request: SizeRequest) -> float:
        return float(self.answer)


class BrokenSlippage(SlippageModel):
    answer: str = "raise"

    def price(self, price: float, side: int, quantity: float, volume: float) -> Any:
        return eval(self.answer) if self.answer != "raise" else {"a": 1}["no such key"]


class BrokenCommission(CommissionModel):
    answer: str = "raise"

    def commission(self, quantity: float, notional: float) -> Any:
        return eval(self.answer) if self.answer != "raise" else 1 / 0


class BrokenSizer(PositionSizer):
    unit = "cash"
    answer: str = "raise"

    def size(self, request: SizeRequest) -> Any:
        if self.answer == "raise":
            raise ValueError(f"no idea about {request.symbol}")
        return eval(self.answer)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"slippage": BrokenSlippage()}, r"BrokenSlippage.*KeyError.*no such key"),
        ({"commission": BrokenCommission()}, r"BrokenCommission.*ZeroDivisionError"),
        ({"sizing": BrokenSizer()}, r"BrokenSizer.*ValueError.*no idea about S"),
        ({"sizing": BrokenSizer(answer="request.no_such_thing")}, r"BrokenSizer.*AttributeError.*no_such_thing"),
        ({"sizing": BrokenSizer(answer="{}['a']")}, r"BrokenSizer.*KeyError"),
        ({"sizing": BrokenSizer(answer="exit(3)")}, r"BrokenSizer.*SystemExit.*3"),
        ({"slippage": BrokenSlippage(answer="exit(3)")}, r"BrokenSlippage.*SystemExit.*3"),
        ({"commission": BrokenCommission(answer="BacktestConfig(max_leverage=-1)")}, r"BrokenCommission.*max_leverage"),
        ({"slippage": BrokenSlippage(answer="None")}, r"BrokenSlippage.*NoneType"),
        ({"slippage": BrokenSlippage(answer="'dear'")}, r"BrokenSlippage.*str"),
        ({"slippage": BrokenSlippage(answer="float('nan')")}, r"BrokenSlippage.*nan"),
        ({"slippage": BrokenSlippage(answer="float('inf')")}, r"BrokenSlippage.*inf"),
        ({"slippage": BrokenSlippage(answer="price - side * 1e-3")}, r"BrokenSlippage"),
        ({"commission": BrokenCommission(answer="float('nan')")}, r"BrokenCommission.*nan"),
        ({"commission": BrokenCommission(answer="-1.0")}, r"BrokenCommission.*-1"),
        ({"commission": BrokenCommission(answer="None")}, r"BrokenCommission.*NoneType"),
        ({"sizing": BrokenSizer(answer="None")}, r"BrokenSizer.*NoneType"),
        ({"sizing": BrokenSizer(answer="'all'")}, r"BrokenSizer.*str"),
    ],
    ids=repr,
)
def test_what_is_wrong_with_a_model_fails_the_run_and_names_it(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(StrategyError, match=said):
        run(**fields)


def test_after_a_failed_run_the_next_one_is_as_if_nothing_had_been() -> None:
    before = run(slippage=Points(bps=5))
    with pytest.raises(StrategyError):
        run(slippage=BrokenSlippage())
    check_same_bytes(run(slippage=Points(bps=5)), before)


class Halves(SlippageModel):
    """A model that runs a backtest of its own when it is asked."""

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        inner = run(slippage=Points(bps=5), bars=panel(count=20), found=Signals.hold((20, 3)))
        return price * (1.0 + side * len(inner.equity) / 4e4)


def test_a_model_may_run_a_backtest_of_its_own() -> None:
    check_same_bytes(run(slippage=Halves()), run(slippage=Slippage(bps=5)))
