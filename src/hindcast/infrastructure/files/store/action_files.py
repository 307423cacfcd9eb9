"""Corporate actions as Parquet files: rows of many symbols, symbol after symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hindcast.domain.errors import CorruptDataError
from hindcast.domain.market_data import CorporateAction
from hindcast.infrastructure.files.parquet_tables import read_table, table_bytes
from hindcast.infrastructure.files.store.blobs import Blobs, content_name, verified
from hindcast.infrastructure.files.store.data_manifests import ActionRows


def action_name(digest: str) -> str:
    """The blob of a file of actions."""
    return content_name("actions", digest, ".parquet")


def action_file_bytes(actions: Sequence[tuple[str, Sequence[CorporateAction]]]) -> bytes:
    """A Parquet file of these symbols' actions, one after the other in this order."""
    rows = [(symbol, action) for symbol, each in actions for action in each]
    return table_bytes(
        {
            "symbol": np.array([symbol for symbol, _ in rows], dtype=object),
            "day": np.array([action.day for _, action in rows], dtype="M8[D]").astype("M8[ns]"),
            "kind": np.array([action.kind for _, action in rows], dtype=object),
            "value": np.array([action.value for _, action in rows], dtype=np.float64),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionColumns:
    """A symbol's actions by day, in columns."""

    days: NDArray[np.int64]  # (n,), days since 1970-01-01
    is_split: NDArray[np.bool_]  # (n,), else a dividend
    values: NDArray[np.float64]  # (n,)

    def records(self) -> tuple[CorporateAction, ...]:
        """One record an action."""
        return tuple(
            CorporateAction(day=day, kind="split" if is_split else "dividend", value=value)
            for day, is_split, value in zip(
                self.days.view("M8[D]").tolist(), self.is_split.tolist(), self.values.tolist(), strict=True
            )
        )


_NONE: Final = ActionColumns(
    days=np.zeros(0, dtype=np.int64), is_split=np.zeros(0, dtype=np.bool_), values=np.zeros(0, dtype=np.float64)
)


class ActionFiles:
    """Stored actions; each file is read and held against its hash once in the life of this object."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._files: dict[str, ActionColumns] = {}

    def of(self, place: ActionRows | None) -> ActionColumns:
        """A symbol's actions. Raises CorruptDataError."""
        if place is None or not place.rows:
            return _NONE
        if place.file not in self._files:
            self._files[place.file] = self._load(place.file)
        columns = self._files[place.file]
        rows = slice(place.row_start, place.row_start + place.rows)
        if rows.stop > len(columns.values):
            raise CorruptDataError(f"{self._blobs.location(action_name(place.file))} has fewer rows than are named")
        return ActionColumns(days=columns.days[rows], is_split=columns.is_split[rows], values=columns.values[rows])

    def _load(self, digest: str) -> ActionColumns:
        location = self._blobs.location(action_name(digest))
        columns = read_table(location, bytes(verified(self._blobs, action_name(digest), digest)))
        if set(columns) != {"symbol", "day", "kind", "value"} or columns["value"].dtype != np.float64:
            raise CorruptDataError(f"{location} is no file of corporate actions: it has {', '.join(columns)}")
        return ActionColumns(
            days=columns["day"].astype("M8[D]").astype(np.int64),
            is_split=(columns["kind"] == "split").astype(np.bool_),
            values=columns["value"].astype(np.float64),
        )
