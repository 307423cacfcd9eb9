"""The kinds of documents that are kept: which record, which values it is found by, which questions are quick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.records import CheckedRecord
from hindcast.domain.strategy import Strategy
from hindcast.domain.users import ApiKey, IdempotencyKey, LoginSession, User
from hindcast.services.ports import IndexValue

Record = TypeVar("Record", bound=CheckedRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Record]):
    """One kind of document. A store makes a table or collection of it, with a column for each index field."""

    name: str
    record: type[Record]
    id_of: Callable[[Record], str]
    index_of: Callable[[Record], Mapping[str, IndexValue]]
    texts: tuple[str, ...]  # index fields that hold text
    numbers: tuple[str, ...]  # index fields that hold whole numbers, or nothing
    indexes: tuple[tuple[str, ...], ...]  # what is asked for together, the order last; the id is appended by the store

    @property
    def fields(self) -> tuple[str, ...]:
        """All index fields."""
        return (*self.texts, *self.numbers)


def milliseconds(moment: datetime | None) -> int:
    """Epoch milliseconds of a moment; 0 where there is none."""
    return 0 if moment is None else int(moment.timestamp() * 1000)


STRATEGIES: Final = Kind(
    name="strategies",
    record=Strategy,
    id_of=lambda each: each.id,
    index_of=lambda each: {
        "owner": each.owner,
        "strategy_type": each.strategy_type,
        "created_ms": milliseconds(each.created_at),
    },
    texts=("owner", "strategy_type"),
    numbers=("created_ms",),
    indexes=(("owner", "created_ms"), ("owner", "strategy_type", "created_ms")),
)
BACKTESTS: Final = Kind(
    name="backtests",
    record=Backtest,
    id_of=lambda each: each.id,
    index_of=lambda each: {
        "owner": each.owner,
        "status": str(each.status),
        "strategy_id": each.strategy_id,
        "created_ms": milliseconds(each.created_at),
        "queued_ms": each.job.queued_ms,
        "lease_ms": each.job.lease_ms,
    },
    texts=("owner", "status", "strategy_id"),
    numbers=("created_ms", "queued_ms", "lease_ms"),
    indexes=(
        ("owner", "created_ms"),
        ("owner", "status", "created_ms"),
        ("owner", "strategy_id", "created_ms"),
        ("status", "queued_ms"),
        ("status", "lease_ms"),
    ),
)
RESULTS: Final = Kind(
    name="results",
    record=BacktestResult,
    id_of=lambda each: each.id or each.backtest_id,
    index_of=lambda each: {
        "owner": each.owner,
        "backtest_id": each.backtest_id,
        "manifest_id": each.manifest.id,
        "created_ms": milliseconds(each.created_at),
    },
    texts=("owner", "backtest_id", "manifest_id"),
    numbers=("created_ms",),
    indexes=(("owner", "created_ms"), ("backtest_id", "created_ms"), ("manifest_id", "created_ms"), ("created_ms",)),
)
USERS: Final = Kind(
    name="users",
    record=User,
    id_of=lambda each: each.id,
    index_of=lambda each: {"role": str(each.role), "created_ms": milliseconds(each.created_at)},
    texts=("role",),
    numbers=("created_ms",),
    indexes=(("created_ms",), ("role", "created_ms")),
)
SESSIONS: Final = Kind(
    name="sessions",
    record=LoginSession,
    id_of=lambda each: each.id,
    index_of=lambda each: {"user_id": each.user_id, "expires_ms": each.expires_ms},
    texts=("user_id",),
    numbers=("expires_ms",),
    indexes=(("user_id", "expires_ms"), ("expires_ms",)),
)
API_KEYS: Final = Kind(
    name="api_keys",
    record=ApiKey,
    id_of=lambda each: each.id,
    index_of=lambda each: {"user_id": each.user_id, "created_ms": milliseconds(each.created_at)},
    texts=("user_id",),
    numbers=("created_ms",),
    indexes=(("user_id", "created_ms"),),
)
IDEMPOTENCY_KEYS: Final = Kind(
    name="idempotency_keys",
    record=IdempotencyKey,
    id_of=lambda each: each.id,
    index_of=lambda each: {"owner": each.owner, "created_ms": each.created_ms},
    texts=("owner",),
    numbers=("created_ms",),
    indexes=(("created_ms",),),
)
KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.name: kind for kind in (STRATEGIES, BACKTESTS, RESULTS, USERS, SESSIONS, API_KEYS, IDEMPOTENCY_KEYS)
}
