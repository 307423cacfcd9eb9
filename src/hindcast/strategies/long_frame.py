"""Strategies whose methods take one long pandas frame: told apart, and given what they expect.

A strategy may be written for the panel (`Bars`) or for one long frame: a row per symbol and date, with the columns
symbol, date, open, high, low, close, volume and the ready-made features (sma_10, sma_30, sma_50, daily_return,
volatility_20d). Which one a class wants is found out in this order:

1. its attribute `DATA_FORMAT`: "bars" or "long_frame";
2. the annotation of its methods' data parameter: `Bars` or `DataFrame`;
3. a class that does not extend `BaseStrategy` wants the long frame;
4. its methods' source: a method that handles its data parameter as a frame (`data["close"]`, `data.groupby(…)`) wants
   the long frame; all others want bars.

A strategy with `on_bar` always gets bars.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike

from hindcast.domain.errors import StrategyError
from hindcast.engine.bars import Bars
from hindcast.strategies.events import is_event_strategy
from hindcast.strategies.protocol import BaseStrategy

if TYPE_CHECKING:
    import pandas as pd

BARS: Final = "bars"
LONG_FRAME: Final = "long_frame"

FEATURES: Final = ("sma_10", "sma_30", "sma_50", "daily_return", "volatility_20d")

_STEPS: Final = ("generate_signals", "calculate_indicators", "initialize")

# What a frame has and `Bars` has not.
_FRAME_WORDS: Final = frozenset(
    "apply assign at columns copy drop dropna empty fillna groupby iat iloc iterrows itertuples loc merge pivot "
    "pivot_table query reset_index rolling set_index shift sort_index sort_values values".split()
)


@lru_cache(maxsize=256)
def wants_long_frame(strategy_class: type) -> bool:
    """Whether a class's methods take one long frame; the module's docstring says how this is found out.

    Raises StrategyError for a `DATA_FORMAT` that is neither "bars" nor "long_frame".
    """
    if is_event_strategy(strategy_class):
        return False
    declared = getattr(strategy_class, "DATA_FORMAT", None)
    if declared is not None:
        if declared not in (BARS, LONG_FRAME):
            raise StrategyError(
                f"{strategy_class.__name__}.DATA_FORMAT = {declared!r}; expected '{BARS}' or '{LONG_FRAME}'"
            )
        return bool(declared == LONG_FRAME)
    methods = list(_methods(strategy_class))
    for method in methods:
        annotation = _data_annotation(method)
        if "DataFrame" in annotation:
            return True
        if "Bars" in annotation:
            return False
    if not issubclass(strategy_class, BaseStrategy):
        return True
    return any(_handles_a_frame(method) for method in methods)


def to_long_frame(bars: Bars, features: Mapping[str, ArrayLike] | None = None) -> pd.DataFrame:
    """Bars as one long frame: a row per symbol and date, by symbol, then date.

    Parameters
    ----------
    bars
        T stamps by S symbols.
    features
        Further columns by name, each (T, S).

    Returns
    -------
    pandas.DataFrame
        symbol, date, open, high, low, close, volume, then the features; one row for each bar that has prices. `date` is
        UTC without a time zone: the session's date at 00:00 for daily bars, the bar's start for intraday ones.

    Raises
    ------
    StrategyError
        A feature's shape is not (T, S).
    """
    import pandas as pd

    panel = bars.panel
    order = sorted(range(len(bars.symbols)), key=lambda column: bars.symbols[column])
    has_prices = np.isfinite(panel.close[:, order].T)

    def flat(name: str, values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        array = np.asarray(values, dtype=np.float64)
        if array.shape != bars.shape:
            raise StrategyError(f"column {name!r} has shape {array.shape}; expected {bars.shape} (bars, symbols)")
        return np.asarray(array[:, order].T[has_prices])

    prices = {name: getattr(panel, name) for name in ("open", "high", "low", "close", "volume")}
    names = np.array([bars.symbols[column] for column in order], dtype=object)
    columns: dict[str, object] = {
        "symbol": np.repeat(names, has_prices.sum(axis=1)),
        "date": np.broadcast_to(bars.timestamps.view("M8[ns]"), has_prices.shape)[has_prices],
    }
    columns |= {name: flat(name, values) for name, values in {**prices, **(features or {})}.items()}
    return pd.DataFrame(columns)


def _methods(strategy_class: type) -> Iterator[object]:
    """The class's own steps, without what `BaseStrategy` only declares."""
    for name in _STEPS:
        method = getattr(strategy_class, name, None)
        if callable(method) and method is not getattr(BaseStrategy, name):
            yield inspect.unwrap(method)


def _data_parameter(method: object) -> inspect.Parameter | None:
    try:
        parameters = list(inspect.signature(method).parameters.values())  # type: ignore[arg-type]  # callable, checked
    except (TypeError, ValueError):
        return None
    return parameters[1] if len(parameters) > 1 else None


def _data_annotation(method: object) -> str:
    parameter = _data_parameter(method)
    if parameter is None or parameter.annotation is parameter.empty:
        return ""
    annotation = parameter.annotation
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _handles_a_frame(method: object) -> bool:
    parameter = _data_parameter(method)
    if parameter is None:
        return False
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(method)))  # type: ignore[arg-type]  # a function, unwrapped
    except (OSError, TypeError, SyntaxError):
        return False
    names = {parameter.name}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id in names:
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return any(_is_frame_use(node, names) for node in ast.walk(tree))


def _is_frame_use(node: ast.AST, names: set[str]) -> bool:
    """`data[…]`, or an attribute of `data` that only a frame has."""
    if not isinstance(node, ast.Subscript | ast.Attribute):
        return False
    if not isinstance(node.value, ast.Name) or node.value.id not in names:
        return False
    return isinstance(node, ast.Subscript) or node.attr in _FRAME_WORDS
