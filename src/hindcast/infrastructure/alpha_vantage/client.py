"""One question to the vendor: admitted by the quotas, sent, read within bounds, and its refusals made typed errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlsplit

from hindcast.domain.errors import (
    CredentialError,
    EntitlementError,
    InputError,
    ProviderError,
    ProviderResponseError,
    ProviderUnavailableError,
    QuotaError,
    UnknownSymbolError,
)
from hindcast.infrastructure.alpha_vantage.answers import Answer, Refusal, read_answer
from hindcast.infrastructure.alpha_vantage.quotas import DAY, MINUTE, Quotas
from hindcast.infrastructure.alpha_vantage.redaction import Redactor, silent_about_the_key

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr

BASE_URL: Final = "https://www.alphavantage.co/query"
NO_KEY: Final = (
    "Alpha Vantage needs a key: set the environment variable HINDCAST_ALPHA_VANTAGE_KEY, or alpha_vantage_key in "
    "hindcast.toml (a free key: https://www.alphavantage.co/support/#api-key)"
)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_PACE_RETRIES: Final = 2
_LEAST_WAIT: Final = 0.01  # seconds: a shorter one may not move a clock
_NETWORK_RETRIES: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long a question may take, and how large its answer may be."""

    deadline: float = 30.0  # seconds for all of it: waiting, sending, reading, trying again
    connect: float = 5.0  # seconds to reach the vendor
    read: float = 12.0  # seconds without a byte
    longest_wait: float = 5.0  # seconds to wait for a quota; a longer wait is an error that says how long
    body: int = 16 * 1024 * 1024  # bytes; the largest honest answer, a month of minutes, has about 4 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The way to the vendor. Raises InputError for an address that would send the key unencrypted."""

    base_url: str = BASE_URL
    bounds: Bounds = Bounds()
    clock: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]
    transport: httpx.AsyncBaseTransport | None = None  # None: the real network

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise InputError(f"base_url={self.base_url!r} would send the key unencrypted; expected https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked: a function of the vendor and its parameters."""

    function: str
    parameters: Mapping[str, str]
    subject: str  # the symbol, for messages
    feature: str  # what a plan has or has not

    @property
    def label(self) -> str:
        """For messages."""
        return f"{self.function} of {self.subject}"


class _TryAgain(Exception):  # noqa: N818  # it never leaves this file: the same question after some seconds
    def __init__(self, seconds: float, error: ProviderError) -> None:
        super().__init__(str(error))
        self.seconds = seconds
        self.error = error


class Client:
    """Asks the vendor questions with one key. Nothing that it raises or logs holds the key."""

    def __init__(self, key: SecretStr, quotas: Quotas, link: Link) -> None:
        self.quotas = quotas
        self._key = key
        self._link = link
        self._redact = Redactor(key)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Session]:
        """A session of questions over the same connections."""
        import httpx

        from hindcast.infrastructure.alpha_vantage.keyed_transport import KeyedTransport, network

        transport = self._link.transport or network(httpx.URL(self._link.base_url))
        http = httpx.AsyncClient(
            transport=KeyedTransport(transport, self._key),
            timeout=httpx.Timeout(self._link.bounds.read, connect=self._link.bounds.connect),
            headers={"User-Agent": "hindcast", "Accept": "application/json"},
            follow_redirects=False,
        )
        with silent_about_the_key(self._redact):
            async with http:
                yield Session(self, http)

    async def ask(self, http: httpx.AsyncClient, question: Question) -> Answer:
        """The data of the vendor's answer. Raises ProviderError and its kinds, within the deadline."""
        said = self.quotas.denied(question.feature)
        if said is not None:
            raise EntitlementError(
                f"this key's plan does not have {question.feature} (the vendor said so on {said:%Y-%m-%d}; it is asked "
                "again after 7 days, or with another key)"
            )
        with suppress(TimeoutError):
            async with asyncio.timeout(self._link.bounds.deadline):
                return await self._ask_patiently(http, question)
        raise ProviderUnavailableError(
            f"{question.label}: no complete answer of Alpha Vantage within {self._link.bounds.deadline:g} s; try later"
        )

    async def _ask_patiently(self, http: httpx.AsyncClient, question: Question) -> Answer:
        retries = _PACE_RETRIES
        while True:
            try:
                answer = read_answer(await self._body(http, question))
                if isinstance(answer, Refusal):
                    self._refuse(answer, question)
                return answer
            except _TryAgain as again:
                failure = again
            except ProviderResponseError as error:
                message = str(error)
                raise ProviderResponseError(f"{question.label}: {self._redact.quoted(message)}") from None
            if not retries:
                raise failure.error
            retries -= 1
            await self._link.sleep(failure.seconds)

    async def _body(self, http: httpx.AsyncClient, question: Question) -> bytes:
        """The answer's bytes; a network that fails gets one more try."""
        import httpx

        retries = _NETWORK_RETRIES
        while True:
            await self._admitted()
            try:
                return await self._exchange(http, question)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
                self.quotas.give_back()
                failure = type(error).__name__
            except httpx.TransportError as error:
                failure = type(error).__name__
            except httpx.HTTPError as error:
                raise ProviderResponseError(f"the answer can't be read ({type(error).__name__})") from None
            if not retries:
                break
            retries -= 1
        raise ProviderUnavailableError(
            f"{question.label}: Alpha Vantage was not reached or broke off, twice ({failure}); check the network, or "
            "try again later"
        )

    async def _exchange(self, http: httpx.AsyncClient, question: Question) -> bytes:
        parameters = {"function": question.function, **question.parameters}
        async with http.stream("GET", self._link.base_url, params=parameters) as response:
            self._check_status(response, question)
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._link.bounds.body:
                    raise ProviderResponseError(
                        f"the answer is longer than {self._link.bounds.body:,} bytes; reading was broken off"
                    )
        return bytes(body)

    async def _admitted(self) -> None:
        """Wait until the quotas let a request out. Raises QuotaError where that takes too long."""
        while (wait := self.quotas.take()) > 0:
            if wait > self._link.bounds.longest_wait:
                raise QuotaError(
                    f"the limit of requests to Alpha Vantage is reached; go on in {wait:.0f} s", retry_after=wait
                )
            await self._link.sleep(max(wait, _LEAST_WAIT))

    def _check_status(self, response: httpx.Response, question: Question) -> None:
        status = response.status_code
        if status == 200:
            return
        if 300 <= status < 400:
            raise ProviderResponseError(f"status {status}, a redirect; it was not followed, for the key would go along")
        if status == 429:
            seconds = _retry_after(response.headers.get("Retry-After", ""), self._link.clock())
            error = QuotaError(
                f"{question.label}: too many requests (status 429); go on in {seconds:.0f} s", retry_after=seconds
            )
            if seconds <= self._link.bounds.longest_wait:
                raise _TryAgain(seconds, error)
            self.quotas.block(seconds, "it answered with status 429, too many requests")
            raise error
        if status >= 500:
            raise ProviderUnavailableError(f"{question.label}: Alpha Vantage fails (status {status}); try again later")
        raise ProviderResponseError(f"status {status}; expected 200")

    def _refuse(self, refusal: Refusal, question: Question) -> NoReturn:
        words = self._redact.quoted(refusal.text)
        said = f"{question.label}: Alpha Vantage says: {words}"
        match refusal.reason:
            case "credential":
                raise CredentialError(f"Alpha Vantage refuses the key (HINDCAST_ALPHA_VANTAGE_KEY): {words}")
            case "demo":
                raise CredentialError(f"{question.label}: the demo key has only the vendor's examples. {NO_KEY}")
            case "unknown":
                raise UnknownSymbolError(said)
            case "premium":
                self.quotas.deny(question.feature)
                raise EntitlementError(said)
            case "pace":
                raise _TryAgain(2.0, QuotaError(f"{said}; go on in a minute", retry_after=MINUTE))
            case "minute":
                self.quotas.block(MINUTE, "its limit of requests per minute is reached")
                raise QuotaError(f"{said}; go on in a minute", retry_after=MINUTE)
            case "day":
                seconds = self.quotas.until_next_day()
                self.quotas.block(seconds, "its limit of requests per day is reached")
                raise QuotaError(f"{said} Go on in {seconds / 3600:.1f} h.", retry_after=seconds)
            case _:
                raise ProviderResponseError(f"Alpha Vantage says: {words}")


@dataclass(frozen=True, slots=True)
class Session:
    """Open connections, and the client that asks over them."""

    client: Client
    http: httpx.AsyncClient

    async def ask(self, question: Question) -> Answer:
        """See `Client.ask`."""
        return await self.client.ask(self.http, question)


def _retry_after(text: str, now: datetime) -> float:
    """The seconds of a Retry-After header (a number or a date); a minute where it can't be understood."""
    try:
        seconds = float(text) if text.strip().isdecimal() else (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError):
        return MINUTE
    return min(max(seconds, 1.0), DAY)
