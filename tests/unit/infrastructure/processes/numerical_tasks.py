"""A task whose module loads numpy, as those of backtests do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def draw(payload: Mapping[str, Any], tell: Any) -> Any:
    """A number by chance, from the state that whoever names no seed uses."""
    return float(np.random.random())  # noqa: NPY002  # what strategies call
