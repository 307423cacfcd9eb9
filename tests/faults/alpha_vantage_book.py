"""Made-up prices in the form of Alpha Vantage's answers: the same at every call, on the real sessions of New York."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in """
    2024-01-01 2024-01-15 2024-02-19 2024-03-29 2024-05-27 2024-06-19 2024-07-04 2024-09-02 2024-11-28 2024-12-25
    2025-01-01 2025-01-09 2025-01-20 2025-02-17 2025-04-18 2025-05-26 2025-06-19 2025-07-04 2025-09-01 2025-11-27
    2025-12-25 2026-01-01 2026-01-19 2026-02-16 2026-04-03 2026-05-25 2026-06-19 2026-07-03 2026-09-07 2026-11-26
    2026-12-25""".split()
)
EARLY_CLOSES = frozenset(
    date.fromisoformat(day)
    for day in "2024-07-03 2024-11-29 2024-12-24 2025-07-03 2025-11-28 2025-12-24 2026-11-27 2026-12-24".split()
)
FIRST_DAY = date(2024, 1, 2)
COMPACT = 100
ONE_DAY = timedelta(days=1)
SPLIT = (date(2025, 6, 10), 4.0)
DIVIDENDS = tuple((date(2024, 2, 8) + timedelta(days=91 * quarter), 0.25) for quarter in range(9))


@dataclass(kw_only=True)
class Book:
    """What the vendor knows: symbols, until when, and what the plan of the key gives."""

    newest: date = date(2026, 2, 27)
    refreshed: str = ""  # of daily bars; by default the newest day
    premium: bool = False
    restated: float = 1.0  # what the vendor has since multiplied all daily prices by
    ends_as_stamps: bool = False  # intraday stamps are ends of bars
    symbols: set[str] = field(default_factory=lambda: {"IBM", "SPY", "TSCO.LON"})

    def sessions(self) -> list[date]:
        """The days with bars, oldest first."""
        days = (FIRST_DAY + timedelta(days=offset) for offset in range((self.newest - FIRST_DAY).days + 1))
        return [day for day in days if day.weekday() < 5 and day not in HOLIDAYS]

    def answer(self, query: Mapping[str, str]) -> dict:
        """The answer to a query, before anybody misbehaves."""
        answers = {
            "TIME_SERIES_DAILY": self._daily,
            "TIME_SERIES_DAILY_ADJUSTED": self._daily,
            "TIME_SERIES_INTRADAY": self._intraday,
            "TIME_SERIES_WEEKLY": self._long,
            "TIME_SERIES_MONTHLY": self._long,
            "SPLITS": self._splits,
            "DIVIDENDS": self._dividends,
            "SYMBOL_SEARCH": self._search,
            "FX_DAILY": self._fx,
            "DIGITAL_CURRENCY_DAILY": self._coin,
        }
        function = query.get("function", "")
        if function not in answers:
            return {"Error Message": f"This API function ({function}) does not exist."}
        if query.get("symbol", "IBM") not in self.symbols and function.startswith("TIME_SERIES"):
            return {
                "Error Message": "Invalid API call. Please retry or visit the documentation "
                f"(https://www.alphavantage.co/documentation/) for {function}."
            }
        return answers[function](query)

    def _daily(self, query: Mapping[str, str]) -> dict:
        adjusted = query["function"].endswith("ADJUSTED")
        full = query.get("outputsize") == "full"
        if adjusted and not self.premium:
            return {"Information": "Thank you for using Alpha Vantage! This is a premium endpoint. You may subscribe …"}
        if full and not self.premium:
            return {
                "Information": "Thank you for using Alpha Vantage! The outputsize=full parameter value is a premium "
                "feature for the TIME_SERIES_DAILY endpoint. You may subscribe to any of the premium plans …"
            }
        days = self.sessions() if full else self.sessions()[-COMPACT:]
        return {
            "Meta Data": {
                "1. Information": "Daily Prices (open, high, low, close) and Volumes",
                "2. Symbol": query["symbol"],
                "3. Last Refreshed": self.refreshed or str(self.newest),
                "4. Output Size": "Full size" if full else "Compact",
                "5. Time Zone": "US/Eastern",
            },
            "Time Series (Daily)": {
                str(day): self._restated(_adjusted_row(day, self.newest) if adjusted else _row(day))
                for day in reversed(days)
            },
        }

    def _restated(self, row: dict[str, str]) -> dict[str, str]:
        prices = ("open", "high", "low", "close")
        return {
            name: f"{float(value) * self.restated:.4f}" if name.endswith(prices) else value
            for name, value in row.items()
        }

    def _intraday(self, query: Mapping[str, str]) -> dict:
        interval = query["interval"]
        step = timedelta(minutes=int(interval.removesuffix("min")))
        days = [day for day in self.sessions() if f"{day:%Y-%m}" == query["month"]]
        if not days:
            return {"Error Message": "Invalid API call. Please retry or visit the documentation (…) for INTRADAY."}
        stamps = [stamp + step if self.ends_as_stamps else stamp for day in days for stamp in _bars(day, step)]
        return {
            "Meta Data": {
                "1. Information": f"Intraday ({interval}) open, high, low, close prices and volume",
                "2. Symbol": query["symbol"],
                "3. Last Refreshed": str(stamps[-1]),
                "4. Interval": interval,
                "5. Output Size": "Full size",
                "6. Time Zone": "US/Eastern",
            },
            f"Time Series ({interval})": {str(stamp): _row(stamp.date()) for stamp in reversed(stamps)},
        }

    def _long(self, query: Mapping[str, str]) -> dict:
        weekly = query["function"].endswith("WEEKLY")
        last: dict[object, date] = {}
        for day in self.sessions():
            last[day.isocalendar()[:2] if weekly else (day.year, day.month)] = day
        name = "Weekly" if weekly else "Monthly"
        return {
            "Meta Data": {
                "1. Information": f"{name} Prices (open, high, low, close) and Volumes",
                "2. Symbol": query["symbol"],
                "3. Last Refreshed": str(self.newest),
                "4. Time Zone": "US/Eastern",
            },
            f"{name} Time Series": {str(day): _row(day) for day in sorted(last.values(), reverse=True)},
        }

    def _splits(self, query: Mapping[str, str]) -> dict:
        day, factor = SPLIT
        rows = [{"effective_date": str(day), "split_factor": f"{factor:.4f}"}]
        return {"symbol": query["symbol"], "data": rows}

    def _dividends(self, query: Mapping[str, str]) -> dict:
        rows = [
            {
                "ex_dividend_date": str(day),
                "declaration_date": "None",
                "record_date": str(day),
                "payment_date": str(day + timedelta(days=20)),
                "amount": str(amount),
            }
            for day, amount in reversed(DIVIDENDS)
        ]
        return {"symbol": query["symbol"], "data": rows}

    def _search(self, query: Mapping[str, str]) -> dict:
        known = [("IBM", "International Business Machines", "United States", "USD", "Equity")]
        known += [("TSCO.LON", "Tesco PLC", "United Kingdom", "GBX", "Equity")]
        words = query["keywords"].casefold()
        return {
            "bestMatches": [
                {
                    "1. symbol": symbol,
                    "2. name": name,
                    "3. type": kind,
                    "4. region": region,
                    "5. marketOpen": "09:30",
                    "6. marketClose": "16:00",
                    "7. timezone": "UTC-04",
                    "8. currency": currency,
                    "9. matchScore": "1.0000",
                }
                for symbol, name, region, currency, kind in known
                if words in name.casefold() or words in symbol.casefold()
            ]
        }

    def _fx(self, query: Mapping[str, str]) -> dict:
        days = self.sessions()[-COMPACT:] if query["outputsize"] == "compact" else self.sessions()
        rows = {str(day): {key: value for key, value in _row(day).items() if "volume" not in key} for day in days[::-1]}
        return {
            "Meta Data": {
                "1. Information": "Forex Daily Prices (open, high, low, close)",
                "2. From Symbol": query["from_symbol"],
                "3. To Symbol": query["to_symbol"],
                "4. Output Size": "Full size",
                "5. Last Refreshed": f"{self.newest} 21:55:00",
                "6. Time Zone": "UTC",
            },
            "Time Series FX (Daily)": rows,
        }

    def _coin(self, query: Mapping[str, str]) -> dict:
        days = [self.newest - timedelta(days=back) for back in range(400)]
        rows = {}
        for day in days:
            opened, high, low, close, volume = _row(day).values()
            prices = {"open": opened, "high": high, "low": low, "close": close}
            rows[str(day)] = {
                f"{place}{letter}. {name} ({money})": value if letter == "a" else "1.0"
                for place, (name, value) in enumerate(prices.items(), start=1)
                for letter, money in (("a", query["market"]), ("b", "USD"))
            } | {"5. volume": volume}
        return {
            "Meta Data": {
                "1. Information": "Daily Prices and Volumes for Digital Currency",
                "2. Digital Currency Code": query["symbol"],
                "3. Digital Currency Name": "Bitcoin",
                "4. Market Code": query["market"],
                "5. Market Name": "Euro",
                "6. Last Refreshed": f"{self.newest} 00:00:00",
                "7. Time Zone": "UTC",
            },
            "Time Series (Digital Currency Daily)": rows,
        }


def close_of(day: date) -> float:
    """The close of a day, as traded."""
    price = 200 + 20 * math.sin(day.toordinal() / 40) + day.toordinal() % 7
    return round(price / (SPLIT[1] if day >= SPLIT[0] else 1.0), 4)


def _row(day: date) -> dict[str, str]:
    close = close_of(day)
    return {
        "1. open": f"{close * 0.995:.4f}",
        "2. high": f"{close * 1.01:.4f}",
        "3. low": f"{close * 0.99:.4f}",
        "4. close": f"{close:.4f}",
        "5. volume": str(1_000_000 + day.toordinal() % 1_000 * 100),
    }


def _adjusted_row(day: date, newest: date) -> dict[str, str]:
    """A row whose adjusted close knows the split, and of dividends what came after."""
    opened, high, low, close, volume = _row(day).values()
    factor = 1.0 / SPLIT[1] if day < SPLIT[0] <= newest else 1.0
    return {
        "1. open": opened,
        "2. high": high,
        "3. low": low,
        "4. close": close,
        "5. adjusted close": f"{close_of(day) * factor:.4f}",
        "6. volume": volume,
        "7. dividend amount": next((f"{amount:.4f}" for ex_day, amount in DIVIDENDS if ex_day == day), "0.0000"),
        "8. split coefficient": str(SPLIT[1] if day == SPLIT[0] else 1.0),
    }


def _bars(day: date, step: timedelta) -> Iterator[datetime]:
    """The starts of a session's bars."""
    stamp = datetime.combine(day, time(9, 30))  # the vendor's stamps have no zone
    end = datetime.combine(day, time(13) if day in EARLY_CLOSES else time(16))  # so are these
    while stamp < end:
        yield stamp
        stamp += step
