from __future__ import annotations

from itertools import count

import numpy as np
import pytest
from tests.contracts.records import a_strategy

from hindcast.domain.errors import NotFoundError, ParameterError, UnknownStrategyError
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import StrategyRepository
from hindcast.services.strategy.manager import StrategyManager
from hindcast.strategies.builtin.sma_crossover import SmaCrossover


@pytest.fixture
def kept() -> StrategyRepository:
    return StrategyRepository(MemoryDocumentStore())


@pytest.fixture
def manager(kept: StrategyRepository) -> StrategyManager:
    ids = count(1)
    return StrategyManager(kept, new_id=lambda: f"s{next(ids)}")


def test_a_created_strategy_is_kept_and_named_after_its_type(manager: StrategyManager) -> None:
    made = manager.create("sma_crossover", {"short_window": 5, "long_window": 9})
    assert (made.id, made.name, made.parameters) == ("s1", "sma_crossover", {"short_window": 5, "long_window": 9})
    assert manager.get("s1") == made
    assert manager.create("sma_crossover", name="Mine", description="why").name == "Mine"


def test_a_prepared_strategy_is_checked_and_not_kept(manager: StrategyManager, kept: StrategyRepository) -> None:
    made = manager.prepare("buy_and_hold")
    assert kept.list() == ()
    manager.save(made)
    assert kept.list() == (made,)


def test_an_instance_has_the_kept_parameters_and_is_fresh_each_time(manager: StrategyManager) -> None:
    made = manager.create("sma_crossover", {"short_window": 5, "long_window": 9})
    first, second = manager.get_instance(made.id), manager.get_instance(made.id)
    assert isinstance(first, SmaCrossover)
    assert first is not second
    assert first.parameters["short_window"] == 5


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [(np.int64(5), 5), (np.float64(5.0), 5.0), (np.int8(5), 5), (5.0, 5.0), (np.array(5), 5)],
)
def test_numpys_numbers_are_kept_as_pythons(manager: StrategyManager, given: object, kept_as: object) -> None:
    made = manager.create("sma_crossover", {"short_window": given})
    assert made.parameters == {"short_window": kept_as}
    assert type(made.parameters["short_window"]) is type(kept_as)
    assert manager.get_instance(made.id).parameters["short_window"] == 5


@pytest.mark.parametrize("value", [np.nan, float("inf"), np.float32("nan"), {1, 2}, object(), b"x", 1j])
def test_what_cannot_be_kept_is_refused_by_name(
    manager: StrategyManager, kept: StrategyRepository, value: object
) -> None:
    with pytest.raises(ParameterError, match="parameter 'short_window' = .* can't be kept") as caught:
        manager.create("sma_crossover", {"short_window": value})
    assert "\n" not in str(caught.value)
    assert kept.list() == ()


@pytest.mark.parametrize(
    ("strategy_type", "parameters", "error", "said"),
    [
        ("sma_crosover", {}, UnknownStrategyError, "Did you mean 'sma_crossover'?"),
        ("sma_crossover", {"short_windw": 3}, ParameterError, "Did you mean 'short_window'?"),
        ("sma_crossover", {"short_window": 30, "long_window": 10}, ParameterError, "30 .*10"),
        ("sma_crossover", {"short_window": 0}, ParameterError, "short_window = 0"),
        ("sma_crossover", {"short_window": (1, 2)}, ParameterError, "short_window = "),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_kept(
    manager: StrategyManager,
    kept: StrategyRepository,
    strategy_type: str,
    parameters: dict[str, object],
    error: type[Exception],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        manager.create(strategy_type, parameters)
    assert kept.list() == ()


def test_a_kept_strategy_whose_parameters_no_longer_fit_is_refused_when_built(
    manager: StrategyManager, kept: StrategyRepository
) -> None:
    kept.save(a_strategy("old", parameters={"gone": 1}))
    with pytest.raises(ParameterError, match="no parameter 'gone'"):
        manager.get_instance("old")


def test_an_unknown_id_is_told(manager: StrategyManager) -> None:
    with pytest.raises(NotFoundError, match="'s9'"):
        manager.get_instance("s9")
