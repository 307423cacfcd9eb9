"""Documents as JSON files, one a document: backtests and strategies that survive the process."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import ValidationError

from hindcast.domain.backtest import Backtest, BacktestResult
from hindcast.domain.errors import CorruptDataError, HindcastError, NotFoundError, StorageError
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.files.atomic import staged

Document = TypeVar("Document", Backtest, BacktestResult, Strategy)

SCHEMA_VERSION: Final = 1
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}")


class DocumentFolder(Generic[Document]):
    """A folder of documents of one kind."""

    def __init__(self, folder: Path, model: type[Document]) -> None:
        self._folder = folder
        self._model = model

    def write(self, document_id: str, document: Document) -> None:
        """Put a document in the place of the one of this id, in one step."""
        with staged(self._path(document_id)) as stage:
            stage.write_text(document.model_dump_json(indent=2), encoding="utf-8")

    def read(self, document_id: str) -> Document:
        """The document of this id. Raises NotFoundError, CorruptDataError."""
        path = self._path(document_id)
        try:
            return self._parse(path)
        except FileNotFoundError:
            raise NotFoundError(f"no {self._model.__name__} has the id {document_id!r}") from None

    def ids(self) -> list[str]:
        """The ids of all documents, sorted."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def all(self) -> list[Document]:
        """All documents, by id."""
        return [self.read(document_id) for document_id in self.ids()]

    def _path(self, document_id: str) -> Path:
        if not _ID.fullmatch(document_id):
            raise NotFoundError(f"{document_id!r} is no id: expected letters, digits, '-', '_' or '.'")
        return self._folder / f"{document_id}.json"

    def _parse(self, path: Path) -> Document:
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"can't read {path}: {error}") from error
        try:
            document = self._model.model_validate_json(text)
        except (ValidationError, HindcastError) as error:
            raise CorruptDataError(f"{path} is no {self._model.__name__}: {error}") from error
        if document.schema_version > SCHEMA_VERSION:
            raise CorruptDataError(
                f"{path} has schema version {document.schema_version}; this Hindcast reads up to {SCHEMA_VERSION}: "
                "use a newer Hindcast"
            )
        return document


class FileBacktestRepository:
    """Backtests in a folder."""

    def __init__(self, folder: Path) -> None:
        self._documents = DocumentFolder(folder, Backtest)

    def save(self, backtest: Backtest) -> None:
        """Keep a backtest, in the place of the one of its id."""
        self._documents.write(backtest.id, backtest)

    def get(self, backtest_id: str) -> Backtest:
        """The backtest of this id. Raises NotFoundError."""
        return self._documents.read(backtest_id)

    def list(self) -> tuple[Backtest, ...]:
        """All backtests, by id."""
        return tuple(self._documents.all())


class FileStrategyRepository:
    """Strategies in a folder."""

    def __init__(self, folder: Path) -> None:
        self._documents = DocumentFolder(folder, Strategy)

    def save(self, strategy: Strategy) -> None:
        """Keep a strategy, in the place of the one of its id."""
        self._documents.write(strategy.id, strategy)

    def get(self, strategy_id: str) -> Strategy:
        """The strategy of this id. Raises NotFoundError."""
        return self._documents.read(strategy_id)

    def list(self) -> tuple[Strategy, ...]:
        """All strategies, by id."""
        return tuple(self._documents.all())
