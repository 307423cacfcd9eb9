"""How a backtest trades: capital, costs, sizes, and which fills are allowed."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from hindcast.domain.costs import AnyCommission, AnySlippage, Commission, Slippage
from hindcast.domain.model_choice import UnloadedModel
from hindcast.domain.records import CheckedRecord
from hindcast.domain.sizing import Sizing, TargetWeight


class BacktestConfig(CheckedRecord):
    """The rules that one backtest trades by; rates are fractions per year, money is in the panel's currency.

    `commission`, `slippage` and `sizing` also take an instance of a class of your own: a subclass of `CommissionModel`,
    `SlippageModel` or `PositionSizer`.
    """

    initial_capital: float = Field(100_000.0, gt=0, description="Money at the start")
    commission: AnyCommission = Field(Commission(), description="What an order costs on top of its price")
    slippage: AnySlippage = Field(Slippage(), description="What each fill is worse by")
    sizing: Sizing = Field(TargetWeight(1.0), description="How much a BUY or SELL trades")
    fill_on: Literal["next_open", "close"] = Field(
        "next_open", description="`close` fills on the decision bar, for parity with other tools"
    )
    limit_fill: Literal["through", "touch"] = Field(
        "through", description="Whether the price must go `through` a limit to fill it, or need only `touch` it"
    )
    intrabar: Literal["pessimistic", "optimistic", "ohlc"] = Field(
        "pessimistic",
        description="What is assumed of the order of prices within a bar: the worst for the order, the best, or the "
        "way from the open over the nearer of high and low",
    )
    allow_short: bool = Field(False, description="Whether a sale may open a short position")
    max_leverage: float = Field(1.0, gt=0, description="Largest gross exposure per equity")
    maintenance_margin: float | None = Field(
        None, ge=0, le=1, description="Least equity per gross exposure; None = 0.5 / max_leverage"
    )
    borrow_rate: float = Field(0.0, ge=0, description="Yearly rate on short market value")
    margin_rate: float = Field(0.0, ge=0, description="Yearly rate on negative cash")
    pyramiding: int = Field(0, ge=0, description="Further entries a position may take")
    lot_size: float | None = Field(None, gt=0, description="Quantities are multiples of it; None = fractional")
    tick_size: float | None = Field(
        None,
        gt=0,
        description="Prices of limit and stop orders are multiples of it; None = any price",
    )
    max_participation: float | None = Field(
        None, gt=0, le=1, description="Largest share of a bar's volume that fills; None = no cap"
    )
    on_insufficient_cash: Literal["reduce", "reject"] = Field(
        "reduce", description="Whether an order that the cash does not cover is cut to what it covers, or not filled"
    )
    gap_rule: Literal["forward_fill", "drop", "raise"] = Field(
        "forward_fill",
        description="What the ready-made columns (sma_10 …) see where a symbol has no bar: the last close, nothing, "
        "or the run is refused. Prices stay missing and fill no order",
    )
    risk_free_rate: float = Field(0.0, gt=-1, description="Yearly rate that ratios are measured against")
    periods_per_year: float | None = Field(None, gt=0, description="Bars per year; None = inferred from their spacing")
    proof: Literal["sampled", "full", "off"] = Field(
        "sampled",
        description="On how many bars the look-ahead proof makes the decisions again: some, all, or none",
    )

    def loaded(self) -> Self:
        """The same with the classes of users' own models loaded, so that it can be run. Raises ConfigError."""
        if not any(isinstance(each, UnloadedModel) for each in (self.commission, self.slippage, self.sizing)):
            return self
        return type(self)(**self.model_dump())

    @model_validator(mode="after")
    def _maintenance_below_initial(self) -> Self:
        if self.maintenance_margin is not None and self.maintenance_margin * self.max_leverage > 1:
            raise ValueError(
                f"maintenance_margin {self.maintenance_margin} with max_leverage {self.max_leverage} would liquidate "
                f"every full position at once; it must be at most {1 / self.max_leverage:g}"
            )
        return self
