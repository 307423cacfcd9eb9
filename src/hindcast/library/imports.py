"""`import_bars`: bars from files and frames into the store, checked as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast, get_args

from hindcast.bootstrap import ServiceFactory
from hindcast.domain.errors import InputError
from hindcast.domain.intervals import DAILY, canonical_interval
from hindcast.domain.market_data import Kind, SeriesTerms
from hindcast.infrastructure.files.rows.row_folders import read_source
from hindcast.infrastructure.files.rows.row_reader import RowOptions
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.market_data.intake.import_report import ImportReport
from hindcast.services.market_data.intake.importer import PreparedImport
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE
from hindcast.settings import load_settings

_CURRENCY: Final = re.compile(r"[A-Z][A-Z0-9]{2,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTerms:
    """Where rows are to be stored, and what they mean. Raises InputError for a value that can't be."""

    provider: str
    interval: str | None = None  # None: the steps between the stamps tell
    symbol: str = ""  # whose rows they are, where file and columns do not say so
    timezone: str = ""  # of stamps without a zone
    calendar: str = ""  # a name of exchange_calendars, such as "XNYS" or "24/7"
    currency: str = ""  # ISO 4217
    kind: str = "equity"
    adjusted: bool = False  # prices hold corporate actions already
    negative_prices: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)  # their name → ours
    decimal: str | None = None  # "." or ","; None: the numbers tell
    max_bad_share: float = MAX_BAD_SHARE

    def __post_init__(self) -> None:
        for name in ("symbol", "timezone", "calendar", "currency", "kind"):
            if not isinstance(getattr(self, name), str):
                raise InputError(f"{name}={getattr(self, name)!r}; expected text")
        for name in ("adjusted", "negative_prices"):
            if not isinstance(getattr(self, name), bool):
                raise InputError(f"{name}={getattr(self, name)!r}; expected True or False")
        if isinstance(self.max_bad_share, bool) or not isinstance(self.max_bad_share, int | float):
            raise InputError(f"max_bad_share={self.max_bad_share!r}; expected a share from 0 to 1, such as 0.001")
        if self.currency and not _CURRENCY.fullmatch(self.currency):
            raise InputError(f"currency={self.currency!r}; expected a code such as 'USD' or 'KRW'")
        if self.kind not in get_args(Kind):
            raise InputError(f"kind={self.kind!r}; expected one of {', '.join(get_args(Kind))}")

    def prepare(
        self, services: ServiceFactory, source: object, progress: Callable[[str, float], None] | None = None
    ) -> PreparedImport:
        """Read and check a source; nothing is stored. Raises InputError, StorageError."""
        self._check_provider(services)
        options = RowOptions(
            symbol=self.symbol,
            timezone=self.timezone,
            columns=self.columns,
            currency=self.currency,
            decimal=self.decimal,
            adjusted=self.adjusted,
        )
        terms = SeriesTerms(
            currency=self.currency,
            calendar=self.calendar,
            kind=cast("Kind", self.kind),
            adjusted=self.adjusted,
            negative_prices=self.negative_prices,
        )
        return services.importer.prepare(
            read_source(source, options, progress),
            provider=self.provider,
            interval=self.interval,
            terms=terms,
            max_bad_share=self.max_bad_share,
        )

    def _check_provider(self, services: ServiceFactory) -> None:
        """Refuse a name that is taken or can't be, before anything is read."""
        taken = (SampleProvider.name, *services.market_data.vendors())
        if self.provider in taken:
            raise InputError(f"provider={self.provider!r} has prices of its own; choose another name, such as 'mine'")
        services.bar_store.series(self.provider, canonical_interval(self.interval or DAILY))


def import_bars(  # noqa: PLR0913  # each says one thing that files do not tell of themselves
    source: object,
    *,
    provider: str,
    interval: str | None = None,
    symbol: str = "",
    timezone: str = "",
    calendar: str = "",
    currency: str = "",
    kind: str = "equity",
    adjusted: bool = False,
    negative_prices: bool = False,
    columns: Mapping[str, str] | None = None,
    decimal: str | None = None,
    max_bad_share: float = MAX_BAD_SHARE,
) -> ImportReport:
    """Bring bars of your own into the store, under a provider's name; all of them in one step, or none.

    Afterwards `load_bars(symbols, provider=...)` and `hindcast run --provider ...` find them. The same rows once more
    change nothing; other rows for known days make a new version, and the old one stays.

    Parameters
    ----------
    source : path, several paths, frame, or mapping from symbols to frames
        Files are CSV (`.csv`, `.txt`, also with `.gz`) or Parquet, folders are searched to the bottom; frames are of
        pandas, polars or Arrow. Columns are recognised by name: one row per symbol and stamp, one symbol, or a column
        per symbol. A file without symbols is called by its own name, `AAPL.csv` or `AAPL_daily.csv`.
    provider : str
        A name for where the bars come from, such as "mine": small letters, digits, `_` and `-`.
    interval : str, optional
        "1d", "5min", "1h", …; the steps between the stamps tell it.
    symbol : str, optional
        Whose rows they are; rows of another symbol are then refused.
    timezone : str, optional
        Of stamps without a zone, such as "America/New_York"; intraday stamps need one.
    calendar : str, optional
        "XNYS", "XKRX", "24/7", …: rows outside its sessions are put aside, missing sessions told.
    currency : str, optional
        ISO 4217; a column `currency` that says otherwise is refused.
    kind : "equity", "etf", "index", "fx", "crypto", "future" or "other"
    adjusted : bool
        Prices hold splits and dividends already.
    negative_prices : bool
        Prices of zero and below are no fault.
    columns : mapping, optional
        Their name → ours, where a column is not recognised.
    decimal : "." or ",", optional
        The decimal mark of CSV files; the numbers tell it.
    max_bad_share : float
        Bad rows per row above which nothing is stored; at or below it, the bad rows are left out.

    Returns
    -------
    ImportReport
        Symbols, counts, findings and the version; `print` shows it.

    Raises
    ------
    ImportRefusedError
        The structure of the rows is wrong, or too many are bad; nothing was stored.
    InputError
        A path, an option or a calendar that can't be.
    StorageError
        A file can't be read, or the data folder not written.
    """
    terms = ImportTerms(
        provider=provider,
        interval=interval,
        symbol=symbol,
        timezone=timezone,
        calendar=calendar,
        currency=currency,
        kind=kind,
        adjusted=adjusted,
        negative_prices=negative_prices,
        columns=columns or {},
        decimal=decimal,
        max_bad_share=max_bad_share,
    )
    services = ServiceFactory(load_settings())
    services.databases.open()
    return services.importer.publish(terms.prepare(services, source))
