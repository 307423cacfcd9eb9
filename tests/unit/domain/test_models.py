from __future__ import annotations

import json
import math
import sys
import types
from typing import Any

import pytest

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage, Slippage, SquareRootSlippage, VolumeShareSlippage
from hindcast.domain.errors import ConfigError
from hindcast.domain.model_choice import class_name
from hindcast.domain.models import CommissionModel, PositionSizer, SizeRequest, SlippageModel
from hindcast.domain.records import CheckedRecord
from hindcast.domain.sizing import FixedCash, FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget


class Wide(SlippageModel):
    """A spread that is wider for sales."""

    bid: float = 0.02
    ask: float = 0.01

    def price(self, price: float, side: int, quantity: float, volume: float) -> float:
        return price + self.ask if side > 0 else price - self.bid


class Ticket(CommissionModel):
    """One price for any order."""

    money: float

    def commission(self, quantity: float, notional: float) -> float:
        return self.money


class Careful(PositionSizer):
    """Less of what has fallen."""

    unit = "cash"
    cash: float = 1000.0
    notes: tuple[str, ...] = ()

    def size(self, request: SizeRequest) -> float:
        return self.cash if request.last_close >= request.closes[0] else self.cash / 2


class Outer:
    class Nested(Ticket):
        """A class within a class."""


CUSTOM: list[dict[str, Any]] = [
    {"slippage": Wide(ask=0.5)},
    {"commission": Ticket(money=7)},
    {"commission": Outer.Nested(money=1)},
    {"sizing": Careful(cash=0.1 + 0.2, notes=("a", "b"))},
    {"slippage": Wide(), "commission": Ticket(money=0), "sizing": Careful()},
]
BUILT_IN: list[dict[str, Any]] = [
    {"slippage": Slippage(bps=3)},
    {"slippage": HalfSpreadSlippage(0.02)},
    {"slippage": VolumeShareSlippage(0.1)},
    {"slippage": SquareRootSlippage(k=0.9)},
    {"sizing": TargetWeight(0.5)},
    {"sizing": FixedQuantity(1 / 3)},
    {"sizing": FixedCash(1000)},
    {"sizing": VolatilityTarget(0.15, window=60)},
    {"sizing": RiskPerTrade(0.01)},
    {"sizing": Kelly()},
    {"sizing": Kelly(0.25, window=100)},
]


@pytest.mark.parametrize("fields", [*BUILT_IN, *CUSTOM], ids=repr)
def test_a_configuration_is_the_same_after_it_was_stored(fields: dict[str, Any]) -> None:
    config = BacktestConfig(**fields)
    assert BacktestConfig.model_validate_json(config.model_dump_json()) == config
    assert BacktestConfig(**config.model_dump()) == config
    assert BacktestConfig(**json.loads(json.dumps(config.model_dump(mode="json")))) == config
    assert hash(BacktestConfig(**config.model_dump())) == hash(config)


def test_a_custom_model_is_stored_as_its_class_and_its_parameters() -> None:
    assert BacktestConfig(slippage=Wide(ask=0.5)).model_dump(mode="json")["slippage"] == {
        "kind": "custom",
        "class": f"{__name__}:Wide",
        "bid": 0.02,
        "ask": 0.5,
    }
    assert class_name(Outer.Nested) == f"{__name__}:Outer.Nested"


def test_a_plain_slippage_is_stored_as_before_there_were_others() -> None:
    stored = BacktestConfig(slippage=Slippage(bps=1)).model_dump(mode="json")
    assert stored["slippage"] == {"bps": 1.0}
    assert BacktestConfig(slippage={"bps": 1}) == BacktestConfig(slippage={"kind": "bps", "bps": 1})


def test_models_with_other_parameters_are_not_equal() -> None:
    assert BacktestConfig(slippage=Wide()) != BacktestConfig(slippage=Wide(ask=0.02))
    assert BacktestConfig(slippage=HalfSpreadSlippage(0.0)) != BacktestConfig()
    assert len({Wide(), Wide(), Wide(bid=0.03)}) == 2


def test_models_are_frozen_and_check_their_parameters() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Wide().ask = 1.0  # type: ignore[misc]  # on purpose
    with pytest.raises(ConfigError, match="Wide has no field 'asks'. Did you mean 'ask'"):
        Wide(asks=1)  # type: ignore[call-arg]  # on purpose
    with pytest.raises(ConfigError, match="bid = nan: input should be a finite number"):
        Wide(bid=math.nan)


