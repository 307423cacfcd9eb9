"""The HTML report: one file that holds everything, opens offline, and is never half written."""

from __future__ import annotations

import base64
import hashlib
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.errors import StorageError
from hindcast.reporting.report_content import report_content
from hindcast.reporting.run_tables import Tables
from hindcast.reporting.text_file import write_text
from hindcast.reporting.theme import DARK, LIGHT, css_variables

if TYPE_CHECKING:
    from hindcast.engine.bounds import Bounds


def build_report(
    result: BacktestResult, tables: Tables, *, title: str | None = None, bounds: Bounds | None = None
) -> str:
    """The report as one HTML document: no request leaves it, and no text of the run can act in it.

    Parameters
    ----------
    result : BacktestResult
        The summary.
    tables : mapping of table name to columns
        The run's tables; those that it does not have may be missing.
    title : str, optional
        Heading; by default the backtest's name, else strategy and symbols.
    bounds : Bounds, optional
        What the run's orders give under each reading of ambiguous bars, where it is known.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader("hindcast.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The plots' library and the page's own script are the only code that may run: the policy names their hashes.
    scripts = [str(get_plotlyjs()), _own_file("report.js")]
    return environment.get_template("report.html.j2").render(
        content=report_content(result, tables, title=title, bounds=bounds),
        result=result,
        light=Markup(css_variables(LIGHT)),
        dark=Markup(css_variables(DARK)),
        stylesheet=Markup(_own_file("report.css")),
        scripts=[Markup(script) for script in scripts],
        script_hashes=" ".join(f"'sha256-{_digest(script)}'" for script in scripts),
    )


def write_report(
    path: str | os.PathLike[str],
    result: BacktestResult,
    tables: Tables,
    *,
    title: str | None = None,
    bounds: Bounds | None = None,
) -> Path:
    """Write the report to a file and give its path; a reader sees the old file or the whole new one.

    Raises
    ------
    StorageError
        Where the folder does not exist or can't be written to.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise StorageError(f"can't write {target}: the folder {target.parent} does not exist. Make it first.")
    if target.is_dir():
        raise StorageError(
            f"can't write {target}: it is a folder. Name a file in it, such as {target / 'report.html'}."
        )
    page = build_report(result, tables, title=title, bounds=bounds)
    write_text(target, page)
    return target


def _own_file(name: str) -> str:
    return resources.files("hindcast.reporting").joinpath("templates", name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
