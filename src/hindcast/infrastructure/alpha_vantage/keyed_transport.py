"""The network below the client: here, and only here, the key enters a request's address."""

from __future__ import annotations

import ssl
from functools import cache
from typing import TYPE_CHECKING
from urllib.request import getproxies, proxy_bypass

import httpx

if TYPE_CHECKING:
    from pydantic import SecretStr


class KeyedTransport(httpx.AsyncBaseTransport):
    """Adds the key to each request on its way out.

    The client above logs addresses and hangs requests onto its errors; those that it knows hold no key.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, key: SecretStr) -> None:
        self._inner = inner
        self._key = key

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, keyed."""
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                request.url.copy_add_param("apikey", self._key.get_secret_value()),
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


def network(url: httpx.URL) -> httpx.AsyncBaseTransport:
    """The real network, through the proxy that the environment names for this address, if any."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if proxy is None or not proxy.startswith("http") or proxy_bypass(url.host):
        proxy = None
    return httpx.AsyncHTTPTransport(proxy=proxy, verify=_trust())


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that are trusted; reading them takes longer than a short request."""
    return httpx.create_ssl_context()
