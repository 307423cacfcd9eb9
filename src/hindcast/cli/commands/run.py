"""`hindcast run`: one backtest, shown, stored, and written where asked."""

from __future__ import annotations

import typer

from hindcast.cli.commands import run_flags as flag
from hindcast.cli.outputs import Outputs, run_and_show
from hindcast.cli.run_options import read_parameters, read_range, read_sizing, split_symbols
from hindcast.cli.session import session_of


def run(
    context: typer.Context,
    strategy: flag.StrategyName,
    *,
    symbols: flag.Symbols,
    provider: flag.Provider = "sample",
    interval: flag.Interval = "1d",
    adjusted: flag.Adjusted = False,
    data_version: flag.DataVersion = None,
    start: flag.Start = None,
    end: flag.End = None,
    param: flag.Parameters = None,
    benchmark: flag.Benchmark = None,
    capital: flag.Capital = 100_000.0,
    commission_bps: flag.CommissionBps = 0.0,
    commission_per_share: flag.CommissionPerShare = 0.0,
    commission_per_order: flag.CommissionPerOrder = 0.0,
    commission_min: flag.CommissionMin = 0.0,
    slippage_bps: flag.SlippageBps = 0.0,
    sizing: flag.SizingText = "weight:1.0",
    allow_short: flag.AllowShort = False,
    max_leverage: flag.MaxLeverage = 1.0,
    lot_size: flag.LotSize = None,
    fill_on: flag.FillOn = "next_open",
    gap_rule: flag.GapRule = "forward_fill",
    risk_free: flag.RiskFree = 0.0,
    proof: flag.Proof = "sampled",
    report: flag.ReportFile = None,
    json_target: flag.JsonTarget = None,
    name: flag.Name = "",
    quiet: flag.Quiet = False,
) -> None:
    """Run a strategy on symbols between two dates, and show what came of it."""
    from hindcast.domain.backtest_config import BacktestConfig
    from hindcast.domain.costs import Commission, Slippage
    from hindcast.domain.intervals import canonical_interval
    from hindcast.services.backtest.request import BacktestRequest
    from hindcast.services.market_data.data_versions import as_pin

    session = session_of(context)
    chosen, (first, last) = split_symbols(symbols), read_range(start, end)
    outputs = Outputs(report=report, json_target=json_target, quiet=quiet)
    outputs.check()
    commission = Commission(
        per_order=commission_per_order,
        per_share=commission_per_share,
        rate=commission_bps / 10_000,
        minimum=commission_min,
    )
    config = BacktestConfig(
        initial_capital=capital,
        commission=commission,
        slippage=Slippage(bps=slippage_bps),
        sizing=read_sizing(sizing),
        fill_on=fill_on,
        gap_rule=gap_rule,
        allow_short=allow_short,
        max_leverage=max_leverage,
        lot_size=lot_size,
        risk_free_rate=risk_free,
        proof=proof,
    )
    request = BacktestRequest(
        strategy_type=strategy,
        parameters=read_parameters(param or [], session.describe(strategy).parameters_schema),
        symbols=chosen,
        provider=provider,
        start_date=first,
        end_date=last,
        benchmark_symbol=benchmark,
        interval=canonical_interval(interval),
        adjusted=adjusted,
        data_versions=() if data_version is None else (as_pin(provider, interval, data_version),),
        config=config,
        name=name,
    )
    run_and_show(session, request, outputs)
