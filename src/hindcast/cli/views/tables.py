"""The one look of all tables in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def plain_table(*headings: str, wrapped: Sequence[str] = ()) -> Table:
    """A table with a rule under its headings; a heading that begins with `>` stands over a column of numbers.

    Cells are never broken, but for those of the columns `wrapped`.
    """
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in headings:
        name = heading.removeprefix(">")
        table.add_column(
            name, overflow="ellipsis", justify="right" if heading != name else "left", no_wrap=name not in wrapped
        )
    return table
