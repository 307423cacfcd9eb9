"""The versions of a provider's stored bars, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.cli.views.tables import plain_table

if TYPE_CHECKING:
    from rich.console import Console

    from hindcast.domain.market_data import DataVersion


def print_versions(screen: Console, interval: str, versions: Sequence[DataVersion]) -> None:
    """A row a version: its id, when it became known, why, and what it restated; nothing where there is none."""
    if not versions:
        return
    screen.print(f"versions of interval {interval}, newest first", style="bold")
    table = plain_table(
        "Version",
        "Known since (UTC)",
        "By",
        ">Symbols",
        ">Bars",
        "Changed",
        "Restated",
        wrapped=("Changed", "Restated"),
    )
    for version in versions:
        table.add_row(
            version.id[:12],
            f"{version.known_at:%Y-%m-%d %H:%M:%S}",
            version.reason,
            f"{version.symbols:,}",
            f"{version.rows:,}",
            _few(version.changed),
            _few(version.restated) or "-",
        )
    screen.print(table)


def _few(symbols: Sequence[str]) -> str:
    more = f" and {len(symbols) - 5} more" if len(symbols) > 5 else ""
    return ", ".join(symbols[:5]) + more
