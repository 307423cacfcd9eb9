"""One SELECT of a user over views that were made for him."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hindcast.domain.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


def select_frame(connection: DuckDBPyConnection, sql: str, parameters: Sequence[object]) -> pd.DataFrame:
    """The answer to one SELECT, as a pandas frame. Raises InputError for anything else."""
    import duckdb

    try:
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise InputError(f"{sql!r} is not one SELECT; what is stored is read here, never changed")
        answer = connection.sql(sql, params=list(parameters)).to_arrow_table()
    except duckdb.Error as error:
        raise InputError(f"the query failed: {' '.join(str(error).split())}") from None
    # Not by DuckDB's own way to pandas, which makes pandas 3.1 warn.
    frame: pd.DataFrame = answer.to_pandas(date_as_object=False)
    return frame
