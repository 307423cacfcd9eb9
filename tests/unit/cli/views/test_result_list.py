"""The list of stored results at different widths."""

from __future__ import annotations

import pytest
from rich.console import Console
from tests.unit.cli.views.runs import make_result

from hindcast.cli.views.result_list import print_results


def shown(width: int, capsys) -> str:
    print_results(Console(width=width, markup=False), [make_result()], total=1)
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [60, 70, 80, 100])
def test_id_strategy_return_and_drawdown_are_whole_at_any_usual_width(width, capsys):
    said = shown(width, capsys)
    for text in ("20200111-0123456789ab", "sma_crossover", "15.0%", "4.6%", "Drawdown"):
        assert text in said
    assert "…" not in said


def test_a_wide_screen_shows_symbols_years_and_the_sharpe_ratio_too(capsys):
    said = shown(100, capsys)
    for text in ("SPX", "2020-20", "2.50"):
        assert text in said


def test_more_results_than_are_shown_are_told(capsys):
    print_results(Console(width=100), [make_result()], total=7)
    assert "The newest 1 of 7; --limit 7 shows all." in capsys.readouterr().out
