from __future__ import annotations

import pytest
from pydantic import Field

from hindcast.domain.errors import ParameterError, StrategyError
from hindcast.engine.context import Context
from hindcast.strategies.configs import StrategyConfig
from hindcast.strategies.construction import build, parameters_of
from hindcast.strategies.description import describe_class
from hindcast.strategies.events import EventStrategy, can_trade, is_event_strategy
from hindcast.strategies.factory import StrategyFactory
from hindcast.strategies.long_frame import wants_long_frame
from hindcast.strategies.plugin_loader import StrategyPluginLoader
from hindcast.strategies.protocol import BaseStrategy


class Dips(EventStrategy):
    """Buy what has fallen.

    And nothing else.
    """

    STRATEGY_TYPE = "dips"

    class Config(StrategyConfig):
        """How far."""

        fall: float = Field(0.1, gt=0)

    def on_bar(self, context: Context) -> None:
        """Nothing, here."""


class Plain:
    """An event-driven strategy without a base class."""

    def on_bar(self, context: Context) -> None:
        """Nothing, here."""


class Both(BaseStrategy):
    """A vectorised strategy that happens to have a method of that name."""

    def generate_signals(self, data: object) -> list[object]:
        return []

    def on_bar(self, context: Context) -> None:
        """Nothing, here."""


def test_parameters_are_declared_and_checked_as_in_any_strategy() -> None:
    strategy = build(Dips, {"fall": 0.2})
    assert strategy.config.fall == 0.2
    assert parameters_of(strategy) == {"fall": 0.2}
    assert repr(strategy) == "Dips(fall=0.2)"
    with pytest.raises(ParameterError, match="Did you mean 'fall'?"):
        build(Dips, {"fal": 0.2})
    with pytest.raises(ParameterError, match="fall"):
        Dips(fall=-1)


def test_without_on_bar_it_is_abstract() -> None:
    class Unfinished(EventStrategy):
        pass

    with pytest.raises(StrategyError, match="Unfinished is abstract: implement on_bar"):
        build(Unfinished)


def test_a_strategy_that_declares_no_parameters_takes_none() -> None:
    class Bare(EventStrategy):
        def calculate_indicators(self, data):
            return {"close": data["close"]}

        def on_bar(self, context: Context) -> None:
            """Nothing, here."""

    with pytest.raises(ParameterError, match="has no parameter 'window'. It takes none."):
        build(Bare, {"window": 3})
    assert not wants_long_frame(Bare)


def test_it_is_told_apart_from_vectorised_strategies() -> None:
    assert [is_event_strategy(each) for each in (Dips, Plain, Both, object)] == [True, True, False, False]
    assert [can_trade(each) for each in (Dips, Plain, Both, object)] == [True, True, True, False]


def test_its_warm_up_is_measured_unless_it_is_declared() -> None:
    assert Dips().warm_up is None


def test_it_is_described_like_any_strategy() -> None:
    described = describe_class(Dips)
    assert (described.strategy_type, described.summary, described.defaults) == (
        "dips",
        "Buy what has fallen.",
        {"fall": 0.1},
    )


def test_it_can_be_registered_and_created_by_type() -> None:
    StrategyFactory.register("dips")(Dips)
    try:
        assert isinstance(StrategyFactory.create("dips", {"fall": 0.3}), Dips)
    finally:
        StrategyFactory.remove("dips")


def test_a_plugin_may_be_event_driven(tmp_path) -> None:
    (tmp_path / "buyer.py").write_text(
        '"""A plugin."""\n'
        "from hindcast import EventStrategy\n\n\n"
        "class Buyer(EventStrategy):\n"
        '    STRATEGY_TYPE = "buyer"\n\n'
        "    def on_bar(self, context):\n"
        "        if context.index == 0:\n"
        "            context.buy(context.symbols[0], 1)\n",
        encoding="utf-8",
    )
    loader = StrategyPluginLoader(tmp_path, entry_points=False)
    try:
        assert list(loader.load_all()) == ["buyer"]
        assert not loader.broken_plugins
    finally:
        loader.unload()
