from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from hindcast.domain.errors import ParameterError, StrategyError
from hindcast.strategies.configs import StrategyConfig
from hindcast.strategies.construction import build, check_parameters
from hindcast.strategies.description import describe_class
from hindcast.strategies.protocol import BaseStrategy


class TrendConfig(StrategyConfig):
    """Parameters outside the class."""

    window: int = 20


@dataclass
class PlainConfig:
    """A record that knows nothing of Hindcast."""

    window: int = 20


class TakesConfig:
    def __init__(self, config):
        self.window = config.window
        self.same = (config["window"], config.get("window"), config.parameters["window"], config.get("none", 7))

    def generate_signals(self, data):
        return []


class TakesAnnotatedConfig(TakesConfig):
    def __init__(self, config: TrendConfig | None = None):
        self.window = config.window if config else None


class TakesOwnRecord(TakesConfig):
    def __init__(self, config: PlainConfig):
        self.window = config.window


class TakesParameters(TakesConfig):
    def __init__(self, parameters):
        self.window = parameters["window"]


class TakesMapping(TakesConfig):
    def __init__(self, settings: Mapping[str, int]):
        self.window = settings["window"]


class TakesNames(TakesConfig):
    def __init__(self, window=20, name="x"):
        self.window = window


class TakesKeywords(TakesConfig):
    def __init__(self, **parameters):
        self.window = parameters["window"]


class ReadsByHand(BaseStrategy):
    """Extends the base class, declares nothing, and reads its config itself."""

    def __init__(self, config):
        super().__init__(config)
        self.window = self.config.parameters.get("window", 20)

    def generate_signals(self, data):
        return []


@pytest.mark.parametrize(
    "strategy_class",
    [
        TakesConfig,
        TakesAnnotatedConfig,
        TakesOwnRecord,
        TakesParameters,
        TakesMapping,
        TakesNames,
        TakesKeywords,
        ReadsByHand,
    ],
)
def test_parameters_reach_a_class_whichever_way_it_takes_them(strategy_class):
    assert build(strategy_class, {"window": 5}).window == 5


def test_an_open_config_reads_as_attribute_item_and_mapping():
    assert build(TakesConfig, {"window": 5}).same == (5, 5, 5, 7)


@pytest.mark.parametrize("strategy_class", [TakesAnnotatedConfig, TakesOwnRecord, TakesNames, ReadsByHand])
def test_defaults_hold_where_nothing_is_given(strategy_class):
    assert build(strategy_class).window == 20


@pytest.mark.parametrize("strategy_class", [TakesAnnotatedConfig, TakesNames])
def test_an_unknown_parameter_is_told_with_the_nearest_name(strategy_class):
    with pytest.raises(ParameterError, match=rf"{strategy_class.__name__} has no parameter 'windw'. Did you mean 'win"):
        build(strategy_class, {"windw": 5})


def test_a_record_of_the_strategys_own_refuses_what_it_does_not_know():
    with pytest.raises(ParameterError, match="windw"):
        build(TakesOwnRecord, {"windw": 5})


def test_a_class_without_a_constructor_takes_nothing():
    class Bare:
        def generate_signals(self, data):
            return []

    assert isinstance(build(Bare), Bare)
    with pytest.raises(ParameterError, match="Bare has no parameter 'window'. It takes none."):
        build(Bare, {"window": 5})


def test_a_constructor_that_raises_is_told_with_its_words():
    class Fails:
        def __init__(self):
            raise RuntimeError("no luck")

        def generate_signals(self, data):
            return []

    with pytest.raises(StrategyError, match=r"Fails can't be built with \{\}: RuntimeError: no luck"):
        build(Fails)


def test_what_is_no_strategy_class_is_refused():
    with pytest.raises(StrategyError, match="Empty has neither generate_signals\\(data\\) nor on_bar\\(context\\)"):
        build(type("Empty", (), {}))
    with pytest.raises(StrategyError, match="is no class"):
        build(TakesNames())  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(StrategyError, match="BaseStrategy is abstract: implement generate_signals"):
        build(BaseStrategy)


class Checked:
    answer: object = None

    def __init__(self, window=20):
        self.window = window

    def validate_parameters(self):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def generate_signals(self, data):
        return []


@pytest.mark.parametrize("answer", [None, True])
def test_a_check_that_passes_lets_the_strategy_be(answer):
    assert build(type("Fine", (Checked,), {"answer": answer})).window == 20


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (False, ParameterError, r"refuses its parameters \{'window': 3\}: validate_parameters\(\) returned False"),
        (ValueError("too short"), ParameterError, "refuses its parameters: too short"),
        (RuntimeError("oops"), StrategyError, "validate_parameters failed: RuntimeError: oops"),
    ],
)
def test_a_check_that_fails_is_told(answer, error, words):
    with pytest.raises(error, match=words):
        build(type("Refused", (Checked,), {"answer": answer}), {"window": 3})


def test_a_check_may_want_the_parameters():
    class Wants(Checked):
        def validate_parameters(self, parameters):  # type: ignore[override]  # as the original design has it
            return parameters["window"] > 5

    build(Wants, {"window": 6})
    with pytest.raises(ParameterError, match="returned False"):
        build(Wants, {"window": 5})


def test_an_instance_is_asked_with_its_own_parameters():
    class Wants(BaseStrategy):
        class Config(StrategyConfig):
            window: int = 3

        def validate_parameters(self, parameters):  # type: ignore[override]  # as the original design has it
            return parameters["window"] > 5

        def generate_signals(self, data):
            return []

    check_parameters(Wants(window=6))
    with pytest.raises(ParameterError):
        check_parameters(Wants())


def test_a_base_strategy_takes_a_mapping_a_config_or_names():
    class Plain(BaseStrategy):
        class Config(StrategyConfig):
            window: int = 3
            width: float = 1.0

        def generate_signals(self, data):
            return []

    config = Plain.Config(window=4)
    assert Plain(config).config is config
    assert Plain({"window": 4}).config == config
    assert Plain(window=4).config == config
    assert Plain(config, width=2.0).parameters == {"window": 4, "width": 2.0}
    with pytest.raises(ParameterError, match="config is a int; expected Config or a mapping"):
        Plain(3)  # type: ignore[arg-type]  # the mistake under test


def test_a_description_of_named_parameters_comes_from_the_signature():
    found = describe_class(TakesNames)
    assert found.strategy_type == "TakesNames"
    assert found.defaults == {"window": 20, "name": "x"}
    assert found.parameters_schema["properties"]["window"] == {"title": "window", "default": 20}
    assert describe_class(TakesKeywords).parameters_schema["additionalProperties"] is True
    assert describe_class(TakesAnnotatedConfig).defaults == {"window": 20}
