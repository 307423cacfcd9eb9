"""The repositories: strategies, backtests and the rest, over whichever document store the settings name."""

from __future__ import annotations

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.strategy import Strategy
from hindcast.domain.users import ApiKey, IdempotencyKey, LoginSession, User
from hindcast.services.documents.collection import Collection
from hindcast.services.documents.kinds import (
    API_KEYS,
    BACKTESTS,
    IDEMPOTENCY_KEYS,
    RESULTS,
    SESSIONS,
    STRATEGIES,
    USERS,
)
from hindcast.services.documents.owned import OwnedCollection
from hindcast.services.ports import DocumentStore


class StrategyRepository(OwnedCollection[Strategy]):
    """Strategies by id."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, STRATEGIES)

    def list(self) -> tuple[Strategy, ...]:
        """All strategies, newest first."""
        return tuple(self.all())


class BacktestRepository(OwnedCollection[Backtest]):
    """Backtests by id."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, BACKTESTS)

    def list(self) -> tuple[Backtest, ...]:
        """All backtests, newest first."""
        return tuple(self.all())


class ResultRepository(Collection[BacktestResult]):
    """Summaries of results by the id of their document; whether one counts, its backtest says."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, RESULTS)


class UserRepository(Collection[User]):
    """Users by id, which is their name in lower case."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, USERS)


class SessionRepository(Collection[LoginSession]):
    """Sessions by the hash of their cookie."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, SESSIONS)


class ApiKeyRepository(Collection[ApiKey]):
    """API keys by id."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, API_KEYS)


class IdempotencyKeyRepository(Collection[IdempotencyKey]):
    """Idempotency keys by the hash of owner and key."""

    def __init__(self, store: DocumentStore) -> None:
        super().__init__(store, IDEMPOTENCY_KEYS)
