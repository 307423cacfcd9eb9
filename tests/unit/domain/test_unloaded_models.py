"""Users' own models are read by name where their code must not run, and loaded where a backtest runs."""

from __future__ import annotations

import sys

import pytest
from tests.contracts.records import a_backtest

from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.errors import ConfigError
from hindcast.domain.model_choice import models_by_name
from hindcast.domain.models import SlippageModel
from hindcast.infrastructure.memory.documents import MemoryDocumentStore
from hindcast.services.documents.repositories import BacktestRepository

STORED = {"kind": "custom", "class": "stamp_duty:StampDuty", "duty": 0.004}
SOURCE = """
from hindcast.domain.models import SlippageModel


class StampDuty(SlippageModel):
    duty: float = 0.005

    def price(self, price, side, quantity, volume):
        return price * (1 + self.duty) if side > 0 else price
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module with a model, which counts as imported once it is in `sys.modules`."""
    (tmp_path / "stamp_duty.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield "stamp_duty"
    sys.modules.pop("stamp_duty", None)


def by_name() -> BacktestConfig:
    with models_by_name():
        return BacktestConfig(slippage=STORED)


def test_a_model_by_name_imports_nothing_and_is_stored_as_it_was(module):
    config = by_name()
    assert type(config.slippage).__name__ == "UnloadedModel"
    assert config.model_dump(mode="json")["slippage"] == STORED
    assert BacktestConfig(**dict(config)) == config
    assert module not in sys.modules


def test_loaded_it_is_the_class_with_its_fields(module):
    loaded = by_name().loaded()
    assert isinstance(loaded.slippage, SlippageModel)
    assert loaded.slippage.price(100.0, 1, 1.0, 1.0) == pytest.approx(100.4)
    assert loaded.model_dump(mode="json")["slippage"] == STORED
    assert loaded.loaded() is loaded


def test_a_model_that_is_not_here_is_told_when_it_is_loaded():
    with pytest.raises(ConfigError, match="'stamp_duty:StampDuty' can't be loaded"):
        by_name().loaded()


def test_outside_models_are_loaded_as_they_are_read(module):
    by_name()
    assert type(BacktestConfig(slippage=STORED).slippage).__name__ == "StampDuty"


def test_a_stored_backtest_is_read_and_changed_without_its_model(module):
    backtests = BacktestRepository(MemoryDocumentStore())
    backtests.insert(a_backtest("b1", config=BacktestConfig(slippage=STORED)))
    del sys.modules[module]
    read = backtests.get("b1")
    backtests.change("b1", lambda found: found.model_copy(update={"name": "Other"}))
    assert module not in sys.modules
    assert read.config.loaded() == BacktestConfig(slippage=STORED)
    assert backtests.get("b1").config == read.config
