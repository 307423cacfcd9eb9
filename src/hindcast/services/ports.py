"""The outside world on one page: what the services need, without a word about who provides it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from hindcast.domain.backtest import Artefact, BacktestResult
    from hindcast.domain.errors import HindcastError
    from hindcast.domain.market_data import (
        CorporateAction,
        Coverage,
        DataVersion,
        DateRange,
        SeriesTerms,
        Unavailable,
    )
    from hindcast.engine.bars import Bars

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolInfo:
    """What a source says of one of its symbols."""

    symbol: str
    name: str
    exchange: str  # ISO 10383 market code, e.g. "XNYS"
    currency: str  # ISO 4217
    kind: str  # "equity", "index", …
    first: str  # ISO date of the first bar
    last: str  # ISO date of the last bar
    bars: int
    single_price: bool = False  # open, high and low are the close
    adjusted: bool = False  # prices already hold splits (and, where the note says so, dividends)
    also_known_as: tuple[str, ...] = ()  # other spellings, for the alias table
    note: str = ""  # what a reader of a result must know of these prices
    interval: str = "1d"


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelTable:
    """Raw columns as a source gives them: T stamps by S symbols, NaN where a symbol has no bar.

    The arrays belong to whom the table is given to: bars made of it take them over, and make them read-only.
    """

    timestamps: IntArray  # (T,), UTC nanoseconds, increasing
    symbols: tuple[str, ...]
    open: FloatArray  # (T, S), price
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    split: FloatArray | None = None  # new shares per old, 1 = none
    dividend: FloatArray | None = None  # cash per share, 0 = none
    adjusted: bool = False
    notes: tuple[str, ...] = ()
    version: str = ""  # the data version that it was read from; empty where the source has none
    unavailable: tuple[str, ...] = ()  # what of the days asked for the source did not give, and why


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarRows:
    """One symbol's rows as a source gave them, in the source's order: nothing has been held against a rule yet."""

    symbol: str
    timestamps: IntArray  # (n,), UTC nanoseconds; of daily bars the session date at 00:00; 0 where it can't be read
    open: FloatArray  # (n,), price; NaN where it is missing or can't be read
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray  # (n,), units; all NaN where the source has none
    split: FloatArray | None = None  # (n,), new shares per old; NaN or 1 = none
    dividend: FloatArray | None = None  # (n,), cash per share; NaN or 0 = none
    origin: str = ""  # the file or vendor, for messages
    numbers: IntArray | None = None  # (n,), the row's number in its origin, from 1; None: 1 … n
    # Rows that the reader itself found bad, by class of bad bar ("text_in_number", "dst_gap" …): places, not numbers
    faults: Mapping[str, IntArray] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CleanSeries:
    """One symbol's bars that have passed the rules, on their way into the store.

    Within `covered` it is the whole truth: stored bars of those days that are not among these rows are taken away,
    but for those at `kept` stamps, whose new row was put in quarantine.
    """

    symbol: str
    terms: SeriesTerms
    timestamps: IntArray  # (n,), UTC nanoseconds, increasing; n may be 0
    open: FloatArray  # (n,), price, no NaN
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray  # (n,), units; NaN where the source has none
    covered: tuple[DateRange, ...]
    actions: tuple[CorporateAction, ...] | None = None  # all that are known now; None: the source says nothing of them
    unavailable: tuple[Unavailable, ...] = ()
    kept: IntArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSeries:
    """What a data version holds of one symbol."""

    symbol: str
    terms: SeriesTerms
    first: int  # UTC nanoseconds of the first and the last bar; 0 where it has none
    last: int
    rows: int
    coverage: Coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The sessions of an exchange, as far as its calendar knows them."""

    calendar: str
    sessions: IntArray  # (n,), each session's date at 00:00 UTC, nanoseconds, increasing
    opens: IntArray  # (n,), UTC nanoseconds
    closes: IntArray  # (n,), UTC nanoseconds, early closes in place
    early: NDArray[np.bool_]  # (n,), whether the close is earlier than usual
    first: int  # what is known: days from first to last (00:00 UTC), wherever the sessions lie
    last: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fetched:
    """A vendor's answer for one symbol and a range of days."""

    rows: BarRows
    terms: SeriesTerms
    covered: tuple[DateRange, ...]  # the days that the answer speaks for
    unavailable: tuple[Unavailable, ...] = ()  # the days that were asked for and not given
    actions: tuple[CorporateAction, ...] | None = None  # all that the vendor knows; None: not asked
    silent_on: tuple[str, ...] = ()  # kinds of actions that it was asked for and does not tell: "dividend", "split"
    adjusted_close: FloatArray | None = None  # (n,), the vendor's own, beside `rows`; None where it gives none


