"""Position sizers: how much one signal buys or sells."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

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


Sizing = Annotated[TargetWeight | FixedQuantity | FixedCash, Field(discriminator="kind")]
