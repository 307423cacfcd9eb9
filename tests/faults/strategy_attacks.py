"""Strategies that misbehave, a few lines each, and what is to come of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import indent

from hindcast.domain.errors import (
    HindcastError,
    MemoryLimitError,
    PluginError,
    StrategyError,
    StrategyExitError,
    TimeLimitError,
    WorkLostError,
)

LONG = 20.0  # seconds: for what ends by itself
SHORT = 0.5

_HEAD = """\
from __future__ import annotations

import os, sys, time, signal
import numpy as np
from hindcast import BaseStrategy, Signals
from hindcast.strategies.events import EventStrategy

def steady(data):
    close, average = data.panel.close, data.indicators["sma_50"]
    return Signals.from_entries(close > average, close < average)

"""
_CLASS = """
class Attack({base}):
    STRATEGY_TYPE = "{name}"

"""
_METHODS = {
    "import": "",
    "init": "def __init__(self, *given, **named):\n    super().__init__(*given, **named)\n",
    "initialize": "def initialize(self, data):\n",
    "indicators": "def calculate_indicators(self, data):\n",
    "signals": "def generate_signals(self, data):\n",
    "on_bar": "def on_bar(self, context):\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One strategy: its code, where that stands, and the errors that may come of it; none: it runs well."""

    name: str
    where: str
    code: str
    errors: tuple[type[HindcastError], ...] = ()
    words: str = ""
    seconds: float = LONG
    may_succeed: bool = False

    @property
    def source(self) -> str:
        """The plug-in file."""
        code = self.code.strip("\n") + "\n"
        base = "EventStrategy" if self.where == "on_bar" else "BaseStrategy"
        text = _HEAD + (code if self.where == "import" else "") + _CLASS.format(base=base, name=self.name)
        if self.where != "import":
            text += indent(_METHODS[self.where] + indent(code, "    "), "    ") + "\n"
            if self.where == "signals":
                text += "        return steady(data)\n"
        if self.where not in ("signals", "on_bar"):
            text += "    def generate_signals(self, data):\n        return steady(data)\n"
        return text


def _fails(name: str, where: str, code: str, error: type[HindcastError], words: str) -> Attack:
    return Attack(name=name, where=where, code=code, errors=(error,), words=words)


def _hangs(name: str, where: str, code: str) -> Attack:
    return Attack(
        name=name, where=where, code=code, errors=(TimeLimitError,), words=f"after {SHORT:g} s", seconds=SHORT
    )


def _runs(name: str, code: str, where: str = "signals") -> Attack:
    return Attack(name=name, where=where, code=code)


def _own_harm(name: str, code: str, where: str = "signals", seconds: float = LONG) -> Attack:
    """What it does to its own run does not matter, as long as it stays there."""
    return Attack(name=name, where=where, code=code, errors=(HindcastError,), may_succeed=True, seconds=seconds)


RAISING = (
    _fails("raises_at_import", "import", "raise ValueError('boom')", PluginError, "boom"),
    _fails("exits_at_import", "import", "sys.exit(3)", PluginError, "SystemExit"),
    _fails("leaves_at_import", "import", "os._exit(0)", StrategyExitError, "exit code 0"),
    _fails("raises_in_init", "init", "raise ValueError('boom')", StrategyError, "boom"),
    _fails("raises_in_initialize", "initialize", "raise ValueError('boom')", StrategyError, "initialize raised"),
    _fails("raises_in_indicators", "indicators", "raise ValueError('boom')", StrategyError, "calculate_indicators"),
    _fails("raises_in_signals", "signals", "1 / 0", StrategyError, "raised ZeroDivisionError"),
    _fails("raises_on_bar", "on_bar", "raise KeyError('boom')", StrategyError, "on_bar: bar 0 (2014-01-02): KeyError"),
    _fails("raises_interrupt", "signals", "raise KeyboardInterrupt", StrategyError, "KeyboardInterrupt"),
    _fails("raises_generator_exit", "signals", "raise GeneratorExit", StrategyError, "GeneratorExit"),
    _fails("raises_stop_iteration", "signals", "raise StopIteration", StrategyError, "StopIteration"),
    _fails("raises_system_exit", "signals", "raise SystemExit(0)", StrategyError, "SystemExit"),
    _fails("calls_sys_exit", "on_bar", "sys.exit()", StrategyError, "SystemExit"),
    _fails(
        "raises_its_own_base",
        "signals",
        "class Mine(BaseException):\n    pass\nraise Mine('boom')",
        StrategyError,
        "Mine: boom",
    ),
    _fails(
        "raises_without_words",
        "signals",
        "class Mine(Exception):\n    def __str__(self):\n        raise ValueError('no words')\nraise Mine()",
        StrategyError,
        "raised Mine",
    ),
    _fails(
        "raises_half_a_character", "signals", "raise ValueError('half \\ud800 of it')", StrategyError, "half ? of it"
    ),
    _own_harm("raises_100_megabytes", "raise ValueError('x' * 100_000_000)"),
    _fails(
        "claims_lost_work",
        "signals",
        "from hindcast.domain.errors import WorkLostError\nraise WorkLostError('again')",
        StrategyError,
        "again",
    ),
    _fails("returns_none", "signals", "return None", StrategyError, "returned None"),
    _fails("returns_text", "signals", "return 'buy'", StrategyError, "generate_signals"),
    _fails("returns_another_shape", "signals", "return Signals.hold((3, 7))", StrategyError, "(3, 7)"),
    _fails("recurses", "signals", "return self.generate_signals(data)", StrategyError, "RecursionError"),
)

