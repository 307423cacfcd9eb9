"""Each example runs as it stands, in a process of its own, in an empty folder, offline."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architecture.source_tree import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.py"))

SAYS = {
    "01_first_backtest.py": ["31.26%", "33.85%", "88"],
    "02_own_strategy.py": ["window  50: return", "Did you mean 'window'?"],
    "03_target_weights.py": ["annual return", "JNJ"],
    "04_plugin_folder.py": ["donchian_breakout: BUY when", "'entry_window': 55", "trades, return"],
    "05_own_costs.py": ["own costs", "hashed with the result: commission, slippage", "subclass of SlippageModel"],
    "06_event_driven.py": ["12 trades, return 18.69%", "Look-ahead proof: passed", "bars.close[200] is not known yet"],
    "07_own_order_type.py": ["60 midpoint orders made", "midpoint  filled"],
    "08_own_data.py": [
        "1,006 rows of 1 symbol",
        "restated SPX",
        "the run saw: True",
        "209 weeks; the first ends on Fri",
    ],
    "09_parallel_backtests.py": ["50 over 200: return 80.68%, 4 trades", "no symbol 'SPZ'", "6 results are stored"],
}


def test_every_example_is_tried():
    assert [example.name for example in EXAMPLES] == sorted(SAYS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_says_what_it_should(example: Path, tmp_path: Path, data_folder: Path):
    done = subprocess.run(
        [sys.executable, "-W", "error", str(example)],
        cwd=tmp_path,
        env={**os.environ, "HINDCAST_HOME": str(data_folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    for words in SAYS[example.name]:
        assert words in done.stdout
    if example.name.startswith("01"):
        assert (tmp_path / "first_backtest.html").stat().st_size > 10_000
