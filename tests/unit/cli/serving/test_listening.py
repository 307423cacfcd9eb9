"""The socket of the service, and what is said where there can't be one."""

from __future__ import annotations

import socket

import pytest

from hindcast.cli.serving.listening import check_host, listen, url_of
from hindcast.domain.errors import ConfigError


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "hindcast.example", "127.0.0.1.evil.example"])
def test_local_mode_listens_on_this_machine_only(host):
    with pytest.raises(ConfigError, match="--mode server"):
        check_host(host, "local")
    check_host(host, "server")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_local_mode_listens_on_loopback(host):
    check_host(host, "local")


def test_port_0_is_any_port_that_is_free_and_the_address_tells_which():
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert url_of(listener, "127.0.0.1") == f"http://127.0.0.1:{port}"
        assert url_of(listener, "0.0.0.0") == f"http://127.0.0.1:{port}"
        assert url_of(listener, "::1") == f"http://[::1]:{port}"
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass


def test_a_port_that_is_in_use_is_told_in_a_sentence():
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} is in use: .* --port"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1", "x" * 300])
def test_an_address_that_is_not_this_machines_is_told_in_a_sentence(host):
    with pytest.raises(ConfigError, match=host[:20]):
        listen(host, 0)
