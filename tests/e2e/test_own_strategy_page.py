"""The tutorial on strategies of one's own: its commands run as they stand, and its table has every finding."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
from tests.architecture.source_tree import ROOT
from tests.shared_children import SharedChildren, use_children
from tests.unit.cli.invoking import hindcast

from hindcast.services.strategy.validation import FindingCode

PAGE = (ROOT / "docs/tutorial/own_strategy.md").read_text(encoding="utf-8")


def test_the_commands_run_as_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_children: SharedChildren
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    commands = [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ hindcast ")]
    assert len(commands) == 5
    use_children(monkeypatch, shared_children)
    for command in commands:
        answer = hindcast(*shlex.split(command)[1:])
        assert answer.code == 0, (command, answer.out, answer.err)
    assert (tmp_path / "dip.html").is_file()


def test_the_table_has_every_finding_and_no_other() -> None:
    told = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]*) \| (?:error|warning|info) \|", PAGE, re.M))))
    assert told == set(get_args(FindingCode))


def test_the_bodies_that_are_sent_are_json() -> None:
    (body,) = re.findall(r"-d '([^']*)'", PAGE)
    assert set(json.loads(body)) == {"name", "strategy_type", "parameters"}
