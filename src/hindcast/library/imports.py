"""`import_bars`: bars from files and frames into the store, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from hindcast.bootstrap import ServiceFactory
from hindcast.bootstrap.import_terms import ImportTerms
from hindcast.services.market_data.intake.import_report import ImportReport
from hindcast.services.market_data.quality.bad_bars import MAX_BAD_SHARE
from hindcast.settings import load_settings


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
