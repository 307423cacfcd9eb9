"""A turnstile before a document server: commands go through one at a time, from however many connections they come."""

from __future__ import annotations

import socket
import struct
import threading
import time
from contextlib import suppress

HEADER = struct.Struct("<iiii")  # length, request id, response to, operation
OP_MSG = 2013
MORE_TO_COME = 2


class Turnstile:
    """Listens on loopback, and hands each message on; the answer comes back before the next may go.

    FerretDB v1 reads and writes a document in two steps: of two changes that name the same version, both may match. One
    after the other they can't, and that is how MongoDB treats them.
    """

    def __init__(self, server_port: int, *, at: int = 0, seconds: float = 0.0) -> None:
        self._server_port = server_port
        self._seconds = seconds  # that each command is held up
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False
        self._listener = socket.create_server(("127.0.0.1", at))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, name="turnstile", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Refuse and end every connection, as a server does that is gone."""
        with self._lock:
            self._closed = True
            for each in self._open:
                _shut(each)
        _shut(self._listener)
        self._listener.close()
        self._thread.join(10.0)

    def _serve(self) -> None:
        handlers = []
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                break
            handler = threading.Thread(target=self._handle, args=(client,), name="turnstile", daemon=True)
            handler.start()
            handlers.append(handler)
        for handler in handlers:
            handler.join(10.0)

    def _handle(self, client: socket.socket) -> None:
        server = socket.socket()
        try:
            with suppress(OSError), client, server:  # one of the two goes, and so does the other
                with self._lock:
                    if self._closed:
                        return
                    self._open |= {client, server}
                server.connect(("127.0.0.1", self._server_port))
                while True:
                    message = _message(client)
                    with self._turn:
                        time.sleep(self._seconds)
                        server.sendall(message)
                        answer = _message(server) if _wants_answer(message) else b""
                    client.sendall(answer)
        finally:
            with self._lock:
                self._open -= {client, server}


def _wants_answer(message: bytes) -> bool:
    operation = HEADER.unpack_from(message)[3]
    flags = struct.unpack_from("<I", message, HEADER.size)[0] if operation == OP_MSG else 0
    return not flags & MORE_TO_COME


def _message(connection: socket.socket) -> bytes:
    """The next message of a connection. Raises OSError at its end."""
    start = _exactly(connection, 4)
    return start + _exactly(connection, struct.unpack("<i", start)[0] - 4)


def _exactly(connection: socket.socket, count: int) -> bytes:
    found = bytearray()
    while len(found) < count:
        more = connection.recv(count - len(found))
        if not more:
            raise ConnectionError("the end")
        found += more
    return bytes(found)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have gone before
        connection.shutdown(socket.SHUT_RDWR)
