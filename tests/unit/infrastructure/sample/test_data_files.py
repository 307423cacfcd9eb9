from __future__ import annotations

import hashlib
import re

import numpy as np
import pytest

from hindcast.infrastructure.sample.catalogue import DATA_FOLDER, load_catalogue
from hindcast.infrastructure.sample.provider import SampleProvider

README = (DATA_FOLDER / "README.md").read_text(encoding="utf-8")
CHECKSUMS = dict(re.findall(r"^\| `([\w.]+)` \| [\d,]+ \| `([0-9a-f]{64})` \|$", README, flags=re.MULTILINE))
OHLCV = ("open", "high", "low", "close", "volume")


def day(text: str) -> int:
    return int(np.datetime64(text, "ns").astype(np.int64))


def test_the_readme_gives_a_checksum_for_every_data_file():
    assert set(CHECKSUMS) == {file.name for file in DATA_FOLDER.iterdir()} - {"README.md"}


@pytest.mark.parametrize("name", sorted(CHECKSUMS))
def test_a_data_file_has_the_checksum_that_the_readme_gives(name):
    assert hashlib.sha256((DATA_FOLDER / name).read_bytes()).hexdigest() == CHECKSUMS[name]


def test_the_readme_carries_both_licences_in_full():
    assert "Copyright (c) 2017 Kevin Sheppard. All rights reserved." in README
    assert "Redistributions of source code must retain the above copyright notice, this\nlist of conditions" in README
    assert "Copyright (c) 2023-2026 The skfolio developers." in README
    assert "OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE." in README


def test_the_data_files_together_are_small():
    assert sum(file.stat().st_size for file in DATA_FOLDER.iterdir()) < 2_000_000


@pytest.mark.parametrize(
    ("symbol", "date", "figures"),
    [
        ("SPX", "1999-01-04", (1229.22998, 1248.810059, 1219.099976, 1228.099976, 877000000.0)),
        ("SPX", "1999-01-06", (1244.780029, 1272.5, 1244.780029, 1272.339966, 986900000.0)),
        ("SPX", "2018-12-31", (2498.939941, 2509.23999, 2482.820068, 2506.850098, 3442870000.0)),
        ("IXIC", "1999-01-04", (2207.540039, 2233.570068, 2192.679932, 2208.050049, 936660000.0)),
        ("IXIC", "2018-12-31", (6649.52002, 6659.959961, 6570.060059, 6635.279785, 2098560000.0)),
    ],
)
def test_an_index_has_the_figures_of_its_source(symbol, date, figures):
    table = SampleProvider().read([symbol], day(date), day(date))

    assert tuple(float(getattr(table, field)[0, 0]) for field in OHLCV) == figures


@pytest.mark.parametrize(
    ("symbol", "date", "price"),
    [
        ("AAPL", "1990-01-02", 0.264),
        ("AAPL", "2020-08-31", 126.92),
        ("AAPL", "2022-12-28", 125.674),
        ("BBY", "1990-01-02", 0.144),
        ("XOM", "1990-01-02", 4.068),
        ("XOM", "2022-12-28", 106.627),
        ("SPX_CLOSE", "1990-01-02", 359.69),
        ("SPX_CLOSE", "2022-12-28", 3783.22),
    ],
)
def test_a_single_price_symbol_has_its_sources_price_four_times_and_no_volume(symbol, date, price):
    table = SampleProvider().read([symbol], day(date), day(date))

    assert [float(getattr(table, field)[0, 0]) for field in OHLCV[:4]] == [price] * 4
    assert np.isnan(table.volume).all()


@pytest.mark.parametrize("symbol", sorted(load_catalogue()))
def test_the_catalogue_gives_each_symbols_dates_and_number_of_bars_as_they_are(symbol):
    info = load_catalogue()[symbol].info
    table = SampleProvider().read([symbol])

    assert table.timestamps.tolist()[0] == day(info.first)
    assert table.timestamps.tolist()[-1] == day(info.last)
    assert len(table.timestamps) == info.bars == np.count_nonzero(np.isfinite(table.close))


@pytest.mark.parametrize("symbol", sorted(load_catalogue()))
def test_every_bar_could_be_true(symbol):
    table = SampleProvider().read([symbol])
    prices = np.stack([table.open, table.high, table.low, table.close])

    assert (np.diff(table.timestamps) > 0).all()
    assert (table.timestamps % 86_400_000_000_000 == 0).all()
    assert (prices > 0).all()
    assert (table.high == prices.max(axis=0)).all()
    assert (table.low == prices.min(axis=0)).all()


@pytest.mark.parametrize(("symbol", "repeated"), [("SPX", 2004), ("IXIC", 8)])
def test_the_catalogue_tells_how_many_opens_repeat_the_close_before(symbol, repeated):
    table = SampleProvider().read([symbol])

    assert np.count_nonzero(table.open[1:] == table.close[:-1]) == repeated
    assert load_catalogue()[symbol].repeated_open_share == pytest.approx(repeated / 5030, abs=1e-6)


def test_the_note_of_the_sp_series_warns_of_its_repeated_opens():
    assert "39.8% of its opens (2,004 of 5,030;" in load_catalogue()["SPX"].info.note


def test_the_days_without_volume_are_the_ones_that_the_note_names():
    table = SampleProvider().read(["IXIC"])
    silent = table.timestamps[table.volume[:, 0] == 0].tolist()

    assert silent == [day("2015-05-12"), day("2018-01-09")]
    assert "volume 0 on 2015-05-12 and 2018-01-09" in load_catalogue()["IXIC"].info.note


def test_both_sources_agree_on_the_closes_of_the_sp_index():
    table = SampleProvider().read(["SPX", "SPX_CLOSE"], day("1999-01-04"), day("2018-12-31"))

    assert len(table.timestamps) == 5031
    np.testing.assert_allclose(table.close[:, 0], table.close[:, 1], rtol=1e-7)
