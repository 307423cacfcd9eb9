"""What to do next, for who asked over HTTP: errors themselves say it for the command line and Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hindcast.domain import errors as known
from hindcast.domain.errors import HindcastError

# What is not named here says the same at every door.
_OVER_HTTP: Final[Mapping[type[HindcastError], str]] = {
    known.InputError: "Change what the message names; GET /api/v1/openapi.json says what each field may be.",
    known.ConfigError: "Correct the field that the message names; GET /api/v1/openapi.json says what it may be.",
    known.ParameterError: "GET /api/v1/strategies/templates/TYPE has the parameters with their bounds and defaults.",
    known.UnknownStrategyError: "GET /api/v1/strategies/templates lists the types.",
    known.SymbolError: "GET /api/v1/market-data/symbols?provider=NAME lists what a provider has.",
    known.DateRangeError: (
        "Choose a start before the end, inside what GET /api/v1/market-data/symbols?provider=NAME shows of the symbol."
    ),
    known.NotFoundError: "Look at the list that it would be in: it has all that is yours.",
    known.BenchmarkError: (
        "Choose one that GET /api/v1/market-data/symbols?provider=NAME lists, or leave benchmark_symbol out."
    ),
    known.EntitlementError: "Import the bars from a file: POST /api/v1/market-data/import.",
    known.CredentialError: (
        "Set the vendor's key where the service runs, or bring the bars in: POST /api/v1/market-data/import."
    ),
    known.UnknownSymbolError: "Use the vendor's spelling; bars from elsewhere: POST /api/v1/market-data/import.",
}


def remedy_of(error: HindcastError) -> str:
    """What who asked can do next."""
    for kind in type(error).__mro__:
        if kind in _OVER_HTTP:
            return _OVER_HTTP[kind]
        if "remedy" in vars(kind):
            break
    return error.remedy
