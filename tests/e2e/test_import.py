"""`hindcast data import`, as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.integration.test_imports import frame_of
from tests.unit.cli.invoking import hindcast


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    prices = tmp_path / "prices"
    prices.mkdir()
    for symbol in ("AAPL", "MSFT"):
        frame_of(symbol).drop(columns="symbol").to_csv(prices / f"{symbol}.csv", index=False)
    return prices


def test_files_are_imported_and_can_be_run_at_once(folder):
    answer = hindcast("data", "import", "prices", "--as", "mine", "--currency", "USD")
    assert (answer.code, answer.err) == (0, "")
    assert "3,000 rows of 2 symbols from 2 files: 3,000 bars stored as version" in answer.out
    assert "run sma_crossover --symbols AAPL,MSFT --provider mine" in answer.out
    assert "no calendar is stated" in answer.out
    ran = hindcast("run", "sma_crossover", "--symbols", "AAPL,MSFT", "--provider", "mine", "--json", "-")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["total_trades"] > 0
    listed = json.loads(hindcast("data", "list", "--provider", "mine", "--json").out)
    assert [symbol["symbol"] for symbol in listed["mine"]] == ["AAPL", "MSFT"]


def test_a_dry_run_says_the_same_and_stores_nothing(folder, data_folder):
    answer = hindcast("data", "import", "prices", "--as", "mine", "--dry-run")
    assert answer.code == 0
    assert "checked, nothing was stored (--dry-run)" in answer.out
    assert not [path for path in data_folder.rglob("*") if path.is_file()]


def test_bad_rows_are_told_with_file_row_reason_and_remedy(folder):
    file = folder / "MSFT.csv"
    lines = file.read_text().splitlines()
    lines[4] = lines[4].rpartition(",")[0] + ",many"
    file.write_text("\n".join(lines) + "\n")
    answer = hindcast("data", "import", "prices", "--as", "mine")
    assert answer.code == 0
    assert "MSFT.csv, row 4 (MSFT 2015-01-07): text_in_number: column 'volume': 'many' is no number" in answer.out
    assert "quarantine report" in answer.out
    strict = hindcast("data", "import", "prices", "--as", "other", "--max-bad-share", "0")
    assert strict.code == 2
    assert "refused, nothing was stored" in strict.out
    assert strict.err.startswith("error: import into other/1d refused, nothing was stored: 1 of 3,000 rows are bad")
    assert hindcast("data", "list", "--provider", "other").code == 2


def test_a_refused_import_tells_machines_as_well(folder):
    (folder / "KO.csv").write_text('{"Note": "too many calls"}')
    answer = hindcast("data", "import", "prices", "--as", "mine", "--json")
    assert answer.code == 2
    report = json.loads(answer.out)
    assert (report["refused"], report["version"], report["unusable"][0]["rule"]) == (True, None, "truncated_payload")
    assert report["quarantine_id"]


def test_columns_symbols_and_zones_can_be_told(folder):
    Path("x.txt").write_text("Wann;Letzter\n2018-01-02 09:30;1,5\n2018-01-02 09:31;2,5\n")
    answer = hindcast(
        *("data", "import", "x.txt", "--as", "mine", "--symbol", "SAP", "--timezone", "Europe/Berlin"),
        *("--column", "Wann=timestamp", "--column", "Letzter=close", "--calendar", "XETR", "--json"),
    )
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert (report["interval"], report["symbols"][0]["first"]) == ("1min", "2018-01-02 08:30:00")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--as", "mine"), "no file or folder nowhere"),
        (("prices", "--as", "sample"), "has prices of its own"),
        (("prices", "--as", "mine", "--column", "Last"), "--column 'Last' can't be read; expected THEIRS=OURS"),
        (("prices",), "--as"),
    ],
)
def test_what_can_not_be_imported_is_told_in_a_sentence(folder, arguments, said):
    answer = hindcast("data", "import", *arguments)
    assert answer.code == 2
    assert said in answer.err
