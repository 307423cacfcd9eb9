from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hindcast.domain.errors import ConflictError, HindcastError, InputError, NotFoundError
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.strategy.service import StrategyService

START = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


class Clock:
    """Each look is a second later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def service() -> StrategyService:
    return StrategyService(MemoryDocumentStore(), clock=Clock())


def a_strategy(strategy_id: str = "s1", **fields: Any) -> Strategy:
    return Strategy(**{"id": strategy_id, "owner": "ann", "name": "Mine", "strategy_type": "momentum", **fields})


def test_a_created_strategy_is_stamped_and_read_back(service: StrategyService) -> None:
    made = service.create(a_strategy())
    assert (made.revision, made.created_at, made.updated_at) == (1, START + timedelta(seconds=1), made.created_at)
    assert service.get("s1", owner="ann") == made


def test_an_id_that_is_taken_is_a_conflict(service: StrategyService) -> None:
    service.create(a_strategy())
    with pytest.raises(ConflictError, match="'s1' already"):
        service.create(a_strategy(name="Another"))
    assert service.get("s1", owner="ann").name == "Mine"


def _update(service: StrategyService, strategy_id: str, owner: str, revision: int | None = None) -> None:
    service.update(strategy_id, owner=owner, changes={"name": "Taken"}, revision=revision)


def _delete(service: StrategyService, strategy_id: str, owner: str, revision: int | None = None) -> None:
    service.delete(strategy_id, owner=owner, revision=revision)


def _get(service: StrategyService, strategy_id: str, owner: str, revision: int | None = None) -> None:
    service.get(strategy_id, owner=owner)


@pytest.mark.parametrize("act", [_get, _update, _delete])
def test_what_belongs_to_another_is_told_in_the_words_of_what_is_not_there(
    service: StrategyService, act: Callable[..., None]
) -> None:
    service.create(a_strategy("mine"))
    with pytest.raises(NotFoundError) as anothers:
        act(service, "mine", "bob")
    with pytest.raises(NotFoundError) as nobodys:
        act(service, "none", "bob")
    assert str(anothers.value) == str(nobodys.value).replace("none", "mine")
    assert service.get("mine", owner="ann").name == "Mine"


def test_a_change_counts_and_keeps_what_is_not_named(service: StrategyService) -> None:
    made = service.create(a_strategy(description="why", parameters={"lookback": 20}))
    changed = service.update("s1", owner="ann", changes={"name": "Better"}, revision=1)
    assert (changed.name, changed.description, changed.parameters) == ("Better", "why", {"lookback": 20})
    assert (changed.revision, changed.created_at) == (2, made.created_at)
    assert changed.updated_at is not None
    assert made.updated_at is not None
    assert changed.updated_at > made.updated_at
    assert service.get("s1", owner="ann") == changed


def test_what_changes_nothing_counts_as_nothing(service: StrategyService) -> None:
    made = service.create(a_strategy(parameters={"lookback": 20}))
    assert service.update("s1", owner="ann", changes={"name": "Mine", "parameters": {"lookback": 20}}) == made


def test_one_and_true_are_not_the_same_value(service: StrategyService) -> None:
    service.create(a_strategy(parameters={"flag": 1}))
    assert service.update("s1", owner="ann", changes={"parameters": {"flag": True}}).revision == 2
    assert service.get("s1", owner="ann").parameters["flag"] is True


@pytest.mark.parametrize("act", [_update, _delete])
def test_a_stale_revision_is_refused_with_the_one_of_now(service: StrategyService, act: Callable[..., None]) -> None:
    service.create(a_strategy())
    service.update("s1", owner="ann", changes={"name": "Second"})
    with pytest.raises(ConflictError, match="revision 2 now, not 1"):
        act(service, "s1", "ann", revision=1)
    assert service.get("s1", owner="ann").name == "Second"


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"owner": "bob"}, InputError), ({"id": "x"}, InputError), ({"name": ""}, HindcastError)],
)
def test_what_cannot_be_changed_is_refused(
    service: StrategyService, changes: dict[str, object], error: type[Exception]
) -> None:
    made = service.create(a_strategy())
    with pytest.raises(error):
        service.update("s1", owner="ann", changes=changes)
    assert service.get("s1", owner="ann") == made


def test_a_deleted_strategy_is_gone(service: StrategyService) -> None:
    service.create(a_strategy())
    service.delete("s1", owner="ann", revision=1)
    with pytest.raises(NotFoundError):
        service.get("s1", owner="ann")


def test_pages_hold_the_owners_strategies_newest_first_each_once(service: StrategyService) -> None:
    for number in range(7):
        service.create(a_strategy(f"s{number}", strategy_type="momentum" if number % 2 else "buy_and_hold"))
        service.create(a_strategy(f"b{number}", owner="bob"))
    seen, cursor = [], None
    while True:
        page = service.page(owner="ann", cursor=cursor, limit=3)
        seen += [each.id for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"s{number}" for number in reversed(range(7))]
    assert [each.id for each in service.page(owner="ann", strategy_type="momentum").items] == ["s5", "s3", "s1"]


def test_two_changes_of_the_same_revision_give_one_winner(service: StrategyService) -> None:
    service.create(a_strategy())
    first = service.update("s1", owner="ann", changes={"parameters": {"a": 1}}, revision=1)
    with pytest.raises(ConflictError):
        service.update("s1", owner="ann", changes={"parameters": {"a": 2}}, revision=1)
    assert service.get("s1", owner="ann") == first
