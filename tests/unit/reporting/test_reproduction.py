from __future__ import annotations

import ast
from types import SimpleNamespace

from tests.unit.reporting.synthetic import make_run

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.sizing import FixedCash, FixedQuantity, TargetWeight
from hindcast.reporting.reproduction import config_expression, reproduction_script

DOOR = SimpleNamespace(
    BacktestConfig=BacktestConfig,
    Commission=Commission,
    Slippage=Slippage,
    TargetWeight=TargetWeight,
    FixedCash=FixedCash,
    FixedQuantity=FixedQuantity,
)


def test_the_expression_gives_back_the_configuration():
    config = BacktestConfig(
        initial_capital=5_000.0,
        commission=Commission(rate=0.001, minimum=1.0),
        slippage=Slippage(bps=2),
        sizing=FixedQuantity(quantity=10),
        allow_short=True,
    )
    written = config_expression(config.model_dump(mode="json"))
    assert eval(written, {"hc": DOOR}) == config
    assert "lot_size" not in written


def test_the_default_configuration_needs_no_words():
    assert config_expression(BacktestConfig().model_dump(mode="json")) == ""


def test_the_script_is_python_whatever_the_names_hold():
    result, _ = make_run(symbols=('A"B', "C'D\n"), bars=40, strategy_type="x'); import os #")
    tree = ast.parse(reproduction_script(result))
    assert len([node for node in tree.body if isinstance(node, ast.Import)]) == 1
    assert "provider='sample'" in reproduction_script(result)


def test_bars_from_no_provider_are_named_by_their_hash():
    result, _ = make_run(bars=40, provider="")
    script = reproduction_script(result)
    ast.parse(script)
    assert result.manifest.data_hash in script
    assert "load_bars" not in script
