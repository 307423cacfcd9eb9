"""The Beanie documents: one class a kind, made of what the kind says."""

from __future__ import annotations

from typing import Any, cast

from beanie import Document
from pydantic import create_model
from pymongo import ASCENDING, IndexModel

from hindcast.services.documents.kinds import KINDS, Kind
from hindcast.services.ports import StoredDocument

Model = type[Document]
OWN = ("version", "schema_version", "document", "content_hash")


def document_models() -> dict[str, Model]:
    """New classes, by kind. Beanie keeps a class's database in the class: each connection needs its own."""
    return {kind.name: _model(kind) for kind in KINDS.values()}


def index_models(kind: Kind[Any]) -> list[IndexModel]:
    """The indexes of a kind: what is asked for together, and the id, by which ties go."""
    return [IndexModel([(name, ASCENDING) for name in (*fields, "_id")]) for fields in kind.indexes]


def to_model(model: Model, stored: StoredDocument) -> Document:
    """A document as Beanie takes it."""
    own = {name: getattr(stored, name) for name in OWN}
    return model(id=stored.id, **own, **stored.index)


def from_model(kind: str, found: Document) -> StoredDocument:
    """A document as Beanie gives it."""
    values = found.model_dump()
    own = {name: values[name] for name in OWN}
    return StoredDocument(id=values["id"], **own, index={name: values[name] for name in KINDS[kind].fields})


def _model(kind: Kind[Any]) -> Model:
    texts: dict[str, Any] = dict.fromkeys(kind.texts, (str | None, ...))
    numbers: dict[str, Any] = dict.fromkeys(kind.numbers, (int | None, ...))
    made = create_model(
        f"Stored{kind.record.__name__}",
        __base__=Document,
        id=(str, ...),
        version=(int, ...),
        schema_version=(int, ...),
        document=(str, ...),
        content_hash=(str, ...),
        **texts,
        **numbers,
    )
    made.Settings = type("Settings", (), {"name": kind.name, "indexes": index_models(kind)})  # type: ignore[attr-defined]  # where Beanie looks
    return cast("Model", made)
