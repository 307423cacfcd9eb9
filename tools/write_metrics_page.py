"""Write docs/reference/metrics.md from the catalogue of metrics: `python tools/write_metrics_page.py`."""

from __future__ import annotations

from pathlib import Path

from hindcast.engine.metrics.catalogue import CATALOGUE, MetricDefinition

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "metrics.md"

INTRODUCTION = """\
# Metrics

Equity is `E_0..E_n`, returns are `r_t = E_t / E_{t-1} - 1`, and 0 once `E_{t-1} <= 0`. In a run `E_0` is the initial
capital, one bar spacing before the first bar; a curve from elsewhere begins with its own `E_0`; returns begin at 1.

`ppy` is the number of periods per year: as given, or from the median spacing of the stamps. Under 20 hours it is the
median number of bars per UTC date times 365 (if a bar is stamped on a weekend) or 252; under 4 days 365 or 252; under
10 days 52; under 45 days 12; under 120 days 4; else 1. `rf_p = (1 + risk_free_rate)^(1 / ppy) - 1`; the risk-free rate
is 0 unless given. Both are stored with the result, and neither is used inside a simulation.

An undefined metric is `null` (`None` in Python, NaN in tables), never 0 and never infinite: fewer than two returns, no
variance (a standard deviation of at most 1e-14, or 1e-12 of the mean), nothing in the denominator. Volatility and
tracking error of returns that do not vary are 0. Fractions, not percent, in data; percent only on screens.

The benchmark is aligned on common stamps before returns are taken, and stamps within the run that only one side has
are dropped and counted. In a run the initial capital meets the benchmark's close at the first bar.

A trade is one entry fill matched with one exit fill of the same symbol, first in first out, over their common
quantity, net of its share of commissions, without dividends and financing. Each trade also has `mae` and `mfe`: the
worst and best excursion from its entry price over the bars from entry to exit, as fractions.

[Where other libraries differ](metrics_compared.md), with numbers.
"""

GROUPS = {
    "return": "Return",
    "risk": "Risk",
    "ratios": "Ratios",
    "benchmark": "Against the benchmark",
    "trades": "Closed trades",
    "activity": "Activity",
}
BETTER = {True: "higher", False: "lower", None: ""}


def render() -> str:
    """Give the page as text: one table per group, in the order of display."""
    return INTRODUCTION + "".join(_table(group, title) for group, title in GROUPS.items())


def _table(group: str, title: str) -> str:
    rows = "".join(_row(metric) for metric in CATALOGUE if metric.group == group)
    head = "| Metric | Meaning | Formula | Unit | Better | Reference |\n| --- | --- | --- | --- | --- | --- |\n"
    return f"\n## {title}\n\n{head}{rows}"


def _row(metric: MetricDefinition) -> str:
    cells = [
        f"{metric.label}<br>`{metric.name}`",
        metric.definition,
        f"`{metric.formula}`",
        metric.unit,
        BETTER[metric.higher_is_better],
        metric.reference,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"wrote {PAGE}")
