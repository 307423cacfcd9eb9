"""The task that brings a file of bars into the store: whatever the file holds, it is read in a child."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import chdir
from pathlib import Path

from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from hindcast.bootstrap.import_terms import ImportTerms
from hindcast.bootstrap.services import ServiceFactory
from hindcast.domain.errors import InputError
from hindcast.infrastructure.files.rows.file_symbols import symbol_of
from hindcast.services.market_data.intake.importer import PreparedImport
from hindcast.services.ports import Tell
from hindcast.settings import load_settings

_TERMS = TypeAdapter(ImportTerms)


class _Payload(BaseModel):
    path: str
    home: str
    terms: dict[str, JsonValue] = Field(default_factory=dict)  # fields of ImportTerms
    dry_run: bool = False


def import_bars(payload: Mapping[str, JsonValue], tell: Tell) -> JsonValue:
    """{"report": the ImportReport, "refusal": why nothing was stored, empty where it was not refused}."""
    asked = _Payload.model_validate(payload)
    terms = _TERMS.validate_python(asked.terms)
    services = ServiceFactory(load_settings({"home": asked.home}))
    services.databases.open()
    file = Path(asked.path)
    with chdir(file.parent):  # what is said of the file, and kept in reports, names no folder of this machine
        prepared = terms.prepare(services, Path(file.name), tell)
    _check_symbols(prepared, file)
    if asked.dry_run:
        report = prepared.report
    else:
        prepared = services.importer.put_aside(prepared)
        report = prepared.report if prepared.report.refused else services.importer.publish(prepared)
    return {"report": report.to_dict(), "refusal": report.refusal() if report.refused else ""}


def _check_symbols(prepared: PreparedImport, file: Path) -> None:
    """A file that was sent has no name of its own: where the rows don't say whose they are, the request must."""
    if any(symbol.symbol == symbol_of(file) for symbol in prepared.report.symbols):
        raise InputError("the rows don't say whose they are: say symbol=NAME, or send a column 'symbol'")
