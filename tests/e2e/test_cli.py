"""The command line from end to end: real prices, real files, real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.contracts.stores import stored_results
from tests.unit.cli.invoking import Answer, hindcast

RUN = ("run", "sma_crossover", "--symbols", "SPX")
REFERENCE = (*RUN, "--commission-bps", "10", "--start", "1999-01-04", "--end", "2018-12-31")


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def process(*arguments: str, **environment: str) -> Answer:
    """Run `python -m hindcast` as a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "hindcast", *arguments],
        capture_output=True,
        env=os.environ | environment,
        check=False,
        timeout=240,
    )
    return Answer(code=ended.returncode, out=ended.stdout.decode(), err=ended.stderr.decode())


def stored_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_run_gives_the_published_figures_as_json():
    answer = hindcast(*REFERENCE, "--json", "-")
    assert (answer.code, answer.err) == (0, "")
    result = json.loads(answer.out)
    assert result["performance"]["total_return"] == pytest.approx(0.3125778463, abs=1e-9)
    assert result["performance"]["max_drawdown"] == pytest.approx(0.3385007465, abs=1e-9)
    assert result["total_trades"] == 88


def test_a_run_shows_figures_curve_and_what_to_know_and_names_the_stored_result():
    answer = hindcast(*REFERENCE, "--benchmark", "SPX")
    assert answer.code == 0
    assert "+31.3%" in answer.out
    assert "131,257.78" in answer.out
    assert "held from the same capital" in answer.out
    assert "Before you believe it" in answer.out
    stored = json.loads(hindcast("report", "--json").out)
    assert [result["backtest_id"] for result in stored] == [
        word for line in answer.out.splitlines() if line.startswith("Stored as") for word in line.split()[2:3]
    ]


def test_the_same_question_has_the_same_manifest_and_another_has_another():
    first, again, other = (
        json.loads(hindcast(*RUN, *more, "--json").out) for more in ((), (), ("--slippage-bps", "1"))
    )
    assert first["manifest"]["id"] == again["manifest"]["id"] != other["manifest"]["id"]
    assert first["artefacts"] == again["artefacts"]


def test_every_flag_reaches_the_backtest(work):
    answer = hindcast(
        *("run", "rsi_mean_reversion", "--symbols", "AAPL,KO", "--symbols", "XOM"),
        *("--start", "2001-01-02", "--end", "2003-12-31", "--param", "window=10", "--benchmark", "SPX_CLOSE"),
        *("--capital", "50000", "--commission-bps", "5", "--commission-per-share", "0.01"),
        *("--commission-per-order", "1", "--commission-min", "2", "--slippage-bps", "3", "--sizing", "cash:4000"),
        *("--allow-short", "--max-leverage", "1.5", "--lot-size", "1", "--fill-on", "close", "--risk-free", "0.02"),
        *("--name", "All of it", "--quiet", "--json", "out.json"),
    )
    assert answer.code == 0, answer.err
    result = json.loads((work / "out.json").read_text())
    assert answer.out.strip() == result["backtest_id"]
    assert result["name"] == "All of it"
    assert result["symbols"] == ["AAPL", "KO", "XOM"]
    assert result["benchmark_symbol"] == "SPX_CLOSE"
    assert (result["start_date"], result["end_date"]) == ("2001-01-02", "2003-12-31")
    assert result["manifest"]["parameters"]["window"] == 10
    config = result["manifest"]["config"]
    assert config["initial_capital"] == 50_000
    assert config["commission"] == {
        "per_order": 1.0,
        "per_share": 0.01,
        "rate": 0.0005,
        "minimum": 2.0,
        "maximum": None,
    }
    assert config["slippage"] == {"bps": 3.0}
    assert config["sizing"] == {"kind": "fixed_cash", "cash": 4000.0}
    assert config["allow_short"] is True
    assert config["max_leverage"] == 1.5
    assert config["lot_size"] == 1.0
    assert config["fill_on"] == "close"
    assert config["risk_free_rate"] == 0.02


def test_the_demo_writes_its_report_and_says_how_to_go_on(work):
    answer = hindcast("demo")
    assert answer.code == 0
    report = work / "hindcast-demo-report.html"
    assert report.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert report.as_uri() in answer.out
    assert "Go on" in answer.out
    assert "SPX held: +104.1%" in answer.out


def test_report_and_compare_work_on_stored_results(work):
    first = json.loads(hindcast(*RUN, "--json").out)["backtest_id"]
    second = json.loads(hindcast(*RUN, "--param", "short_window=20", "--name", "slower", "--json").out)["backtest_id"]
    listed = hindcast("report")
    assert first in listed.out
    assert second in listed.out
    shown = hindcast("report", second, "--output", "slow.html")
    assert shown.code == 0
    assert "short_window=20" in shown.out
    assert "slower" in (work / "slow.html").read_text(encoding="utf-8")
    assert json.loads(hindcast("report", second, "--json").out)["name"] == "slower"
    assert list(work.iterdir()) == [work / "slow.html"]
    compared = hindcast("compare", first, second, "--report", "both.html")
    assert compared.code == 0
    assert "slower" in compared.out
    assert (work / "both.html").read_text(encoding="utf-8").rstrip().endswith("</html>")
    told = json.loads(hindcast("compare", first, second, "--json").out)
    assert [result["backtest_id"] for result in told["results"]] == [first, second]
    (total,) = (metric for metric in told["metrics"] if metric["name"] == "total_return")
    assert total["values"] == [result["performance"]["total_return"] for result in told["results"]]


