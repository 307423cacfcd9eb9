"""Frames between processes: a length, then JSON text. What comes from a child is untrusted until it has passed here."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from typing import Final, NoReturn

from pydantic import JsonValue

MAX_REQUEST: Final = 16 * 1024**2  # bytes that a child is told
MAX_ANSWER: Final = 8 * 1024**2  # bytes that a child may say in one frame

_LENGTH: Final = struct.Struct(">I")
_CHUNK: Final = 256 * 1024


def frame(value: JsonValue, *, limit: int) -> bytes:
    """A JSON value as a frame. Raises ValueError for what is no JSON (NaN, a wrong type), or too large."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, RecursionError) as error:
        raise ValueError(f"it is no JSON value ({error})") from None
    if len(text) > limit:
        raise ValueError(f"it is {len(text):,} bytes of JSON; at most {limit:,} are allowed")
    return _LENGTH.pack(len(text)) + text


class FrameReader:
    """Puts bytes together to frames; holds no more than one frame's limit and what came with its end."""

    def __init__(self, *, limit: int) -> None:
        self._limit = limit
        self._waiting = bytearray()

    def feed(self, received: bytes) -> Iterator[JsonValue]:
        """The values that are whole with these bytes. Raises ValueError for what is no frame."""
        self._waiting += received
        while len(self._waiting) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._waiting)
            if length > self._limit:
                raise ValueError(f"a frame of {length:,} bytes; at most {self._limit:,} are allowed")
            end = _LENGTH.size + length
            if len(self._waiting) < end:
                return
            text = bytes(self._waiting[_LENGTH.size : end])
            del self._waiting[:end]
            yield parsed(text)


def parsed(text: bytes) -> JsonValue:
    """The value of a frame's text. Raises ValueError for what is no JSON, and for text that no store could keep."""
    try:
        value: JsonValue = json.loads(text.decode("utf-8"), parse_constant=_no_number)
        if b"\\u" in text:  # the only way to half a character
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("JSON that is nested too deeply") from None
    return value


def receive(channel: socket.socket, *, limit: int) -> JsonValue:
    """Wait for one frame. Raises EOFError where the other side is gone, ValueError for what is no frame."""
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size))
    if length > limit:
        raise ValueError(f"a frame of {length:,} bytes; at most {limit:,} are allowed")
    return parsed(_exactly(channel, length))


def _exactly(channel: socket.socket, count: int) -> bytes:
    received = bytearray()
    while len(received) < count:
        chunk = channel.recv(min(count - len(received), _CHUNK))
        if not chunk:
            raise EOFError("the other side has closed the connection")
        received += chunk
    return bytes(received)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
