"""One symbol's candles with the run's fills on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import SymbolError
from hindcast.reporting.figures.canvas import Spec, canvas, figure, plain, remark, time_axis, titled
from hindcast.reporting.formatting import money, quantity
from hindcast.reporting.level_of_detail import Candles, aggregate_candles
from hindcast.reporting.reasons import explain
from hindcast.reporting.run_tables import FloatArray, Tables, floats, rows_by_word, stamp_texts, stamps, words
from hindcast.reporting.theme import Palette, ThemeName, palette

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from hindcast.domain.backtest import BacktestResult

HEIGHT = 460
MAX_FILLS = 3_000


def candles_with_fills(
    result: BacktestResult, tables: Tables, symbol: str | None = None, *, theme: ThemeName = "light"
) -> Figure:
    """A symbol's bars as candles, its fills as triangles whose hover tells side, quantity, price, cost and reason.

    More than 1,500 bars are joined, n bars to a candle; more than 3,000 fills leave out the oldest. The subtitle says
    so. A symbol whose bars hold one price each is drawn as a line. Without a name: the run's first symbol.

    Raises
    ------
    SymbolError
        For a symbol that is not in the run.
    """
    chosen = symbol if symbol is not None else result.symbols[0]
    if chosen not in result.symbols:
        known = ", ".join(result.symbols[:10])
        raise SymbolError(f"symbol {chosen!r} is not in this run; its symbols are {known}. Name one of them.")
    rows = rows_by_word(words(tables, "bars", "symbol"), [chosen])[chosen]
    fills = rows_by_word(words(tables, "fills", "symbol"), [chosen])[chosen]
    return draw_candles(tables, chosen, rows, fills, palette(theme))


def draw_candles(
    tables: Tables, symbol: str, rows: NDArray[np.intp], fill_rows: NDArray[np.intp], colours: Palette
) -> Figure:
    """The figure of one symbol whose rows in the tables of bars and fills are known already."""
    candles = aggregate_candles(
        Candles(
            timestamp=stamps(tables, "bars")[rows],
            open=floats(tables, "bars", "open")[rows],
            high=floats(tables, "bars", "high")[rows],
            low=floats(tables, "bars", "low")[rows],
            close=floats(tables, "bars", "close")[rows],
            bars_per_candle=1,
        )
    )
    shown = fill_rows[-MAX_FILLS:]
    single_price = bool(np.array_equal(candles.high, candles.low))
    traces = [_price_trace(symbol, candles, colours, single_price=single_price)] if len(rows) else []
    traces += _fill_traces(tables, shown, colours)
    remarks = _remarks(candles, len(fill_rows), len(shown), single_price=single_price)
    layout = canvas(colours, height=HEIGHT) | {
        "hovermode": "closest",
        "margin": {"l": 8, "r": 8, "t": 56 if remarks else 34, "b": 8},
        "xaxis": time_axis(colours, candles.timestamp, rangeslider={"visible": False}),
        "yaxis": titled(colours, "Price", hoverformat=",.4~f", tickformat=",~r"),
        "title": {
            "text": plain(remarks),
            "font": {"size": 12, "color": colours.muted},
            "x": 0,
            "xref": "paper",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 6},
        },
    }
    if not len(rows):
        layout["annotations"] = [remark(colours, f"The run keeps no bars of {symbol}")]
    return figure(traces, layout)


def _remarks(candles: Candles, fills: int, shown: int, *, single_price: bool) -> str:
    said = []
    if candles.bars_per_candle > 1:
        said.append(f"each candle is {candles.bars_per_candle} bars")
    if single_price and len(candles.timestamp):
        said.append("one price per bar")
    if shown < fills:
        said.append(f"the last {shown:,} of {fills:,} fills")
    elif not fills:
        said.append("no fills")
    return " · ".join(said)


def _price_trace(symbol: str, candles: Candles, colours: Palette, *, single_price: bool) -> Spec:
    when = stamp_texts(candles.timestamp)
    if single_price:
        return {
            "type": "scatter",
            "mode": "lines",
            "name": plain(symbol),
            "x": when,
            "y": _listed(candles.close),
            "line": {"color": colours.benchmark, "width": 1.4},
        }
    up = {"line": {"color": colours.candle_up, "width": 1}, "fillcolor": colours.candle_up}
    down = {"line": {"color": colours.candle_down, "width": 1}, "fillcolor": colours.candle_down}
    return {
        "type": "candlestick",
        "name": plain(symbol),
        "x": when,
        "open": _listed(candles.open),
        "high": _listed(candles.high),
        "low": _listed(candles.low),
        "close": _listed(candles.close),
        "increasing": up,
        "decreasing": down,
        "showlegend": False,
    }


def _fill_traces(tables: Tables, rows: NDArray[np.intp], colours: Palette) -> list[Spec]:
    side = words(tables, "fills", "side")
    traces: list[Spec] = []
    looks = (("buy", "Buy", "triangle-up", colours.gain), ("sell", "Sell", "triangle-down", colours.loss))
    for word, name, shape, colour in looks:
        of_side = np.array([row for row in rows if side[row] == word], dtype=np.intp)
        if not len(of_side):
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": name,
                "x": stamp_texts(stamps(tables, "fills")[of_side]),
                "y": _listed(floats(tables, "fills", "price")[of_side]),
                "hovertext": _fill_hovers(tables, of_side, name),
                "hoverinfo": "text",
                "marker": {
                    "symbol": shape,
                    "size": 11,
                    "color": colour,
                    "line": {"color": colours.ink, "width": 1},
                },
            }
        )
    return traces


def _fill_hovers(tables: Tables, rows: NDArray[np.intp], name: str) -> list[str]:
    when = stamp_texts(stamps(tables, "fills")[rows])
    amount = floats(tables, "fills", "quantity")[rows]
    price = floats(tables, "fills", "price")[rows]
    commission = floats(tables, "fills", "commission")[rows]
    reason = words(tables, "fills", "reason")[rows]
    return [
        f"<b>{name} {quantity(amount[row])}</b> at {quantity(price[row])}<br>{when[row]}"
        f"<br>Commission {money(commission[row])}" + (f"<br>{plain(explain(reason[row]))}" if reason[row] else "")
        for row in range(len(rows))
    ]


def _listed(values: FloatArray) -> list[float | None]:
    """Prices as a plain list: the page reads them too, to fit the axis of prices to the stretch of time in view."""
    return [None if np.isnan(value) else float(f"{value:.10g}") for value in values]
