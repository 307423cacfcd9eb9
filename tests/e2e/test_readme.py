"""The README's promises: its Python runs as it stands, is as short as it says, and gives the published figures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.architecture.source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def python_blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.fixture
def first_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """Run the README's first Python block in an empty folder, and give its names."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(compile(python_blocks()[0], "README.md", "exec"), names)
    return names


def test_the_first_python_block_is_twelve_lines_long():
    assert len([line for line in python_blocks()[0].splitlines() if line.strip()]) == 12


def test_the_first_python_block_gives_the_published_figures_and_a_report(first_block, tmp_path, capsys):
    metrics = first_block["result"].metrics
    assert metrics.total_return == pytest.approx(0.3125778463, abs=1e-9)
    assert metrics.max_drawdown == pytest.approx(0.3385007465, abs=1e-9)
    assert metrics.total_trades == 88
    equity = first_block["result"].equity
    assert equity.iloc[0] == 100_000
    assert equity.iloc[-1] == pytest.approx(131_257.78463, abs=1e-4)
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "</html>" in report
    assert "SPX" in report


def test_the_readmes_strategy_of_ones_own_runs(first_block):
    names: dict[str, object] = {}
    exec(compile(python_blocks()[1], "README.md", "exec"), names)
    result = first_block["hc"].run_backtest(names["Breakout"], first_block["bars"], parameters={"window": 55})
    assert result.metrics.total_trades > 0
