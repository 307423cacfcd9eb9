"""A strategy in the terminal."""

from __future__ import annotations

from hindcast.cli.views.strategy_view import flowing


def test_a_paragraph_is_one_line_for_the_screen_to_break():
    assert flowing("What it does.\n\nOne thing\nand another.") == "What it does.\n\nOne thing and another."


def test_a_heading_a_list_and_an_example_keep_their_lines():
    kept = "References\n----------\nSomebody 1999."
    assert flowing(kept) == kept
    assert flowing("- one\n- two") == "- one\n- two"
    assert flowing("such as\n    a = b") == "such as\n    a = b"


def test_no_docstring_stays_none():
    assert flowing("") == ""
