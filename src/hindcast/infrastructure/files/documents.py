"""Documents as JSON files, one a document: backtests, strategies and summaries that survive the process.

A file is one JSON object on one line, `{"content_hash": …, "document": …}`: the hash is of the document's bytes as
they stand in the file, so that a changed digit is found before it is believed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final, Generic, TypeVar

from blake3 import blake3
from pydantic import ValidationError

from hindcast.domain.backtest import Backtest
from hindcast.domain.errors import CorruptDataError, HindcastError, InputError, NotFoundError, StorageError
from hindcast.domain.records import CheckedRecord, in_one_sentence
from hindcast.domain.strategy import Strategy
from hindcast.infrastructure.files.atomic import staged

Document = TypeVar("Document", bound=CheckedRecord)

SCHEMA_VERSION: Final = 3
_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,127}")
_ID_RULE: Final = "expected 1 to 128 letters, digits, '-', '_' or '.', the first a letter or digit"
_FILE = re.compile(rb'\{"content_hash":"([0-9a-f]{64})","document":(.*)\}\n', re.DOTALL)


class DocumentFolder(Generic[Document]):
    """A folder of documents of one kind."""

    def __init__(self, folder: Path, model: type[Document]) -> None:
        self._folder = folder
        self._model = model

    def write(self, document_id: str, document: Document) -> None:
        """Put a document in the place of the one of this id, in one step. Raises InputError, StorageError."""
        if not _ID.fullmatch(document_id):
            raise InputError(f"{document_id!r} can't be an id: {_ID_RULE}")
        body = document.model_dump_json().encode()
        with staged(self._path(document_id)) as stage:
            stage.write_bytes(b'{"content_hash":"%s","document":%s}\n' % (_hash(body), body))

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
            raise NotFoundError(f"{document_id!r} is no id: {_ID_RULE}")
        return self._folder / f"{document_id}.json"

    def _parse(self, path: Path) -> Document:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StorageError(f"can't read {path}: {error.strerror or error}") from error
        parts = _FILE.fullmatch(content)
        if parts is None or _hash(parts[2]) != parts[1]:
            raise CorruptDataError(f"{path} is not what was written: its content does not have the hash that it names")
        _check_version(path, parts[2])
        try:
            return self._model.model_validate_json(parts[2])
        except ValidationError as error:
            said = in_one_sentence(self._model, error)
            raise CorruptDataError(f"{path} is no {self._model.__name__}: {said}") from None
        except HindcastError as error:
            raise CorruptDataError(f"{path} is no {self._model.__name__}: {error}") from error


def _check_version(path: Path, document: bytes) -> None:
    """Refuse what a newer Hindcast wrote, before its unknown fields are complained of."""
    try:
        found = json.loads(document).get("schema_version", 1)
    except (ValueError, AttributeError):
        raise CorruptDataError(f"{path} holds no JSON object") from None
    if not isinstance(found, int) or found > SCHEMA_VERSION:
        raise CorruptDataError(
            f"{path} has schema version {found}, this Hindcast reads up to {SCHEMA_VERSION}: use a newer Hindcast"
        )


def _hash(content: bytes) -> bytes:
    return blake3(content).hexdigest().encode()


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
