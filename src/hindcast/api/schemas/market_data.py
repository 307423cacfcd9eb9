"""Market data over HTTP: what there is, what is known of it, and what is brought in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from hindcast.api.schemas.strict import Interval, IsoDate, Provider, StrictBody, Symbol
from hindcast.domain.market_data import DataVersion, DateRange, Unavailable
from hindcast.services.market_data.browsing import ProviderInfo, ProviderKind, SymbolCoverage
from hindcast.services.market_data.vendors.fetch_report import FetchReport
from hindcast.services.ports import SymbolInfo

MOST_FETCHED = 20  # symbols of one request: a vendor's quota counts them
_NEXT = Field(description="Asks for the next page; null at the end")
_VERSION_EXAMPLE = "bc5c87da6062503fa36c5b0a3f31d4cac574a9f3f32110c36ec6fae0186286cf"


class ProviderAnswer(BaseModel):
    """A source of bars, and what is here of it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "sample", "kind": "built-in", "intervals": ["1d"], "symbols": 30}]}
    )

    name: str
    kind: ProviderKind = Field(description="`built-in`: whole from the start; `vendor`: can be fetched from")
    intervals: list[str] = Field(description="Of which bars are here")
    symbols: int = Field(ge=0, description="Of all intervals")

    @classmethod
    def of(cls, info: ProviderInfo) -> Self:
        """A provider as an answer."""
        return cls(name=info.name, kind=info.kind, intervals=list(info.intervals), symbols=info.symbols)


class ProviderPage(BaseModel):
    """A page of providers, by name."""

    items: list[ProviderAnswer]
    next_cursor: str | None = _NEXT


class SymbolAnswer(BaseModel):
    """What a provider has of a symbol."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "symbol": "SPX",
                    "name": "S&P 500",
                    "exchange": "XNYS",
                    "currency": "USD",
                    "kind": "index",
                    "interval": "1d",
                    "first": "1999-01-04",
                    "last": "2018-12-31",
                    "bars": 5031,
                    "adjusted": False,
                    "also_known_as": ["S&P 500", "SP500"],
                    "note": "Prices only: dividends are not in them.",
                }
            ]
        }
    )

    symbol: str
    name: str
    exchange: str = Field(description="Whose sessions it keeps; empty where nobody said")
    currency: str
    kind: str
    interval: str
    first: str = Field(description="Date of the first bar; empty where it has none")
    last: str
    bars: int = Field(ge=0)
    adjusted: bool = Field(description="Prices hold corporate actions already")
    also_known_as: list[str]
    note: str = Field(description="What a reader of a result must know of these prices")

    @classmethod
    def of(cls, info: SymbolInfo) -> Self:
        """A symbol as an answer."""
        return cls(
            symbol=info.symbol,
            name=info.name,
            exchange=info.exchange,
            currency=info.currency,
            kind=info.kind,
            interval=info.interval,
            first=info.first,
            last=info.last,
            bars=info.bars,
            adjusted=info.adjusted,
            also_known_as=list(info.also_known_as),
            note=info.note,
        )


class SymbolPage(BaseModel):
    """A page of symbols, in their order."""

    items: list[SymbolAnswer]
    next_cursor: str | None = _NEXT


class DaysAnswer(BaseModel):
    """Days from the first to the last, both included."""

    first: date = Field(examples=["1999-01-04"])
    last: date = Field(examples=["2018-12-31"])

    @classmethod
    def of(cls, days: DateRange) -> Self:
        """A range of days as an answer."""
        return cls(first=days.first, last=days.last)


class UnavailableAnswer(DaysAnswer):
    """Days that a vendor was asked for and did not give."""

    reason: str
    remedy: str
    asked_at: datetime

    @classmethod
    def entry(cls, found: Unavailable) -> Self:
        """Days that were not given, as an answer."""
        return cls(
            first=found.days.first,
            last=found.days.last,
            reason=found.reason,
            remedy=found.remedy,
            asked_at=found.asked_at,
        )


class CoverageAnswer(BaseModel):
    """Which days of a symbol are known."""

    provider: str
    interval: str
    symbol: str
    first: str = Field(description="Date of the first bar; empty where it has none", examples=["1999-01-04"])
    last: str = Field(examples=["2018-12-31"])
    bars: int = Field(ge=0, examples=[5031])
    covered: list[DaysAnswer] = Field(description="Days that the source has answered for: bars, or none on them")
    unavailable: list[UnavailableAnswer]
    version: str | None = Field(description="The newest version; null where the source has none")

    @classmethod
    def of(cls, found: SymbolCoverage) -> Self:
        """Coverage as an answer."""
        return cls(
            provider=found.provider,
            interval=found.interval,
            symbol=found.symbol,
            first=found.first,
            last=found.last,
            bars=found.bars,
            covered=[DaysAnswer.of(days) for days in found.covered],
            unavailable=[UnavailableAnswer.entry(each) for each in found.unavailable],
            version=found.version,
        )


class VersionAnswer(BaseModel):
    """One state of a provider's bars of one interval; it never changes, and results name it."""

    id: str = Field(examples=[_VERSION_EXAMPLE])
    provider: str
    interval: str
    known_at: datetime = Field(description="When it was published here")
    parent: str | None = Field(description="The version before")
    reason: str = Field(examples=["import"])
    changed: list[str] = Field(description="Symbols that it adds to or alters")
    restated: list[str] = Field(description="Of these, those whose known bars or actions now say something else")
    symbols: int = Field(ge=0)
    rows: int = Field(ge=0)

    @classmethod
    def of(cls, version: DataVersion) -> Self:
        """A version as an answer."""
        return cls(
            id=version.id,
            provider=version.provider,
            interval=version.interval,
            known_at=version.known_at,
            parent=version.parent,
            reason=version.reason,
            changed=list(version.changed),
            restated=list(version.restated),
            symbols=version.symbols,
            rows=version.rows,
        )