HANGING = (
    _hangs("loops", "signals", "while True:\n    pass"),
    _hangs("loops_at_import", "import", "while True:\n    pass"),
    _hangs("loops_on_bar", "on_bar", "while True:\n    pass"),
    _hangs("loops_in_c", "signals", "sum(range(10**15))"),
    _hangs("loops_in_a_pattern", "signals", "import re\nre.match('(a+)+b', 'a' * 60)"),
    _hangs("loops_in_numpy", "signals", "a = np.eye(800) + 1.0\nwhile True:\n    np.linalg.svd(a)"),
    _hangs(
        "loops_and_swallows", "signals", "while True:\n    try:\n        pass\n    except BaseException:\n        pass"
    ),
    _hangs("sleeps", "signals", "time.sleep(3600)"),
    _hangs(
        "ignores_signals",
        "signals",
        "for number in range(1, 32):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\ntime.sleep(3600)",
    ),
    _hangs("blocks_signals", "import", "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\ntime.sleep(3600)"),
    _hangs("locks_itself_out", "signals", "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"),
    _hangs("stops_itself", "signals", "os.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(3600)"),
    _hangs(
        "has_endless_words",
        "signals",
        "class Mine(Exception):\n    def __str__(self):\n        while True:\n            pass\nraise Mine()",
    ),
    _hangs("waits_for_a_child", "signals", "import subprocess\nsubprocess.run(['sleep', '3600'])"),
)

LEAVING = (
    _fails("leaves_well", "signals", "os._exit(0)", StrategyExitError, "exit code 0"),
    _fails("leaves_with_3", "on_bar", "os._exit(3)", StrategyExitError, "exit code 3"),
    _fails("aborts", "signals", "os.abort()", StrategyExitError, "SIGABRT"),
    _fails("reads_address_0", "signals", "import ctypes\nctypes.string_at(0)", StrategyExitError, "SIGSEGV"),
    _fails(
        "rings_an_alarm",
        "signals",
        "signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(9)",
        StrategyExitError,
        "SIGALRM",
    ),
    _fails("kills_itself", "signals", "os.kill(os.getpid(), 9)", WorkLostError, "SIGKILL"),
    _fails("kills_its_group", "signals", "os.kill(0, 9)", WorkLostError, "SIGKILL"),
    _fails(
        "becomes_another",
        "signals",
        "os.execv('/bin/sleep', ['sleep', '3600'])",
        StrategyExitError,
        "closed the connection",
    ),
    _fails(
        "dumps_and_leaves",
        "signals",
        "import faulthandler\nfaulthandler.dump_traceback_later(0.01, exit=True)\ntime.sleep(9)",
        StrategyExitError,
        "exit code 1",
    ),
    Attack(
        name="recurses_in_c",
        where="signals",
        code="class A:\n    def __repr__(self):\n        return repr(self)\nsys.setrecursionlimit(10**9)\nrepr(A())",
        errors=(StrategyExitError, StrategyError),  # newer Pythons see it coming
    ),
    _fails(
        "writes_much_and_leaves", "signals", "os.write(2, b'e' * 50_000_000)\nos._exit(1)", StrategyExitError, "eeee"
    ),
)

GREEDY = (
    _fails(
        "fills_a_list",
        "signals",
        "kept = []\nwhile True:\n    kept.append(bytes(8_000_000))",
        MemoryLimitError,
        "memory",
    ),
    _fails("fills_an_array", "signals", "np.ones(10**10)", MemoryLimitError, "memory"),
    _fails("doubles_a_text", "signals", "text = 'x'\nwhile True:\n    text += text", MemoryLimitError, "memory"),
    _fails("maps_memory", "signals", "import mmap\nmmap.mmap(-1, 16 * 1024**3)", MemoryLimitError, "memory"),
    _fails("eats_at_import", "import", "np.ones(10**10)", MemoryLimitError, "memory"),
    _fails(
        "eats_and_hides",
        "signals",
        "try:\n    np.ones(10**10)\nexcept MemoryError:\n    raise ValueError('no')",
        MemoryLimitError,
        "memory",
    ),
    _own_harm("recurses_without_limit", "sys.setrecursionlimit(2**30)\nf = lambda: f()\nf()", seconds=SHORT),
    _fails(
        "opens_all_files",
        "signals",
        "kept = [open('/dev/null') for _ in range(10_000)]",
        StrategyError,
        "Too many open files",
    ),
    _fails("makes_a_large_file", "signals", "open('f', 'wb').truncate(5 * 1024**3)", StrategyError, "File too large"),
    _fails(
        "forks_too_often",
        "signals",
        "for _ in range(80):\n    if os.fork() == 0:\n        time.sleep(3600)\ntime.sleep(3600)",
        StrategyExitError,
        "more than 64 processes",
    ),
    _own_harm("floods_orders", "for _ in range(10_000_000):\n    context.buy('SPX', 1)", "on_bar", SHORT),
    _own_harm("floods_the_log", "import logging\nfor _ in range(3_000):\n    logging.warning('flood')"),
)

