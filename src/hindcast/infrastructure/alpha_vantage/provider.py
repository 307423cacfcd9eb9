"""AlphaVantageProvider: the source `alpha_vantage`, asked over the network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from hindcast.domain.errors import CredentialError, EntitlementError, InputError
from hindcast.domain.intervals import canonical_interval, is_intraday
from hindcast.domain.market_data import DateRange, SeriesTerms
from hindcast.infrastructure.alpha_vantage.client import BASE_URL, NO_KEY, Bounds, Client, Link, Session
from hindcast.infrastructure.alpha_vantage.daily import ToldActions, corporate_actions, daily_bars
from hindcast.infrastructure.alpha_vantage.intraday import FIRST_MONTH, intraday_bars
from hindcast.infrastructure.alpha_vantage.long_bars import on_one_basis
from hindcast.infrastructure.alpha_vantage.parsing import parse_series
from hindcast.infrastructure.alpha_vantage.questions import DAILY_ADJUSTED, long_question, search_question
from hindcast.infrastructure.alpha_vantage.quotas import Limits, Quotas
from hindcast.infrastructure.alpha_vantage.search import parse_matches
from hindcast.infrastructure.alpha_vantage.speaking import Context, bar_rows, final_rows, spoken, vendor_adjusted
from hindcast.infrastructure.alpha_vantage.symbols import Instrument, instrument_of
from hindcast.services.ports import Fetched, SymbolInfo

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr

INTERVALS: Final = ("1min", "5min", "15min", "30min", "60min", "1d", "1w", "1mo")
_QUESTIONS_OF_A_SHARE: Final = 3  # bars, splits, dividends


class AlphaVantageProvider:
    """Bars of Alpha Vantage: raw, with splits and dividends beside them.

    Without a key it can be built and tells terms; what needs the network raises CredentialError. The key is in no
    message, log record or file; `quota_file` holds a hash of it, and what it has used.
    """

    name: Final = "alpha_vantage"
    intervals: Final = INTERVALS

    def __init__(  # noqa: PLR0913  # the outside world, which tests replace one by one
        self,
        key: SecretStr | None,
        *,
        quota_file: Path,
        limits: Limits | None = None,
        base_url: str = BASE_URL,
        bounds: Bounds | None = None,
        clock: Callable[[], datetime] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock or (lambda: datetime.now(UTC))
        self._limits = limits or Limits()
        self._client: Client | None = None
        secret = "" if key is None else key.get_secret_value().strip()
        if key is not None and secret:
            if not (secret.isascii() and secret.isprintable()) or " " in secret:
                raise CredentialError(f"the key can't be one: it holds spaces or unusual characters. {NO_KEY}")
            self._client = Client(
                type(key)(secret),
                Quotas(quota_file, type(key)(secret), self._limits, self._clock),
                Link(
                    base_url=base_url,
                    bounds=bounds or Bounds(),
                    clock=self._clock,
                    sleep=sleep,
                    transport=transport,
                ),
            )

    def terms(self, symbol: str, interval: str) -> SeriesTerms:
        """Calendar and currency by the symbol's suffix. Raises UnknownSymbolError, InputError."""
        self._interval(interval)
        return instrument_of(symbol).terms()

    async def fetch(self, symbol: str, interval: str, days: DateRange) -> Fetched:
        """Bars of these days; of shares all splits and dividends, too.

        `covered` and `unavailable` together are the asked days. Of a free key's short history, of days that the vendor
        does not have yet and of a series that has ended, `unavailable` tells why and what to do.

        Raises
        ------
        InputError
            An interval that is not among `intervals`.
        ProviderError
            And its kinds, each within the deadline of a question (30 s).
        """
        wanted = self._interval(interval)
        instrument = instrument_of(symbol)
        client = self._opened()
        context = Context(market=instrument.market, interval=wanted, asked=days, now=self._clock())
        async with client.opened() as session:
            if is_intraday(wanted):
                return await self._intraday(session, instrument, context)
            if wanted == "1d":
                return await self._daily(session, instrument, context)
            return await self._long(session, instrument, context)

    async def search(self, words: str) -> tuple[SymbolInfo, ...]:
        """Symbols that the vendor knows by these words, the best match first; none where it knows none.

        Raises InputError for no words, ProviderError and its kinds.
        """
        if not 1 <= len(words.strip()) <= 200:
            raise InputError(f"words={words[:40]!r}; expected a name or a part of one, up to 200 characters")
        question = search_question(words.strip())
        async with self._opened().opened() as session:
            return parse_matches(await session.ask(question), question.label)

    async def _daily(self, session: Session, instrument: Instrument, context: Context) -> Fetched:
        shares = instrument.kind == "equity"
        session.client.quotas.expect(_QUESTIONS_OF_A_SHARE if shares else 1)
        # A free key is not asked for what it can't have: that would spend a request of its day.
        answer = await daily_bars(session, instrument, context, adjusted=self._limits.per_day is None)
        found = answer.spoken
        told = ToldActions()
        if shares and (found.covered or len(found.series.stamps)):
            told = await self._actions(session, instrument, context)
        return Fetched(
            rows=bar_rows(found.series, instrument.symbol, f"Alpha Vantage {answer.function}", told.notes),
            terms=_terms(instrument, told),
            covered=found.covered,
            unavailable=found.unavailable,
            actions=told.actions,
            silent_on=told.silent_on,
            adjusted_close=vendor_adjusted(found.series) if answer.function == DAILY_ADJUSTED else None,
        )

    async def _intraday(self, session: Session, instrument: Instrument, context: Context) -> Fetched:
        self._shares_only(instrument, context)
        session.client.quotas.expect(_QUESTIONS_OF_A_SHARE)
        # First of all, for the months go on until the requests run out; without splits their prices can't be read.
        told = ToldActions()
        if context.asked.last >= FIRST_MONTH:
            told = await self._actions(session, instrument, context)
        found, notes = await intraday_bars(session, instrument, context)
        return Fetched(
            rows=bar_rows(found.series, instrument.symbol, "Alpha Vantage TIME_SERIES_INTRADAY", (*notes, *told.notes)),
            terms=_terms(instrument, told),
            covered=found.covered,
            unavailable=found.unavailable,
            actions=told.actions,
            silent_on=told.silent_on,
        )

    async def _actions(self, session: Session, instrument: Instrument, context: Context) -> ToldActions:
        today = context.now.astimezone(ZoneInfo(instrument.market.zone)).date()
        return await corporate_actions(session, instrument, today)

    async def _long(self, session: Session, instrument: Instrument, context: Context) -> Fetched:
        self._shares_only(instrument, context)
        session.client.quotas.expect(_QUESTIONS_OF_A_SHARE)
        asked = long_question(instrument, context.interval)
        series = final_rows(parse_series(await session.ask(asked.question), asked, instrument), context)
        found = spoken(series, context, begin=None, shortage="")
        told = ToldActions()
        if found.covered or len(found.series.stamps):
            told = await self._actions(session, instrument, context)
        kept, notes = on_one_basis(found.series, context.interval, told.actions or ())
        return Fetched(
            rows=bar_rows(kept, instrument.symbol, f"Alpha Vantage {asked.question.function}", (*notes, *told.notes)),
            terms=_terms(instrument, told),
            covered=found.covered,
            unavailable=found.unavailable,
            actions=told.actions,
            silent_on=told.silent_on,
        )

    def _shares_only(self, instrument: Instrument, context: Context) -> None:
        if instrument.kind != "equity":
            raise EntitlementError(
                f"{instrument.symbol}: pairs of currencies and coins are fetched from Alpha Vantage by the day (1d), "
                f"not as {context.interval}"
            )

    def _opened(self) -> Client:
        if self._client is None:
            raise CredentialError(NO_KEY)
        return self._client

    def _interval(self, interval: str) -> str:
        found = canonical_interval(interval)
        if found not in INTERVALS:
            raise InputError(f"interval={interval!r}; Alpha Vantage has {', '.join(INTERVALS)}")
        return found


def _terms(instrument: Instrument, told: ToldActions) -> SeriesTerms:
    """The terms of an instrument, with what a reader of its prices must know of its actions."""
    terms = instrument.terms()
    return replace(terms, notes=(*terms.notes, *told.notes))