class VersionPage(BaseModel):
    """A page of versions, newest first."""

    items: list[VersionAnswer]
    next_cursor: str | None = _NEXT


class BarRow(BaseModel):
    """One bar."""

    timestamp: str = Field(
        description="UTC; of a daily bar its session's date, of one within the day its start",
        examples=["2018-12-31T00:00:00Z"],
    )
    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float | None = Field(description="null where the source has none")
    split: float = Field(description="New shares per old; 1: none")
    dividend: float = Field(description="Cash per share; 0: none")


class BarPageAnswer(BaseModel):
    """A page of bars: by time, then by symbol in the order of the request."""

    provider: str
    interval: str
    adjusted: bool = Field(description="Prices hold splits and dividends")
    version: str = Field(description="provider/interval@version, as results name it; empty where there is none")
    notes: list[str] = Field(description="What a reader must know of these prices")
    items: list[BarRow]
    next_cursor: str | None = _NEXT


class FetchBody(StrictBody):
    """What a vendor is to be asked for; what is known already is not asked for again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"provider": "alpha_vantage", "symbols": ["IBM"], "start_date": "2020-01-02"}],
        }
    )

    provider: Provider = Field("alpha_vantage", description="The vendor")
    symbols: Annotated[list[Symbol], Field(min_length=1, max_length=MOST_FETCHED, description="As the vendor spells")]
    interval: Interval = Field("1d", description="How long a bar is")
    start_date: IsoDate | None = Field(None, description="The first day; none: as far back as the vendor goes")
    end_date: IsoDate | None = Field(None, description="The last day; none: the last session that has ended")
    again: bool = Field(False, description="Ask for known days, too: what the vendor restated is a new version")


class FindingAnswer(BaseModel):
    """Something that was found in the bars."""

    rule: str
    severity: Literal["error", "warning", "gap"]
    symbol: str
    message: str


class FetchedSymbol(BaseModel):
    """What became of one symbol."""

    provider: str
    interval: str
    symbol: str
    asked: list[DaysAnswer] = Field(description="Empty where everything was known already")
    rows: int = Field(ge=0, description="Bars that were stored")
    quarantined: int = Field(ge=0)
    findings: list[FindingAnswer]
    unavailable: list[UnavailableAnswer]
    version: VersionAnswer | None
    quarantine_id: str | None

    @classmethod
    def of(cls, report: FetchReport) -> Self:
        """A report as an answer."""
        return cls(
            provider=report.provider,
            interval=report.interval,
            symbol=report.symbol,
            asked=[DaysAnswer.of(days) for days in report.asked],
            rows=report.rows,
            quarantined=report.quarantined,
            findings=[
                FindingAnswer(rule=each.rule, severity=each.severity, symbol=each.symbol, message=each.message)
                for each in report.findings
            ],
            unavailable=[UnavailableAnswer.entry(each) for each in report.unavailable],
            version=None if report.version is None else VersionAnswer.of(report.version),
            quarantine_id=report.quarantine_id,
        )


class FetchAnswer(BaseModel):
    """What became of a request to a vendor."""

    reports: list[FetchedSymbol]
