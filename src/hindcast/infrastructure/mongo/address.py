"""Where the server is: the URL of the settings, read once; what of it may be shown, and what never."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_plus

from pydantic import SecretStr
from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from hindcast.domain.errors import ConfigError

_SRV: Final = re.compile(r"mongodb\+srv://(?:([^@/?]*)@)?([0-9A-Za-z.-]+)(?:/[^@]*)?(?:\?.*)?")
_DATABASE: Final = re.compile(r"[0-9A-Za-z_-]{1,63}")
_KEPT_BY_THE_SERVER: Final = frozenset({"admin", "config", "local"})
_LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server and a database on it."""

    url: SecretStr
    database: str
    shown: str  # hosts and ports
    secrets: tuple[SecretStr, ...]  # name and password, as they stand in the URL and as they are meant

    def told(self, text: str) -> str:
        """A driver's or server's words, shortened, with whatever the URL keeps secret taken out."""
        for secret in self.secrets:
            text = text.replace(secret.get_secret_value(), "********")
        return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def read_address(url: SecretStr, database: str) -> Address:
    """A URL and a database's name, checked; nobody is asked. Raises ConfigError, which shows nothing of the URL."""
    if not _DATABASE.fullmatch(database) or database in _KEPT_BY_THE_SERVER:
        raise ConfigError(
            f"mongodb_database is {database!r}; expected 1 to 63 letters, digits, '_' or '-', and none of "
            f"{', '.join(sorted(_KEPT_BY_THE_SERVER))}"
        )
    text = url.get_secret_value()
    hosts, credentials = _of_service(text) if text.startswith("mongodb+srv://") else _of_hosts(text)
    forms = {form for each in credentials for form in (each, unquote_plus(each)) if form}
    secrets = tuple(SecretStr(form) for form in sorted(forms, key=len, reverse=True))
    return Address(url=url, database=database, shown=hosts, secrets=secrets)


def _of_hosts(text: str) -> tuple[str, tuple[str, ...]]:
    try:
        parts = parse_uri(text, warn=False)
    except (PyMongoError, ValueError):
        raise _unreadable() from None  # its words may hold a part of the URL
    written = re.match(r"mongodb://([^@/?]*)@", text)
    as_written = written.group(1).split(":", 1) if written else ()
    credentials = (*as_written, parts["username"] or "", parts["password"] or "")
    return ", ".join(host if port is None else f"{host}:{port}" for host, port in parts["nodelist"]), credentials


def _of_service(text: str) -> tuple[str, tuple[str, ...]]:
    """The same of a URL whose hosts the domain name service is to tell: it is asked with the first call, not here."""
    found = _SRV.fullmatch(text)
    if found is None:
        raise _unreadable()
    return found.group(2), tuple((found.group(1) or "").split(":", 1))


def _unreadable() -> ConfigError:
    return ConfigError(
        "mongodb_url can't be read; expected such as mongodb://user:password@host:27017/?replicaSet=name, with what is "
        "special in name and password percent-encoded"
    )
