"""The error page in the documentation is the one that the classes give."""

from __future__ import annotations

from tools.write_error_page import PAGE, render


def test_the_error_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == render(), "run `python tools/write_error_page.py`"


def test_the_error_page_names_the_exit_code_and_remedy_of_a_config_error():
    row = next(line for line in render().splitlines() if line.startswith("| `ConfigError`"))
    assert "| `InputError` | 2 |" in row
    assert "hindcast config" in row
