from __future__ import annotations

import pytest

from hindcast.domain.errors import CorruptDataError, StorageError
from hindcast.infrastructure.sample.catalogue import DATA_FOLDER
from hindcast.infrastructure.sample.series import read_closes, read_long

LONG = DATA_FOLDER / "us_indices.parquet"
CLOSES = DATA_FOLDER / "us_large_caps.parquet"


@pytest.mark.parametrize(("reader", "file", "symbol"), [(read_long, LONG, "SPX"), (read_closes, CLOSES, "KO")])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-100], lambda data: data[:4] + data[90_000:]])
def test_a_damaged_file_is_a_corrupt_data_error(tmp_path, reader, file, symbol, damage):
    broken = tmp_path / file.name
    broken.write_bytes(damage(file.read_bytes()))

    with pytest.raises(CorruptDataError, match=rf"{file.name} is damaged \(.+\); install hindcast-engine again"):
        reader(broken, [symbol])


@pytest.mark.parametrize(("reader", "file"), [(read_long, LONG), (read_closes, CLOSES)])
def test_a_symbol_that_its_file_lacks_is_a_corrupt_data_error(reader, file):
    with pytest.raises(CorruptDataError, match="'GONE' is not in it"):
        reader(file, ["GONE"])


@pytest.mark.parametrize("reader", [read_long, read_closes])
def test_a_missing_file_is_a_storage_error(tmp_path, reader):
    with pytest.raises(StorageError, match="No such file or directory; install hindcast-engine again"):
        reader(tmp_path / "gone.parquet", ["SPX"])


def test_opens_highs_and_lows_of_an_index_are_its_own_and_a_single_prices_are_its_close():
    index, single = read_long(LONG, ["IXIC"])["IXIC"], read_closes(CLOSES, ["PG"])["PG"]

    assert (index.open != index.close).any()
    assert (single.open == single.close).all()
