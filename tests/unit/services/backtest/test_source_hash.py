from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hindcast.services.backtest.source_hash import engine_hash, strategy_hash
from hindcast.strategies.builtin.momentum import Momentum
from hindcast.strategies.builtin.sma_crossover import SmaCrossover

STRATEGY = """
from shop.rules import limit

class Mine:
    def generate_signals(self, data):
        from shop import late
        return limit() + late.VALUE
"""
FILES = {
    "mine.py": STRATEGY,
    "shop/__init__.py": "NAME = 'shop'\n",
    "shop/rules.py": "from .deep import base\n\ndef limit():\n    return base.LEVEL\n",
    "shop/deep/__init__.py": "",
    "shop/deep/base.py": "LEVEL = 1\n",
    "shop/late.py": "VALUE = 1\n",
    "shop/unused.py": "VALUE = 1\n",
}

Hash = Callable[..., str]


@pytest.fixture
def hash_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hash]:
    """The hash of `Mine` in a fresh process, as it were, with some files changed."""
    known = set(sys.modules)

    def forget() -> None:
        for name in set(sys.modules) - known:
            if name.partition(".")[0] in ("mine", "shop"):
                del sys.modules[name]
        importlib.invalidate_caches()

    def made(folder: str = "one", **changes: str) -> str:
        forget()
        root = tmp_path / folder
        for name, text in (FILES | {name.replace("__", "/") + ".py": text for name, text in changes.items()}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        with monkeypatch.context() as patched:
            patched.syspath_prepend(root)
            patched.setattr(sys, "dont_write_bytecode", True)
            return strategy_hash(importlib.import_module("mine").Mine)

    yield made
    forget()


def test_the_same_sources_have_the_same_hash_wherever_they_lie(hash_of: Hash) -> None:
    assert hash_of("one") == hash_of("one") == hash_of("two")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("mine", STRATEGY + "\n# a comment\n"),
        ("shop__rules", FILES["shop/rules.py"] + "X = 1\n"),
        ("shop__deep__base", "LEVEL = 2\n"),
        ("shop__late", "VALUE = 2\n"),
    ],
)
def test_a_change_in_what_the_strategy_imports_changes_the_hash(hash_of: Hash, file: str, text: str) -> None:
    assert hash_of("one") != hash_of("two", **{file: text})


def test_a_change_in_a_package_around_an_import_changes_the_hash(hash_of: Hash, tmp_path: Path) -> None:
    before = hash_of("one")
    for name in ("shop/__init__.py", "shop/deep/__init__.py"):
        original = FILES[name]
        try:
            FILES[name] = original + "OTHER = 2\n"
            assert hash_of("two") != before
        finally:
            FILES[name] = original
            (tmp_path / "two" / name).write_text(original)


def test_a_module_that_is_not_imported_is_no_part_of_the_hash(hash_of: Hash) -> None:
    assert hash_of("one") == hash_of("two", shop__unused="VALUE = 2\n")


def test_text_that_moves_from_one_file_to_the_next_changes_the_hash(hash_of: Hash) -> None:
    first = hash_of("one", shop__late="VALUE = 1\n#", shop__rules=FILES["shop/rules.py"])
    second = hash_of("two", shop__late="VALUE = 1\n", shop__rules="#" + FILES["shop/rules.py"])
    assert first != second


def test_a_module_that_imports_itself_in_a_circle_ends(hash_of: Hash) -> None:
    assert hash_of("one", shop__late="import mine\nVALUE = 1\n") != hash_of("two")


def test_an_import_of_what_is_not_installed_is_left_out(hash_of: Hash) -> None:
    text = STRATEGY + "\ndef never():\n    import no_such_package.inside\n    from . import neither\n"
    assert hash_of("one", mine=text) == hash_of("two", mine=text)


def test_two_classes_of_one_file_have_hashes_of_their_own() -> None:
    class First:
        pass

    class Second:
        pass

    assert strategy_hash(First) != strategy_hash(Second)


def test_a_class_without_a_file_is_hashed_by_what_it_does() -> None:
    def made(text: str) -> type:
        scope: dict[str, object] = {"__name__": "typed_in"}
        exec(text, scope)
        found = scope["Loose"]
        assert isinstance(found, type)
        return found

    one = made("class Loose:\n    def generate_signals(self, data):\n        return 1\n")
    same = made("class Loose:\n    def generate_signals(self, data):\n        return 1\n")
    other = made("class Loose:\n    def generate_signals(self, data):\n        return 2\n")
    assert strategy_hash(one) == strategy_hash(same) != strategy_hash(other)


def test_built_in_strategies_differ_and_installed_packages_are_left_out() -> None:
    assert strategy_hash(SmaCrossover) != strategy_hash(Momentum)


def test_the_engines_hash_is_that_of_its_own_source() -> None:
    assert len(engine_hash()) == 64
    assert engine_hash() == engine_hash()
