from __future__ import annotations

import signal
from pathlib import Path

import pytest
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.strategy.discovery import Discovered, discover
from hindcast.strategies.factory import StrategyFactory


def found_in(*files: Path, seconds: float = 6.0) -> Discovered:
    before = StrategyFactory.registered()
    try:
        return discover([str(file) for file in files], entry_points=False, code_hash=strategy_hash, seconds=seconds)
    finally:
        for strategy_type in StrategyFactory.registered().keys() - before.keys():
            StrategyFactory.remove(strategy_type)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such alarms here")
def test_a_file_that_loops_is_told_with_the_line_that_it_was_at_and_hides_no_other(tmp_path: Path) -> None:
    loops = tmp_path / "loops.py"
    loops.write_text(
        "import time\ndef wait():\n    while True:\n        try:\n            time.sleep(0.01)\n"
        "        except Exception:\n            pass\nwait()\n"
    )
    handler = signal.getsignal(signal.SIGALRM)
    found = found_in(write_plugin(tmp_path, "a"), loops, write_plugin(tmp_path, "z"), seconds=0.3)
    assert [each.strategy_type for each in found.templates] == ["a", "z"]
    assert found.stalled == (str(loops),)
    assert "line 8, in <module>" in found.broken[str(loops)]
    assert "time.sleep(0.01)" in found.broken[str(loops)]
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_file_that_fails_is_broken_and_not_stalled(tmp_path: Path) -> None:
    fails = tmp_path / "fails.py"
    fails.write_text("raise TimeoutError('a strategy of its own')\n")
    found = found_in(fails)
    assert (list(found.broken), found.stalled) == ([str(fails)], ())


def test_defaults_that_json_has_no_word_for_are_told_as_text(tmp_path: Path) -> None:
    file = write_plugin(tmp_path, "odd", config="limit: float = float('inf')")
    (template,) = found_in(file).templates
    assert template.defaults == {"limit": "Infinity"}


def test_a_long_traceback_keeps_its_end(tmp_path: Path) -> None:
    file = tmp_path / "long.py"
    file.write_text("raise RuntimeError('x' * 100_000 + ' the end')\n")
    told = found_in(file).broken[str(file)]
    assert len(told) == 20_000
    assert told.endswith(" the end")
