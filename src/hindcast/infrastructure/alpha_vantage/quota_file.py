"""The account of requests on disk: one small JSON file, changed by one process at a time, never half written."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from hindcast.domain.errors import StorageError

_PATIENCE: Final = 5.0  # seconds; a change takes a millisecond


@dataclass(slots=True, kw_only=True)
class KeyRecord:
    """What is known of one key, which itself is not known here: a hash stands for it."""

    recent: list[float] = field(default_factory=list)  # requests of the last minute, seconds since 1970
    minutes: dict[int, int] = field(default_factory=dict)  # requests by minute since 1970, of the last day
    blocked_until: float = 0.0
    blocked_for: str = ""
    denied: dict[str, float] = field(default_factory=dict)  # feature → when the vendor said that it is not paid for


class QuotaFile:
    """Reads and writes the records under a lock that the system releases when a process dies."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def record(self, key_id: str) -> Iterator[KeyRecord]:
        """One key's record; what the block changes is written, also where it raises. Raises StorageError."""
        with self._locked():
            records = self._read()
            record = _parse(records.get(key_id))
            before = _plain(record)
            try:
                yield record
            finally:
                after = _plain(record)
                if after != before:
                    self._write(records | {key_id: after})

    @contextmanager
    def _locked(self) -> Iterator[None]:
        import fcntl

        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file.with_name(f"{self._file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StorageError(f"can't write {self._file}: {error.strerror or error}") from None
        try:
            limit = time.monotonic() + _PATIENCE
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError:
                    if time.monotonic() > limit:
                        raise StorageError(f"{self._file} stays locked by another process; is one stopped?") from None
                    time.sleep(0.002)
            yield
        finally:
            os.close(handle)

    def _read(self) -> dict[str, object]:
        """All records; none where the file is missing or can't be understood: the vendor's own refusals mend that."""
        try:
            found = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (ValueError, RecursionError):
            return {}
        except OSError as error:
            raise StorageError(f"can't read {self._file}: {error.strerror or error}") from None
        return found if isinstance(found, dict) else {}

    def _write(self, records: dict[str, object]) -> None:
        stage = None
        try:
            handle, stage = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(records, stream)
            Path(stage).replace(self._file)
            stage = None
        except OSError as error:
            raise StorageError(f"can't write {self._file}: {error.strerror or error}") from None
        finally:
            if stage is not None:
                Path(stage).unlink(missing_ok=True)


def _plain(record: KeyRecord) -> dict[str, object]:
    return {
        "recent": list(record.recent),
        "minutes": {str(minute): count for minute, count in record.minutes.items()},
        "blocked_until": record.blocked_until,
        "blocked_for": record.blocked_for,
        "denied": dict(record.denied),
    }


def _parse(found: object) -> KeyRecord:
    """A record from its JSON; what is not as it was written is left out."""
    values = found if isinstance(found, dict) else {}
    recent, minutes, denied = values.get("recent"), values.get("minutes"), values.get("denied")
    until, why = values.get("blocked_until"), values.get("blocked_for")
    return KeyRecord(
        recent=sorted(stamp for stamp in recent if _is_number(stamp)) if isinstance(recent, list) else [],
        minutes={
            int(minute): count
            for minute, count in (minutes.items() if isinstance(minutes, dict) else ())
            if str(minute).isdecimal() and isinstance(count, int)
        },
        blocked_until=until if isinstance(until, int | float) else 0.0,
        blocked_for=str(why or ""),
        denied={
            str(feature): said
            for feature, said in (denied.items() if isinstance(denied, dict) else ())
            if _is_number(said)
        },
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
