from __future__ import annotations

import pytest

from hindcast.domain.errors import ParameterError, StrategyError, UnknownStrategyError
from hindcast.strategies.builtin import BUILTIN_STRATEGIES
from hindcast.strategies.builtin.sma_crossover import SmaCrossover
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.protocol import BaseStrategy, TradingStrategy


@pytest.fixture(autouse=True)
def clean_registry():
    before = StrategyFactory.registered()
    yield
    for name in StrategyFactory.registered().keys() - before.keys():
        StrategyFactory.remove(name)


class Sleeper(BaseStrategy):
    """Does nothing."""

    def generate_signals(self, data):
        return []


def test_the_built_in_types_are_there_from_the_start():
    assert set(BUILTIN_STRATEGIES) <= set(StrategyFactory.types())
    assert StrategyFactory.types() == tuple(sorted(StrategyFactory.types()))


@pytest.mark.parametrize("strategy_type", BUILTIN_STRATEGIES)
def test_a_built_in_type_makes_a_strategy_of_that_name(strategy_type):
    strategy = StrategyFactory.create(strategy_type)
    assert strategy_type == strategy.STRATEGY_TYPE
    assert isinstance(strategy, TradingStrategy)
    assert strategy.__doc__


def test_parameters_are_set_and_the_others_keep_their_defaults():
    strategy = StrategyFactory.create("sma_crossover", {"long_window": 50})
    assert strategy.parameters == {"short_window": 10, "long_window": 50}
    assert repr(strategy) == "SmaCrossover(short_window=10, long_window=50)"


def test_an_unknown_type_is_told_with_the_nearest_name():
    with pytest.raises(UnknownStrategyError, match="'sma_crosover'. Did you mean 'sma_crossover'?"):
        StrategyFactory.create("sma_crosover")


def test_a_type_like_no_other_is_told_with_all_names():
    with pytest.raises(UnknownStrategyError, match="Known: .*buy_and_hold, .*momentum"):
        StrategyFactory.create("zzz")


def test_an_unknown_parameter_is_told_with_the_nearest_name():
    with pytest.raises(ParameterError, match=r"sma_crossover has no parameter 'shrt_window'. Did you mean 'short_win"):
        StrategyFactory.create("sma_crossover", {"shrt_window": 5})


def test_a_parameter_out_of_bounds_is_told_with_its_value():
    with pytest.raises(ParameterError, match="short_window = 0: input should be greater than or equal to 1"):
        StrategyFactory.create("sma_crossover", {"short_window": 0})


def test_a_registered_class_is_made_by_its_name_and_carries_it():
    registered = StrategyFactory.register("sleeper")(Sleeper)
    assert registered is Sleeper
    assert Sleeper.STRATEGY_TYPE == "sleeper"
    assert isinstance(StrategyFactory.create("sleeper"), Sleeper)


def test_registering_the_same_class_twice_is_no_conflict():
    StrategyFactory.add("sleeper", Sleeper)
    StrategyFactory.add("sleeper", Sleeper)
    assert "sleeper" in StrategyFactory.types()


def test_another_class_of_the_same_name_is_refused_with_both_places():
    StrategyFactory.add("sleeper", Sleeper)

    class Other(Sleeper):
        """Another one."""

    with pytest.raises(
        StrategyError, match=r"'sleeper' of .*Other \(.*\) is already taken by Sleeper \(.*test_factory"
    ):
        StrategyFactory.add("sleeper", Other)


def test_a_built_in_name_can_not_be_taken():
    with pytest.raises(StrategyError, match="already taken by SmaCrossover"):
        StrategyFactory.add("sma_crossover", Sleeper)
    StrategyFactory.add("sma_crossover", SmaCrossover)


def test_an_empty_name_is_refused():
    with pytest.raises(StrategyError, match="expected a name"):
        StrategyFactory.add(" ", Sleeper)


def test_a_description_holds_schema_defaults_and_documentation():
    found = StrategyFactory.describe("sma_crossover")
    assert found.strategy_type == "sma_crossover"
    assert found.summary.startswith("BUY when the short simple moving average")
    assert found.defaults == {"short_window": 10, "long_window": 30}
    short = found.parameters_schema["properties"]["short_window"]
    assert (short["type"], short["minimum"], short["default"]) == ("integer", 1, 10)
    assert short["description"]
    assert found.parameters_schema["additionalProperties"] is False


def test_a_type_without_parameters_says_so():
    found = StrategyFactory.describe("buy_and_hold")
    assert found.defaults == {}
    assert found.parameters_schema == {"type": "object", "properties": {}, "additionalProperties": False}
