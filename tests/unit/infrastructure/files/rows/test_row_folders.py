"""Folders, several paths, and frames by symbol: in order, all of them told, little of them held."""

from __future__ import annotations

import threading

import pandas as pd
import pytest

from hindcast.domain.errors import InputError
from hindcast.infrastructure.files.rows.row_folders import files_of, read_source
from hindcast.infrastructure.files.rows.row_reader import RowOptions
from hindcast.services.market_data.intake.source_rows import SourceRows, UnusableFile

TEXT = "date,close\n2018-01-02,1\n2018-01-03,2\n"


@pytest.fixture
def folder(tmp_path):
    for name in (
        "MSFT.csv",
        "AAPL.csv",
        "deeper/KO.txt",
        ".hidden.csv",
        "_state/X.csv",
        "notes.md",
        "deeper/.git/Y.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(TEXT)
    return tmp_path


def symbols(source, progress=None, **options):
    found = read_source(source, RowOptions(**options), progress)
    return [rows.symbol for rows in found if isinstance(rows, SourceRows)]


def test_a_folder_gives_its_files_in_order_of_their_names_without_hidden_ones(folder):
    assert symbols(folder) == ["AAPL", "MSFT", "KO"]
    assert symbols(str(folder)) == ["AAPL", "MSFT", "KO"]


def test_several_paths_are_read_in_the_order_given_each_once(folder):
    assert symbols([folder / "MSFT.csv", folder]) == ["MSFT", "AAPL", "KO"]


def test_a_file_that_is_named_is_read_whatever_it_is_called(folder):
    assert symbols(folder / "notes.md") == ["notes.md"]


def test_all_unusable_files_are_told(folder):
    (folder / "AAPL.csv").write_text("")
    (folder / "deeper" / "KO.txt").write_text("{}")
    found = list(read_source(folder, RowOptions()))
    assert [isinstance(entry, UnusableFile) for entry in found] == [True, False, True]


def test_many_files_come_in_order(tmp_path):
    for number in range(60):
        (tmp_path / f"S{number:02}.csv").write_text(TEXT)
    told = []
    found = symbols(tmp_path, progress=lambda step, share: told.append((step, share)))
    assert found == [f"S{number:02}" for number in range(60)]
    assert told[0] == ("reading S00.csv", 1 / 60)
    assert told[-1] == ("reading S59.csv", 1.0)


def test_a_reader_that_is_left_early_ends(tmp_path):
    for number in range(60):
        (tmp_path / f"S{number:02}.csv").write_text(TEXT)
    rows = iter(read_source(tmp_path, RowOptions()))
    assert isinstance(next(rows), SourceRows)
    del rows
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_frames_by_symbol_are_read(tmp_path):
    frame = pd.DataFrame({"date": ["2018-01-02"], "close": [1.0]})
    assert symbols({"AAPL": frame, "MSFT": frame}) == ["AAPL", "MSFT"]
    with pytest.raises(InputError, match="has the key 7"):
        symbols({7: frame})


@pytest.mark.parametrize(
    ("paths", "said"),
    [(["gone.csv"], "no file or folder gone.csv"), ([], "no file of bars in no path"), (["."], "no file of bars in .")],
)
def test_paths_without_files_of_bars_are_refused(tmp_path, monkeypatch, paths, said):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said):
        files_of(paths)


def test_options_that_do_not_fit_a_file_are_raised(folder):
    with pytest.raises(InputError, match="columns= names 'Last'"):
        symbols(folder, columns={"Last": "close"})
