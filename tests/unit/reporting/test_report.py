from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from tests.unit.reporting.synthetic import DAY, make_run, performance_of, text

from hindcast.domain.errors import StorageError
from hindcast.engine.bounds import Bounds
from hindcast.engine.metrics.catalogue import CATALOGUE
from hindcast.reporting import report
from hindcast.reporting.report import build_report, write_report

ATTACK = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u2028"


class Page(HTMLParser):
    """The page as a browser's parser sees it: elements, scripts, text outside of scripts."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.scripts, self.text, self.policy = [], [], "", ""
        self.in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.elements.append((tag, values))
        self.in_script = tag == "script"
        if self.in_script:
            self.scripts.append([values, ""])
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]

    def handle_endtag(self, tag):
        self.in_script = False

    def handle_data(self, data):
        if self.in_script:
            self.scripts[-1][1] += data
        else:
            self.text += data

    def json(self, name):
        return json.loads(next(body for values, body in self.scripts if values.get("id") == name))

    def by_id(self, name):
        return next(((tag, values) for tag, values in self.elements if values.get("id") == name), None)


@pytest.fixture(scope="module")
def page():
    result, tables = make_run(
        symbols=("SPX", "AAA"), bars=1_200, notes=("SPX: 39.8 % of opens equal the close before.",)
    )
    return Page(build_report(result, tables))


def test_every_section_has_its_heading(page):
    names = ["equity", "returns", "candles", "trades", "metrics", "proof", "run"]
    assert all(page.by_id(name) for name in names)
    for heading in ("Equity and drawdown", "Monthly returns", "Rolling Sharpe ratio", "Prices and fills", "Trades"):
        assert heading in page.text


def test_each_label_points_at_an_element_that_is_there(page):
    known = {values["id"] for _, values in page.elements if "id" in values}
    asked = [
        target
        for _, values in page.elements
        for name in ("aria-labelledby", "aria-describedby")
        for target in (values.get(name) or "").split()
    ]
    asked += [values["href"][1:] for tag, values in page.elements if tag == "a"]
    assert asked
    assert set(asked) <= known


def test_an_id_is_given_once(page):
    names = [values["id"] for _, values in page.elements if "id" in values]
    assert len(names) == len(set(names))


def test_headline_numbers_stand_beside_the_benchmarks(page):
    assert "Total return" in page.text
    assert page.text.count("SPX held:") == 4


def test_notes_are_told_before_the_charts(page):
    assert page.text.index("39.8 % of opens") < page.text.index("Equity and drawdown")


def test_every_metric_can_be_reached_by_keyboard_and_has_its_definition(page):
    for definition in CATALOGUE:
        found = page.by_id(f"metric-{definition.name}")
        assert found
        assert found[1]["tabindex"] == "0"
        assert definition.definition in page.text


def test_every_figure_and_every_symbols_candles_are_in_the_page(page):
    for name in ("equity", "months", "sharpe", "exposure", "candles-0", "candles-1"):
        assert page.json(f"figure-{name}")["data"]
    assert page.json("trade-data")["closed"]["symbols"] == ["AAA", "SPX"]


def test_nothing_is_loaded_from_elsewhere(page):
    for tag, values in page.elements:
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert not re.match(r"\s*(https?:)?//", values.get(name) or ""), (tag, values)
        assert tag not in {"link", "iframe", "object", "embed"}
    own_styles = (Path(report.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    assert "url(" not in own_styles
    assert "@import" not in own_styles
    assert page.policy.startswith("default-src 'none'; script-src 'sha256-")


def test_only_the_two_scripts_that_the_policy_names_can_run(page):
    live = [body for values, body in page.scripts if values.get("type") != "application/json"]
    hashes = [base64.b64encode(hashlib.sha256(body.encode()).digest()).decode() for body in live]
    assert len(live) == 2
    assert all(f"'sha256-{digest}'" in page.policy for digest in hashes)
    assert "unsafe-inline" not in page.policy.split("script-src")[1].split(";")[0]
    assert not [values for _, values in page.elements if any(name.startswith("on") for name in values)]


def test_what_a_run_holds_is_text_and_never_markup():
    result, tables = make_run(
        symbols=(ATTACK,),
        bars=200,
        name=ATTACK,
        strategy_type=ATTACK,
        parameters={ATTACK: ATTACK},
        notes=(ATTACK,),
        provider=ATTACK,
    )
    tables["fills"]["reason"] = text([ATTACK] * len(tables["fills"]["price"]))
    tables["orders"]["reason"] = text([ATTACK] * len(tables["orders"]["quantity"]))
    tables["orders"]["status"] = text([ATTACK] * len(tables["orders"]["quantity"]))
    hostile = Page(build_report(result, tables))
    plain = Page(build_report(*make_run(bars=200)))
    assert len(hostile.scripts) == len(plain.scripts)
    assert "img" not in [tag for tag, _ in hostile.elements]
    assert ATTACK in hostile.text
    assert hostile.json("trade-data")["closed"]["symbols"] == [ATTACK]
    for values, body in hostile.scripts:
        assert values.get("type") != "application/json" or "<" not in body


def test_a_title_of_ones_own_replaces_the_name():
    result, tables = make_run(bars=60, name="Named")
    assert Page(build_report(result, tables)).text.count("Named") >= 1
    assert "Mine &lt;3" in build_report(result, tables, title="Mine <3")


def test_a_name_that_only_repeats_the_strategy_gives_way_to_what_was_traded():
    assert "sma_crossover on SPX" in Page(build_report(*make_run(bars=60, name="sma_crossover"))).text


def test_the_same_run_gives_the_same_bytes():
    assert build_report(*make_run(bars=300)) == build_report(*make_run(bars=300))


@pytest.mark.parametrize("bars", [1, 2, 20])
def test_a_run_too_short_to_trade_has_a_report(bars):
    short = Page(build_report(*make_run(bars=bars)))
    assert short.json("trade-data")["closed"]["pnl"] == []
    assert "0 of 0 orders were filled as asked" in short.text


def test_a_run_with_nothing_but_equity_has_a_report():
    result, tables = make_run(bars=60)
    bare = Page(build_report(result, {"equity": tables["equity"]}))
    assert "keeps no bars of SPX" in json.dumps(bare.json("figure-candles-0"))


def test_an_undefined_metric_is_a_dash_with_its_reason(page):
    result, tables = make_run(bars=20)
    short = Page(build_report(result, tables))
    assert "Undefined: no trade was closed." in short.text


def test_missing_values_do_not_break_the_page():
    result, tables = make_run(bars=600)
    tables["equity"]["equity"][100:120] = np.nan
    tables["bars"]["high"][50] = np.nan
    tables["trades"]["mae"][:] = np.nan
    tables["benchmark"]["value"][:300] = np.nan
    holed = Page(build_report(result, tables))
    assert set(holed.json("trade-data")["closed"]["mae"]) == {None}
    assert holed.json("figure-equity")["data"]


def test_a_ruined_run_says_so_and_offers_no_logarithmic_axis(page):
    result, tables = make_run(bars=400)
    for name in ("equity", "gross_exposure", "net_exposure"):
        tables["equity"][name][300:] = 0.0
    performance = performance_of(tables["equity"]["equity"][:301], [])
    ruined = Page(build_report(result.model_copy(update={"ruined": True, "performance": performance}), tables))
    assert "The account was ruined" in ruined.text
    assert "100.0%" in ruined.text
    assert not [values for _, values in ruined.elements if values.get("data-scale")]
    assert [values for _, values in page.elements if values.get("data-scale")]


def test_the_report_tells_what_other_readings_of_ambiguous_bars_give():
    result, tables = make_run(bars=400)
    readings = {"pessimistic": 90_000.0, "optimistic": 120_000.0, "ohlc": 91_000.0}
    bounds = Bounds(lower=90_000.0, upper=120_000.0, by_policy=readings, run=91_000.0)
    text = Page(build_report(result, tables, bounds=bounds)).text
    assert "the same orders end between 90,000.00 and 120,000.00; this run ended at 91,000.00" in text
    certain = Bounds(lower=91_000.0, upper=91_000.0, by_policy=dict.fromkeys(readings, 91_000.0), run=91_000.0)
    assert "the same orders end between" not in Page(build_report(result, tables, bounds=certain)).text


def test_of_very_many_symbols_those_with_the_most_fills_are_drawn():
    symbols = tuple(f"S{place:02d}" for place in range(30))
    result, tables = make_run(symbols=symbols, bars=120)
    many = Page(build_report(result, tables))
    assert len([values for values, _ in many.scripts if (values.get("id") or "").startswith("figure-candles-")]) == 24
    assert "6 more would make the page too large" in many.text


def test_a_million_bars_make_a_page_within_three_seconds_and_fifteen_megabytes():
    count = 1_000_000
    when = np.datetime64("2015-01-01", "ns") + np.arange(count) * (DAY // 1440)
    run = make_run(bars=count, when=when)
    build_report(*make_run(bars=40))
    started = time.process_time()
    html = build_report(*run)
    assert time.process_time() - started <= 3.0
    assert len(html.encode()) <= 15_000_000


def test_a_written_report_is_the_built_one_and_leaves_nothing_else(tmp_path):
    run = make_run(bars=60)
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    assert write_report(str(target), *run) == target
    assert target.read_text(encoding="utf-8") == build_report(*run)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_missing_folder_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match=r"the folder .*absent does not exist\. Make it first"):
        write_report(tmp_path / "absent" / "report.html", *make_run(bars=40))


def test_a_folder_in_place_of_a_file_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="it is a folder"):
        write_report(tmp_path, *make_run(bars=40))


def test_a_write_that_fails_leaves_the_old_report_whole(tmp_path, monkeypatch):
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(StorageError, match="No space left on device"):
        write_report(target, *make_run(bars=40))
    assert target.read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_risk_free_rate_stands_beside_the_ratios(page):
    assert "The risk-free rate is 0.00% a year; a year has 252 bars." in page.text
