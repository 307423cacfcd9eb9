from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from hindcast.api.schemas.backtest_config import ConfigBody, config_of
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage
from hindcast.domain.errors import ConfigError
from hindcast.domain.sizing import FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget


def read(body: object) -> BacktestConfig:
    return config_of(ConfigBody.model_validate(json.loads(json.dumps(body))))


def test_a_body_without_fields_is_the_default_configuration():
    assert read({}) == BacktestConfig()


@pytest.mark.parametrize(
    "config",
    [
        BacktestConfig(),
        BacktestConfig(initial_capital=5, commission=Commission(rate=0.001, minimum=1, maximum=9), lot_size=1),
        BacktestConfig(slippage=HalfSpreadSlippage(0.02), sizing=FixedQuantity(10), fill_on="close", pyramiding=3),
        BacktestConfig(sizing=VolatilityTarget(0.1, window=30), max_leverage=2, maintenance_margin=0.25),
        BacktestConfig(sizing=RiskPerTrade(0.02), allow_short=True, borrow_rate=0.03, max_participation=0.1),
        BacktestConfig(sizing=Kelly(0.25), gap_rule="drop", proof="full", periods_per_year=365),
        BacktestConfig(sizing=TargetWeight(0.5), on_insufficient_cash="reject", tick_size=0.05),
    ],
)
def test_what_a_backtest_answers_can_be_sent_back(config):
    assert read(config.model_dump(mode="json")) == config


def test_the_fields_and_their_bounds_are_those_of_the_record():
    assert set(ConfigBody.model_fields) == set(BacktestConfig.model_fields)
    own, record = ConfigBody.model_json_schema(), BacktestConfig.model_json_schema()
    for name, field in record["properties"].items():
        if name not in ("commission", "slippage", "sizing"):
            bounded = {"maximum": 1_000_000_000} if name == "pyramiding" else {}
            assert own["properties"][name] == field | bounded
        assert own["properties"][name]["default"] == field["default"]
        assert own["properties"][name]["description"] == field["description"]


def test_the_schema_offers_no_model_of_ones_own():
    text = json.dumps(ConfigBody.model_json_schema())
    assert '"custom"' not in text
    assert '"class"' not in text
    assert [name for name in ConfigBody.model_json_schema()["$defs"] if name.endswith("Slippage")] == [
        "HalfSpreadSlippage",
        "Slippage",
        "SquareRootSlippage",
        "VolumeShareSlippage",
    ]


@pytest.mark.parametrize("field", ["commission", "slippage", "sizing"])
@pytest.mark.parametrize("extra", [{"kind": "custom"}, {"kind": "custom", "class": "spy:Spy"}, {"class": "spy:Spy"}])
def test_a_model_of_ones_own_is_refused_and_not_imported(field, extra, tmp_path, monkeypatch):
    (tmp_path / "spy.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValidationError, match="code does not come in over HTTP"):
        read({field: extra})
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize(
    "body",
    [
        {"initial_capital": "5"},
        {"initial_capital": True},
        {"initial_capital": 0},
        {"initial_capital": 10**400},
        {"initial_capital": float("nan")},
        {"max_leverage": float("inf")},
        {"allow_short": 1},
        {"allow_short": "true"},
        {"pyramiding": 1.0},
        {"pyramiding": 10**30},
        {"fill_on": "now"},
        {"commission": 0.001},
        {"commission": {"rate": 1}},
        {"commission": {"kind": "flat"}},
        {"slippage": {"kind": "spread"}},
        {"slippage": {"kind": 7}},
        {"slippage": {"kind": ["bps"]}},
        {"slippage": []},
        {"sizing": {"weight": 1}},
        {"sizing": {"kind": "kelly", "window": 1}},
        {"sizing": {"kind": "kelly", "weight": 1}},
        {"sizing": None},
        {"unknown": 1},
        [],
        "{}",
        None,
    ],
)
def test_what_does_not_fit_is_refused(body):
    with pytest.raises(ValidationError):
        ConfigBody.model_validate(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"max_leverage": 3, "maintenance_margin": 0.9}, "would liquidate"),
        ({"commission": {"minimum": 2, "maximum": 1}}, "is below its minimum"),
    ],
)
def test_fields_that_contradict_each_other_are_refused_in_the_records_words(body, words):
    with pytest.raises(ConfigError, match=words):
        read(body)
