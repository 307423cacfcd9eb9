"""The definitions of the metrics, written down once more in the plainest way: slow, obvious, sharing no code."""

from __future__ import annotations

import math

import numpy as np

NAN = float("nan")


def returns_of(levels):
    return [levels[t] / levels[t - 1] - 1 if levels[t - 1] > 0 else 0.0 for t in range(1, len(levels))]


def mean(values):
    return math.fsum(values) / len(values)


def std(values, ddof=1):
    if len(values) <= ddof:
        return NAN
    centre = mean(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / (len(values) - ddof))


def varies(values):
    return len(values) > 1 and std(values) > 1e-14 and std(values) > 1e-12 * abs(mean(values))


def drawdowns(levels):
    return [min(1 - levels[t] / max(levels[: t + 1]), 1.0) for t in range(len(levels))]


def longest_drawdown(levels, days):
    longest = 0.0
    for t in range(len(levels)):
        later = [u for u in range(t + 1, len(levels)) if levels[u] >= levels[t]]
        until = later[0] if later else len(levels) - 1
        at_peak = levels[t] >= max(levels[: t + 1])
        falls = until > t + 1 or (not later and until > t)
        if at_peak and falls:
            longest = max(longest, days[until] - days[t])
    return longest


def curve(levels, days, ppy, rf):
    """All curve metrics of a list of levels, NaN where undefined."""
    r = returns_of(levels)
    n = len(r)
    rate = (1 + rf) ** (1 / ppy) - 1
    excess = [value - rate for value in r]
    years = (days[-1] - days[0]) / 365.25
    growth = levels[-1] / levels[0]
    annual = NAN if years <= 0 else -1.0 if growth <= 0 else growth ** (1 / years) - 1
    deepest = max(drawdowns(levels))
    downside = math.sqrt(mean([min(value, 0.0) ** 2 for value in excess]))
    losses = math.fsum(max(-value, 0.0) for value in excess)
    lowest = sorted(r)[: int((n - 1) * 0.05) + 1]
    q5, q95 = (float(np.quantile(r, q)) for q in (0.05, 0.95))
    many = n >= 2
    found = {
        "total_return": growth - 1,
        "annualized_return": annual,
        "volatility": std(r) * math.sqrt(ppy) if varies(r) else (0.0 if many else NAN),
        "sharpe_ratio": mean(excess) / std(excess) * math.sqrt(ppy) if varies(r) else NAN,
        "sortino_ratio": mean(excess) / downside * math.sqrt(ppy) if many and downside > 1e-14 else NAN,
        "max_drawdown": deepest,
        "max_drawdown_duration": longest_drawdown(levels, days),
        "calmar_ratio": annual / deepest if deepest > 1e-14 else NAN,
        "omega_ratio": math.fsum(max(v, 0.0) for v in excess) / losses if many and losses > 1e-14 * n else NAN,
        "value_at_risk_95": q5 if many else NAN,
        "expected_shortfall_95": mean(lowest) if many else NAN,
        "tail_ratio": abs(q95 / q5) if many and abs(q5) > 1e-14 else NAN,
        "ulcer_index": math.sqrt(mean([value**2 for value in drawdowns(levels)[1:]])),
        "skewness": NAN,
        "excess_kurtosis": NAN,
    }
    if varies(r) and n >= 3:
        cubes = mean([(value - mean(r)) ** 3 for value in r]) / std(r, 0) ** 3
        found["skewness"] = cubes * math.sqrt(n * (n - 1)) / (n - 2)
    if varies(r) and n >= 4:
        fourths = mean([(value - mean(r)) ** 4 for value in r]) / std(r, 0) ** 4
        found["excess_kurtosis"] = ((n + 1) * (fourths - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return found


def benchmark(r, b, ppy, rf):
    """All benchmark metrics of two lists of returns that vary."""
    rate = (1 + rf) ** (1 / ppy) - 1
    slope = float(np.cov(r, b)[0, 1]) / float(np.var(b, ddof=1))
    active = [x - y for x, y in zip(r, b, strict=True)]

    def captured(sign):
        pairs = [(x, y) for x, y in zip(r, b, strict=True) if sign * y > 0]
        own, its = (math.prod(1 + pair[side] for pair in pairs) ** (ppy / len(pairs)) - 1 for side in (0, 1))
        return own / its

    correlation = float(np.corrcoef(r, b)[0, 1])
    return {
        "alpha": (mean(r) - rate - slope * (mean(b) - rate)) * ppy,
        "beta": slope,
        "tracking_error": std(active) * math.sqrt(ppy),
        "information_ratio": mean(active) / std(active) * math.sqrt(ppy),
        "up_capture": captured(1),
        "down_capture": captured(-1),
        "correlation": correlation,
        "r_squared": correlation**2,
    }
