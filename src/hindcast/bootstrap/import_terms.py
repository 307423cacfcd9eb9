"""ImportTerms: where rows are to be stored and what they mean, from any door to the importer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast, get_args

from hindcast.domain.errors import InputError
from hindcast.domain.intervals import DAILY, canonical_interval
from hindcast.domain.market_data import Kind, SeriesTerms
from hindcast.infrastructure.files.rows.row_folders import read_source
from hindcast.infrastructure.files.rows.row_reader import RowOptions
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE

if TYPE_CHECKING:
    from hindcast.bootstrap.services import ServiceFactory
    from hindcast.services.market_data.intake.importer import PreparedImport

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
