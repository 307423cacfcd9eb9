"""What a compiled run asks of Python: cost models, sizers and order types of a user's own, through one callback."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import HindcastError, StrategyError
from hindcast.domain.models import CommissionModel, PositionSizer, SizeRequest, SlippageModel
from hindcast.engine import layout
from hindcast.engine._callback import SIGNATURE
from hindcast.engine.bars import Bars
from hindcast.engine.book_views import NO_PARAMETERS, Names, order_view
from hindcast.engine.kernels import state
from hindcast.engine.order_executors import Bar, OrderExecutor
from hindcast.engine.stamps import day_text, to_datetime

_SIDES: Final = {layout.BUY: 1, layout.SELL: -1}


class RunAtHand(Protocol):
    """The run that asks: its arrays as the kernel sees them at this moment."""

    orders: NDArray[np.void]
    positions: NDArray[np.void]
    counts: NDArray[np.int64]
    money: NDArray[np.float64]
    curve: NDArray[np.float64]
    executors: tuple[OrderExecutor, ...]
    order_parameters: dict[int, Mapping[str, object]]

    @property
    def type_names(self) -> tuple[str, ...]:
        """The order types by code."""
        ...


def has_models(config: BacktestConfig, executors: Sequence[OrderExecutor]) -> bool:
    """Whether a run has anything that compiled code can't answer."""
    return bool(executors) or any(
        isinstance(part, SlippageModel | CommissionModel | PositionSizer)
        for part in (config.slippage, config.commission, config.sizing)
    )


class ModelCalls:
    """Answers the kernel's questions; what goes wrong is kept, and raised when the kernel has come back.

    Compiled code can't be interrupted by an exception: the answer is then NaN, and the run stops before its next bar.
    """

    def __init__(self, simulation: RunAtHand, bars: Bars, config: BacktestConfig) -> None:
        self._simulation = simulation
        self._bars = bars
        self._config = config
        self._answers: dict[int, Callable[[int, int, float, float, float], float]] = {
            layout.CALL_SLIPPAGE: self._slippage,
            layout.CALL_COMMISSION: self._commission,
            layout.CALL_SIZE: self._size,
            layout.CALL_EXECUTE: self._execute,
        }
        self.error: BaseException | None = None
        self._function = SIGNATURE(self._answer)

    @property
    def address(self) -> int:
        """Where the kernel calls; valid as long as this object lives."""
        return ctypes.cast(self._function, ctypes.c_void_p).value or 0

    def _answer(self, question: int, index: int, t: int, a: float, b: float, c: float) -> float:
        if self.error is not None:
            return math.nan
        try:
            return self._answers[question](index, t, a, b, c)
        except BaseException as error:  # noqa: BLE001  # nothing may pass through compiled code: it is raised afterwards
            self.error = error
            self._simulation.counts[state.HALTED] = 1
            return math.nan

    def _slippage(self, index: int, t: int, price: float, quantity: float, volume: float) -> float:
        model = self._config.slippage
        assert isinstance(model, SlippageModel)
        side = _SIDES[int(self._simulation.orders[index]["side"])]
        slipped = _number(model, "price", t, self._bars, lambda: model.price(price, side, quantity, volume))
        if slipped < 0.0 or (slipped - price) * side < -layout.TOLERANCE * price:
            raise StrategyError(
                f"{_name(model)}.price gave {slipped} for a {'buy' if side > 0 else 'sell'} at {price} on "
                f"{self._when(t)}; expected a price >= 0 that is not better"
            )
        return slipped

    def _commission(self, _index: int, t: int, quantity: float, notional: float, _: float) -> float:
        model = self._config.commission
        assert isinstance(model, CommissionModel)
        due = _number(model, "commission", t, self._bars, lambda: model.commission(quantity, notional))
        if due < 0.0:
            raise StrategyError(
                f"{_name(model)}.commission gave {due} for {quantity} units on {self._when(t)}; expected money >= 0"
            )
        return due

    def _size(self, symbol: int, t: int, signed_strength: float, entry: float, risk: float) -> float:
        model = self._config.sizing
        assert isinstance(model, PositionSizer)
        mark = float(self._simulation.positions[symbol]["mark"])
        request = SizeRequest(
            symbol=self._bars.symbols[symbol],
            side=1 if signed_strength > 0.0 else -1,
            strength=abs(signed_strength),
            equity=float(self._simulation.curve[state.CURVE_EQUITY, t]),
            symbols=len(self._bars.symbols),
            last_close=mark,
            entry=entry,
            stop_loss=entry - risk,
            closes=self._closes(symbol, t),
        )
        # What is not finite or not more than 0 rejects the order (`no_size`).
        return _number(model, "size", t, self._bars, lambda: model.size(request), finite=False)

    def _closes(self, symbol: int, t: int) -> Sequence[float]:
        """The closes up to bar t, in today's units, bars without a price left out."""
        panel = self._bars.panel
        closes = panel.close[: t + 1, symbol]
        if panel.split is not None and not self._bars.adjusted:
            later = np.cumprod(panel.split[1 : t + 1, symbol][::-1])[::-1]
            closes = closes / np.append(later, 1.0)
        found: list[float] = closes[~np.isnan(closes)].tolist()
        return found

    def _execute(self, index: int, t: int, _a: float, _b: float, _c: float) -> float:
        simulation, panel = self._simulation, self._bars.panel
        record = simulation.orders[index]
        executor = simulation.executors[int(record["type"]) - layout.TYPE_CUSTOM]
        symbol = int(record["symbol"])
        bar = Bar(
            symbol=self._bars.symbols[symbol],
            timestamp=to_datetime(self._bars.timestamps[t]),
            open=float(panel.open[t, symbol]),
            high=float(panel.high[t, symbol]),
            low=float(panel.low[t, symbol]),
            close=float(panel.close[t, symbol]),
            volume=float(panel.volume[t, symbol]),
        )
        order = order_view(
            record,
            Names(symbols=self._bars.symbols, types=simulation.type_names, timestamps=self._bars.timestamps),
            parameters=simulation.order_parameters.get(index + 1, NO_PARAMETERS),
        )
        found = executor.execute(order, bar, BooksAtHand(simulation, self._bars))
        if found is None:
            return math.nan
        price, quantity = float(found.price), float(found.quantity)
        slack = layout.TOLERANCE
        if not bar.low * (1 - slack) <= price <= bar.high * (1 + slack):
            raise StrategyError(
                f"{_name(executor)} filled order {index + 1} at {price} on {self._when(t)}; expected a price within "
                f"the bar, {bar.low} to {bar.high}"
            )
        worst = float(record["limit"])
        if (price - worst) * int(record["side"]) > slack * worst:
            raise StrategyError(
                f"{_name(executor)} filled order {index + 1} at {price} on {self._when(t)}, beyond its limit {worst}"
            )
        left = order.remaining
        if not 0.0 < quantity < math.inf or quantity > left * (1 + slack):
            raise StrategyError(
                f"{_name(executor)} filled {quantity} units of order {index + 1} on {self._when(t)}; expected more "
                f"than 0 and at most {left}"
            )
        simulation.money[state.EXECUTED] = quantity
        return price

    def _when(self, t: int) -> str:
        return day_text(self._bars.timestamps[t])


