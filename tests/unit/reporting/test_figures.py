from __future__ import annotations

import json

import numpy as np
import pytest
from tests.unit.reporting.synthetic import make_run, text

from hindcast.domain.errors import SymbolError
from hindcast.reporting import figures

EVERY_FIGURE = [
    figures.equity_curve,
    figures.drawdown,
    figures.equity_and_drawdown,
    figures.candles_with_fills,
    figures.monthly_returns,
    figures.rolling_sharpe,
    figures.exposure,
]


@pytest.fixture(scope="module")
def run():
    return make_run(symbols=("AAA", "BBB"), bars=2_000)


@pytest.mark.parametrize("draw", EVERY_FIGURE)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_figure_of_a_run_is_plotly_that_can_be_written(draw, theme, run):
    drawn = json.loads(draw(*run, theme=theme).to_json())
    assert drawn["data"]
    assert drawn["layout"]["paper_bgcolor"] == {"light": "#ffffff", "dark": "#151b24"}[theme]


@pytest.mark.parametrize("draw", EVERY_FIGURE)
def test_every_figure_of_a_run_of_one_bar_can_be_drawn(draw):
    draw(*make_run(bars=1)).to_json()


@pytest.mark.parametrize("draw", EVERY_FIGURE)
def test_every_figure_of_a_run_with_only_an_equity_table_can_be_drawn(draw):
    result, tables = make_run(bars=50)
    draw(result, {"equity": tables["equity"]}).to_json()


def test_the_benchmark_starts_with_the_strategys_money(run):
    benchmark, strategy = figures.equity_curve(*run).data
    assert strategy.name == "Strategy"
    assert benchmark.y[0] == strategy.y[0] == 100_000.0


def test_without_a_benchmark_there_is_one_curve():
    assert [trace.name for trace in figures.equity_curve(*make_run(benchmark=False)).data] == ["Strategy"]


def test_the_axis_of_money_can_be_logarithmic(run):
    assert figures.equity_curve(*run, log=True).layout.yaxis.type == "log"
    assert figures.equity_curve(*run).layout.yaxis.type == "linear"


def test_equity_and_drawdown_share_their_axis_of_time(run):
    drawn = figures.equity_and_drawdown(*run)
    assert {trace.xaxis for trace in drawn.data} == {"x"}
    assert {trace.yaxis for trace in drawn.data} == {None, "y2"}


def test_the_deepest_drawdown_is_drawn(run):
    own = figures.drawdown(*run).data[0]
    assert -min(own.y) == pytest.approx(run[0].performance.max_drawdown)


def test_hovers_tell_the_time_of_day_only_where_there_is_one(run):
    hours = np.datetime64("2024-01-01", "ns") + np.arange(50) * np.timedelta64(1, "h")
    assert figures.equity_curve(*run).layout.xaxis.hoverformat == "%Y-%m-%d"
    assert figures.equity_curve(*make_run(bars=50, when=hours)).layout.xaxis.hoverformat == "%Y-%m-%d %H:%M"


def test_thinned_equity_and_drawdown_show_the_same_bars_and_keep_the_extremes():
    result, tables = make_run(bars=9_000, benchmark=False)
    equity, fall = figures.equity_and_drawdown(result, tables).data
    assert equity.x == fall.x
    assert len(equity.x) <= 4_000
    assert max(equity.y) == tables["equity"]["equity"].max()
    assert -min(fall.y) == pytest.approx(result.performance.max_drawdown)


def test_a_year_is_the_product_of_its_months(run):
    months, years = figures.monthly_returns(*run).data
    row = [value for value in months.z[1] if value is not None]
    assert len(row) == 12
    assert np.prod([1 + value for value in row]) - 1 == pytest.approx(years.z[1][0])
    assert "AAA" in months.hovertext[1][0]


def test_fills_are_marked_where_and_how_they_happened(run):
    result, tables = run
    drawn = figures.candles_with_fills(result, tables, "BBB")
    bought = next(trace for trace in drawn.data if trace.name == "Buy")
    rows = np.flatnonzero((tables["fills"]["symbol"] == "BBB") & (tables["fills"]["side"] == "buy"))
    assert list(bought.y) == pytest.approx(tables["fills"]["price"][rows])
    assert "Commission" in bought.hovertext[0]
    assert "Buy" in bought.hovertext[0]


def test_candles_of_many_bars_are_joined_and_say_so(run):
    result, tables = run
    drawn = figures.candles_with_fills(result, tables, "AAA")
    assert len(drawn.data[0].open) == 1_000
    assert "each candle is 2 bars" in drawn.layout.title.text


def test_an_unknown_symbol_is_refused_with_the_known_ones(run):
    result, tables = run
    with pytest.raises(SymbolError, match=r"'CCC' is not in this run; its symbols are AAA, BBB"):
        figures.candles_with_fills(result, tables, "CCC")


def test_a_symbol_of_one_price_per_bar_is_drawn_as_a_line():
    result, tables = make_run(bars=60)
    for name in ("open", "high", "low"):
        tables["bars"][name] = tables["bars"]["close"]
    drawn = figures.candles_with_fills(result, tables)
    assert drawn.data[0].type == "scatter"
    assert "one price per bar" in drawn.layout.title.text


def test_a_short_run_shows_net_exposure_too():
    result, tables = make_run(bars=60)
    assert len(figures.exposure(result, tables).data) == 1
    tables["equity"]["gross_exposure"] = np.full(61, 1_000.0)
    tables["equity"]["net_exposure"] = np.full(61, -1_000.0)
    assert [trace.name for trace in figures.exposure(result, tables).data] == ["Gross", "Net"]


def test_exposure_of_a_ruined_account_is_a_gap():
    result, tables = make_run(bars=60)
    tables["equity"]["equity"][40:] = 0.0
    assert np.isnan(figures.exposure(result, tables).data[0].y[40:]).all()


def test_markup_in_names_and_reasons_is_shown_and_not_obeyed():
    result, tables = make_run(symbols=("<b>X</b>",), bars=200)
    tables["fills"]["reason"] = text(["<i>why</i>"] * len(tables["fills"]["price"]))
    for draw in EVERY_FIGURE:
        written = draw(result, tables).to_json()
        assert "<b>X" not in written
        assert "<i>why" not in written
