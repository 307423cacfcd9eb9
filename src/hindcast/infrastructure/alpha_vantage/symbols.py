"""What a symbol's spelling tells: exchange, calendar, currency, time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

from hindcast.domain.errors import UnknownSymbolError
from hindcast.domain.market_data import Kind, SeriesTerms

_ALLOWED: Final = re.compile(r"[A-Za-z0-9^][A-Za-z0-9.\-^=:&_/]{0,31}")
_PAIR: Final = re.compile(r"([A-Za-z0-9]{2,10})/([A-Za-z]{3})")
_CURRENCIES: Final = frozenset(
    "AED ARS AUD BGN BRL CAD CHF CLP CNH CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW KWD MXN MYR NGN "
    "NOK NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH USD UYU VND ZAR".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """An exchange as the vendor's suffix names it."""

    calendar: str = ""  # a name of exchange_calendars; empty where the suffix is not known
    currency: str = ""
    zone: str = "UTC"
    close: time | None = None  # the latest regular close, local; None: the day ends at midnight
    every_day: bool = False  # trades on weekends too
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A symbol, read."""

    symbol: str
    kind: Literal["equity", "fx", "crypto"]
    market: Market
    base: str = ""  # of a pair
    quote: str = ""

    def terms(self) -> SeriesTerms:
        """What is known of its numbers without asking."""
        kind: Kind = self.kind
        return SeriesTerms(
            currency=self.market.currency, calendar=self.market.calendar, kind=kind, notes=self.market.notes
        )


_NEW_YORK: Final = Market(calendar="XNYS", currency="USD", zone="America/New_York", close=time(16))
_TORONTO: Final = Market(calendar="XTSE", currency="CAD", zone="America/Toronto", close=time(16))
# exchange_calendars has no calendar of Shenzhen; it keeps Shanghai's sessions.
_SHANGHAI: Final = Market(calendar="XSHG", currency="CNY", zone="Asia/Shanghai", close=time(15))
_UNKNOWN: Final = Market(notes=("the exchange of this symbol's suffix is not known: sessions are not checked",))
_MARKETS: Final = {
    "LON": Market(
        calendar="XLON",
        zone="Europe/London",
        close=time(16, 30),
        notes=("London quotes most shares in pence (GBX), some in pounds, dollars or euros; `search` says which",),
    ),
    "DEX": Market(calendar="XETR", currency="EUR", zone="Europe/Berlin", close=time(17, 30)),
    # The floor trades until 22:00, though its calendar ends at 17:30: a day counts as over when both are.
    "FRK": Market(calendar="XFRA", currency="EUR", zone="Europe/Berlin", close=time(22)),
    "TRT": _TORONTO,
    "TO": _TORONTO,
    "TRV": _TORONTO,
    "SHH": _SHANGHAI,
    "SHZ": _SHANGHAI,
    "BSE": Market(calendar="XBOM", currency="INR", zone="Asia/Kolkata", close=time(15, 30)),
    "PAR": Market(calendar="XPAR", currency="EUR", zone="Europe/Paris", close=time(17, 30)),
    "AMS": Market(calendar="XAMS", currency="EUR", zone="Europe/Amsterdam", close=time(17, 30)),
    "SAO": Market(calendar="BVMF", currency="BRL", zone="America/Sao_Paulo", close=time(18)),
    "SW": Market(calendar="XSWX", currency="CHF", zone="Europe/Zurich", close=time(17, 30)),
}


def instrument_of(symbol: str) -> Instrument:
    """Read a symbol: "IBM", "BRK.B", "TSCO.LON", "EUR/USD", "BTC/USD".

    Raises UnknownSymbolError for text that can't be one, so that no request is spent on it.
    """
    if not _ALLOWED.fullmatch(symbol):
        raise UnknownSymbolError(
            f"symbol={symbol[:40]!r} is none of Alpha Vantage's; expected text such as IBM, TSCO.LON or EUR/USD"
        )
    if "/" in symbol:
        return _pair(symbol)
    root, dot, suffix = symbol.upper().rpartition(".")
    if not dot or (root and suffix in {"A", "B", "C"}):  # a class of shares: BRK.B
        return Instrument(symbol=symbol, kind="equity", market=_NEW_YORK)
    return Instrument(symbol=symbol, kind="equity", market=_MARKETS.get(suffix, _UNKNOWN))


def _pair(symbol: str) -> Instrument:
    found = _PAIR.fullmatch(symbol)
    base, quote = (found[1].upper(), found[2].upper()) if found else ("", "")
    if quote not in _CURRENCIES or base == quote:
        raise UnknownSymbolError(f"symbol={symbol!r} is no pair; expected two currencies (EUR/USD) or a coin (BTC/USD)")
    if base in _CURRENCIES:
        market = Market(currency=quote, every_day=False, notes=("the vendor's foreign exchange days are UTC days",))
        return Instrument(symbol=symbol, kind="fx", market=market, base=base, quote=quote)
    market = Market(calendar="24/7", currency=quote, every_day=True)
    return Instrument(symbol=symbol, kind="crypto", market=market, base=base, quote=quote)
