"""The key never leaves: it is taken out of texts and of log records."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from pydantic import SecretStr

HIDDEN: Final = "***"
_LOGGERS: Final = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.http2", "httpcore.proxy")
_ECHO: Final = re.compile(r"(api\s*key\s+(?:as|is)\s+)[^\s,.;]+", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"(apikey=)[^&\s'\"]+", re.IGNORECASE)
_LONGEST: Final = 240


class Redactor:
    """Takes a key out of texts: the key itself, spelt as in addresses too, and where a vendor's text echoes one."""

    def __init__(self, key: SecretStr | None) -> None:
        secret = key.get_secret_value() if key is not None else ""
        spellings = {secret, quote(secret, safe=""), quote_plus(secret), repr(secret)[1:-1]} - {""}
        self._key = (
            re.compile("|".join(re.escape(spelling) for spelling in sorted(spellings, key=len, reverse=True)), re.I)
            if spellings
            else None
        )

    def __call__(self, text: str) -> str:
        """The text without the key."""
        shown = text if self._key is None else self._key.sub(HIDDEN, text)
        return _PARAMETER.sub(rf"\1{HIDDEN}", _ECHO.sub(rf"\1{HIDDEN}", shown))

    def quoted(self, text: str) -> str:
        """A vendor's text as a message may hold it: without the key, on one line, of moderate length."""
        line = " ".join(self(text).split())
        return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} …"


class _KeyFilter(logging.Filter):
    """Rewrites records of the network libraries that hold the key, such as a header that echoes it."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        shown = self._redact(message)
        if shown != message:
            record.msg, record.args = shown, ()
        return True


@contextmanager
def silent_about_the_key(redact: Redactor) -> Iterator[None]:
    """While requests are under way, no record of the network libraries holds the key."""
    guard = _KeyFilter(redact)
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    for logger in loggers:
        logger.addFilter(guard)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(guard)
