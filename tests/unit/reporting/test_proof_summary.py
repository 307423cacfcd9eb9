"""The certificate, as the report and the screen tell it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.unit.cli.views.runs import make_result
from tests.unit.cli.views.test_result_view import shown
from tests.unit.reporting.synthetic import make_run

from hindcast.domain.certificate import Certificate, Difference, ReplayKind, Verdict
from hindcast.reporting.proof_summary import proof_summary
from hindcast.reporting.report import build_report

PASSED = Certificate(
    level="sampled",
    verdict=Verdict.PASSED,
    seed=77,
    cuts=5,
    cut_bars=(3, 9, 20, 41, 90),
    replays=5,
    replay_kinds=tuple(ReplayKind),
    bars=100,
    decision_bars=30,
    decision_bars_cut=4,
    decision_bars_compared=29,
    explanation="All the same.",
)
FULL = PASSED.model_copy(update={"level": "full", "cuts": 99, "cut_bars": (), "raised": 3, "error": "no bars"})
LEAKING = PASSED.model_copy(
    update={
        "verdict": Verdict.LOOK_AHEAD,
        "explanation": "It knew <tomorrow>.",
        "first_difference": Difference(
            bar=12, timestamp=datetime(2020, 1, 17, tzinfo=UTC), symbol="SPX", column="side", cut=12
        ),
    }
)


def test_a_sampled_pass_says_what_it_covers():
    found = proof_summary(PASSED)
    assert found.line == "passed · sampled, 5 cuts, 4 of 30 decision bars"
    assert found.tone == "gain"
    facts = dict(found.facts)
    assert facts["last bars before the cuts"] == "3, 9, 20, 41, 90"
    assert facts["bars after a cut were"] == "cut off, without prices, scaled by 1,000, shuffled"
    assert facts["cuts"] == "5 of 99 bars that have a future"


def test_a_full_pass_covers_all_bars_and_tells_of_replays_that_failed():
    found = proof_summary(FULL)
    assert found.line == "passed · full, all 100 bars"
    assert dict(found.facts)["replays in which the strategy failed"] == "3, first: no bars"


def test_a_look_ahead_names_symbol_day_and_column():
    found = proof_summary(LEAKING)
    assert found.line == "LOOK-AHEAD FOUND · SPX, 2020-01-17, side"
    assert found.tone == "loss"


def test_an_intraday_difference_is_named_to_the_minute():
    assert LEAKING.first_difference is not None
    moment = LEAKING.first_difference.model_copy(update={"timestamp": datetime(2020, 1, 17, 15, 30, tzinfo=UTC)})
    assert "2020-01-17 15:30" in proof_summary(LEAKING.model_copy(update={"first_difference": moment})).extent


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words(verdict):
    found = proof_summary(Certificate(level="sampled", verdict=verdict))
    assert found.verdict
    assert bool(found.facts) == (verdict is not Verdict.NOT_RUN)


def test_the_screen_has_one_line_of_it():
    assert "Look-ahead proof: not run" in shown()
    assert "Look-ahead proof: passed · sampled, 5 cuts" in shown(make_result(certificate=PASSED))
    assert "Look-ahead proof: LOOK-AHEAD FOUND · SPX" in shown(make_result(certificate=LEAKING))


def test_the_report_has_a_section_of_it():
    result, tables = make_run(bars=60)
    page = build_report(result.model_copy(update={"certificate": LEAKING}), tables)
    section = page[page.index('id="proof"') : page.index('id="run"')]
    assert '<span class="loss">LOOK-AHEAD FOUND</span>' in section
    assert "It knew &lt;tomorrow&gt;." in section
    assert "What was tried" in section
    assert "What was tried" not in build_report(result, tables)
