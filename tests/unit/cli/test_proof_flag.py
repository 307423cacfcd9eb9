"""`hindcast run --proof`, and the certificate that the command line keeps and shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.contracts.stores import stored_results
from tests.unit.cli.invoking import hindcast

LEAK = '''
"""A plug-in."""
import hindcast as hc


class Tomorrow(hc.BaseStrategy):
    """Know the next close."""

    STRATEGY_TYPE = "tomorrow_of_this_test"

    def generate_signals(self, data):
        return hc.Signals.from_entries(data.close.shift(-1) > data.close, data.close.shift(-1) < data.close)
'''
DAYS = ("--symbols", "SPX", "--start", "2017-01-01", "--end", "2017-12-31")


@pytest.mark.parametrize(("level", "verdict"), [("sampled", "passed"), ("full", "passed"), ("off", "not_run")])
def test_the_flag_chooses_how_much_is_proven(level: str, verdict: str) -> None:
    answer = hindcast("run", "sma_crossover", *DAYS, "--proof", level, "--json", "-")
    assert answer.code == 0, answer.err
    certificate = json.loads(answer.out)["certificate"]
    assert (certificate["level"], certificate["verdict"]) == (level, verdict)


def test_a_look_ahead_is_shown_loudly_stored_and_reported_and_fails_nothing(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # away from the repository's own plug-ins
    folder = data_folder / "plugins" / "strategies"
    folder.mkdir(parents=True)
    (folder / "tomorrow.py").write_text(LEAK, encoding="utf-8")
    page = tmp_path / "report.html"
    answer = hindcast("run", "tomorrow_of_this_test", *DAYS, "--report", page)
    assert answer.code == 0, answer.err
    assert "Look-ahead proof: LOOK-AHEAD FOUND · SPX, 2017-" in answer.out
    assert "such a result can't be had in real trading" in " ".join(answer.out.split())
    assert "LOOK-AHEAD FOUND" in page.read_text(encoding="utf-8")
    (stored,) = stored_results(data_folder).list()
    assert stored.certificate.verdict == "look_ahead"
