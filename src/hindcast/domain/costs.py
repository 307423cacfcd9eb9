"""What trading costs: commission and slippage."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from hindcast.domain.model_choice import CUSTOM, choice_of, stored_as_class
from hindcast.domain.models import CommissionModel, SlippageModel
from hindcast.domain.records import CheckedRecord


class Commission(CheckedRecord):
    """Commission of an order: min(max(per_order + per_share * Q + rate * N, minimum), maximum).

    Q and N are the order's filled quantity and notional so far; each fill is charged what this has grown by.
    """

    per_order: float = Field(0.0, ge=0, description="Money per order")
    per_share: float = Field(0.0, ge=0, description="Money per unit filled")
    rate: float = Field(0.0, ge=0, lt=1, description="Fraction of the notional, 0.001 = 10 basis points")
    minimum: float = Field(0.0, ge=0, description="Least money per order")
    maximum: float | None = Field(None, ge=0, description="Most money per order")

    @model_validator(mode="after")
    def _minimum_below_maximum(self) -> Self:
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f"commission maximum {self.maximum} is below its minimum {self.minimum}")
        return self


class Slippage(CheckedRecord):
    """Slippage moves every fill against the trader: a buy pays price * (1 + bps / 10,000)."""

    # Not written: a plain slippage is stored as {"bps": 1.0}, as it was when there was no other.
    kind: Literal["bps"] = Field("bps", exclude=True)
    bps: float = Field(0.0, ge=0, lt=10_000, description="Basis points of the price")


class HalfSpreadSlippage(CheckedRecord):
    """A fixed amount of money per unit: a buy pays price + amount."""

    kind: Literal["half_spread"] = "half_spread"
    amount: float = Field(ge=0, description="Half of the spread, money per unit")

    def __init__(self, amount: float | None = None, **data: object) -> None:
        super().__init__(**({} if amount is None else {"amount": amount}), **data)


class VolumeShareSlippage(CheckedRecord):
    """Grows with the square of the share u of the bar's volume: a buy pays price * (1 + k * u^2)."""

    kind: Literal["volume_share"] = "volume_share"
    k: float = Field(ge=0, lt=1, description="Fraction of the price that a whole bar's volume costs")

    def __init__(self, k: float | None = None, **data: object) -> None:
        super().__init__(**({} if k is None else {"k": k}), **data)


class SquareRootSlippage(CheckedRecord):
    """Grows with the square root of the share u of the bar's volume: a buy pays price * (1 + k * sqrt(u))."""

    kind: Literal["square_root"] = "square_root"
    k: float = Field(ge=0, lt=1, description="Fraction of the price that a whole bar's volume costs")

    def __init__(self, k: float | None = None, **data: object) -> None:
        super().__init__(**({} if k is None else {"k": k}), **data)


BuiltInSlippage = Slippage | HalfSpreadSlippage | VolumeShareSlippage | SquareRootSlippage

AnyCommission = Annotated[
    Annotated[Commission, Tag("")] | Annotated[CommissionModel, *stored_as_class(CommissionModel), Tag(CUSTOM)],
    choice_of(CommissionModel, {"": Commission}),
]
AnySlippage = Annotated[
    Annotated[Slippage, Tag("bps")]
    | Annotated[HalfSpreadSlippage, Tag("half_spread")]
    | Annotated[VolumeShareSlippage, Tag("volume_share")]
    | Annotated[SquareRootSlippage, Tag("square_root")]
    | Annotated[SlippageModel, *stored_as_class(SlippageModel), Tag(CUSTOM)],
    choice_of(
        SlippageModel,
        {
            "bps": Slippage,
            "half_spread": HalfSpreadSlippage,
            "volume_share": VolumeShareSlippage,
            "square_root": SquareRootSlippage,
        },
        default="bps",
    ),
]
