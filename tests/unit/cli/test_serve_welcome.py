"""What `hindcast serve` says first."""

from __future__ import annotations

from hindcast.cli.commands.serve import print_welcome
from hindcast.settings import load_settings

URL = "http://127.0.0.1:8000"


def test_a_token_of_ones_own_is_not_shown_and_a_short_one_is_told(capsys):
    print_welcome(load_settings({"token": "s3cr3t"}), URL, "s3cr3t")
    short = capsys.readouterr().out
    print_welcome(load_settings({"token": "long-enough-that-nobody-guesses"}), URL, "long-enough-that-nobody-guesses")
    long = capsys.readouterr().out
    assert "That token has 6 characters" in short
    assert "s3cr3t" not in short
    assert "characters" not in long
    assert "long-enough" not in long


def test_a_token_that_was_made_is_shown_with_the_address(capsys):
    print_welcome(load_settings(), URL, "made-for-this-start")
    assert f"{URL}/?token=made-for-this-start" in capsys.readouterr().out
