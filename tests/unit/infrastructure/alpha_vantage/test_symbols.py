from __future__ import annotations

from importlib import import_module

import pytest

from hindcast.domain.errors import UnknownSymbolError
from hindcast.infrastructure.alpha_vantage.symbols import instrument_of


@pytest.mark.parametrize(
    ("symbol", "calendar", "currency", "zone"),
    [
        ("IBM", "XNYS", "USD", "America/New_York"),
        ("brk.b", "XNYS", "USD", "America/New_York"),
        ("BRK-B", "XNYS", "USD", "America/New_York"),
        ("TSCO.LON", "XLON", "", "Europe/London"),
        ("mbg.dex", "XETR", "EUR", "Europe/Berlin"),
        ("APC.FRK", "XFRA", "EUR", "Europe/Berlin"),
        ("SHOP.TRT", "XTSE", "CAD", "America/Toronto"),
        ("600104.SHH", "XSHG", "CNY", "Asia/Shanghai"),
        ("000002.SHZ", "XSHG", "CNY", "Asia/Shanghai"),
        ("RELIANCE.BSE", "XBOM", "INR", "Asia/Kolkata"),
        ("MC.PAR", "XPAR", "EUR", "Europe/Paris"),
        ("ASML.AMS", "XAMS", "EUR", "Europe/Amsterdam"),
        ("PETR4.SAO", "BVMF", "BRL", "America/Sao_Paulo"),
        ("NESN.SW", "XSWX", "CHF", "Europe/Zurich"),
        ("005930.KS", "", "", "UTC"),
    ],
)
def test_a_suffix_tells_calendar_currency_and_zone(symbol, calendar, currency, zone):
    read = instrument_of(symbol)
    assert (read.kind, read.market.calendar, read.market.currency, read.market.zone) == (
        "equity",
        calendar,
        currency,
        zone,
    )
    assert read.terms().calendar == calendar


def test_every_calendar_is_one_that_exchange_calendars_has():
    calendars = import_module("exchange_calendars")
    symbols = "A A.LON A.DEX A.FRK A.TRT A.TO A.TRV A.SHH A.SHZ A.BSE A.PAR A.AMS A.SAO A.SW BTC/USD".split()
    assert {instrument_of(symbol).market.calendar for symbol in symbols} <= set(calendars.get_calendar_names())


def test_london_says_that_it_quotes_in_pence_and_an_unknown_suffix_that_sessions_are_not_checked():
    assert "pence" in instrument_of("TSCO.LON").terms().notes[0]
    assert "not checked" in instrument_of("005930.KS").terms().notes[0]


def test_pairs_are_currencies_or_coins():
    euro, coin = instrument_of("eur/usd"), instrument_of("BTC/EUR")
    assert (euro.kind, euro.base, euro.quote, euro.terms().currency) == ("fx", "EUR", "USD", "USD")
    assert (coin.kind, coin.terms().calendar, coin.terms().currency) == ("crypto", "24/7", "EUR")


@pytest.mark.parametrize(
    "symbol", ["", " ", "IBM ", "I BM", "IBM\n", "../x", "x" * 33, "a/b/c", "BTC/ETH", "USD/USD", "ÄÖ"]
)
def test_what_can_be_no_symbol_costs_no_request(symbol):
    with pytest.raises(UnknownSymbolError):
        instrument_of(symbol)
