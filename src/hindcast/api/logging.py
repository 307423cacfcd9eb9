"""Logs of the service: one JSON object a line, or words on a terminal; never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "[hidden]"
_SECRET_WORDS: Final = frozenset(
    {"token", "password", "passwd", "authorization", "cookie", "secret", "key", "apikey", "credential", "credentials"}
)
_SECRETS: Final = (
    (re.compile(r"hck_[0-9a-f]{1,32}_[0-9A-Za-z_-]+"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(hindcast_session|token|password|secret|api_?key)=[^\s&\"',;]+"), rf"\1={HIDDEN}"),
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^/\s:@\"']*:[^/\s@\"']*@"), rf"\1{HIDDEN}@"),
)
_request_id: ContextVar[str] = ContextVar("hindcast_request_id", default="")


@contextmanager
def request_context(request_id: str) -> Iterator[None]:
    """Let what is logged inside carry the request's id, in threads that work for it as well."""
    given = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(given)


def set_up_logs(
    *, secrets: Collection[str] = (), stream: TextIO | None = None, level: int = logging.INFO, plain: bool | None = None
) -> None:
    """Send all logs, the server's own too, to standard error: as JSON, or as words where `plain` (on a terminal).

    `secrets` are texts that must appear nowhere, such as the local mode's token.
    """
    import structlog

    target = stream or sys.stderr
    in_words = target.isatty() if plain is None else plain
    before: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
    ]
    last: Processor = structlog.dev.ConsoleRenderer(colors=False) if in_words else structlog.processors.JSONRenderer()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=before,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _Redaction(secrets),
            last,
        ],
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("httpx", "httpcore", "pymongo", "asyncio", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)  # httpx logs addresses with their keys at INFO


def _add_request_id(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn says everything twice, once in colours
    request_id = _request_id.get()
    if request_id:
        event.setdefault("request_id", request_id)
    return event


class _Redaction:
    """Hides what must not be read: values of telling names, keys, tokens, addresses with passwords."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = tuple(sorted((secret for secret in secrets if secret), key=len, reverse=True))

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> Mapping[str, Any]:
        return {name: self._shown(str(name), value) for name, value in event.items()}

    def _shown(self, name: str, value: object) -> object:
        if _SECRET_WORDS & set(re.split(r"[^a-z]+", name.lower())):
            return HIDDEN
        if isinstance(value, Mapping):
            return {each: self._shown(str(each), held) for each, held in value.items()}
        if isinstance(value, list | tuple):
            return [self._shown("", each) for each in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._redacted(value if isinstance(value, str) else str(value))

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        for pattern, instead in _SECRETS:
            text = pattern.sub(instead, text)
        return text
