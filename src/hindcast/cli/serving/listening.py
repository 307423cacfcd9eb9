"""The socket that the service listens on."""

from __future__ import annotations

import errno
import socket
from typing import Final

from hindcast.domain.errors import ConfigError

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_WAITING: Final = 512  # connections that may wait to be taken


def check_host(host: str, mode: str) -> None:
    """Raise ConfigError for an address that the mode must not listen on."""
    if mode == "local" and host not in _LOOPBACK:
        raise ConfigError(
            f"host = {host}: local mode has one token and no users, so it listens on 127.0.0.1 only. For others to "
            "reach the service, make users (`hindcast users add NAME --admin`) and start it with --mode server"
        )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes any that is free. Raises ConfigError where that can't be."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(f"host = {host}: no address of this machine has that name ({error})") from None
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_WAITING)
    except OSError as error:
        listener.close()
        raise ConfigError(_reason(error, host, port)) from None
    return listener


def url_of(listener: socket.socket, host: str) -> str:
    """The address to give to a browser on this machine."""
    port = listener.getsockname()[1]
    if host in {"0.0.0.0", "::", ""}:  # every address: one of them is shown
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use: another service listens on it. Choose another with --port, or 0 for any"
    if error.errno == errno.EACCES:
        return f"port {port} may not be opened by this user; choose one above 1023 with --port"
    return f"{host}:{port} can't be listened on: {error.strerror or error}"
