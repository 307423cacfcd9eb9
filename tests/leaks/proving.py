"""The look-ahead proof of a strategy, without the analysis around it."""

from __future__ import annotations

from typing import Any, Literal

import hindcast as hc
from hindcast.domain.certificate import Certificate
from hindcast.engine.trade_engine import TradeEngine
from hindcast.infrastructure.duckdb.features import DuckDbFeatureStore
from hindcast.services.backtest.executor import execute, simulate
from hindcast.services.backtest.proof_replays import LookAheadProof
from hindcast.services.market_data.data_processor import DataProcessor
from hindcast.strategies.construction import build

SEED = 20_200_101


def certificate_of(
    strategy: Any, bars: hc.Bars, level: Literal["full", "sampled", "off"], *, seed: int = SEED
) -> Certificate:
    """What the proof says of a strategy's class, or of an instance."""
    instance = build(strategy) if isinstance(strategy, type) else strategy
    data = DataProcessor(DuckDbFeatureStore()).ready(bars)
    config = hc.BacktestConfig(proof=level)
    proof = LookAheadProof(instance, data, config)
    execution = execute(instance, data)
    history = simulate(TradeEngine(), execution, bars, config)
    return proof.certify(execution, history, seed)
