from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.unit.infrastructure.files.store.clean_series import MINUTE_NS, random_series

from hindcast.domain.errors import CorruptDataError
from hindcast.infrastructure.files.parquet_tables import table_bytes
from hindcast.infrastructure.files.store.bar_files import FIELDS, ROW_GROUP, BarFile, bar_file_bytes
from hindcast.infrastructure.files.store.series_merge import new_rows, same_rows

LENGTHS = {"A": 3, "삼성": ROW_GROUP - 2, "C": 2 * ROW_GROUP + 5, "D": 1}


@pytest.fixture(scope="module")
def written():
    lengths = enumerate(LENGTHS.items())
    return [(symbol, new_rows(random_series(symbol, bars, seed, step=MINUTE_NS))) for seed, (symbol, bars) in lengths]


@pytest.fixture(scope="module")
def file(written):
    return BarFile("here", bar_file_bytes(written))


def test_the_rows_of_each_symbol_come_back_to_the_last_bit(file, written):
    start = 0
    for _, rows in written:
        found = file.read(start, start + len(rows))
        assert found.timestamps.tobytes() == rows.timestamps.tobytes()
        assert all(getattr(found, name).tobytes() == getattr(rows, name).tobytes() for name in FIELDS)
        start += len(rows)
    assert file.rows == start


def test_rows_across_row_groups_are_joined(file, written):
    whole = written[2][1]
    start = LENGTHS["A"] + LENGTHS["삼성"]
    some = slice(ROW_GROUP - 5, ROW_GROUP + 5)
    assert len(file.groups(start, start + len(whole))) == 3
    assert same_rows(file.read(start + some.start, start + some.stop), whole.take(some))


def test_a_row_group_is_decoded_column_by_column(file):
    stamps, volume = file.decode(0, ["timestamp", "volume"])
    assert (stamps.dtype, volume.dtype) == (np.int64, np.float64)
    assert len(stamps) == ROW_GROUP


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (0, 0), (5, 4), (0, 10**9)])
def test_rows_that_the_file_does_not_have_are_corrupt(file, start, stop):
    with pytest.raises(CorruptDataError, match="its manifest names"):
        file.stamps(start, stop)


def test_missing_volumes_and_signs_of_zero_survive():
    rows = new_rows(random_series("A", 4, 1))
    rows.volume[:] = [np.nan, 0.0, -0.0, 1e300]
    found = BarFile("here", bar_file_bytes([("A", rows)])).read(0, 4)
    assert found.volume.tobytes() == rows.volume.tobytes()


def test_other_programs_read_the_file_as_a_long_table(tmp_path, written):
    path = tmp_path / "bars.parquet"
    path.write_bytes(bar_file_bytes(written))
    table = pq.read_table(path)
    assert table.column_names == ["symbol", "timestamp", *FIELDS]
    assert str(table.schema.field("timestamp").type) == "timestamp[ns, tz=UTC]"
    assert not any(field.nullable for field in table.schema)
    assert table.column("symbol").to_pylist()[: LENGTHS["A"] + 1] == ["A", "A", "A", "삼성"]


def test_the_same_rows_make_the_same_bytes(written):
    assert bytes(bar_file_bytes(written)) == bytes(bar_file_bytes(written))


def test_bytes_that_are_no_parquet_are_corrupt():
    for content in (b"", b"PAR1", b"x" * 1000, bytes(bar_file_bytes([("A", new_rows(random_series("A", 3, 1)))]))[:-9]):
        with pytest.raises(CorruptDataError, match="no readable file of bars"):
            BarFile("here", content)


def test_a_file_of_a_newer_hindcast_is_refused(monkeypatch):
    monkeypatch.setattr("hindcast.infrastructure.files.store.bar_files.SCHEMA_VERSION", 2)
    content = bar_file_bytes([("A", new_rows(random_series("A", 3, 1)))])
    monkeypatch.undo()
    with pytest.raises(CorruptDataError, match="schema version 2, this Hindcast reads 1: use a newer Hindcast"):
        BarFile("here", content)


def test_a_parquet_file_of_something_else_is_corrupt():
    with pytest.raises(CorruptDataError, match="has columns open; expected symbol, timestamp"):
        BarFile("here", table_bytes({"open": np.ones(3)}))


def test_bars_are_written_and_read_without_pandas():
    program = (
        "import sys\n"
        "from tests.unit.infrastructure.files.store.clean_series import random_series\n"
        "from hindcast.infrastructure.files.store.bar_files import BarFile, bar_file_bytes\n"
        "from hindcast.infrastructure.files.store.series_merge import new_rows\n"
        "BarFile('here', bar_file_bytes([('A', new_rows(random_series('A', 9, 1)))])).read(0, 9)\n"
        "print('pandas' in sys.modules)\n"
    )
    root = Path(__file__).parents[5]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout.strip() == "False"
