from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from hindcast.domain.errors import InputError, QuotaError, StorageError
from hindcast.infrastructure.alpha_vantage.quotas import SECOND, Limits, Quotas

KEY = SecretStr("Sesam0OffneDich7")
START = datetime(2026, 3, 2, 14, 0, 30, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def move(self, **units):
        self.now += timedelta(**units)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(tmp_path, clock):
    """Quotas over one file, as often as wanted: each is as good as a new process."""
    return lambda key=KEY, **limits: Quotas(
        tmp_path / "quotas.json",
        key,
        Limits(**({"per_second": None, "per_minute": None, "per_day": None} | limits)),
        clock,
    )


def test_a_second_request_waits_for_the_rest_of_the_second(opened, clock):
    quotas = opened(per_second=1)
    assert quotas.take() == 0
    clock.move(seconds=0.5)
    assert quotas.take() == pytest.approx(SECOND - 0.5)
    assert quotas.used() == 1
    clock.move(seconds=SECOND)
    assert quotas.take() == 0


def test_a_minute_holds_so_many_requests_wherever_it_begins(opened, clock):
    quotas = opened(per_minute=3)
    for _ in range(3):
        assert quotas.take() == 0
        clock.move(seconds=10)
    assert quotas.take() == pytest.approx(30)
    clock.move(seconds=30)
    assert quotas.take() == 0
    assert quotas.take() == pytest.approx(10)


def test_a_day_is_any_24_hours_and_the_error_says_when_to_go_on(opened, clock):
    for _ in range(2):
        assert opened(per_day=2).take() == 0
        clock.move(hours=1)
    with pytest.raises(QuotaError, match=r"2 of 2 requests .* go on after 2026-03-03 14:01 UTC \(in 22 h 1 min\)") as e:
        opened(per_day=2).take()
    assert e.value.retry_after == pytest.approx(22 * 3600 + 30)
    assert e.value.retry_after is not None
    clock.move(seconds=e.value.retry_after - 1)
    with pytest.raises(QuotaError):
        opened(per_day=2).take()
    clock.move(seconds=2)
    assert opened(per_day=2).take() == 0
    assert opened().used() == 2


@pytest.mark.parametrize("gap_minutes", [1, 7, 45, 61, 300])
def test_within_24_hours_never_more_requests_go_out_than_the_limit(opened, clock, gap_minutes):
    quotas, sent = opened(per_day=5), []
    for _ in range(200):
        try:
            assert quotas.take() == 0
            sent.append(clock.now)
        except QuotaError:
            pass
        clock.move(minutes=gap_minutes)
    most = max(sum(begin <= stamp < begin + timedelta(days=1) for stamp in sent) for begin in sent)
    assert most == min(5, 1440 // gap_minutes + 1)


def test_a_request_that_never_left_is_uncounted(opened):
    quotas = opened(per_day=1)
    quotas.take()
    quotas.give_back()
    assert quotas.used() == 0
    assert quotas.take() == 0


def test_more_requests_than_are_left_are_refused_before_the_first(opened):
    quotas = opened(per_day=4)
    quotas.take()
    quotas.take()
    quotas.expect(2)
    with pytest.raises(QuotaError, match="2 of 4 requests .* 3 more would be one too many"):
        quotas.expect(3)
    with pytest.raises(QuotaError, match="9 requests .* are needed at once; the limit is 4 a day"):
        quotas.expect(9)
    assert quotas.used() == 2


def test_a_block_holds_for_other_processes_and_ends(opened, clock):
    opened().block(90, "the vendor said so")
    with pytest.raises(QuotaError, match=r"the vendor said so; go on after .* \(in 2 min\)") as caught:
        opened().take()
    assert caught.value.retry_after == pytest.approx(90)
    clock.move(seconds=91)
    assert opened().take() == 0


def test_keys_are_counted_apart_and_only_their_hashes_are_kept(opened, tmp_path):
    other = SecretStr("Another0Key")
    opened(per_day=1).take()
    opened(key=other, per_day=1).take()
    kept = (tmp_path / "quotas.json").read_text()
    assert len(json.loads(kept)) == 2
    assert KEY.get_secret_value() not in kept
    assert other.get_secret_value() not in kept
    assert (tmp_path / "quotas.json").stat().st_mode & 0o077 == 0


def test_what_is_not_paid_for_is_remembered_for_a_week(opened, clock):
    assert opened().denied("SPLITS") is None
    opened().deny("SPLITS")
    clock.move(days=6, hours=23)
    assert opened().denied("SPLITS") == START
    assert opened().denied("DIVIDENDS") is None
    assert opened(key=SecretStr("other")).denied("SPLITS") is None
    clock.move(hours=2)
    assert opened().denied("SPLITS") is None


def test_a_clock_that_is_set_back_neither_frees_nor_locks_for_longer_than_a_day(opened, clock):
    quotas = opened(per_day=2, per_minute=2)
    quotas.take()
    quotas.take()
    clock.move(days=-30)
    with pytest.raises(QuotaError) as caught:
        quotas.take()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after <= 86_460
    quotas.block(60, "soon")
    clock.move(days=-30)
    assert opened().take() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[1]",
        b"[" * 100_000,
        b'{"%s": 5}',
        b'{"%s": {"recent": {}, "minutes": [], "denied": 3}}',
        b'{"%s": {"recent": ["x", true], "minutes": {"y": 1, "5": "z"}, "blocked_until": "no"}}',
    ],
)
def test_an_account_that_can_not_be_read_begins_anew(opened, tmp_path, content):
    opened().take()
    (name,) = json.loads((tmp_path / "quotas.json").read_text())
    (tmp_path / "quotas.json").write_bytes(content.replace(b"%s", name.encode()))
    quotas = opened(per_day=1)
    assert quotas.take() == 0
    assert quotas.used() == 1


def test_an_account_that_can_not_be_written_is_an_error_that_names_it(tmp_path, clock):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="quotas.json"):
        Quotas(tmp_path / "file" / "quotas.json", KEY, Limits(), clock).take()


def test_processes_that_count_at_once_lose_nothing(tmp_path):
    program = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pydantic import SecretStr
from hindcast.infrastructure.alpha_vantage.quotas import Limits, Quotas
quotas = Quotas(Path(sys.argv[1]), SecretStr("key"), Limits(per_second=None, per_day=75), lambda: datetime.now(UTC))
granted = 0
for _ in range(50):
    try:
        granted += quotas.take() == 0
    except Exception as error:
        assert type(error).__name__ == "QuotaError", error
print(granted)
"""
    command = [sys.executable, "-c", program, str(tmp_path / "quotas.json")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    granted = [int(process.communicate()[0]) for process in running]
    assert sum(granted) == 75
    assert sorted(file.name for file in tmp_path.iterdir()) == ["quotas.json", "quotas.json.lock"]


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "5"])
def test_a_limit_that_is_no_number_of_requests_is_refused(value):
    with pytest.raises(InputError, match="per_day="):
        Limits(per_day=value)
