"""A backtest from its POST to its report, by a real worker and its children."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager

import pytest
from tests.unit.api.application import fresh_services, running_app

from hindcast.services.backtest.request import BacktestRequest

PATH = "/api/v1/backtests"
PARAMETERS = {"short_window": 10, "long_window": 30}


@contextmanager
def working(services):
    """A worker of these services, in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=services.worker(slots=2).run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("service")
    services = fresh_services(home=folder, plugin_dir=folder / "plugins")
    with running_app(services) as client, working(services):
        yield services, client


def queued(client, **changes) -> str:
    strategy = client.post(
        "/api/v1/strategies",
        json={
            "name": "Crossing",
            "strategy_type": "sma_crossover",
            "parameters": {"short_window": 10, "long_window": 30},
        },
    )
    assert strategy.status_code == 201, strategy.text
    body = {"name": "SPX", "strategy_id": strategy.json()["id"], "symbols": ["SPX"], "benchmark_symbol": "SPX"}
    made = client.post(PATH, json=body | changes)
    assert made.status_code == 201, made.text
    assert client.post(f"{PATH}/{made.json()['id']}/execute").status_code == 202
    return made.json()["id"]


def states(client, name: str) -> list[dict]:
    """What its events tell until it has ended."""
    text = client.get(f"{PATH}/{name}/events").text
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def test_a_backtest_runs_to_its_result_and_tells_of_its_progress(service):
    services, client = service
    name = queued(client)
    told = states(client, name)
    assert told[-1]["status"] == "COMPLETED", told[-1]
    assert told[-1]["progress"] == 1.0
    assert [each["progress"] for each in told] == sorted(each["progress"] for each in told)
    result = client.get(f"{PATH}/{name}/result").json()
    assert result["verdict"] == "passed"
    assert client.get(f"{PATH}/{name}/report").text.startswith("<!doctype html>")
    request = BacktestRequest(
        strategy_type="sma_crossover", symbols=("SPX",), parameters=PARAMETERS, benchmark_symbol="SPX"
    )
    quiet = services.run_backtest(request)
    assert result["manifest"]["id"] == quiet.manifest.id
    assert result["performance"] == quiet.performance.model_dump(mode="json")


def test_a_strategy_that_raises_is_told_with_its_reason(service):
    services, client = service
    folder = services.settings.plugin_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "raising.py").write_text(
        "import hindcast as hc\n\n\n"
        "class Raising(hc.BaseStrategy):\n"
        "    STRATEGY_TYPE = 'raising'\n\n"
        "    def generate_signals(self, data):\n"
        "        raise ZeroDivisionError('a division by zero of its own')\n"
    )
    strategy = client.post("/api/v1/strategies", json={"name": "Raising", "strategy_type": "raising"})
    assert strategy.status_code == 201, strategy.text
    name = queued(client, strategy_id=strategy.json()["id"])
    last = states(client, name)[-1]
    assert (last["status"], last["failure"]) == ("FAILED", "strategy")
    assert "a division by zero of its own" in last["error_message"]
    answer = client.get(f"{PATH}/{name}/result")
    assert answer.status_code == 409
    assert "a division by zero of its own" in answer.json()["detail"]
