"""The one way from compiled code back to Python: a function at an address, with one signature for all questions.

A kernel that takes a Python or a compiled function as an argument is compiled anew in each process. An address is a
number: the kernel stays in the cache, and asks only where a run has a cost model, a sizer or an order type of its own.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final, cast

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

SIGNATURE: Final = ctypes.CFUNCTYPE(
    ctypes.c_double,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_int64,
    ctypes.c_double,
    ctypes.c_double,
    ctypes.c_double,
)


def _call_in_python(address: int, question: int, index: int, t: int, a: float, b: float, c: float) -> float:
    """What the compiled form does, with the compiler off."""
    return float(SIGNATURE(address)(question, index, t, a, b, c))


def _call_compiled(_typing, address, question, index, t, a, b, c):  # type: ignore[no-untyped-def]  # numba reads the names
    """A call of a C function through its address."""
    integer, number = types.int64, types.float64
    signature = number(integer, integer, integer, integer, number, number, number)

    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        word, real = ir.IntType(64), ir.DoubleType()
        function = ir.FunctionType(real, [word, word, word, real, real, real])
        return builder.call(builder.inttoptr(arguments[0], function.as_pointer()), arguments[1:])

    return signature, generate


_settings: Any = numba.config

call_python: Callable[[int, int, int, int, float, float, float], float] = cast(
    "Any", _call_in_python if _settings.DISABLE_JIT else intrinsic(_call_compiled)
)
