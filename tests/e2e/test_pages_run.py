"""What the README and the tutorials show in Python runs as it stands, from the first block of a page to its last."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.source_tree import ROOT

PAGES = [
    ROOT / "docs/tutorial/first_backtest.md",
    ROOT / "docs/tutorial/own_data.md",
    ROOT / "docs/concepts/look_ahead.md",
    ROOT / "docs/concepts/adjustments.md",
    ROOT / "docs/concepts/benchmarks.md",
    ROOT / "docs/concepts/time_frames.md",
]
BEFORE = 'import hindcast as hc\n\nbars = hc.load_bars(["SPX"], start="1999-01-04", end="2018-12-31")\n'


def run_blocks(page: Path) -> dict[str, Any]:
    """The names that a page's blocks leave behind; `hc` and `bars` are there before."""
    names: dict[str, Any] = {}
    exec(BEFORE, names)
    for block in re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL):
        exec(compile(block, str(page), "exec"), names)
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_pages_python_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    assert run_blocks(page)["result"] is not None


def test_every_tutorial_is_run():
    assert {page.name for page in (ROOT / "docs" / "tutorial").glob("*.md")} == {
        "first_backtest.md",
        "orders.md",
        "own_data.md",
        "own_strategy.md",
        "service.md",
        "team_server.md",  # has no Python: test_deployment.py holds what it starts to account
    }


def test_the_readmes_strategies_trade_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names = run_blocks(ROOT / "README.md")
    hc, bars = names["hc"], names["bars"]
    guarded = hc.run_backtest(names["GuardedBreakout"], bars, config=hc.BacktestConfig(proof="off")).orders
    exits = guarded[guarded["parent_id"] > 0]
    assert set(exits["type"]) == {"stop", "limit"}
    assert {"filled", "cancelled"} <= set(exits["status"])
    pullback = hc.run_backtest(names["Pullback"], bars, config=hc.BacktestConfig(proof="off")).orders
    entries = pullback[pullback["parent_id"] == 0]
    assert set(entries["time_in_force"]) == {"DAY"}
    assert {"filled", "expired"} <= set(entries["status"])
    assert set(pullback.loc[pullback["parent_id"] > 0, "type"]) == {"trailing_stop"}


def test_the_concept_pages_print_what_they_say(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("benchmarks", "time_frames"):
        page = ROOT / "docs/concepts" / f"{name}.md"
        run_blocks(page)
        shown = re.findall(r"```\n\n((?:    [^\n]*\n)+)", page.read_text(encoding="utf-8"))
        assert shown, name
        printed = capsys.readouterr().out
        assert "".join(line.removeprefix("    ") + "\n" for line in shown[0].splitlines()) in printed
    names = run_blocks(ROOT / "docs/concepts/time_frames.md")
    assert names["result"].certificate.verdict == "passed"


def test_the_tutorial_on_orders_tells_what_comes_out(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = run_blocks(ROOT / "docs/tutorial/orders.md")
    printed = capsys.readouterr().out
    assert "is not known yet" in printed
    assert "after every one of 251 bars" in printed
    assert printed.rstrip().endswith("identical")
    assert names["tight"].bounds.lower < 100_000 < names["tight"].bounds.upper


def test_the_tutorial_on_own_data_tells_what_becomes_of_bad_rows(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = run_blocks(ROOT / "docs/tutorial/own_data.md")
    printed = capsys.readouterr().out
    assert names["report"].rows_bad == 2
    assert "column 'close': 'n.a. today' is no number" in printed
    assert "2 of 100 rows are bad (2.00%, at most 0.10% may be)" in printed
