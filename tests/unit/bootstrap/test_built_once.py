"""Parts that several threads ask for at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from hindcast.bootstrap import DatabaseManager, ServiceFactory
from hindcast.bootstrap.built_once import built_once
from hindcast.settings import load_settings

THREADS = 8


class Workshop:
    """Something with parts that take their time."""

    def __init__(self) -> None:
        self.built: list[str] = []
        self.fails = False

    @built_once
    def wheel(self) -> object:
        """A part."""
        self.built.append("wheel")
        if self.fails:
            raise ValueError("no wood")
        time.sleep(0.02)
        return object()

    @built_once
    def cart(self) -> tuple[object]:
        """A part of parts."""
        self.built.append("cart")
        time.sleep(0.02)
        return (self.wheel,)


def of_all_threads(ask: Callable[[], object]) -> list[object]:
    """What so many threads get that ask in the same moment."""
    together = threading.Barrier(THREADS)

    def one() -> object:
        together.wait(30)
        return ask()

    with ThreadPoolExecutor(THREADS) as threads:
        return [each.result(30) for each in [threads.submit(one) for _ in range(THREADS)]]


def test_threads_that_ask_at_once_get_the_same_part_built_once():
    workshop = Workshop()
    assert len({id(each) for each in of_all_threads(lambda: workshop.cart)}) == 1
    assert workshop.built == ["cart", "wheel"]
    assert workshop.cart[0] is workshop.wheel


def test_each_object_has_parts_of_its_own():
    assert Workshop().wheel is not Workshop().wheel


def test_a_part_that_could_not_be_built_is_built_when_it_is_asked_for_again():
    workshop = Workshop()
    workshop.fails = True
    with pytest.raises(ValueError, match="no wood"):
        _ = workshop.wheel
    workshop.fails = False
    assert workshop.wheel is workshop.wheel
    assert workshop.built == ["wheel", "wheel"]


def test_a_part_is_told_by_its_words():
    assert Workshop.wheel.__doc__ == "A part."


def test_every_part_of_the_composition_root_is_built_once(tmp_path: Path):
    parts = [
        (kind, name)
        for kind in (ServiceFactory, DatabaseManager)
        for name, value in vars(kind).items()
        if type(value).__name__ in ("built_once", "cached_property")
    ]
    assert len(parts) > 20
    assert [name for kind, name in parts if not isinstance(vars(kind)[name], built_once)] == []
    services = ServiceFactory(load_settings({"home": tmp_path}))
    for kind, name in parts:
        owner = services if kind is ServiceFactory else services.databases
        assert len({id(each) for each in of_all_threads(partial(getattr, owner, name))}) == 1
    services.databases.documents.close()