def test_a_comparison_of_a_result_with_itself_is_refused():
    only = json.loads(hindcast(*RUN, "--json").out)["backtest_id"]
    for ids in ((only,), (only, only)):
        answer = hindcast("compare", *ids)
        assert answer.code == 2
        assert "two different results" in answer.err


def test_without_results_the_list_says_how_to_make_one():
    assert "demo` makes the first one" in hindcast("report").out


WRONG = {
    "an unknown command": (("runn",), "Did you mean 'run'"),
    "no strategy": (("run", "--symbols", "SPX"), "strategy"),
    "no symbols": (("run", "sma_crossover"), "--symbols"),
    "an unknown strategy": (("run", "sma_crosover", "--symbols", "SPX"), "Did you mean 'sma_crossover'?"),
    "an unknown parameter": ((*RUN, "--param", "short_windw=3"), "Did you mean 'short_window'?"),
    "short above long": ((*RUN, "--param", "short_window=50"), "short_window must be smaller than long_window"),
    "a parameter of the wrong type": ((*RUN, "--param", "short_window=ten"), "short_window = 'ten'"),
    "a parameter out of bounds": ((*RUN, "--param", "short_window=0"), "short_window = 0"),
    "an unknown symbol": (("run", "sma_crossover", "--symbols", "SPXX"), "'SPXX'"),
    "a symbol twice": (("run", "sma_crossover", "--symbols", "SPX,SPX"), "names SPX twice"),
    "an unknown provider": ((*RUN, "--provider", "nowhere"), "'nowhere'"),
    "an unknown benchmark": ((*RUN, "--benchmark", "NOWHERE"), "'NOWHERE'"),
    "dates without bars": ((*RUN, "--start", "2030-01-01"), "no bar"),
    "dates inverted": ((*RUN, "--start", "2005-01-01", "--end", "2004-01-01"), "exchange them"),
    "no date": ((*RUN, "--start", "soon"), "is no date"),
    "negative capital": ((*RUN, "--capital", "-5"), "initial_capital = -5.0"),
    "capital that is not a number": ((*RUN, "--capital", "nan"), "initial_capital"),
    "capital in words": ((*RUN, "--capital", "much"), "--capital"),
    "a negative commission": ((*RUN, "--commission-bps", "-1"), "--commission-bps"),
    "a commission of everything": ((*RUN, "--commission-bps", "10000"), "rate = 1.0"),
    "a sizer that is none": ((*RUN, "--sizing", "all"), "expected weight:1.0"),
    "an unknown fill": ((*RUN, "--fill-on", "tomorrow"), "next_open"),
    "an unknown option": ((*RUN, "--slipage-bps", "1"), "--slippage-bps"),
    "a report in no folder": ((*RUN, "--report", "missing/report.html"), "there is no folder missing"),
    "a report that is a folder": ((*RUN, "--report", "."), "is a folder"),
    "JSON in no folder": ((*RUN, "--json", "missing/out.json"), "there is no folder missing"),
    "an unknown result": (("report", "nothing"), "'nothing'"),
    "a report elsewhere": (("demo", "--report", "missing/report.html"), "there is no folder missing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_bad_input_gets_one_sentence_and_exit_code_2_and_leaves_no_file(case, work, data_folder):
    arguments, told = WRONG[case]
    answer = hindcast(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert told in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err.splitlines()) <= 2
    assert stored_files(work) == []
    assert stored_results(data_folder).list() == ()


def test_a_strategy_that_raises_is_told_in_a_sentence(data_folder):
    folder = data_folder / "plugins" / "strategies"
    folder.mkdir(parents=True)
    (folder / "raising.py").write_text(
        "import hindcast as hc\n\n\n"
        "class Raising(hc.BaseStrategy):\n"
        "    STRATEGY_TYPE = 'raising_in_this_test'\n\n"
        "    def generate_signals(self, data):\n"
        "        raise RuntimeError('no idea what to do')\n"
    )
    answer = hindcast("run", "raising_in_this_test", "--symbols", "SPX")
    assert answer.code == 2
    assert "no idea what to do" in answer.err
    assert "Traceback" not in answer.err


def test_a_new_process_runs_and_another_reports_it(work):
    ran = process(*REFERENCE, "--json", "-")
    assert (ran.code, ran.err) == (0, "")
    result = json.loads(ran.out)
    reported = process("report", result["backtest_id"], "--output", "again.html")
    assert (reported.code, reported.err) == (0, "")
    assert "+31.3%" in reported.out
    assert (work / "again.html").stat().st_size > 100_000


def test_a_run_loads_neither_pandas_nor_plotly():
    program = (
        "import sys\n"
        "from hindcast.cli.main import main\n"
        "try:\n"
        f"    main({[*RUN]!r})\n"
        "finally:\n"
        "    loaded = {'pandas', 'plotly', 'polars', 'jinja2'} & set(sys.modules)\n"
        "    print('loaded:', *sorted(loaded), file=sys.stderr)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert ended.returncode == 0
    assert ended.stderr == "loaded:\n"


def test_a_stream_that_knows_only_ascii_gets_a_result_all_the_same():
    answer = process(*RUN, PYTHONIOENCODING="ascii", COLUMNS="80")
    assert answer.code == 0
    assert answer.out.isascii()
    assert "***" in answer.out
