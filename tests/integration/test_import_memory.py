"""A large file is never held as a whole: only its numbers are, and little else."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from tests.integration.processes import run

ROWS = 1_000_000
PANEL = ROWS * 6 * 8  # stamps and five columns
MEASURED = """
import json, sys, threading
from pathlib import Path
from hindcast.infrastructure.files.rows.row_folders import read_source
from hindcast.infrastructure.files.rows.row_reader import RowOptions

PAGE = 4096
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE

def read(file):
    return list(read_source(file, RowOptions()))

small, large = {small!r}, {large!r}
read(small)
peak = before = resident()
done = threading.Event()
def watch():
    global peak
    while not done.wait(0.001):
        peak = max(peak, resident())
watcher = threading.Thread(target=watch)
watcher.start()
try:
    (rows,) = read(large)
finally:
    done.set()
    watcher.join()
print(json.dumps([len(rows.timestamps), peak - before]))
"""


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_reading_takes_at_most_three_times_the_panel(tmp_path, ending):
    stamps = (np.datetime64("2019-01-01T00:00:00") + np.arange(ROWS) * np.timedelta64(60, "s")).astype("M8[ns]")
    close = (100 + np.sin(np.arange(ROWS) / 50)).round(4)
    columns = {name: pa.array(close) for name in ("open", "high", "low", "close", "volume")}
    large = pa.table({"timestamp": pa.array(stamps).cast(pa.timestamp("ns", "UTC")), **columns})
    for name, table in (("SMALL", large.slice(0, 2_000)), ("LARGE", large)):
        if ending == "csv":
            pa_csv.write_csv(table, tmp_path / f"{name}.csv")
        else:
            pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=50_000)
    assert (tmp_path / f"LARGE.{ending}").stat().st_size > 5_000_000
    small, big = (str(tmp_path / f"{name}.{ending}") for name in ("SMALL", "LARGE"))
    rows, taken = json.loads(run(MEASURED.format(small=small, large=big), tmp_path / "home"))
    assert rows == ROWS
    assert taken < 3 * PANEL, f"{taken / PANEL:.1f} panels"
