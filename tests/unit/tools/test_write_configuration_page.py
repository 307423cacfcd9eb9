"""The page of the configuration in the documentation is the one that the records give."""

from __future__ import annotations

import re

from tools.write_configuration_page import PAGE, render

from hindcast.domain.backtest_config import BacktestConfig


def test_the_page_of_the_configuration_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python tools/write_configuration_page.py`"


def test_every_field_of_the_configuration_is_described():
    assert [name for name, field in BacktestConfig.model_fields.items() if not field.description] == []


def test_every_record_that_a_field_takes_has_its_table():
    choices = {
        choice["$ref"].rpartition("/")[2]
        for schema in BacktestConfig.model_json_schema()["properties"].values()
        for choice in schema.get("oneOf", ())
        if "$ref" in choice
    }
    assert choices == set(re.findall(r"^## `(\w+)`$", render(), flags=re.MULTILINE)) - {"BacktestConfig"}


def test_a_default_is_shown_as_python_writes_it():
    rows = dict(re.findall(r"^\| `(\w+)` \| (`[^`]+`|required) \|", render(), flags=re.MULTILINE))
    assert rows["sizing"] == "`TargetWeight(1.0)`"
    assert rows["fill_on"] == '`"next_open"`'
    assert rows["lot_size"] == "`None`"
    assert rows["cash"] == "required"
