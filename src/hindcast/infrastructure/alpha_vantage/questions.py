"""The vendor's functions: what to ask for an instrument, and under which name the answer has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from hindcast.infrastructure.alpha_vantage.client import Question
from hindcast.infrastructure.alpha_vantage.symbols import Instrument

Size = Literal["compact", "full"]

DAILY: Final = "TIME_SERIES_DAILY"
DAILY_ADJUSTED: Final = "TIME_SERIES_DAILY_ADJUSTED"
_FX_DAILY: Final = "FX_DAILY"
_COIN_DAILY: Final = "DIGITAL_CURRENCY_DAILY"
_LONG: Final = {
    "1w": ("TIME_SERIES_WEEKLY", "Weekly Time Series"),
    "1mo": ("TIME_SERIES_MONTHLY", "Monthly Time Series"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesQuestion:
    """A question for bars."""

    question: Question
    key: str  # of the series in the answer
    size: Size  # "full": the answer goes back to the first bar that the vendor has
    interval: str


def daily_question(instrument: Instrument, function: str, size: Size) -> SeriesQuestion:
    """Daily bars of shares, with the vendor's adjusted close or without."""
    return SeriesQuestion(
        question=Question(
            function=function,
            parameters={"symbol": instrument.symbol, "outputsize": size},
            subject=instrument.symbol,
            feature=function if size == "compact" or function != DAILY else f"{function} with outputsize=full",
        ),
        key="Time Series (Daily)",
        size=size,
        interval="1d",
    )


def fx_question(instrument: Instrument, size: Size) -> SeriesQuestion:
    """Daily rates of two currencies."""
    return SeriesQuestion(
        question=Question(
            function=_FX_DAILY,
            parameters={"from_symbol": instrument.base, "to_symbol": instrument.quote, "outputsize": size},
            subject=instrument.symbol,
            feature=_FX_DAILY if size == "compact" else f"{_FX_DAILY} with outputsize=full",
        ),
        key="Time Series FX (Daily)",
        size=size,
        interval="1d",
    )


def coin_question(instrument: Instrument) -> SeriesQuestion:
    """Daily prices of a coin; the vendor has one size of them."""
    return SeriesQuestion(
        question=Question(
            function=_COIN_DAILY,
            parameters={"symbol": instrument.base, "market": instrument.quote},
            subject=instrument.symbol,
            feature=_COIN_DAILY,
        ),
        key="Time Series (Digital Currency Daily)",
        size="full",
        interval="1d",
    )


def long_question(instrument: Instrument, interval: str) -> SeriesQuestion:
    """Weekly or monthly bars, always all of them."""
    function, key = _LONG[interval]
    return SeriesQuestion(
        question=Question(
            function=function,
            parameters={"symbol": instrument.symbol},
            subject=instrument.symbol,
            feature=function,
        ),
        key=key,
        size="full",
        interval=interval,
    )


def intraday_question(instrument: Instrument, interval: str, month: str) -> SeriesQuestion:
    """The regular sessions' bars of one month (YYYY-MM), as traded."""
    return SeriesQuestion(
        question=Question(
            function="TIME_SERIES_INTRADAY",
            parameters={
                "symbol": instrument.symbol,
                "interval": interval,
                "month": month,
                "adjusted": "false",
                "extended_hours": "false",
                "outputsize": "full",
            },
            subject=f"{instrument.symbol}, {month}",
            feature="TIME_SERIES_INTRADAY by month",
        ),
        key=f"Time Series ({interval})",
        size="full",
        interval=interval,
    )


def actions_question(instrument: Instrument, function: Literal["SPLITS", "DIVIDENDS"]) -> Question:
    """All splits or dividends of a share."""
    return Question(
        function=function,
        parameters={"symbol": instrument.symbol},
        subject=instrument.symbol,
        feature=function,
    )


def search_question(words: str) -> Question:
    """Symbols by name."""
    return Question(
        function="SYMBOL_SEARCH", parameters={"keywords": words}, subject=repr(words), feature="SYMBOL_SEARCH"
    )
