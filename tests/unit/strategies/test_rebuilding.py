from __future__ import annotations

from typing import Any

import pytest

import hindcast as hc
from hindcast.strategies.rebuilding import rebuild


class Declared(hc.BaseStrategy):
    class Config(hc.StrategyConfig):
        window: int = 20

    def generate_signals(self, data):
        return hc.Signals.hold(data.shape)


class ByName(hc.BaseStrategy):
    """Takes its parameters one by one, and passes them on."""

    def __init__(self, window: int = 20) -> None:
        super().__init__(window=window)

    def generate_signals(self, data):
        return hc.Signals.hold(data.shape)


class Plain:
    """No base class, no parameters property: attributes alone."""

    def __init__(self, window=20, *, words=("a",)):
        self.window = window
        self.words = words

    def initialize(self, data):
        self.seen = data

    def calculate_indicators(self, data):
        return {}

    def generate_signals(self, data):
        return []

    def validate_parameters(self):
        return True


class Mapped(Plain):
    def __init__(self, parameters=None):
        super().__init__()
        self.parameters = dict(parameters or {})


class Secretive(Plain):
    def __init__(self, window=20):
        super().__init__()
        self._kept = window
        del self.window


class Doubling(Plain):
    def __init__(self, window=20):
        super().__init__(window * 2)


class Changing(Plain):
    def __init__(self, parameters=None):
        super().__init__()
        self.parameters = {"window": dict(parameters or {}).get("window", 1) + 1}


class Refusing(Plain):
    def validate_parameters(self):
        return self.window == 20


@pytest.mark.parametrize(
    "built",
    [
        Declared(window=5),
        Declared(),
        ByName(5),
        Plain(5, words=("b", "c")),
        Plain(),
        Mapped({"window": 5, "more": [1]}),
    ],
)
def test_a_fresh_instance_has_the_class_and_the_parameters_and_is_another_one(built: Any) -> None:
    built.initialize("the bars of the run before")
    fresh = rebuild(built)
    assert fresh is not built
    assert type(fresh) is type(built)
    assert not hasattr(fresh, "seen")
    for name in ("config", "parameters", "window", "words"):
        assert getattr(fresh, name, None) == getattr(built, name, None)


def test_what_the_constructor_took_and_nothing_tells_can_not_be_known() -> None:
    with pytest.raises(
        hc.StrategyError, match="does not tell the 'window' that it was built with: keep it as self.win"
    ):
        rebuild(Secretive(5))


@pytest.mark.parametrize("built", [Doubling(5), Changing({"window": 5})])
def test_a_class_that_comes_out_as_another_one_is_found_out(built: Any) -> None:
    with pytest.raises(hc.StrategyError, match="it is another one .* hand in the class"):
        rebuild(built)


def test_a_class_that_refuses_what_it_tells_says_so() -> None:
    with pytest.raises(hc.StrategyError, match=r"can't be built again with \{'window': 5, .*refuses its parameters"):
        rebuild(Refusing(5))
