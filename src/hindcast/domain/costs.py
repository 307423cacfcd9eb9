"""What trading costs: commission and slippage."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

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

    bps: float = Field(0.0, ge=0, lt=10_000, description="Basis points of the price")
