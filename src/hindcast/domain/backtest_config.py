"""How a backtest trades: capital, costs, sizes, and which fills are allowed."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from hindcast.domain.costs import Commission, Slippage
from hindcast.domain.records import CheckedRecord
from hindcast.domain.sizing import Sizing, TargetWeight


class BacktestConfig(CheckedRecord):
    """The rules that one backtest trades by; rates are fractions per year, money is in the panel's currency."""

    initial_capital: float = Field(100_000.0, gt=0, description="Money at the start")
    commission: Commission = Commission()
    slippage: Slippage = Slippage()
    sizing: Sizing = TargetWeight(1.0)
    fill_on: Literal["next_open", "close"] = Field(
        "next_open", description="`close` fills on the decision bar, for parity with other tools"
    )
    limit_fill: Literal["through", "touch"] = Field("through", description="Whether a touched limit fills")
    intrabar: Literal["pessimistic", "optimistic", "ohlc"] = Field(
        "pessimistic", description="What is assumed of the order of prices within a bar"
    )
    allow_short: bool = False
    max_leverage: float = Field(1.0, gt=0, description="Largest gross exposure per equity")
    maintenance_margin: float | None = Field(
        None, ge=0, le=1, description="Least equity per gross exposure; None = 0.5 / max_leverage"
    )
    borrow_rate: float = Field(0.0, ge=0, description="Yearly rate on short market value")
    margin_rate: float = Field(0.0, ge=0, description="Yearly rate on negative cash")
    pyramiding: int = Field(0, ge=0, description="Further entries a position may take")
    lot_size: float | None = Field(None, gt=0, description="Quantities are multiples of it; None = fractional")
    tick_size: float | None = Field(None, gt=0, description="Order prices are multiples of it; None = any price")
    max_participation: float | None = Field(
        None, gt=0, le=1, description="Largest share of a bar's volume that fills; None = no cap"
    )
    on_insufficient_cash: Literal["reduce", "reject"] = "reduce"
    risk_free_rate: float = Field(0.0, gt=-1, description="Yearly rate")
    periods_per_year: float | None = Field(None, gt=0, description="None = inferred from the bars' spacing")
    proof: Literal["sampled", "full", "off"] = Field("sampled", description="How much look-ahead proof a run makes")

    @model_validator(mode="after")
    def _maintenance_below_initial(self) -> Self:
        if self.maintenance_margin is not None and self.maintenance_margin * self.max_leverage > 1:
            raise ValueError(
                f"maintenance_margin {self.maintenance_margin} with max_leverage {self.max_leverage} would liquidate "
                f"every full position at once; it must be at most {1 / self.max_leverage:g}"
            )
        return self
