from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hindcast.domain.backtest import Backtest
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.errors import ConfigError
from hindcast.domain.sizing import FixedCash, FixedQuantity, TargetWeight


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"initial_capital": 0}, "initial_capital = 0: input should be greater than 0"),
        ({"initial_capital": float("inf")}, "initial_capital = inf: input should be a finite number"),
        ({"max_leverage": -1}, "max_leverage = -1: input should be greater than 0"),
        ({"fill_on": "tomorrow"}, "fill_on = 'tomorrow': input should be 'next_open' or 'close'"),
        ({"max_leverage": 2, "maintenance_margin": 0.6}, "maintenance_margin 0.6 with max_leverage 2.0 would"),
        (
            {"sizing": {"kind": "fixed_quantity"}},
            "FixedQuantity needs the field 'quantity'|fixedQuantity needs the field",
        ),
        ({"a\nb": 1}, r"has no field 'a\\nb'"),
    ],
)
def test_what_does_not_fit_is_told_in_one_sentence(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        BacktestConfig(**fields)
    assert "\n" not in str(caught.value)


def test_a_message_shows_no_more_of_a_value_than_can_be_read() -> None:
    with pytest.raises(ConfigError, match="initial_capital = 'xxx.*…: input") as caught:
        BacktestConfig(initial_capital="x" * 10_000)
    assert len(str(caught.value)) < 300


def test_a_missing_field_is_asked_for_by_name() -> None:
    with pytest.raises(ConfigError, match="^Backtest needs the field 'name'; Backtest needs the field 'strategy_id'$"):
        Backtest(id="b1", symbols=("SPX",))  # type: ignore[call-arg]  # on purpose


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"symbols": ()}, "symbols = "),
        ({"symbols": ("A", " ")}, "each needs a name"),
        ({"symbols": ("A", "A")}, "symbols A, A: each may be named once"),
        ({"start_date": date(2020, 1, 2), "end_date": date(2020, 1, 1)}, "2020-01-02 is after end_date 2020-01-01"),
    ],
)
def test_a_backtest_that_cannot_be_run_cannot_be_made(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        Backtest(**({"id": "b1", "name": "n", "strategy_id": "s1", "symbols": ("A",)} | fields))


def test_a_one_day_backtest_can_be_made() -> None:
    day = date(2020, 1, 2)
    assert Backtest(id="b", name="n", strategy_id="s", symbols=("A",), start_date=day, end_date=day).end_date == day


def test_records_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        BacktestConfig().initial_capital = 5.0  # type: ignore[misc]  # on purpose


@pytest.mark.parametrize("sizing", [TargetWeight(0.5), FixedQuantity(1 / 3), FixedCash(1000)])
def test_a_configuration_survives_json(sizing: TargetWeight | FixedQuantity | FixedCash) -> None:
    config = BacktestConfig(
        sizing=sizing,
        commission=Commission(per_order=1.5, per_share=0.005, rate=0.1 + 0.2, minimum=1, maximum=9),
        slippage=Slippage(bps=1.5),
        lot_size=10,
    )
    assert BacktestConfig.model_validate_json(config.model_dump_json()) == config
    assert BacktestConfig(**config.model_dump()) == config


@pytest.mark.parametrize("maximum", [0.0, 4.99])
def test_a_commissions_maximum_is_not_below_its_minimum(maximum: float) -> None:
    with pytest.raises(ConfigError, match=f"commission maximum {maximum} is below its minimum 5.0"):
        Commission(minimum=5.0, maximum=maximum)
