from __future__ import annotations

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hindcast.domain.errors import BarsError, InputError, StorageError
from hindcast.engine.bars import Bars
from hindcast.infrastructure.files.table_reader import read_csv, read_parquet


def csv(folder, text):
    file = folder / "bars.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


@pytest.mark.parametrize(
    "text",
    [
        "Date,Close\n2018-01-02,1.5\n2018-01-03,2\n",
        "\ufeffDate,Close\n2018-01-02,1.5\n2018-01-03,2\n",
        "Date;Close\n2018-01-02;1.5\n2018-01-03;2\n",
        "Date\tClose\r\n2018-01-02\t1.5\r\n2018-01-03\t2\r\n",
        ",Close\n2018-01-02,1.5\n2018-01-03,2\n",
        "<DATE>,<CLOSE>\n20180102,1.5\n20180103,2\n",
        "Date,Close\n2018-01-02 00:00:00-05:00,1.5\n2018-01-03 00:00:00-05:00,2\n",
    ],
    ids=["plain", "byte order mark", "semicolons", "tabs", "unnamed index", "digits", "offset"],
)
def test_usual_csv_files_give_the_same_bars(tmp_path, text):
    made = Bars.from_table(read_csv(csv(tmp_path, text)))
    assert made.index.strftime("%Y-%m-%d %H:%M").tolist() == ["2018-01-02 00:00", "2018-01-03 00:00"]
    assert made.panel.close[:, 0].tolist() == [1.5, 2.0]


def test_codes_with_leading_zeros_keep_them(tmp_path):
    file = csv(tmp_path, "date,code,close\n2018-01-02,005930,1\n2018-01-02,000660,2\n")
    assert Bars.from_table(read_csv(file)).symbols == ("005930", "000660")
    file = csv(tmp_path, "date,item,close\n2018-01-02,005930,1\n2018-01-02,100660,2\n")
    assert Bars.from_table(read_csv(file), columns={"item": "symbol"}).symbols == ("005930", "100660")


def test_codes_without_zeros_are_symbols_too(tmp_path):
    file = csv(tmp_path, "date,code,close\n2018-01-02,105930,1\n2018-01-02,100660,2\n")
    assert Bars.from_table(read_csv(file)).symbols == ("105930", "100660")


def test_a_text_among_the_numbers_is_named_with_its_row(tmp_path):
    file = csv(tmp_path, "date,close\n2018-01-02,1\n2018-01-03,halted\n")
    with pytest.raises(BarsError, match="column 'close', row 2: 'halted' is no number"):
        Bars.from_table(read_csv(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; expected a table of bars"),
        ("date,close\n", "has headings but no rows"),
        ("date,close\n2018-01-02,1,2\n", "is no CSV table: CSV parse error: Expected 2 columns, got 3"),
        (b"\xff\xfe\x00\x01", "is no CSV table"),
        ("\n\n", "is no CSV table"),
        ("date,close,close\n2018-01-02,1,2\n", "column 'close' stands twice"),
    ],
)
def test_a_broken_csv_file_is_refused(tmp_path, text, said):
    with pytest.raises(BarsError, match=said):
        read_csv(csv(tmp_path, text))


@pytest.mark.parametrize("cut", [0, 3, 100, -1])
def test_a_parquet_file_that_is_cut_short_is_refused(tmp_path, cut):
    file = tmp_path / "bars.parquet"
    pq.write_table(pa.table({"date": ["2018-01-02"], "close": [1.0]}), file)
    assert len(read_parquet(file)) == 1
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(BarsError, match=r"bars\.parquet is (empty|no Parquet file, or is cut short)"):
        read_parquet(file)


def test_a_parquet_file_without_rows_is_refused(tmp_path):
    file = tmp_path / "bars.parquet"
    pq.write_table(pa.table({"date": pa.array([], pa.date32())}), file)
    with pytest.raises(BarsError, match="has no rows"):
        read_parquet(file)


@pytest.mark.parametrize("read", [read_csv, read_parquet])
def test_a_path_that_is_no_file_is_refused(tmp_path, read):
    with pytest.raises(InputError, match="no file .*missing"):
        read(tmp_path / "missing")
    with pytest.raises(InputError, match="is a folder; expected one file"):
        read(tmp_path)
    with pytest.raises(InputError, match="path=3 is a int"):
        read(3)


@pytest.mark.parametrize("read", [read_csv, read_parquet])
def test_a_path_that_can_not_be_followed_is_a_storage_error(tmp_path, read):
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    for path in (circle, "x" * 400, "nul\0l"):
        with pytest.raises(StorageError, match="can't be read"):
            read(path)


@pytest.mark.parametrize("read", [read_csv, read_parquet])
@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_storage_error(tmp_path, read):
    file = csv(tmp_path, "date,close\n2018-01-02,1\n")
    file.chmod(0)
    with pytest.raises(StorageError, match="can't be read"):
        read(file)
