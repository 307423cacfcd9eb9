from __future__ import annotations

import pytest

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.sample.catalogue import load_catalogue

COMPANIES = [
    "AAPL",
    "AMD",
    "BAC",
    "BBY",
    "CVX",
    "GE",
    "HD",
    "JNJ",
    "JPM",
    "KO",
    "LLY",
    "MRK",
    "MSFT",
    "PEP",
    "PFE",
    "PG",
    "RRC",
    "UNH",
    "WMT",
    "XOM",
]


def test_the_catalogue_lists_two_indices_twenty_companies_and_the_index_closes():
    assert sorted(load_catalogue()) == sorted(["SPX", "IXIC", "SPX_CLOSE", *COMPANIES])


def test_only_the_two_ohlcv_indices_have_more_than_one_price_a_day():
    assert [name for name, entry in load_catalogue().items() if not entry.info.single_price] == ["SPX", "IXIC"]


def test_only_the_companies_prices_are_adjusted_and_give_total_returns():
    catalogue = load_catalogue()

    assert [name for name, entry in catalogue.items() if entry.info.adjusted] == COMPANIES
    assert [name for name, entry in catalogue.items() if entry.returns == "total"] == COMPANIES
    assert [name for name, entry in catalogue.items() if entry.info.kind == "equity"] == COMPANIES


def test_every_symbol_names_its_source_and_licence():
    origins = {(entry.source, entry.source_version, entry.licence) for entry in load_catalogue().values()}

    assert origins == {("arch", "8.0.0", "NCSA"), ("skfolio", "1.12.2", "BSD-3-Clause")}


def test_every_single_price_symbols_note_says_where_fills_happen():
    for entry in load_catalogue().values():
        assert ("every fill is at a close" in entry.info.note) == entry.info.single_price


def test_a_missing_catalogue_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="No such file or directory; install hindcast-engine again"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"symbols": [{"symbol": "SPX"}]}'])
def test_a_damaged_catalogue_is_a_corrupt_data_error(tmp_path, content):
    (tmp_path / "catalogue.json").write_text(content, encoding="utf-8")

    with pytest.raises(CorruptDataError, match=r"catalogue\.json is damaged"):
        load_catalogue(tmp_path)
