"""Documents as older Hindcasts kept them: JSON files in the data folder, one a document. They are only read.

A file is one JSON object on one line, `{"content_hash": …, "document": …}`: the hash is of the document's bytes as
they stand in the file.
"""

from __future__ import annotations

import errno
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.services.documents.codec import VERSION, content_hash, decode
from hindcast.services.documents.kinds import BACKTESTS, RESULTS, STRATEGIES, Kind
from hindcast.services.ports import StoredDocument

_KINDS: Final[tuple[Kind[Any], ...]] = (STRATEGIES, BACKTESTS, RESULTS)
_FILE = re.compile(r'\{"content_hash":"([0-9a-f]{64})","document":(.*)\}\n', re.DOTALL)
_DAMAGE: Final = (errno.EIO, errno.EISDIR, errno.ELOOP, errno.ENOENT)  # of one file; all else may pass
_logger = logging.getLogger(__name__)


def older_documents(home: Path) -> Iterator[tuple[str, StoredDocument]]:
    """(kind, document) of every file of a data folder that is whole; what is not is told by its name and left.

    Raises StorageError where a file can't be read for a reason that is not its own.
    """
    for kind in _KINDS:
        for path in sorted((home / kind.name).glob("*.json")):
            try:
                yield kind.name, read_older(kind, path)
            except CorruptDataError as error:
                _logger.warning("%s is not taken over and stays where it is: %s", path, error)


def read_older(kind: Kind[Any], path: Path) -> StoredDocument:
    """The document of a file, in the schema version that it was written in. Raises CorruptDataError, StorageError."""
    try:
        parts = _FILE.fullmatch(path.read_bytes().decode())
        version = json.loads(parts[2]).get(VERSION, 1) if parts else None
    except OSError as error:
        if error.errno in _DAMAGE:
            raise CorruptDataError(f"{path} can't be read: {error.strerror}") from error
        raise StorageError(f"can't read {path}, which an older Hindcast kept: {error.strerror or error}") from error
    except (ValueError, AttributeError, RecursionError):
        parts = version = None
    if parts is None or not isinstance(version, int) or content_hash(parts[2]) != parts[1]:
        raise CorruptDataError(f"{path} is not what was written: its content does not have the hash that it names")
    stored = StoredDocument(
        id=path.stem, version=1, schema_version=version, document=parts[2], content_hash=parts[1], index={}
    )
    return replace(stored, index=dict(kind.index_of(decode(kind, stored))))
