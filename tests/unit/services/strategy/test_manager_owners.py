"""StrategyManager for the service: owners, templates, changes, copies, checks."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from tests.unit.services.strategy.inline_children import InlineChildren
from tests.unit.services.strategy.plugins import write_plugin

from hindcast.domain.errors import (
    ConflictError,
    NotFoundError,
    ParameterError,
    StrategyError,
    UnknownStrategyError,
)
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.backtest.source_hash import strategy_hash
from hindcast.services.documents.repositories import StrategyRepository
from hindcast.services.strategy.catalogue import StrategyCatalogue
from hindcast.services.strategy.manager import StrategyManager
from hindcast.services.strategy.validation import StrategyValidator
from hindcast.strategies.factory import StrategyFactory


@pytest.fixture
def kept() -> StrategyRepository:
    return StrategyRepository(MemoryDocumentStore())


@pytest.fixture
def manager(kept: StrategyRepository, tmp_path: Path) -> StrategyManager:
    ids, children = count(1), InlineChildren()
    catalogue = StrategyCatalogue(children, tmp_path, code_hash=strategy_hash)
    validator = StrategyValidator(children, catalogue)
    return StrategyManager(
        kept, new_id=lambda: f"s{next(ids)}", catalogue=lambda: catalogue, validator=lambda: validator
    )


def test_a_strategy_made_from_a_template_is_its_owners(manager: StrategyManager) -> None:
    made = manager.create_from_template("sma_crossover", {"short_window": 5}, owner="ann", description="why")
    assert (made.id, made.owner, made.name, made.description) == ("s1", "ann", "sma_crossover", "why")
    assert made.created_at is not None
    assert manager.get("s1", owner="ann") == made
    with pytest.raises(NotFoundError):
        manager.get("s1", owner="bob")
    with pytest.raises(NotFoundError):
        manager.get_instance("s1", owner="bob")
    assert manager.get_instance("s1", owner="ann").parameters["short_window"] == 5


@pytest.mark.parametrize(
    ("strategy_type", "overrides", "error"),
    [("none", {}, UnknownStrategyError), ("momentum", {"lookbak": 3}, ParameterError)],
)
def test_what_a_template_refuses_is_not_kept(
    manager: StrategyManager,
    kept: StrategyRepository,
    strategy_type: str,
    overrides: dict[str, object],
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        manager.create_from_template(strategy_type, overrides)
    assert kept.list() == ()


def test_a_plugins_strategy_is_made_without_its_code_being_known_here(manager: StrategyManager, tmp_path: Path) -> None:
    write_plugin(tmp_path, "mine", config="window: int = Field(5, ge=2)")
    assert manager.create_from_template("mine", {"window": 4}).parameters == {"window": 4}
    with pytest.raises(ParameterError, match="window = 1"):
        manager.create_from_template("mine", {"window": 1})
    assert "mine" not in StrategyFactory.types()


def test_the_same_id_again_is_the_same_strategy(manager: StrategyManager, kept: StrategyRepository) -> None:
    first = manager.create_from_template("momentum", owner="ann", strategy_id="given")
    assert manager.create_from_template("momentum", owner="ann", strategy_id="given") == first
    assert kept.list() == (first,)
    with pytest.raises(ConflictError):
        manager.create_from_template("momentum", owner="bob", strategy_id="given")


def test_a_change_is_checked_with_what_stays(manager: StrategyManager) -> None:
    made = manager.create_from_template("sma_crossover", {"short_window": 5, "long_window": 20}, owner="ann")
    with pytest.raises(ParameterError, match="short_window"):
        manager.change(made.id, owner="ann", changes={"strategy_type": "momentum"})
    with pytest.raises(ParameterError):
        manager.change(made.id, owner="ann", changes={"parameters": {"short_window": 50, "long_window": 20}})
    assert manager.get(made.id) == made
    changed = manager.change(made.id, owner="ann", changes={"parameters": {"short_window": 9}}, revision=1)
    assert (changed.parameters, changed.revision) == ({"short_window": 9}, 2)


def test_a_change_of_what_changed_meanwhile_is_a_conflict(kept: StrategyRepository, tmp_path: Path) -> None:
    class Rival(StrategyCatalogue):
        """While the change is checked, another one comes first."""

        def check(self, strategy_type: str, parameters: object = None) -> None:
            kept.change("s1", lambda strategy: strategy.model_copy(update={"revision": strategy.revision + 1}))

    catalogue = Rival(InlineChildren(), tmp_path, code_hash=strategy_hash)
    manager = StrategyManager(kept, new_id=lambda: "s1", catalogue=lambda: catalogue)
    manager.create("momentum", owner="ann")
    with pytest.raises(ConflictError, match="revision 2 now"):
        manager.change("s1", owner="ann", changes={"parameters": {}})


def test_anothers_strategy_cannot_be_changed_or_copied(manager: StrategyManager) -> None:
    made = manager.create_from_template("momentum", owner="ann")
    with pytest.raises(NotFoundError):
        manager.change(made.id, owner="bob", changes={"name": "Taken"})
    with pytest.raises(NotFoundError):
        manager.clone(made.id, owner="bob")


def test_a_clone_lives_on_its_own(manager: StrategyManager) -> None:
    made = manager.create_from_template("momentum", {"lookback": 20}, name="Trend", description="why", owner="ann")
    copy = manager.clone(made.id, owner="ann")
    assert (copy.name, copy.parameters, copy.description) == ("Copy of Trend", {"lookback": 20}, "why")
    assert (copy.id, copy.revision) != (made.id, made.revision)
    manager.change(copy.id, owner="ann", changes={"name": "Twin"})
    assert manager.get(made.id) == made
    assert manager.clone(made.id, owner="ann", name="Third", new_id="third").name == "Third"
    assert manager.clone(made.id, owner="ann", name="Third", new_id="third").id == "third"


def test_a_validation_is_a_report_of_all_findings(manager: StrategyManager) -> None:
    assert manager.validate("momentum", {"lookback": 20}).valid
    report = manager.validate("momentum", {"lookback": 0, "thresold": 1})
    assert {finding.field for finding in report.findings} == {"parameters.lookback", "parameters.thresold"}


def test_a_manager_without_children_says_where_to_find_one(kept: StrategyRepository) -> None:
    manager = StrategyManager(kept)
    with pytest.raises(StrategyError, match=r"ServiceFactory\.strategies"):
        manager.validate("momentum")
    with pytest.raises(StrategyError, match=r"ServiceFactory\.strategies"):
        manager.create_from_template("momentum")
