"""A plugin as the original design has them: one long frame in, a list of signals out."""

import pandas as pd

from hindcast import BaseStrategy, SignalType, StrategyConfig, StrategySignal


class TrendConfig(StrategyConfig):
    """Parameters of the plugin."""

    buffer: float = 0.0
    column: str = "sma_30"


class TrendStrategy(BaseStrategy):
    """Long while the close is above a ready-made average."""

    STRATEGY_TYPE = "original_trend"

    def __init__(self, config: TrendConfig):
        super().__init__(config)
        self.buffer = config.buffer
        self.column = config.column
        self.rows_seen = 0

    def validate_parameters(self, parameters: dict) -> bool:
        return bool(0 <= parameters.get("buffer", 0.0) < 1)

    def initialize(self, data: pd.DataFrame) -> None:
        self.rows_seen = len(data)

    def calculate_indicators(self, data: pd.DataFrame) -> pd.DataFrame:
        data = data.copy()
        data["above"] = data["close"] > data[self.column] * (1 + self.buffer)
        data["was_above"] = data.groupby("symbol")["above"].shift(1, fill_value=False)
        return data

    def generate_signals(self, data: pd.DataFrame) -> list[StrategySignal]:
        signals = []
        for row in data.dropna(subset=[self.column]).itertuples():
            if row.above and not row.was_above:
                kind = SignalType.BUY
            elif row.was_above and not row.above:
                kind = SignalType.SELL
            else:
                continue
            signals.append(
                StrategySignal(
                    symbol=row.symbol,
                    signal_type=kind,
                    strength=1.0,
                    timestamp=row.date,
                    metadata={"close": float(row.close)},
                )
            )
        return signals
