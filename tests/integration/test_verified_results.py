"""Stored results, run again from their manifests: what is found the same, what differs, and why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.contracts.stores import every_document

import hindcast as hc
from hindcast.bootstrap import ServiceFactory
from hindcast.domain.backtest import BacktestResult
from hindcast.engine.stamps import DAY_NS
from hindcast.infrastructure.sample.provider import SampleProvider
from hindcast.services.backtest.request import BacktestRequest
from hindcast.services.market_data.service import MarketDataService
from hindcast.services.ports import FloatArray, PanelTable
from hindcast.settings import load_settings

PLUGIN = """
import hindcast as hc


class Mine(hc.BaseStrategy):
    STRATEGY_TYPE = "mine_to_verify"

    class Config(hc.StrategyConfig):
        window: int = 20

    def generate_signals(self, data):
        mean = data.close.rolling(self.config.window).mean()
        return hc.Signals.from_entries(buy=data.close > mean, sell=data.close < mean)
"""


class RevisedProvider(SampleProvider):
    """The sample data, but for one close, which its vendor has corrected since."""

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        table = super().read(symbols, start, end)
        close = table.close.copy()
        close[100, 0] *= 1.0001
        return replace(table, close=close, high=np.maximum(table.high, close))


class LongerProvider(SampleProvider):
    """The sample data with one more bar of each symbol, a day later."""

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        table = super().read(symbols, start, None)
        stamps = np.append(table.timestamps, table.timestamps[-1] + DAY_NS)
        kept = slice(None) if end is None else slice(int(np.searchsorted(stamps, end, side="right")))

        def longer(values: FloatArray) -> FloatArray:
            return np.concatenate((values, values[-1:]))[kept]

        return replace(
            table,
            timestamps=stamps[kept],
            open=longer(table.open),
            high=longer(table.high),
            low=longer(table.low),
            close=longer(table.close),
            volume=longer(table.volume),
            split=None,
            dividend=None,
        )


class EmptyProvider(SampleProvider):
    """The name of the sample data, and not one symbol in it."""

    def read(self, symbols: Sequence[str], start: int | None = None, end: int | None = None) -> PanelTable:
        raise hc.SymbolError(f"sample has no symbol {symbols[0]!r}")


@pytest.fixture
def services(data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceFactory:
    """Services over an empty data folder, started in another empty folder."""
    monkeypatch.chdir(tmp_path)
    return fresh(data_folder)


def fresh(home: Path, provider: SampleProvider | None = None) -> ServiceFactory:
    """Services as a new process has them, with data from this provider."""
    made = ServiceFactory(load_settings({"home": home}))
    if provider is not None:
        made.market_data = MarketDataService([provider])
    return made


def kept_files(services: ServiceFactory) -> dict[Path, bytes]:
    """Every file but those that SQLite alone reads and writes."""
    files = (path for path in services.settings.home.rglob("*") if path.is_file())
    return {path: path.read_bytes() for path in files if not path.name.startswith("documents.sqlite")}


def stored(services: ServiceFactory, **request: Any) -> BacktestResult:
    fields = {"strategy_type": "sma_crossover", "symbols": ("SPX",), "end_date": None}
    return services.run_backtest(BacktestRequest(**(fields | request)))


def rewritten(
    services: ServiceFactory,
    result: BacktestResult,
    *,
    environment: Mapping[str, str] | None = None,
    equity: float = 0.0,
) -> None:
    """Store a result anew, as another machine may have written it."""
    tables = {each.name: dict(services.results.table(result, each.name)) for each in result.artefacts}
    values = tables["equity"]["equity"].astype(np.float64)
    values[-1] *= 1 + equity
    tables["equity"]["equity"] = values
    ground = result.manifest.environment | dict(environment or {})
    manifest = result.manifest.model_copy(update={"environment": ground})
    services.results.save(result.model_copy(update={"manifest": manifest}), tables)


REQUESTS: dict[str, dict[str, Any]] = {
    "the defaults": {},
    "parameters and a benchmark by its common name": {"parameters": {"short_window": 5}, "benchmark_symbol": "S&P 500"},
    "several symbols between two dates": {
        "strategy_type": "momentum",
        "symbols": ("XOM", "AAPL", "KO"),
        "start_date": date(2001, 1, 1),
        "end_date": date(2004, 1, 4),
    },
    "a configuration": {
        "config": hc.BacktestConfig(
            initial_capital=5_000,
            commission=hc.Commission(per_share=0.01, maximum=9.0),
            slippage=hc.Slippage(bps=2),
            sizing=hc.FixedCash(1_000),
            allow_short=True,
            lot_size=0.5,
        )
    },
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_stored_result_is_the_same_when_it_is_run_again(services: ServiceFactory, name: str) -> None:
    made = stored(services, **REQUESTS[name])
    found = fresh(services.settings.home).verify(made.backtest_id)
    assert (found.verdict, found.comparison, found.differences, found.causes) == ("identical", "byte_for_byte", (), ())
    assert found.new_manifest_id == made.manifest.id
    assert {table.name for table in found.tables} == {each.name for each in made.artefacts} | {"metrics"}
    assert {table.name: table.rows for table in found.tables if table.name != "metrics"} == {
        each.name: each.rows for each in made.artefacts
    }


def test_the_door_takes_the_beginning_of_an_id_and_leaves_nothing_behind(services: ServiceFactory) -> None:
    made = stored(services)
    before = kept_files(services), every_document(services.databases.documents)
    found = hc.open_results().verify(made.manifest.id[:10])
    assert found.backtest_id == made.backtest_id
    assert found.verdict == "identical"
    assert (kept_files(services), every_document(services.databases.documents)) == before


def test_a_result_is_verified_where_a_loop_is_running_as_in_a_notebook(services: ServiceFactory) -> None:
    made = stored(services)

    async def cell() -> str:
        return hc.open_results().verify(made.backtest_id).verdict

    assert asyncio.run(cell()) == "identical"


def test_an_id_that_nothing_has_is_not_found(services: ServiceFactory) -> None:
    with pytest.raises(hc.NotFoundError, match="begins with 'nothing'"):
        services.verify("nothing")


def test_revised_data_are_told_first_with_both_hashes_and_compared_all_the_same(services: ServiceFactory) -> None:
    made = stored(services)
    found = fresh(services.settings.home, RevisedProvider()).verify(made.backtest_id)
    assert found.verdict == "different"
    first = found.causes[0]
    assert (first.kind, first.name, first.then) == ("data", "data_hash", made.manifest.data_hash)
    assert first.now not in (None, first.then)
    difference = next(each for each in found.differences if each.column == "close")
    assert (difference.table, difference.row, difference.count) == ("bars", 100, 1)
    assert difference.new == pytest.approx(1.0001 * float(str(difference.stored)))
    assert not found.unexplained


def test_bars_that_came_after_the_run_do_not_matter(services: ServiceFactory) -> None:
    made = stored(services)
    now = fresh(services.settings.home, LongerProvider())
    assert stored(now).end_date > made.end_date
    assert fresh(services.settings.home, LongerProvider()).verify(made.backtest_id).verdict == "identical"


def test_data_that_are_gone_are_a_typed_error_that_names_result_and_symbol(services: ServiceFactory) -> None:
    made = stored(services)
    said = f"result {made.backtest_id} can't be run again, because its data .* no symbol 'SPX'"
    with pytest.raises(hc.SymbolError, match=said):
        fresh(services.settings.home, EmptyProvider()).verify(made.backtest_id)


def test_a_provider_that_is_gone_is_a_typed_error(services: ServiceFactory) -> None:
    made = stored(services)
    elsewhere = made.model_copy(update={"backtest_id": "from-elsewhere", "provider": "vendor"})
    services.results.save(elsewhere, {})
    with pytest.raises(hc.InputError, match="from-elsewhere can't be run again.*no provider 'vendor'"):
        services.verify("from-elsewhere")


def test_a_result_whose_backtest_is_gone_is_verified_from_its_manifest_alone(services: ServiceFactory) -> None:
    made = stored(services, parameters={"short_window": 5}, benchmark_symbol="NASDAQ")
    services.backtests.delete(made.backtest_id)
    assert services.verify(made.backtest_id).verdict == "identical"


@pytest.fixture
def plugin(services: ServiceFactory) -> Iterator[Path]:
    """The file of a plug-in; its type is forgotten afterwards."""
    folder = services.settings.home / "plugins" / "strategies"
    folder.mkdir(parents=True)
    file = folder / "mine.py"
    file.write_text(PLUGIN)
    yield file
    services.plugins.unload()


def test_code_that_changed_is_a_cause_and_the_new_code_is_what_runs(services: ServiceFactory, plugin: Path) -> None:
    made = stored(services, strategy_type="mine_to_verify")
    assert services.verify(made.backtest_id).verdict == "identical"
    plugin.write_text(PLUGIN.replace("sell=data.close < mean", "sell=data.close < mean * 0.99"))
    found = services.verify(made.backtest_id)
    assert found.verdict == "different"
    (cause,) = found.causes
    assert (cause.kind, cause.name, cause.then) == ("strategy", "strategy_hash", made.manifest.strategy_hash)
    assert cause.now not in (None, cause.then)
    assert {table.name for table in found.tables if table.verdict == "identical"} == {"bars", "open_trades"}


def test_code_that_changed_without_effect_is_told_and_the_result_is_the_same(
    services: ServiceFactory, plugin: Path
) -> None:
    made = stored(services, strategy_type="mine_to_verify")
    plugin.write_text(PLUGIN + "\n# A remark.\n")
    found = services.verify(made.backtest_id)
    assert found.verdict == "identical"
    assert [cause.name for cause in found.causes] == ["strategy_hash"]


def test_a_default_that_changed_does_not_change_the_question(services: ServiceFactory, plugin: Path) -> None:
    made = stored(services, strategy_type="mine_to_verify")
    plugin.write_text(PLUGIN.replace("window: int = 20", "window: int = 100"))
    found = services.verify(made.backtest_id)
    assert found.verdict == "identical"
    assert [cause.name for cause in found.causes] == ["strategy_hash"]


def test_a_parameter_that_is_new_is_named(services: ServiceFactory, plugin: Path) -> None:
    made = stored(services, strategy_type="mine_to_verify", parameters={"window": 15})
    plugin.write_text(
        PLUGIN.replace("window: int = 20", "window: int = 20\n        lag: int = 1").replace(
            "sell=data.close < mean", "sell=data.close.shift(self.config.lag) < mean"
        )
    )
    found = services.verify(made.backtest_id)
    assert found.verdict == "different"
    assert [(cause.kind, cause.name, cause.then, cause.now) for cause in found.causes[1:]] == [
        ("parameters", "lag", None, 1)
    ]


def test_a_parameter_that_is_gone_makes_the_result_not_comparable(services: ServiceFactory, plugin: Path) -> None:
    made = stored(services, strategy_type="mine_to_verify", parameters={"window": 15})
    plugin.write_text(PLUGIN.replace("window", "length_of_window"))
    found = services.verify(made.backtest_id)
    assert found.verdict == "not_comparable"
    assert "no parameter 'window'" in found.reason
    assert [cause.name for cause in found.causes] == ["strategy_hash"]


def test_a_strategy_that_is_gone_is_a_typed_error(services: ServiceFactory, plugin: Path) -> None:
    made = stored(services, strategy_type="mine_to_verify")
    plugin.unlink()
    services.plugins.unload()
    with pytest.raises(hc.UnknownStrategyError, match=f"result {made.backtest_id} can't be run again: no strategy"):
        services.verify(made.backtest_id)


def test_dice_are_found_out(services: ServiceFactory, plugin: Path) -> None:
    plugin.write_text(
        PLUGIN.replace("mean = ", "import numpy as np\n        mean = np.random.default_rng().normal(1, 0.01) * ")
    )
    made = stored(services, strategy_type="mine_to_verify")
    found = services.verify(made.backtest_id)
    assert found.verdict == "different"
    assert found.unexplained
    assert found.causes[-1].said.startswith("gives other decisions on the same input: two runs just now differ")


def test_a_damaged_table_is_told_as_damaged_and_never_as_a_difference(services: ServiceFactory) -> None:
    made = stored(services)
    path = services.settings.home / next(each.path for each in made.artefacts if each.name == "trades")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(hc.CorruptDataError, match="is not what was written"):
        services.verify(made.backtest_id)


@pytest.mark.parametrize(
    ("environment", "equity", "verdict", "comparison"),
    [
        ({"python": "3.99.0"}, 0.0, "identical", "within_tolerance"),
        ({"python": "3.99.0"}, 3e-16, "equal_within_tolerance", "within_tolerance"),
        ({"lock": "another"}, 3e-13, "equal_within_tolerance", "within_tolerance"),
        ({"platform": "elsewhere"}, 1e-9, "different", "within_tolerance"),
        ({}, 3e-16, "different", "byte_for_byte"),
    ],
)
def test_the_tolerance_belongs_to_another_environment_alone(
    services: ServiceFactory, environment: dict[str, str], equity: float, verdict: str, comparison: str
) -> None:
    made = stored(services)
    rewritten(services, made, environment=environment, equity=equity)
    found = services.verify(made.backtest_id)
    assert (found.verdict, found.comparison) == (verdict, comparison)
    assert [cause.name for cause in found.causes] == list(environment)
    assert [(each.table, each.column) for each in found.differences] == ([("equity", "equity")] if equity else [])