class BooksAtHand:
    """The books in the middle of a bar, as a custom order type may read them."""

    def __init__(self, simulation: RunAtHand, bars: Bars) -> None:
        self._simulation = simulation
        self._bars = bars

    @property
    def cash(self) -> float:
        """Money, as it is at this point of the bar."""
        return float(self._simulation.money[state.CASH])

    @property
    def equity(self) -> float:
        """Cash plus positions at their last marks."""
        money = self._simulation.money
        return float(money[state.CASH] + money[state.NET])

    def quantity(self, symbol: str) -> float:
        """The signed position in a symbol; 0 for one that the panel lacks."""
        if symbol not in self._bars.symbols:
            return 0.0
        return float(self._simulation.positions[self._bars.symbols.index(symbol)]["quantity"])


def raise_kept(error: BaseException) -> None:
    """Raise what a model raised, as a StrategyError where it is not Hindcast's own, nor an interrupt."""
    if isinstance(error, HindcastError) or not isinstance(error, Exception | SystemExit):
        raise error
    raise StrategyError(f"a model of this run raised {type(error).__name__}: {error}") from error


def _number(model: object, method: str, t: int, bars: Bars, ask: Callable[[], Any], *, finite: bool = True) -> float:
    try:
        answer = ask()
    except (Exception, SystemExit) as error:
        raise StrategyError(
            f"{_name(model)}.{method} raised {type(error).__name__} on {day_text(bars.timestamps[t])}: {error}"
        ) from error
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.integer | np.floating):
        raise StrategyError(f"{_name(model)}.{method} gave a {type(answer).__name__}; expected a number")
    if finite and not math.isfinite(answer):
        raise StrategyError(
            f"{_name(model)}.{method} gave {answer} on {day_text(bars.timestamps[t])}; expected a finite number"
        )
    return float(answer)


def _name(model: object) -> str:
    return type(model).__name__
