"""The page of the configuration in the documentation is the one that the records give."""

from __future__ import annotations

import re

from tools.write_configuration_page import PAGE, render

import hindcast as hc
from hindcast.domain.backtest_config import BacktestConfig

WITHOUT_EFFECT = {
    "limit_fill": ("through", "touch"),
    "intrabar": ("pessimistic", "ohlc", "optimistic"),
    "tick_size": (None, 0.25, 10.0),
    "proof": ("sampled", "full", "off"),
}


def test_the_page_of_the_configuration_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python tools/write_configuration_page.py`"


def test_every_field_of_the_configuration_is_described():
    assert [name for name, field in BacktestConfig.model_fields.items() if not field.description] == []


def test_the_fields_that_are_said_to_be_without_effect_are_just_these():
    said = {
        name for name, field in BacktestConfig.model_fields.items() if "Without effect" in (field.description or "")
    }
    assert said == set(WITHOUT_EFFECT)


def test_the_fields_that_are_said_to_be_without_effect_change_no_number():
    bars = hc.load_bars(["SPX"], start="2010-01-01", end="2012-12-31")
    plain = hc.run_backtest("sma_crossover", bars)
    for name, values in WITHOUT_EFFECT.items():
        for value in values:
            run = hc.run_backtest("sma_crossover", bars, config=hc.BacktestConfig(**{name: value}))
            assert run.metrics == plain.metrics
            assert run.fills.equals(plain.fills)


def test_a_default_is_shown_as_python_writes_it():
    rows = dict(re.findall(r"^\| `(\w+)` \| (`[^`]+`|required) \|", render(), flags=re.MULTILINE))
    assert rows["sizing"] == "`TargetWeight(1.0)`"
    assert rows["fill_on"] == '`"next_open"`'
    assert rows["lot_size"] == "`None`"
    assert rows["cash"] == "required"
