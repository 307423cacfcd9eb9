"""An import over HTTP: what the rows mean, and what became of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from hindcast.api.schemas.market_data import FindingAnswer, VersionAnswer
from hindcast.api.schemas.strict import Interval, Symbol
from hindcast.domain.market_data import Kind
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE

_COLUMN = r"^[^=]{1,100}=[a-z_]{1,40}$"


class ImportQuery(BaseModel):
    """Where the rows are to be stored, and what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$",
        description="The name to store and to load them by; neither `sample` nor that of a vendor",
        examples=["mine"],
    )
    interval: Interval | None = Field(None, description="1d, 5min, 1h …; none: the steps between the stamps tell")
    symbol: Symbol | None = Field(None, description="Whose rows they are, where no column says so")
    timezone: str = Field("", max_length=64, description="Of stamps without a zone", examples=["America/New_York"])
    calendar: str = Field("", max_length=20, description="Bars are held against its sessions", examples=["XNYS"])
    currency: str = Field("", pattern=r"^([A-Z][A-Z0-9]{2,5})?$", description="ISO 4217", examples=["USD"])
    kind: Kind = "equity"
    adjusted: bool = Field(False, description="Prices hold splits and dividends already")
    negative_prices: bool = Field(False, description="Prices of zero and below are no fault")
    decimal: Annotated[str, Field(pattern=r"^[.,]$")] | None = Field(
        None, description="The decimal mark; none: the numbers tell"
    )
    column: list[Annotated[str, Field(pattern=_COLUMN, examples=["Last=close"])]] = Field(
        default_factory=list, max_length=50, description="What a column is that is not recognised: THEIRS=OURS"
    )
    max_bad_share: float = Field(
        MAX_BAD_SHARE, ge=0, le=1, description="Bad rows per row above which nothing is stored"
    )
    dry_run: bool = Field(False, description="Check, and store nothing")

    def terms(self) -> dict[str, JsonValue]:
        """The fields of the import's terms."""
        found: dict[str, JsonValue] = self.model_dump(mode="json", exclude={"column", "dry_run", "symbol"})
        columns: dict[str, JsonValue] = {}
        for pair in self.column:
            theirs, _, ours = pair.rpartition("=")
            columns[theirs] = ours
        return {**found, "symbol": self.symbol or "", "columns": columns}


class ImportedSymbolAnswer(BaseModel):
    """What became of one symbol's rows."""

    symbol: str
    rows: int = Field(ge=0, description="That were read")
    published: int = Field(ge=0)
    quarantined: int = Field(ge=0)
    first: str = Field(description="ISO stamps of the first and the last good bar; empty where none is")
    last: str
    currency: str
    calendar: str
    adjusted: bool
    notes: list[str]


class BadRowAnswer(BaseModel):
    """A row that was left out."""

    symbol: str
    row: int = Field(ge=0, description="From 1, the heading not counted")
    stamp: str
    reasons: list[str]
    values: list[float | None] = Field(description="Open, high, low, close, volume")
    said: str


class ImportAnswer(BaseModel):
    """What was read, what was stored, what was left out and why."""

    provider: str = Field(examples=["mine"])
    interval: str = Field(examples=["1d"])
    rows_read: int = Field(ge=0, examples=[1006])
    rows_published: int = Field(ge=0, description="0 of a dry run", examples=[1006])
    rows_bad: int = Field(ge=0, examples=[0])
    max_bad_share: float
    symbols: list[ImportedSymbolAnswer]
    quarantined: dict[str, int] = Field(description="Bad rows by class", examples=[{"high_below_close": 1}])
    bad_rows: list[BadRowAnswer] = Field(description="Some of each class; the quarantine report holds all")
    findings: list[FindingAnswer]
    version: VersionAnswer | None = Field(description="What was published; null of a dry run")
    quarantine_id: str | None
    refused: bool = Field(description="Whether it can't be stored; only a dry run says so here")
    refusal: str = Field(description="Why; empty where it is not refused")
