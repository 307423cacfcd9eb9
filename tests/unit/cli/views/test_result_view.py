"""A result on the screen: what is said, and that it fits."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console
from tests.unit.cli.views.runs import make_result, make_tables

from hindcast.cli.views.comparison import print_comparison
from hindcast.cli.views.result_list import print_results
from hindcast.cli.views.result_view import print_headline, print_result
from hindcast.reporting.compare import comparison_names, comparison_rows
from hindcast.reporting.reasons import explain


class Paper:
    """A screen that keeps what is printed."""

    def __init__(self, width: int = 80, encoding: str = "utf-8") -> None:
        self._bytes = io.BytesIO()
        self._stream = io.TextIOWrapper(self._bytes, encoding=encoding, errors="replace", newline="")
        self.screen = Console(file=self._stream, width=width, markup=False, emoji=False, highlight=False)

    @property
    def text(self) -> str:
        self._stream.flush()
        return self._bytes.getvalue().decode(self._stream.encoding)


def shown(result=None, tables=None, width: int = 80) -> str:
    paper = Paper(width)
    print_result(paper.screen, result or make_result(), tables or make_tables())
    return paper.text


def test_the_first_numbers_are_percent_and_money_with_thousands():
    text = shown()
    assert "sma_crossover on SPX" in text
    assert "short_window=10" in text
    assert "+15.0%" in text
    assert "115,000.00" in text
    assert "12,345.68" in text


def test_an_undefined_metric_is_a_dash():
    (line,) = (line for line in shown().splitlines() if "Sortino" in line)
    assert "–" in line


def test_orders_that_did_not_end_as_asked_are_counted_with_their_reason():
    text = shown()
    assert "Orders: 3, of which 2 filled as asked" in text
    assert "rejected" in text
    assert explain("margin")[:30] in " ".join(text.split())


def test_orders_that_all_ended_as_asked_are_not_mentioned():
    tables = make_tables()
    orders = {name: column[:2] for name, column in tables["orders"].items()}
    assert "Orders:" not in shown(tables=make_tables(orders=orders))


def test_notes_stand_under_their_heading_as_they_are_written():
    text = shown(make_result(notes=("SPX: opens [bold]repeat[/bold] :smile: the close",)))
    assert "Before you believe it" in text
    assert "[bold]repeat[/bold] :smile:" in text


def test_without_a_benchmark_its_metrics_are_left_out():
    assert "Against the benchmark" in shown()
    assert "Against the benchmark" not in shown(make_result(benchmark_symbol=None), make_tables(benchmark={}))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_the_screen(width):
    lines = shown(make_result(notes=("word " * 60,)), width=width).splitlines()
    facts = [line for line in lines if "short_window=10" in line]
    assert [line for line in lines if len(line) > width and line not in facts] == []


def test_a_stream_without_unicode_gets_stars_and_question_marks():
    paper = Paper(encoding="ascii")
    print_result(paper.screen, make_result(), make_tables())
    assert "****" in paper.text
    assert "Final equity" in paper.text


def test_many_symbols_are_shortened():
    paper = Paper()
    print_headline(paper.screen, make_result(symbols=tuple("ABCDEFGH")), make_tables())
    assert "A, B, C, D, E, F and 2 more" in paper.text


def test_the_list_keeps_ids_whole_at_eighty_columns():
    paper = Paper(80)
    print_results(paper.screen, [make_result(strategy_type="rsi_mean_reversion", symbols=("AAPL", "KO"))], total=3)
    assert "20200111-0123456789ab" in paper.text
    assert "AAPL +1" in paper.text
    assert "The newest 1 of 3; --limit 3 shows all." in paper.text


def test_an_empty_list_says_how_to_make_a_result():
    paper = Paper()
    print_results(paper.screen, [], total=0)
    assert "demo` makes the first one" in paper.text


def test_the_leader_of_a_comparison_carries_a_star():
    better = make_result(name="better")
    worse_performance = better.performance.model_copy(update={"total_return": 0.05, "max_drawdown": 0.2})
    worse = make_result(name="worse", performance=worse_performance)
    paper = Paper()
    rows = comparison_rows([better, worse])
    print_comparison(paper.screen, comparison_names([better, worse]), rows)
    (line,) = (line for line in paper.text.splitlines() if "Total return" in line)
    assert line.split()[-3:] == ["15.00%", "*", "5.00%"]
    assert "Sortino" not in paper.text
    assert np.isfinite(rows[0].values[0] or np.nan)
