from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from tests.unit.reporting.synthetic import make_run

from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.reporting.compare import comparison_figure, comparison_names, comparison_rows


def test_curves_are_laid_over_each_other_from_one():
    runs = [make_run(name="fast"), make_run(name="slow", seed=9, bars=500)]
    drawn = comparison_figure(runs)
    assert [trace.name for trace in drawn.data] == ["fast", "slow"]
    assert [trace.y[0] for trace in drawn.data] == [1.0, 1.0]
    assert len({trace.line.color for trace in drawn.data}) == 2


def test_no_runs_are_an_empty_figure():
    assert len(comparison_figure([]).data) == 0


def test_more_runs_than_colours_differ_by_their_dashes():
    drawn = comparison_figure([make_run(name=str(place), bars=40) for place in range(10)])
    looks = {(trace.line.color, trace.line.dash) for trace in drawn.data}
    assert len(looks) == 10


def test_runs_of_one_name_are_told_apart_by_their_manifests():
    result, _ = make_run(bars=40)
    assert comparison_names([result, result]) == ("sma_crossover (6f1c0d9a)",) * 2
    assert comparison_names([result]) == ("sma_crossover",)


def test_every_metric_is_compared_and_the_best_is_named():
    one, two = make_run(bars=400)[0], make_run(bars=400, seed=21)[0]
    rows = comparison_rows([one, two])
    assert [row.name for row in rows] == [definition.name for definition in CATALOGUE]
    total = next(row for row in rows if row.name == "total_return")
    assert total.values == (one.performance.total_return, two.performance.total_return)
    assert total.best == (int(np.argmax([float(value or 0) for value in total.values])),)
    fall = next(row for row in rows if row.name == "max_drawdown")
    assert fall.best == (int(np.argmin([float(value or 0) for value in fall.values])),)


@pytest.mark.parametrize("seeds", [(7,), (7, 7)])
def test_nothing_leads_where_nothing_differs(seeds):
    rows = comparison_rows([make_run(bars=100, seed=seed)[0] for seed in seeds])
    assert all(row.best == () for row in rows)


def test_the_rows_need_neither_plotly_nor_pandas():
    script = (
        "import sys, hindcast.reporting.compare, hindcast.reporting.report, hindcast.reporting.figures\n"
        "assert not {'plotly', 'pandas', 'jinja2', 'scipy'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
