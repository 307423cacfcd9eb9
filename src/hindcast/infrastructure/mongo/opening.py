"""The one door of this room: the packages behind it are loaded when it is opened, and not before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from hindcast.domain.errors import ConfigError

if TYPE_CHECKING:
    from hindcast.infrastructure.mongo.store import MongoDocumentStore


def mongo_document_store(url: SecretStr, database: str) -> MongoDocumentStore:
    """The document store at a URL; nobody is asked yet. Raises ConfigError."""
    try:
        from hindcast.infrastructure.mongo.store import MongoDocumentStore
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hindcast"):
            raise
        raise ConfigError(
            f"mongodb_url is set, but the package `{error.name}` is not installed: install 'hindcast-engine[server]', "
            "or leave the setting out"
        ) from None
    return MongoDocumentStore(url, database)
