"""The one compile decorator, with the one set of flags.

Kernels take arrays and scalars, never functions: a kernel that calls back misses the disk cache in each new process.
Sums keep their order (`fastmath=False`), division follows IEEE 754 (`error_model="numpy"`), and the interpreter lock
is released, so that threads may run kernels side by side. Kernels are put into one another (`forceinline`): a call that
hands over a named tuple counts references to each of its arrays, which halved the speed of a portfolio's run.

numba's disk cache looks only at the file that a function stands in, so a change in a kernel that it calls would go
unnoticed. `kernel` stamps each cache entry with the state of all kernel files instead.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")


def _sources_stamp() -> tuple[tuple[str, int, int], ...]:
    """Name, change time and size of each file that compiled code is made from."""
    here = Path(__file__).parent
    files = [here / "_jit.py", here / "_callback.py", here / "layout.py", *sorted((here / "kernels").glob("*.py"))]
    return tuple((file.name, (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files)


_STAMP = _sources_stamp()
_njit: Any = numba.njit  # its stub knows fewer options than it takes
_FLAGS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "fastmath": False, "forceinline": True}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel on first call, and keep the machine code on disk for later processes."""
    return cast("Callable[P, R]", _kept(_njit(cache=True, **_FLAGS)(function)))


def stepping_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a kernel that only works on arrays that it is given: it makes none, so nothing counts references.

    Of the simulation, with its many arrays in named tuples, counting was nine tenths of the time.
    """
    return cast("Callable[P, R]", _kept(_njit(cache=True, _nrt=False, **_FLAGS)(function)))


def inner_kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only a stepping kernel calls: without a face towards Python, and not kept by itself."""
    options = {**_FLAGS, "_nrt": False, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[P, R]", _njit(**options)(function))


def inner_form(compiled: Callable[P, R]) -> Callable[P, R]:
    """A kernel that Python calls, too, for use in another kernel: what that needs of it, and no more, is compiled."""
    return inner_kernel(getattr(compiled, "py_func", compiled))


def _kept(compiled: Any) -> Any:
    """Let the cache entry be of all kernel files, not only of the function's own."""
    if hasattr(compiled, "_cache"):  # absent with the compiler off
        compiled._cache._cache_file._source_stamp = _STAMP
    return compiled
