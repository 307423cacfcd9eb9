from __future__ import annotations

import subprocess
import sys

import pytest


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_an_indicator_loads_neither_pandas_nor_polars():
    code = """
import sys
from hindcast.engine.indicators import rsi
rsi([1.0, 2.0, 1.5, 2.5], 2)
print([name for name in ("pandas", "polars", "talib") if name in sys.modules])
"""
    assert run(code) == ["[]"]


def test_a_later_import_of_talib_works_as_ever_with_arrays_and_frames():
    code = """
import numpy as np
from hindcast.engine.indicators import rsi
values = np.random.default_rng(1).random(50)
mine = rsi(values)
import pandas as pd
import talib
from talib import abstract
assert np.array_equal(talib.RSI(values), mine, equal_nan=True)
assert isinstance(talib.RSI(pd.Series(values)), pd.Series)
assert isinstance(abstract.SMA(pd.DataFrame({"close": values}), 5), pd.Series)
assert np.array_equal(rsi(values), mine, equal_nan=True)
print("fine")
"""
    assert run(code) == ["fine"]


def test_an_earlier_import_of_talib_is_used():
    code = """
import talib
from hindcast.engine.indicators import _talib, rsi
assert _talib.extension() is talib.func
print(rsi([1.0, 2.0, 1.5, 2.5], 2)[-1] > 0)
"""
    assert run(code) == ["True"]


def test_other_threads_may_import_pandas_meanwhile():
    code = """
import threading
from hindcast.engine.indicators import _talib
hidden = _talib._Hidden(["pandas"])
found = []
thread = threading.Thread(target=lambda: found.append(hidden.find_spec("pandas")))
thread.start(); thread.join()
print(found)
"""
    assert run(code) == ["[None]"]


@pytest.mark.parametrize("name", ["RSI", "EMA", "ATR"])
def test_the_functions_are_there(name):
    from hindcast.engine.indicators import _talib

    assert callable(getattr(_talib.extension(), name))
