"""The lines of Python that run a result's backtest again."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from hindcast.domain.backtest import BacktestResult
from hindcast.domain.backtest_config import BacktestConfig

_RECORDS = {"commission": "Commission", "slippage": "Slippage"}
_KINDS = {
    "target_weight": "TargetWeight",
    "fixed_quantity": "FixedQuantity",
    "fixed_cash": "FixedCash",
    "volatility_target": "VolatilityTarget",
    "risk_per_trade": "RiskPerTrade",
    "kelly": "Kelly",
    "half_spread": "HalfSpreadSlippage",
    "volume_share": "VolumeShareSlippage",
    "square_root": "SquareRootSlippage",
}


def reproduction_script(result: BacktestResult) -> str:
    """Python that gives the same result: the settings that differ from the defaults are written out.

    Bars that came from no provider can't be loaded by name; the script then says which data hash they must have.
    """
    lines = ["import hindcast as hc", "", *_bars(result), "result = hc.run_backtest("]
    lines.append(f"    {result.strategy_type!r},")
    lines.append("    bars,")
    if result.manifest.parameters:
        lines.append(f"    parameters={result.manifest.parameters!r},")
    if config := config_expression(result.manifest.config):
        lines.append(f"    config={config},")
    if result.benchmark_symbol:
        lines.append(f"    benchmark={result.benchmark_symbol!r},")
    return "\n".join([*lines, ")", f"assert result.manifest.id == {result.manifest.id!r}"])


def _bars(result: BacktestResult) -> list[str]:
    if result.provider:
        return [
            "bars = hc.load_bars(",
            f"    {list(result.symbols)!r},",
            f"    provider={result.provider!r},",
            f"    start={result.start_date.isoformat()!r},",
            f"    end={result.end_date.isoformat()!r},",
            ")",
        ]
    return [
        f"# symbols: {len(result.symbols)}, {result.start_date} to {result.end_date},",
        f"# data hash {result.manifest.data_hash}",
        'bars = hc.Bars.from_parquet("your-bars.parquet")',
    ]


def config_expression(config: Mapping[str, JsonValue]) -> str:
    """A call of `hc.BacktestConfig` with the settings that are not the defaults; empty where all are."""
    changed = [
        f"{name}={_setting(name, value, default)}"
        for name, value, default in _differences(config, BacktestConfig().model_dump(mode="json"))
    ]
    return f"hc.BacktestConfig({', '.join(changed)})" if changed else ""


def _differences(
    values: Mapping[str, JsonValue], defaults: Mapping[str, JsonValue]
) -> list[tuple[str, JsonValue, JsonValue]]:
    return [(name, value, defaults.get(name)) for name, value in values.items() if value != defaults.get(name)]


def _setting(name: str, value: JsonValue, default: JsonValue) -> str:
    if not isinstance(value, dict):
        return repr(value)
    if "kind" not in value and name in _RECORDS and isinstance(default, dict):
        fields = ", ".join(f"{field}={inner!r}" for field, inner, _ in _differences(value, default))
        return f"hc.{_RECORDS[name]}({fields})"
    kind = _KINDS.get(str(value.get("kind")))
    if kind is None:  # a custom model: the configuration loads it from these words
        return repr(value)
    first, *others = ((field, inner) for field, inner in value.items() if field != "kind")
    return f"hc.{kind}({', '.join([repr(first[1]), *(f'{field}={inner!r}' for field, inner in others)])})"
