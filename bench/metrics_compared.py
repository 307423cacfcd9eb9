"""The figures of docs/reference/metrics_compared.md: the same curve through hindcast and the libraries of the field.

`python bench/metrics_compared.py` with empyrical-reloaded, quantstats and vectorbt installed. The curve is the S&P 500
of the sample data, bought at the first close and held, against the NASDAQ Composite.
"""

from __future__ import annotations

import warnings
from importlib.resources import files

import empyrical as ep
import pandas as pd
import quantstats.stats as qs
import vectorbt  # noqa: F401 - adds the accessor .vbt to series

from hindcast.engine.curve_input import analyze_performance

RF = 0.02
RF_DAILY = (1 + RF) ** (1 / 252) - 1


def main() -> None:
    warnings.simplefilter("ignore")
    bars = pd.read_parquet(str(files("hindcast.infrastructure.sample").joinpath("data/us_indices.parquet")))
    closes = bars.pivot_table(index="date", columns="symbol", values="close")
    closes.index = pd.DatetimeIndex(closes.index)
    spx, ixic = closes["SPX"], closes["IXIC"]
    r, b = spx.pct_change().dropna(), ixic.pct_change().dropna()
    table = r.vbt.returns(freq="1D", year_freq="252D", benchmark_rets=b)
    ours, with_rate = (
        analyze_performance(spx, benchmark=ixic),
        analyze_performance(spx, benchmark=ixic, risk_free_rate=RF),
    )
    constant = pd.Series(0.001, r.index[:50])
    spells = qs.drawdown_details(qs.to_drawdown_series(r))["days"]
    rows = [
        ("total_return", ours.total_return, ep.cum_returns_final(r), qs.comp(r), table.total()),
        ("annualized_return", ours.annualized_return, ep.annual_return(r), qs.cagr(r), table.annualized()),
        ("volatility", ours.volatility, ep.annual_volatility(r), qs.volatility(r), table.annualized_volatility()),
        ("sharpe_ratio", ours.sharpe_ratio, ep.sharpe_ratio(r), qs.sharpe(r), table.sharpe_ratio()),
        ("sharpe_ratio, 2 % a year", with_rate.sharpe_ratio, ep.sharpe_ratio(r, RF), qs.sharpe(r, rf=RF), None),
        ("sortino_ratio", ours.sortino_ratio, ep.sortino_ratio(r), qs.sortino(r), table.sortino_ratio()),
        ("max_drawdown", ours.max_drawdown, ep.max_drawdown(r), qs.max_drawdown(spx), table.max_drawdown()),
        ("max_drawdown_duration", ours.max_drawdown_duration, None, spells.max(), table.drawdowns.max_duration().days),
        ("calmar_ratio", ours.calmar_ratio, ep.calmar_ratio(r), qs.calmar(r), table.calmar_ratio()),
        ("omega_ratio", ours.omega_ratio, ep.omega_ratio(r), qs.omega(r), table.omega_ratio()),
        ("value_at_risk_95", ours.value_at_risk_95, ep.value_at_risk(r), qs.value_at_risk(r), table.value_at_risk()),
        (
            "expected_shortfall_95",
            ours.expected_shortfall_95,
            ep.conditional_value_at_risk(r),
            qs.expected_shortfall(r),
            table.cond_value_at_risk(),
        ),
        ("tail_ratio", ours.tail_ratio, ep.tail_ratio(r), qs.tail_ratio(r), table.tail_ratio()),
        ("ulcer_index", ours.ulcer_index, None, qs.ulcer_index(r), None),
        ("alpha, 2 % a year", with_rate.alpha, ep.alpha(r, b, RF_DAILY), None, table.alpha(risk_free=RF_DAILY)),
        ("beta", ours.beta, ep.beta(r, b), qs.greeks(r, b)["beta"], table.beta()),
        (
            "information_ratio",
            ours.information_ratio,
            ep.excess_sharpe(r, b),
            qs.information_ratio(r, b),
            table.information_ratio(),
        ),
        ("up_capture", ours.up_capture, ep.up_capture(r, b), None, table.up_capture()),
        ("down_capture", ours.down_capture, ep.down_capture(r, b), None, table.down_capture()),
        (
            "sharpe_ratio of a constant return",
            analyze_performance(returns=constant).sharpe_ratio,
            ep.sharpe_ratio(constant),
            qs.sharpe(constant),
            constant.vbt.returns(freq="1D", year_freq="252D").sharpe_ratio(),
        ),
    ]
    print("| metric | hindcast | empyrical | quantstats | vectorbt |\n| --- | --- | --- | --- | --- |")
    for name, *values in rows:
        print(f"| {name} | " + " | ".join("-" if value is None else f"{value:.6g}" for value in values) + " |")


if __name__ == "__main__":
    main()
