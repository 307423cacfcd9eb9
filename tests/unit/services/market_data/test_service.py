from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from tests.unit.services.backtest.recording import OneSource

from hindcast.domain.errors import DateRangeError, InputError
from hindcast.services.market_data.service import MarketDataService


class Asked(OneSource):
    """A source that keeps what it was asked for."""

    name = "asked"

    def __init__(self) -> None:
        self.questions: list[Any] = []

    def read(self, symbols: Any, start: int | None = None, end: int | None = None) -> Any:
        self.questions.append((symbols, start, end))
        return super().read(symbols, start, end)


def nanoseconds(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def test_dates_reach_the_source_as_the_first_and_last_nanosecond_of_their_days() -> None:
    source = Asked()
    MarketDataService([source]).get_historical_data(("AAA",), date(2020, 1, 2), date(2020, 1, 3), provider="asked")
    assert source.questions == [(["AAA"], nanoseconds("2020-01-02"), nanoseconds("2020-01-04") - 1)]


def test_open_ends_reach_the_source_as_none() -> None:
    source = Asked()
    MarketDataService([source]).get_historical_data(["AAA"], provider="asked")
    assert source.questions == [(["AAA"], None, None)]


def test_one_name_is_one_symbol_and_not_its_letters() -> None:
    source = Asked()
    table = MarketDataService([source]).get_historical_data("AAA", provider="asked")
    assert table.symbols == ("AAA",)


@pytest.mark.parametrize("end", [date(2020, 1, 1), date(1999, 1, 1)])
def test_an_inverted_range_is_refused_before_the_source_is_asked(end: date) -> None:
    source = Asked()
    with pytest.raises(DateRangeError, match=f"start 2020-01-02 is after end {end}: swap them"):
        MarketDataService([source]).get_historical_data(["AAA"], date(2020, 1, 2), end, provider="asked")
    assert source.questions == []


def test_a_single_day_is_a_range() -> None:
    table = MarketDataService([OneSource()]).get_historical_data(
        ["AAA"], date(2020, 1, 2), date(2020, 1, 2), provider="sample"
    )
    assert table.timestamps.tolist() == [nanoseconds("2020-01-02")]


def test_an_unknown_provider_is_told_with_the_nearest_name() -> None:
    service = MarketDataService([OneSource(), Asked()])
    assert service.providers() == ("sample", "asked")
    with pytest.raises(InputError, match="no provider 'smple'. Did you mean 'sample'?"):
        service.symbols("smple")
    with pytest.raises(InputError, match="no provider 'xyz'. Known: sample, asked."):
        service.get_historical_data(["AAA"], provider="xyz")