class BarsSource(Protocol):
    """A source of bars: the sample data, a store, a vendor."""

    @property
    def name(self) -> str: ...

    def symbols(self) -> tuple[SymbolInfo, ...]: ...

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        """Bars of the symbols with start <= stamp <= end (UTC nanoseconds; None = open end).

        Raises SymbolError for a symbol that the source does not have, DateRangeError where no bar is in the range.
        """
        ...


class BarStore(Protocol):
    """Bars that were imported or fetched: immutable versions of each provider's bars of each interval."""

    def datasets(self) -> tuple[tuple[str, str], ...]:
        """(provider, interval) of all that is stored, sorted."""
        ...

    def versions(self, provider: str, interval: str) -> tuple[DataVersion, ...]:
        """All versions, newest first; none where nothing is stored. Raises CorruptDataError."""
        ...

    def series(self, provider: str, interval: str, version: str | None = None) -> Mapping[str, StoredSeries]:
        """What a version (by default the newest) holds, by symbol; empty where nothing is stored.

        Raises NotFoundError for a version that is not there, CorruptDataError.
        """
        ...

    def read(
        self,
        provider: str,
        interval: str,
        symbols: Sequence[str],
        start: int | None = None,
        end: int | None = None,
        *,
        version: str | None = None,
    ) -> PanelTable:
        """Raw bars with splits and dividends, start <= stamp <= end, on the union of the symbols' stamps.

        Every file is held against its hash first. The arrays are the caller's own; its `version` is the version read.

        Raises
        ------
        SymbolError
            A symbol that is not stored, none, or one twice.
        DateRangeError
            An inverted range, or a symbol without a bar in it.
        NotFoundError
            A version that is not there.
        CorruptDataError
            A file that is not what was written, or is gone.
        DataError
            Adjusted prices beside raw ones with actions.
        """
        ...

    def actions(
        self, provider: str, interval: str, symbol: str, version: str | None = None
    ) -> tuple[CorporateAction, ...]:
        """The corporate actions of a symbol, by day. Raises as `read` does."""
        ...

    def publish(
        self, provider: str, interval: str, series: Sequence[CleanSeries], *, reason: str, known_at: datetime
    ) -> DataVersion:
        """A new version with these series put over those that are stored, all in one step.

        Readers see the old version or the new one, whenever the process dies; publishers that work at once lose
        nothing of each other. Where nothing changes, the version stays, also where only `asked_at` is newer.
        Raises InputError (names), DataError (rows out of order, or that mean something else than those that stay),
        CorruptDataError, StorageError.
        """
        ...

    def check(self) -> Iterator[tuple[str, HindcastError | None]]:
        """Every stored file by name, held against its hash: what is wrong with it, or None."""
        ...


class CoverageRepository(Protocol):
    """Which days of which symbol are known; it can be rebuilt from the store at any time."""

    def get(self, provider: str, interval: str, symbol: str) -> Coverage | None: ...

    def save(self, coverage: Sequence[Coverage]) -> None: ...

    def clear(self) -> None: ...


class QuarantineReports(Protocol):
    """Reports of imports and fetches: what was left out, and why."""

    def save(self, report: Mapping[str, object]) -> str:
        """Keep a report of plain values; gives its id."""
        ...

    def get(self, report_id: str) -> Mapping[str, object]:
        """Raises NotFoundError, CorruptDataError."""
        ...

    def list(self) -> tuple[str, ...]: ...


class CalendarSource(Protocol):
    """Trading calendars."""

    def schedule(self, calendar: str, first: date, last: date) -> Schedule:
        """The sessions from first to last, cut to what the calendar knows.

        Raises InputError for an unknown calendar, with near names.
        """
        ...


class MarketDataProvider(Protocol):
    """A vendor that is asked over the network."""

    @property
    def name(self) -> str: ...

    @property
    def intervals(self) -> tuple[str, ...]: ...

    def terms(self, symbol: str, interval: str) -> SeriesTerms:
        """What is known of a symbol without asking: its calendar and currency by its spelling."""
        ...

    async def fetch(self, symbol: str, interval: str, days: DateRange) -> Fetched:
        """Bars of these days, and all corporate actions where the interval is daily.

        Raises ProviderError and its kinds; within 30 s for each request.
        """
        ...

    async def search(self, words: str) -> tuple[SymbolInfo, ...]:
        """Symbols that the vendor knows by these words. Raises ProviderError."""
        ...


class CacheBackend(Protocol):
    """Bytes by key, for a while; a cache may forget at any time."""

    def get(self, key: str) -> bytes | None: ...

    def set(self, key: str, value: bytes, *, ttl_seconds: float | None = None) -> None: ...

    def delete(self, key: str) -> None: ...


class FeatureStore(Protocol):
    """The ready-made columns of a panel, by the store's own window functions."""

    def compute(self, bars: Bars, closes: FloatArray) -> Mapping[str, FloatArray]:
        """sma_10, sma_30, sma_50, daily_return, volatility_20d, return_volatility_20d, each (T, S).

        `closes` are the panel's closes after the gap rule; a window with fewer values than its length gives NaN.
        """
        ...


