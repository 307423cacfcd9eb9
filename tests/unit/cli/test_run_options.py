"""From the words of the command line to typed values."""

from __future__ import annotations

from datetime import date

import pytest

from hindcast.cli.run_options import read_day, read_parameters, read_range, read_sizing, schema_types, split_symbols
from hindcast.domain.errors import ConfigError, DateRangeError, InputError, ParameterError, SymbolError
from hindcast.domain.sizing import FixedCash, FixedQuantity, TargetWeight
from hindcast.strategies.factory import StrategyFactory

SCHEMA = {
    "properties": {
        "window": {"type": "integer"},
        "ratio": {"type": "number"},
        "label": {"type": "string"},
        "on": {"type": "boolean"},
        "limit": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "alias": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "levels": {"type": "array"},
    }
}


def test_symbols_come_by_comma_and_by_repetition_in_order():
    assert split_symbols(["AAPL, KO", "XOM"]) == ("AAPL", "KO", "XOM")


def test_a_symbol_that_is_named_twice_is_refused():
    with pytest.raises(SymbolError, match="names KO twice"):
        split_symbols(["KO,AAPL", "KO"])


def test_no_symbol_at_all_is_refused():
    with pytest.raises(SymbolError, match="names no symbol"):
        split_symbols([" , "])


def test_a_day_is_read_and_a_missing_one_stays_open():
    assert read_day("1999-12-31", "--start") == date(1999, 12, 31)
    assert read_day(None, "--start") is None


@pytest.mark.parametrize("text", ["1/2/2000", "2000-02-30", "", "yesterday"])
def test_what_is_no_day_is_refused_with_its_option(text):
    with pytest.raises(DateRangeError, match=r"--end .* is no date; expected one such as 1999-12-31"):
        read_day(text, "--end")


def test_a_start_after_the_end_is_refused_and_one_on_it_is_not():
    with pytest.raises(DateRangeError, match="--start 2005-01-01 is after --end 2004-01-01"):
        read_range("2005-01-01", "2004-01-01")
    assert read_range("2005-01-01", "2005-01-01") == (date(2005, 1, 1), date(2005, 1, 1))


def test_each_sizer_has_its_word():
    assert read_sizing("weight:0.5") == TargetWeight(0.5)
    assert read_sizing("quantity:10") == FixedQuantity(10)
    assert read_sizing("cash:1000") == FixedCash(1000)


@pytest.mark.parametrize("text", ["1.0", "weight", "weight:", "weight:much", "shares:10", ""])
def test_a_sizer_that_cannot_be_read_is_refused_with_examples(text):
    with pytest.raises(InputError, match=r"expected weight:1.0, quantity:10 or cash:1000"):
        read_sizing(text)


def test_a_sizer_out_of_bounds_is_refused_by_its_record():
    with pytest.raises(ConfigError, match="quantity = -1.0"):
        read_sizing("quantity:-1")


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("window=10", 10),
        ("ratio=0.5", 0.5),
        ("label=10", "10"),
        ("label=a=b", "a=b"),
        ("on=true", True),
        ("on=False", False),
        ("limit=null", None),
        ("limit=None", None),
        ("limit=2.5", 2.5),
        ("alias=null", None),
        ("alias=7", "7"),
        ("levels=[1, 2]", [1, 2]),
        ("unheard=3", 3),
        ("unheard=word", "word"),
    ],
)
def test_a_parameter_is_read_as_the_schema_says(pair, value):
    (read,) = read_parameters([pair], SCHEMA).values()
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "ten"])
def test_what_is_no_number_stays_text_for_the_strategy_to_refuse(text):
    assert read_parameters([f"window={text}"], SCHEMA) == {"window": text}


@pytest.mark.parametrize("pair", ["window", "=3", " =3"])
def test_a_parameter_without_name_or_value_is_refused(pair):
    with pytest.raises(ParameterError, match="expected name=value"):
        read_parameters([pair], SCHEMA)


def test_a_parameter_that_is_given_twice_is_refused():
    with pytest.raises(ParameterError, match="window is given twice: 10 and 20"):
        read_parameters(["window=10", "window=20"], SCHEMA)


def test_the_types_of_a_built_in_strategy_are_found_in_its_schema():
    schema = StrategyFactory.describe("sma_crossover").parameters_schema
    assert schema_types(schema["properties"]["short_window"]) == ("integer",)
