"""The whole OpenAPI document, fuzzed in this process: no 5xx, nothing undocumented, nothing without credentials."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from tests.contracts.records import a_strategy
from tests.unit.api.application import fresh_services, running_app
from tests.unit.api.server_mode import QUICK

from hindcast.domain.users import Role, Scope
from hindcast.infrastructure.argon2.hasher import Argon2Hasher
from hindcast.services.backtest.request import BacktestRequest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as of_openapi

CHECKS = [
    not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
]
BASE_URL = "http://127.0.0.1:8000"
OPEN = {"GET /api/v1/health", "GET /api/v1/ready"}
NEVER_ENDS = "GET /api/v1/backtests/{backtest_id}/events"  # while its backtest has not ended
# What takes a child process or draws a report; in the long form these get fewer requests.
SLOW = ("validate", "import", "report")
PASSWORD = "correct horse battery staple"


@dataclass
class Fuzzed:
    """An application, its document, and the ids of what is there to be found."""

    client: httpx.Client
    operations: list[Any]
    credentials: Mapping[str, str]
    ids: Mapping[str, tuple[str, ...]]
    ended: str = ""
    sent: int = 0
    breaches: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, set[int]] = field(default_factory=dict)

    def fuzz(
        self,
        examples: Callable[[str], int],
        check: Callable[[Any, httpx.Response], None],
        modes: Iterable[GenerationMode] = tuple(GenerationMode),
    ) -> None:
        """Send so many requests of each kind to each operation; those that delete come last."""
        for operation in sorted(self.operations, key=lambda each: each.method == "delete"):
            for mode in modes:
                cases = self._cases(operation, mode)
                self._fuzz_one(operation.label, cases, examples(operation.label), check)

    def _cases(self, operation: Any, mode: GenerationMode) -> st.SearchStrategy[Any]:
        """Cases with ids of any kind, and with those of what is there."""
        names = {each.name for each in operation.path_parameters}
        known = [{name: each} for name in names & self.ids.keys() for each in self.ids[name]]
        if operation.label == NEVER_ENDS:
            known = [{"backtest_id": self.ended}]
        ways = [operation.as_strategy(generation_mode=mode)]
        ways += [operation.as_strategy(generation_mode=mode, path_parameters=each) for each in known]
        return st.one_of(ways)

    def _fuzz_one(
        self, label: str, cases: st.SearchStrategy[Any], examples: int, check: Callable[[Any, httpx.Response], None]
    ) -> None:
        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(cases)
        def request(case: Any) -> None:
            answer = self._send(case)
            self.statuses.setdefault(label, set()).add(answer.status_code)
            check(case, answer)

        try:
            with suppress(Unsatisfiable):  # an operation that takes nothing can't be asked in a wrong way
                request()
        except Exception as error:  # noqa: BLE001  # every breach is told, not the first alone
            self.breaches[label] = "; ".join(str(each) for each in getattr(error, "exceptions", (error,)))[:1_500]

    def _send(self, case: Any) -> httpx.Response:
        asked = case.as_transport_kwargs(base_url=BASE_URL)
        headers = [
            (name.encode("latin-1", "ignore"), str(value).encode("latin-1", "ignore"))
            for name, value in (asked.get("headers") or {}).items()
            if name.lower() not in ("authorization", "cookie", "host", "origin")
        ]
        headers += [(name.encode(), value.encode()) for name, value in self.credentials.items()]
        content = {"json": asked["json"]} if "json" in asked else {"content": asked.get("data")}
        self.client.cookies.clear()
        self.sent += 1
        return self.client.request(
            asked["method"], asked["url"], params=asked.get("params"), headers=headers, **content
        )


def document_kept(case: Any, answer: httpx.Response) -> None:
    case.validate_response(answer, checks=CHECKS)


def nobody_let_in(case: Any, answer: httpx.Response) -> None:
    if case.operation.label not in OPEN:
        assert not 200 <= answer.status_code < 400, f"{case.operation.label} answered {answer.status_code}"
    assert answer.status_code < 500


def operations_of(client: Any) -> list[Any]:
    found: Iterable[Any] = schemathesis.openapi.from_dict(client.app.openapi()).get_all_operations()
    return [each.ok() for each in found]


@pytest.fixture
def local() -> Iterator[Fuzzed]:
    """Local mode, with a strategy, a backtest that waits, and one that has ended."""
    services = fresh_services()
    services.strategy_service.create(a_strategy("fuzzed"))
    ran = services.run_backtest(
        BacktestRequest(strategy_type="sma_crossover", symbols=("SPX",), start_date=date(2017, 1, 3))
    )
    with running_app(services) as client:
        made = client.post("/api/v1/backtests", json={"name": "x", "strategy_id": "fuzzed", "symbols": ["SPX"]})
        yield Fuzzed(
            client=client,
            operations=operations_of(client),
            credentials={"Authorization": client.headers["Authorization"]},
            ids={
                "strategy_id": ("fuzzed",),
                "backtest_id": (ran.backtest_id, made.json()["id"]),
                "strategy_type": ("sma_crossover",),
            },
            ended=ran.backtest_id,
        )


@pytest.fixture
def team() -> Iterator[Fuzzed]:
    """Server mode, as an admin's API key sees it."""
    services = fresh_services(mode="server")
    services.password_hasher = Argon2Hasher(QUICK)
    services.users.create("ada", PASSWORD, role=Role.ADMIN)
    text, key = services.api_keys.create("ada", "fuzz", Scope.ADMIN)
    with running_app(services, headers={}) as client:
        yield Fuzzed(
            client=client,
            operations=[each for each in operations_of(client) if "/auth/" in each.label or "/users" in each.label],
            credentials={"Authorization": f"Bearer {text}"},
            ids={"user_id": ("ada", "bob"), "key_id": (key.id,)},
        )


def test_every_answer_is_as_the_document_says(local: Fuzzed):
    local.fuzz(lambda label: 1 if label.endswith(SLOW) else 3, document_kept)
    assert local.breaches == {}
    assert len(local.statuses) == len(local.operations) >= 40
    assert any(201 in found for found in local.statuses.values())


def test_every_answer_to_users_is_as_the_document_says(team: Fuzzed):
    team.fuzz(lambda label: 3, document_kept)
    assert team.breaches == {}
    assert team.operations


def test_nothing_is_given_without_credentials(local: Fuzzed):
    local.credentials = {}
    local.client.headers.pop("Authorization")
    local.fuzz(lambda label: 2, nobody_let_in, [GenerationMode.POSITIVE])
    assert local.breaches == {}
    refused = [label for label, found in local.statuses.items() if 401 in found]
    assert len(refused) >= 40


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_twenty_thousand_requests_find_nothing(local: Fuzzed, team: Fuzzed):
    local.fuzz(lambda label: 20 if label.endswith(SLOW) else 270, document_kept)
    team.fuzz(lambda label: 100, document_kept)
    assert local.breaches == {}
    assert team.breaches == {}
    assert local.sent + team.sent >= 20_000
