"""Position sizers: how much one signal buys or sells."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from hindcast.domain.model_choice import CUSTOM, choice_of, stored_as_class
from hindcast.domain.models import PositionSizer
from hindcast.domain.records import CheckedRecord


class TargetWeight(CheckedRecord):
    """Cash value weight * equity / number of symbols of the panel."""

    kind: Literal["target_weight"] = "target_weight"
    weight: float = Field(1.0, gt=0, description="Share of equity, split equally among the panel's symbols")

    def __init__(self, weight: float = 1.0, **data: object) -> None:
        super().__init__(weight=weight, **data)


class FixedQuantity(CheckedRecord):
    """The same number of units each time."""

    kind: Literal["fixed_quantity"] = "fixed_quantity"
    quantity: float = Field(gt=0, description="Units per signal of strength 1")

    def __init__(self, quantity: float | None = None, **data: object) -> None:
        super().__init__(**({} if quantity is None else {"quantity": quantity}), **data)


class FixedCash(CheckedRecord):
    """The same amount of money each time."""

    kind: Literal["fixed_cash"] = "fixed_cash"
    cash: float = Field(gt=0, description="Money per signal of strength 1")

    def __init__(self, cash: float | None = None, **data: object) -> None:
        super().__init__(**({} if cash is None else {"cash": cash}), **data)


class VolatilityTarget(CheckedRecord):
    """Weight min(target / volatility, max_leverage), shared equally among the panel's symbols.

    Volatility: sample standard deviation of the last `window` close returns, times sqrt(periods_per_year).
    """

    kind: Literal["volatility_target"] = "volatility_target"
    target: float = Field(gt=0, description="Yearly volatility that a position is to have")
    window: int = Field(20, ge=2, description="Returns that volatility is measured over")
    periods_per_year: float = Field(252.0, gt=0, description="Bars per year")

    def __init__(self, target: float | None = None, **data: object) -> None:
        super().__init__(**({} if target is None else {"target": target}), **data)


class RiskPerTrade(CheckedRecord):
    """Quantity fraction * equity / |entry - stop-loss|: what is lost if the stop-loss fills at its price.

    The entry is the order's limit, else its stop, else the last close.
    """

    kind: Literal["risk_per_trade"] = "risk_per_trade"
    fraction: float = Field(gt=0, le=1, description="Share of equity at risk in a position")

    def __init__(self, fraction: float | None = None, **data: object) -> None:
        super().__init__(**({} if fraction is None else {"fraction": fraction}), **data)


class Kelly(CheckedRecord):
    """Weight fraction * mean / variance of close returns within [0, max_leverage], shared equally among the symbols.

    Mean and sample variance are those of the last `window` close returns.
    """

    kind: Literal["kelly"] = "kelly"
    fraction: float = Field(0.5, gt=0, le=1, description="Share of the full Kelly weight")
    window: int = Field(252, ge=2, description="Returns that mean and variance are measured over")

    def __init__(self, fraction: float = 0.5, **data: object) -> None:
        super().__init__(fraction=fraction, **data)


BuiltInSizing = TargetWeight | FixedQuantity | FixedCash | VolatilityTarget | RiskPerTrade | Kelly
Sizing = Annotated[
    Annotated[TargetWeight, Tag("target_weight")]
    | Annotated[FixedQuantity, Tag("fixed_quantity")]
    | Annotated[FixedCash, Tag("fixed_cash")]
    | Annotated[VolatilityTarget, Tag("volatility_target")]
    | Annotated[RiskPerTrade, Tag("risk_per_trade")]
    | Annotated[Kelly, Tag("kelly")]
    | Annotated[PositionSizer, *stored_as_class(PositionSizer), Tag(CUSTOM)],
    choice_of(
        PositionSizer,
        {
            "target_weight": TargetWeight,
            "fixed_quantity": FixedQuantity,
            "fixed_cash": FixedCash,
            "volatility_target": VolatilityTarget,
            "risk_per_trade": RiskPerTrade,
            "kelly": Kelly,
        },
    ),
]
