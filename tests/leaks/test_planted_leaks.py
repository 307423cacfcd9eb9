"""Every planted leak is found by the full proof, and none of these strategies is held to be unreproducible."""

from __future__ import annotations

import pytest
from tests.leaks import leaking_events, leaking_prices, leaking_statistics, leaking_steps
from tests.leaks.proving import certificate_of
from tests.leaks.zoo import panel

from hindcast.domain.certificate import ReplayKind, Verdict

LEAKS = {
    **leaking_prices.LEAKS.strategies,
    **leaking_statistics.LEAKS.strategies,
    **leaking_steps.LEAKS.strategies,
    **leaking_events.LEAKS.strategies,
}
BARS = panel()

# Only the end of the data, or what is no part of the bars, gives these away: no altered price does.
BY_LENGTH = {"out_of_the_market_before_the_data_end", "benchmark_from_outside_shifted_onto_the_bars"}


def test_there_are_many_leaks():
    assert len(LEAKS) >= 60


@pytest.mark.parametrize("name", LEAKS)
def test_the_full_proof_finds(name):
    certificate = certificate_of(LEAKS[name], BARS, "full")
    assert certificate.verdict is Verdict.LOOK_AHEAD, certificate.explanation
    found = certificate.first_difference
    assert found is not None
    assert found.cut is not None
    assert found.bar <= found.cut < len(BARS) - 1
    assert found.symbol in BARS.symbols
    assert found.replays == (ReplayKind.TRUNCATED,) or name not in BY_LENGTH