class Renamed(Slippage):
    """What looks like a model of one's own and would never be asked."""


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"slippage": 5}, "slippage = 5: expected Slippage, HalfSpreadSlippage, .* subclass of SlippageModel"),
        ({"slippage": Wide}, "expected Slippage, .* or an instance of your own subclass of SlippageModel"),
        ({"slippage": Renamed(bps=1)}, "expected Slippage, .* or an instance of your own subclass of SlippageModel"),
        ({"slippage": Ticket(money=1)}, "subclass of SlippageModel"),
        ({"commission": Slippage()}, "expected Commission, or an instance of your own subclass of CommissionModel"),
        ({"commission": {"rate": 2}}, "^commission = {'rate': 2}: rate = 2: input should be less than 1$"),
        ({"sizing": {}}, "sizing = {}: expected TargetWeight, .* Kelly, or an instance .* PositionSizer"),
        ({"sizing": {"kind": "all_in"}}, "expected TargetWeight"),
        ({"sizing": {"kind": "kelly", "fraction": 3}}, "fraction = 3: input should be less than or equal to 1"),
        ({"slippage": {"kind": "custom"}}, "stored with class=None; expected 'module:QualifiedName'"),
        ({"slippage": {"kind": "custom", "class": "Wide"}}, "class='Wide'; expected 'module:QualifiedName'"),
        ({"slippage": {"kind": "custom", "class": "no_such:A"}}, "'no_such:A' can't be loaded: No module named 'no_s"),
        ({"slippage": {"kind": "custom", "class": f"{__name__}:Gone"}}, "Gone' can't be loaded: .*no attribute 'Gone'"),
        ({"slippage": {"kind": "custom", "class": "os:system"}}, "'os:system' is no subclass of SlippageModel"),
        ({"slippage": {"kind": "custom", "class": f"{__name__}:Ticket"}}, "is no subclass of SlippageModel"),
        ({"slippage": {"kind": "custom", "class": f"{__name__}:Wide", "ask": "x"}}, "ask = 'x': input should be a"),
    ],
)
def test_what_is_no_model_is_refused_with_what_would_be(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        BacktestConfig(**fields)
    assert "\n" not in str(caught.value)


def test_a_model_of_a_function_can_be_used_and_not_loaded_again() -> None:
    class Local(Ticket):
        """Python has no name for it."""

    config = BacktestConfig(commission=Local(money=2))
    with pytest.raises(ConfigError, match=r"Local' can't be loaded: .*put it into a module that Python can import"):
        BacktestConfig(**config.model_dump())


def test_a_stored_model_is_loaded_from_a_module_that_was_not_imported_yet(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_costs.py").write_text(
        "import hindcast as hc\n"
        "class Flat(hc.CommissionModel):\n"
        "    money: float\n"
        "    def commission(self, quantity: float, notional: float) -> float:\n"
        "        return self.money\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_costs", raising=False)
    loaded = BacktestConfig(commission={"kind": "custom", "class": "my_costs:Flat", "money": 3}).commission
    assert isinstance(sys.modules.pop("my_costs"), types.ModuleType)
    assert isinstance(loaded, CommissionModel)
    assert loaded.commission(1, 100) == 3


def test_a_sizer_says_what_it_counts_in() -> None:
    def size(self: PositionSizer, request: SizeRequest) -> float:
        return 1.0

    for unit in ({}, {"unit": "money"}):
        with pytest.raises(ConfigError, match=r"Sizer.unit is .*; expected unit = 'cash' or unit = 'quantity'"):
            type("Sizer", (PositionSizer,), {"size": size, "__module__": __name__, **unit})


def test_a_base_of_sizers_may_leave_the_unit_to_its_subclasses() -> None:
    class Base(PositionSizer):
        """Abstract still."""

        share: float = 0.5

    class Whole(Base):
        unit = "quantity"

        def size(self, request: SizeRequest) -> float:
            return self.share * request.equity / request.last_close

    request = SizeRequest(
        symbol="A", side=1, strength=1.0, equity=1000.0, symbols=1, last_close=10.0, entry=10.0, closes=(9.0, 10.0)
    )
    assert Whole(share=1.0).size(request) == 100.0


def test_a_model_cannot_have_a_field_that_its_stored_form_needs() -> None:
    with pytest.raises(ConfigError, match="Bad has a field 'kind', which tells models apart: call it something else"):
        type("Bad", (SlippageModel,), {"__annotations__": {"kind": str}, "kind": "x", "__module__": __name__})


@pytest.mark.parametrize("base", [SlippageModel, CommissionModel, PositionSizer])
def test_a_model_that_answers_nothing_cannot_be_built(base: type[CheckedRecord]) -> None:
    with pytest.raises(TypeError, match="abstract"):
        base()


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_the_configuration_names_every_choice(mode: Any) -> None:
    schema = BacktestConfig.model_json_schema(mode=mode)
    json.dumps(schema, allow_nan=False)
    names = {
        field: {choice.get("$ref", choice.get("title")).rpartition("/")[2] for choice in properties["oneOf"]}
        for field, properties in schema["properties"].items()
        if "oneOf" in properties
    }
    assert names == {
        "commission": {"Commission", "CommissionModel"},
        "slippage": {
            "Slippage",
            "HalfSpreadSlippage",
            "VolumeShareSlippage",
            "SquareRootSlippage",
            "SlippageModel",
        },
        "sizing": {
            "TargetWeight",
            "FixedQuantity",
            "FixedCash",
            "VolatilityTarget",
            "RiskPerTrade",
            "Kelly",
            "PositionSizer",
        },
    }


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: HalfSpreadSlippage(-1), "amount = -1"),
        (HalfSpreadSlippage, "HalfSpreadSlippage needs the field 'amount'"),
        (lambda: VolumeShareSlippage(1), "k = 1: input should be less than 1"),
        (lambda: SquareRootSlippage(-0.1), "k = -0.1"),
        (lambda: SquareRootSlippage(math.nan), "k = nan"),
        (VolatilityTarget, "VolatilityTarget needs the field 'target'"),
        (lambda: VolatilityTarget(0), "target = 0"),
        (lambda: VolatilityTarget(0.1, window=1), "window = 1"),
        (lambda: VolatilityTarget(0.1, periods_per_year=0), "periods_per_year = 0"),
        (RiskPerTrade, "RiskPerTrade needs the field 'fraction'"),
        (lambda: RiskPerTrade(0), "fraction = 0"),
        (lambda: Kelly(0), "fraction = 0"),
        (lambda: Kelly(window=1), "window = 1"),
    ],
)
def test_numbers_that_cost_or_size_nothing_sensible_are_refused(make: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        make()


def test_defaults_are_those_of_the_rules() -> None:
    assert VolatilityTarget(0.1).model_dump() == {
        "kind": "volatility_target",
        "target": 0.1,
        "window": 20,
        "periods_per_year": 252.0,
    }
    assert Kelly().model_dump() == {"kind": "kelly", "fraction": 0.5, "window": 252}
    assert BacktestConfig().commission == Commission()
