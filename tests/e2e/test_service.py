"""A user's day over a real `hindcast serve`: from a template to a result that the command line finds and verifies."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.e2e.serving import answered, events, serving
from tests.unit.cli.invoking import hindcast

API = "/api/v1"
PASSWORD = "correct horse battery staple"


def made_strategy(client: httpx.Client, **changes: object) -> dict:
    body = {"name": "Crossing", "strategy_type": "sma_crossover", "parameters": {"short_window": 10, "long_window": 30}}
    return answered(client.post(f"{API}/strategies", json=body | changes), 201)


def made_backtest(client: httpx.Client, strategy: dict, **changes: object) -> dict:
    body = {
        "name": "S&P 500, 1999 to 2018",
        "strategy_id": strategy["id"],
        "symbols": ["SPX"],
        "start_date": "1999-01-04",
        "end_date": "2018-12-31",
        "benchmark_symbol": "S&P 500",
        "config": {"commission": {"rate": 0.001}, "slippage": {"bps": 1}},
    }
    return answered(client.post(f"{API}/backtests", json=body | changes), 201)


def run_to_its_end(client: httpx.Client, backtest: dict, *, key: str) -> list[dict]:
    """Execute it, twice with one key as after a lost answer, and watch it."""
    path = f"{API}/backtests/{backtest['id']}"
    for _ in range(2):
        accepted = client.post(f"{path}/execute", headers={"Idempotency-Key": key})
        assert answered(accepted, 202)["status"] in ("QUEUED", "RUNNING", "COMPLETED")
    return list(events(client, f"{path}/events"))


def all_items(client: httpx.Client, path: str) -> list[dict]:
    items: list[dict] = []
    query: dict[str, str | int] = {"limit": 37}
    while True:
        page = answered(client.get(path, params=query))
        items += page["items"]
        if page["next_cursor"] is None:
            return items
        query["cursor"] = page["next_cursor"]


def cli(home: Path, *arguments: str) -> dict:
    answer = hindcast("--home", home, *arguments, "--json")
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def test_a_day_with_the_service_and_another_after_it_was_restarted(tmp_path: Path):
    home = tmp_path / "home"
    with serving(home) as client:
        assert answered(client.get("/health"))["status"] == "ok"
        template = next(
            each
            for each in answered(client.get(f"{API}/strategies/templates"))["items"]
            if each["strategy_type"] == "sma_crossover"
        )
        assert "short_window" in json.dumps(template)
        strategy = made_strategy(client)
        checked = answered(client.post(f"{API}/strategies/{strategy['id']}/validate"))
        assert checked["valid"], checked
        backtest = made_backtest(client, strategy)
        assert backtest["status"] == "PENDING"

        seen = run_to_its_end(client, backtest, key="morning-1")
        assert seen[-1]["status"] == "COMPLETED", seen[-1]
        progress = [each["progress"] for each in seen]
        assert progress == sorted(progress)
        assert progress[-1] == 1.0

        path = f"{API}/backtests/{backtest['id']}"
        result = answered(client.get(f"{path}/result"))
        trades = all_items(client, f"{path}/trades")
        assert (len(trades), result["total_trades"]) == (88, 88)
        assert round(result["performance"]["total_return"], 4) == 0.2897
        equity = list(csv.DictReader(io.StringIO(client.get(f"{path}/equity", params={"format": "csv"}).text)))
        assert float(equity[-1]["equity"]) == result["final_portfolio_value"]
        report = client.get(f"{path}/report")
        assert report.headers["content-type"].startswith("text/html")
        assert len(report.content) > 100_000

        # the command line, over the same folder, while the service runs
        told = cli(home, "report", backtest["id"])
        assert told["performance"] == result["performance"]
        assert told["manifest"]["id"] == result["manifest"]["id"]
        assert cli(home, "verify", backtest["id"])["verdict"] == "identical"

        # bars of one's own, and a run on them
        rows = "date,open,high,low,close,volume\n" + "".join(
            f"2020-01-{day:02d},{day},{day + 1},{day - 0.5},{day + 0.5},100\n" for day in range(1, 32)
        )
        imported = client.post(
            f"{API}/market-data/import",
            params={"provider": "mine", "symbol": "ACME", "calendar": "24/7"},
            content=rows,
            headers={"Content-Type": "text/csv"},
        )
        assert answered(imported)["rows_published"] == 31
        own = made_backtest(
            client,
            made_strategy(client, strategy_type="buy_and_hold", parameters={}),
            symbols=["ACME"],
            provider="mine",
            start_date=None,
            end_date=None,
            benchmark_symbol=None,
        )
        assert run_to_its_end(client, own, key="own-1")[-1]["status"] == "COMPLETED"
        pinned = answered(client.get(f"{API}/backtests/{own['id']}/result"))["data_versions"]
        assert pinned == [f"mine/1d@{imported.json()['version']['id']}"]

    with serving(home, "--no-worker") as client:
        assert answered(client.get(path))["status"] == "COMPLETED"
        assert answered(client.get(f"{path}/result")) == result
        assert all_items(client, f"{path}/trades") == trades
        cloned = answered(client.post(f"{API}/strategies/{strategy['id']}/clone", json={"name": "Second try"}), 201)
        assert cloned["parameters"] == strategy["parameters"]
        answered(client.delete(f"{API}/strategies/{cloned['id']}"), 204)
        answered(client.get(f"{API}/strategies/{cloned['id']}"), 404)
        answered(client.delete(path), 204)
        answered(client.get(f"{path}/result"), 404)
        assert [each["id"] for each in answered(client.get(f"{API}/backtests"))["items"]] == [own["id"]]


def logged_in(client: httpx.Client, name: str) -> None:
    """From here on the client has a session, as the service's page has one."""
    client.headers["Origin"] = str(client.base_url).rstrip("/")
    answered(client.post(f"{API}/auth/login", json={"name": name, "password": PASSWORD}))


