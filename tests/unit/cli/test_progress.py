"""The progress bar is for those who watch."""

from __future__ import annotations

import io
import sys

from hindcast.cli.progress import progress_bar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_nobody_watches_a_pipe(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar() as tell:
        assert tell is None


def test_a_quiet_command_shows_none_even_in_a_terminal(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar(shown=False) as tell:
        assert tell is None
    assert stream.getvalue() == ""


def test_a_terminal_is_told_each_step(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar() as tell:
        assert tell is not None
        tell("simulating trades", 0.5)
    assert "simulating trades" in stream.getvalue()
