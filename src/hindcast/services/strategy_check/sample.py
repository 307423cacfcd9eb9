"""The sample that a strategy is checked on: the last bars of an index, or of three companies."""

from __future__ import annotations

from functools import cache
from typing import Final

from hindcast.engine.stamps import to_datetime
from hindcast.services.market_data.data_processor import DataProcessor, ProcessedData
from hindcast.services.ports import BarsSource

SAMPLE_BARS: Final = 300
ONE_SYMBOL: Final = ("SPX",)
SEVERAL_SYMBOLS: Final = ("AAPL", "KO", "XOM")


class Sample:
    """The last 300 bars of symbols of the sample data."""

    def __init__(self, source: BarsSource, processor: DataProcessor) -> None:
        self._processor = processor
        self._read = cache(source.read)

    def of(self, symbols: tuple[str, ...]) -> ProcessedData:
        """Their last bars, with the ready-made columns."""
        table = self._read(symbols)
        first = to_datetime(table.timestamps[-SAMPLE_BARS]).date()
        return self._processor.process(table, symbols, first)
