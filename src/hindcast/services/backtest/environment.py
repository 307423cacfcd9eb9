"""The ground that a run stands on: Python, platform, processor and installed packages."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import numpy as np
from blake3 import blake3

# Packages whose versions the manifest names; `lock` covers all that are installed.
PACKAGES: Final = ("numpy", "numba", "llvmlite", "ta-lib", "duckdb", "pyarrow", "pydantic", "pandas")
_INSTALLED: Final = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(-py[\d.]+)?\.(dist|egg)-info")


@cache
def environment() -> Mapping[str, str]:
    """Python, platform, processor, the versions of the packages that compute, and `lock`, the hash of all packages.

    Runs whose environments are equal give the same bytes for the same manifest.
    """
    packages = installed_packages()
    lock = "".join(f"{name}=={found}\n" for name, found in sorted(packages.items()))
    named = {package: packages.get(package) or _version(package) for package in PACKAGES}
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _processor(),
        **{package: found for package, found in named.items() if found},
        "lock": blake3(lock.encode()).hexdigest()[:16],
    }


def same_ground(then: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether two runs of one manifest must give the same bytes: same Python, platform, processor and packages.

    What an older manifest does not name is not known to be the same.
    """
    return all(then.get(name) == found for name, found in now.items())


def installed_packages() -> dict[str, str]:
    """The versions of all packages that this Python finds, by normalised name.

    They are read from the names of their folders: asking each for its metadata takes a hundred times as long.
    """
    found: dict[str, str] = {}
    for place in sys.path:
        try:
            with os.scandir(place or os.curdir) as entries:
                matches = [match for entry in entries if (match := _INSTALLED.fullmatch(entry.name))]
        except OSError:  # a zip file, or a folder that is not there
            continue
        for match in matches:
            found.setdefault(re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"])
    return found


def _processor() -> str:
    """The machine's kind and the vector instructions that numpy found: they decide how its functions round."""
    found: Mapping[str, object] = np.show_config(mode="dicts")
    simd = found.get("SIMD Extensions", {})
    names = [*simd.get("baseline", ()), *simd.get("found", ())] if isinstance(simd, Mapping) else []
    return " ".join([platform.machine(), *names])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