def key_of(client: httpx.Client, name: str, scope: str) -> dict[str, str]:
    logged_in(client, name)
    made = answered(client.post(f"{API}/auth/keys", json={"name": "a program", "scope": scope}), 201)
    answered(client.post(f"{API}/auth/logout"), 204)
    answered(client.get(f"{API}/auth/me"), 401)
    return {"Authorization": f"Bearer {made['key']}"}


def add_admin(home: Path, name: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "hindcast", "--home", str(home), "users", "add", name, "--admin", "--password-stdin"],
        input=f"{PASSWORD}\n",
        text=True,
        capture_output=True,
        check=True,
        timeout=120,
    )


@pytest.mark.slow
def test_users_of_a_team_see_what_is_theirs_and_nothing_else(tmp_path: Path):
    home = tmp_path / "home"
    add_admin(home, "ada")
    with serving(home, "--mode", "server", headers={}) as client:
        answered(client.get(f"{API}/strategies"), 401)
        wrong = client.post(f"{API}/auth/login", json={"name": "ada", "password": "wrong horse battery"})
        answered(wrong, 401)
        logged_in(client, "ada")
        answered(client.post(f"{API}/users", json={"name": "bob", "password": PASSWORD}), 201)
        ada, bob = key_of(client, "ada", "admin"), key_of(client, "bob", "write")
        reader = key_of(client, "bob", "read")

        client.headers.update(ada)
        strategy = made_strategy(client)
        backtest = made_backtest(client, strategy)
        assert run_to_its_end(client, backtest, key="shared")[-1]["status"] == "COMPLETED"
        theirs = (
            f"strategies/{strategy['id']}",
            f"backtests/{backtest['id']}",
            f"backtests/{backtest['id']}/result",
            f"backtests/{backtest['id']}/trades",
            f"backtests/{backtest['id']}/report",
        )
        for path in theirs:
            assert client.get(f"{API}/{path}").status_code == 200

        client.headers.update(bob)
        for path in theirs:
            answered(client.get(f"{API}/{path}"), 404)
        answered(client.delete(f"{API}/{theirs[0]}"), 404)
        answered(client.post(f"{API}/{theirs[1]}/cancel"), 404)
        for path in ("strategies", "backtests"):
            assert answered(client.get(f"{API}/{path}"))["items"] == []
        answered(client.post(f"{API}/users", json={"name": "eve", "password": PASSWORD}), 403)
        own = made_backtest(client, made_strategy(client))
        assert run_to_its_end(client, own, key="shared")[-1]["status"] == "COMPLETED"  # his key, whatever ada's was

        client.headers.update(reader)
        assert len(answered(client.get(f"{API}/backtests"))["items"]) == 1
        answered(client.post(f"{API}/backtests/{own['id']}/execute"), 403)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test asks stays on this machine."""
    monkeypatch.setenv("NO_PROXY", "*")
