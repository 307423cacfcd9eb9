"""How all benchmarks time, print and record: medians, ratios within a run, one JSON line with machine and versions."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

FIGURES = Path(__file__).with_name("figures.jsonl")
PACKAGES = ("hindcast-engine", "numpy", "numba", "pandas", "pyarrow")


def median_ms(work: Callable[[], object], rounds: int) -> float:
    """Median wall time in milliseconds; the first, unmeasured call compiles and warms up."""
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def installed(distribution: str) -> str | None:
    """Version of a peer, None where it is not installed."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def arguments(doc: str | None, rounds: int) -> argparse.Namespace:
    """`--rounds N` and `--record`."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--record", action="store_true", help=f"append the figures to {FIGURES.name}")
    return parser.parse_args()


def report(
    workload: str, figures: Mapping[str, float], peers: Mapping[str, str | None], *, record: bool, unit: str = "ms"
) -> None:
    """Print each figure and its ratio to the first, then the JSON line."""
    ours = next(iter(figures.values()))
    for name, value in figures.items():
        print(f"{workload}  {name:<44} {value:>12,.2f} {unit}  {value / ours:>9,.1f} x")
    for name, found in peers.items():
        if found is None:
            print(f"{workload}  {name}: not installed")
    line = json.dumps(
        {
            "workload": workload,
            "date": datetime.now(UTC).date().isoformat(),
            f"figures_{unit}": {name: round(value, 3) for name, value in figures.items()},
            "machine": {"processor": _processor(), "cores": os.cpu_count(), "system": platform.system()},
            "versions": {
                "python": platform.python_version(),
                **{name: installed(name) for name in PACKAGES},
                **{name: found for name, found in peers.items() if found},
            },
        }
    )
    print(line)
    if record:
        with FIGURES.open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _processor() -> str:
    """The processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
