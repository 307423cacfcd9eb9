from __future__ import annotations

import ast

import pytest
from tests.unit.reporting.synthetic import make_run

import hindcast as hc
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.models import SlippageModel
from hindcast.domain.sizing import FixedQuantity
from hindcast.reporting.reproduction import config_expression, reproduction_script


class Even(SlippageModel):
    """A model of a user's own."""

    share: float = 0.5

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        return price * (1.0 + side * self.share)


def test_the_expression_gives_back_the_configuration():
    config = BacktestConfig(
        initial_capital=5_000.0,
        commission=Commission(rate=0.001, minimum=1.0),
        slippage=Slippage(bps=2),
        sizing=FixedQuantity(quantity=10),
        allow_short=True,
    )
    written = config_expression(config.model_dump(mode="json"))
    assert eval(written, {"hc": hc}) == config
    assert "lot_size" not in written


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sizing": hc.FixedCash(5.0)}, "sizing=hc.FixedCash(5.0)"),
        ({"sizing": hc.VolatilityTarget(0.1)}, "hc.VolatilityTarget(0.1, window=20, periods_per_year=252.0)"),
        ({"sizing": hc.RiskPerTrade(0.01)}, "sizing=hc.RiskPerTrade(0.01)"),
        ({"sizing": hc.Kelly(window=60)}, "sizing=hc.Kelly(0.5, window=60)"),
        ({"slippage": hc.HalfSpreadSlippage(0.0)}, "slippage=hc.HalfSpreadSlippage(0.0)"),
        ({"slippage": hc.VolumeShareSlippage(0.1)}, "slippage=hc.VolumeShareSlippage(0.1)"),
        ({"slippage": hc.SquareRootSlippage(0.1)}, "slippage=hc.SquareRootSlippage(0.1)"),
        ({"slippage": Even(share=0.25)}, f"'class': '{__name__}:Even', 'share': 0.25"),
    ],
)
def test_each_kind_of_cost_and_size_is_written_so_that_it_can_be_read(fields, words):
    config = BacktestConfig(**fields)
    written = config_expression(config.model_dump(mode="json"))
    assert words in written
    assert eval(written, {"hc": hc}) == config


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
