"""The environment that children see: what programs need to run, and nothing that a user would keep to himself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NAMES: Final = frozenset(
    ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
)
_PYTHON: Final = frozenset(("PYTHONHOME", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE", "PYTHONUTF8"))
_PREFIXES: Final = ("LC_", "NUMBA_")

# One job, one core: libraries that start a thread for each core at import could not be forked, and sums over several
# threads may differ from run to run. A fixed hash seed makes strategies that walk over sets the same in each run.
_FIXED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "MKL_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
)


def scrubbed(environ: Mapping[str, str] | None = None, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What of an environment, by default this process's, children may see; `extra` is put over it."""
    given = os.environ if environ is None else environ
    # Children start in another folder
    paths = given.get("PYTHONPATH", "")
    whole = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, paths.split(os.pathsep)))} if paths else {}
    kept = {
        name: value for name, value in given.items() if name in _NAMES or name in _PYTHON or name.startswith(_PREFIXES)
    }
    return {**kept, **whole, **_FIXED, **(extra or {})}