IndexValue = str | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A record as a document store keeps it: its JSON text, and the few values that it is found by."""

    id: str
    version: int  # 1 when it is inserted, one more with each replacement
    schema_version: int
    document: str  # JSON
    content_hash: str  # BLAKE3 of the JSON text
    index: Mapping[str, IndexValue]  # every index field of its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """Which documents of a kind are wanted, in which order. Only index fields can be asked for."""

    where: Mapping[str, IndexValue] = field(default_factory=dict)  # field → value that it has
    starting: Mapping[str, str] = field(default_factory=dict)  # text field → what it begins with
    below: Mapping[str, int] = field(default_factory=dict)  # field → number that it is less than; None is never less
    order: str = "created_ms"  # an index field with numbers; ties go by id, in the same direction
    descending: bool = True
    after: tuple[int, str] | None = None  # (order value, id) of the last document of the page before
    limit: int = 50


class DocumentStore(Protocol):
    """Documents by kind and id, each changed in one atomic step. What is acknowledged is held by the disk.

    Every method raises StoreUnavailableError within 2 s where the store does not answer.
    """

    def now(self) -> int:
        """Epoch milliseconds by the store's own clock."""
        ...

    def insert(self, kind: str, document: StoredDocument) -> bool:
        """Keep a new document; False where the id is taken, and nothing changes."""
        ...

    def get(self, kind: str, document_id: str) -> StoredDocument | None: ...

    def replace(self, kind: str, document: StoredDocument, *, version: int) -> bool:
        """Put it in the place of the one with its id and this version, in one step; False where there is none such.

        `document.version` is the new version.
        """
        ...

    def delete(self, kind: str, document_id: str, *, version: int) -> bool:
        """Take away the one of this id and version; False where there is none such."""
        ...

    def find(self, kind: str, wanted: Find) -> tuple[StoredDocument, ...]: ...

    def ping(self) -> None:
        """Ask whether the store answers; nothing else."""
        ...

    def close(self) -> None: ...


class ArtefactStore(Protocol):
    """Tables of results, each by the hash of its content."""

    def keep(self, name: str, columns: Mapping[str, NDArray[np.generic]]) -> Artefact:
        """Keep a table, held by the disk when this returns; the same table twice is kept once. Raises StorageError."""
        ...

    def table(self, artefact: Artefact) -> Mapping[str, NDArray[np.generic]]:
        """A table, column by column, its bytes checked first. Raises CorruptDataError, StorageError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """What a child process may take."""

    seconds: float = 900.0  # from its start to its answer
    memory_bytes: int = 2 * 1024**3  # on top of what the warm parent has


Tell = Callable[[str, float], None]  # (what is being done, the share of all that is done)
Stopped = Callable[[], bool]  # whether nobody waits for the work any more


class ChildProcesses(Protocol):
    """Work in a process of its own, where the code of users runs: no secrets, bounded, ended with all that it started.

    Tasks go by name; payload and answer are JSON values.
    """

    def run(
        self,
        task: str,
        payload: Mapping[str, JsonValue],
        *,
        limits: ChildLimits | None = None,
        tell: Tell | None = None,
        stopped: Stopped | None = None,
    ) -> JsonValue:
        """The task's answer. May be called from several threads at once; `tell` gets the child's (step, share).

        Raises
        ------
        HindcastError
            What the task raised, by its class and message.
        TimeLimitError, MemoryLimitError, StrategyExitError
            The code in the child took too much, or ended the process.
        WorkLostError
            The child was lost through no fault of its code: it was killed from outside.
        WorkNotBegunError
            No child could be started: nothing of the task was begun.
        WorkStoppedError
            `stopped()` said so; it is asked at least every half second.
        """
        ...

    def close(self) -> None: ...


class PasswordHasher(Protocol):
    """Hashes of passwords that take time and memory to try."""

    def hash(self, password: str) -> str: ...

    def verify(self, password_hash: str, password: str) -> bool: ...

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with weaker parameters than those of today."""
        ...


class ResultStore(Protocol):
    """Results: tables by content, and the summary that points to them."""

    def save(self, result: BacktestResult, tables: Mapping[str, Mapping[str, NDArray[np.generic]]]) -> BacktestResult:
        """Keep tables (name → column → values) and summary in one step; gives the result with its artefacts named.

        A reader sees the whole result or none of it, whenever the process dies.
        """
        ...

    def get(self, result_id: str) -> BacktestResult:
        """The result of a backtest id, a manifest id, or an unambiguous beginning of one.

        Raises NotFoundError where none has it, and names the candidates where several do.
        """
        ...

    def table(self, result: BacktestResult, name: str) -> Mapping[str, NDArray[np.generic]]:
        """One table of a result, column by column. Raises CorruptDataError if its bytes are not what was written."""
        ...

    def list(self) -> tuple[BacktestResult, ...]:
        """All results, newest first."""
        ...