_CHANNEL = "import socket, struct\nchannel = socket.socket(fileno=os.dup(3))\n"
_FORGED = b'{"answer":{"result":"forged"}}'

MEDDLING = (
    _runs("forks", "for _ in range(4):\n    if os.fork() == 0:\n        time.sleep(3600)"),
    _runs(
        "leaves_a_daemon",
        "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        time.sleep(3600)\n    os._exit(0)",
    ),
    _own_harm("goes_on_twice", "os.fork()"),
    _runs(
        "starts_threads",
        "import threading\nfor _ in range(2):\n    threading.Thread(target=time.sleep, args=(3600,)).start()",
    ),
    _runs("has_exit_hooks", "import atexit\natexit.register(time.sleep, 3600)"),
    _runs("writes_100_megabytes", "for _ in range(100):\n    os.write(1, b'o' * 1_000_000)"),
    _runs("closes_standard_files", "sys.stdout.close()\nos.close(0)\nos.close(1)\nos.close(2)"),
    _fails(
        "writes_to_all_files",
        "signals",
        "for file in range(3, 20):\n    try:\n        os.write(file, b'\\xff' * 64)\n"
        "    except OSError:\n        pass\ntime.sleep(9)",
        StrategyExitError,
        "disturbed the connection",
    ),
    Attack(name="closes_all_files", where="signals", code="os.closerange(0, 512)", errors=(StrategyExitError,)),
    _fails(
        "floods_the_channel",
        "signals",
        _CHANNEL + "said = struct.pack('>I', 16) + b'{\"tell\":[\"a\",0]}'\nchannel.sendall(said * 100_000)",
        StrategyExitError,
        "more than 5,000 steps",
    ),
    _own_harm("removes_its_folder", "import shutil\nshutil.rmtree(os.getcwd())"),
    _runs(
        "fills_its_folder",
        "for number in range(500):\n    open(str(number), 'w').close()\n"
        "os.makedirs('d', exist_ok=True)\nos.symlink('/etc', f'd/{time.time_ns()}')\nos.chmod('d', 0)",
    ),
    _own_harm("spoils_numpy", "np.sum = np.cumsum = np.isnan = None\nnp.float64 = int"),
    _own_harm("spoils_hindcast", "import hindcast.engine.performance as p\np.PerformanceAnalyzer.analyze = None"),
    _own_harm(
        "takes_builtins_away", "import builtins\ndel builtins.len, builtins.isinstance, builtins.open", seconds=SHORT
    ),
    _own_harm("spoils_json", "import json\njson.dumps = json.loads = None"),
    _runs(
        "goes_abroad",
        "import locale\nos.environ['TZ'] = 'Asia/Seoul'\ntime.tzset()\nos.umask(0)\n"
        "locale.setlocale(locale.LC_ALL, 'C')",
    ),
    _runs(
        "sets_handlers", "import gc\ngc.disable()\nsys.setswitchinterval(100)\nsys.settrace(lambda *a: None)", "import"
    ),
    _runs(
        "keeps_others_out", "import random\nrandom.seed(99)\nnp.random.seed(99)\nnp.seterr(all='ignore')\nos.nice(5)"
    ),
)

FORGERIES = (
    _runs(
        "forges_an_answer",
        _CHANNEL + f"channel.sendall(struct.pack('>I', {len(_FORGED)}) + {_FORGED!r})\ntime.sleep(9)",
    ),
)

SECRETIVE = (
    _runs(
        "looks_for_secrets",
        "found = str(dict(os.environ))\n"
        "for each in ('self', os.getppid()):\n"
        "    found += open(f'/proc/{each}/environ').read() + open(f'/proc/{each}/cmdline').read()\n"
        "if 'hunter2' in found:\n    raise ValueError('found a secret')",
    ),
)

ATTACKS = (*RAISING, *HANGING, *LEAVING, *GREEDY, *MEDDLING, *SECRETIVE)

GOOD = Attack(name="good_neighbour", where="signals", code="pass")
