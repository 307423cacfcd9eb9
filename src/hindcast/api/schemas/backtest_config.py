"""BacktestConfig over HTTP: the same fields and bounds, strictly typed, and no model that would have to be imported."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from typing import Annotated, Any, Final, cast

from pydantic import BaseModel, BeforeValidator, Discriminator, Field, Tag, create_model

from hindcast.api.schemas.strict import StrictBody
from hindcast.domain.backtest_config import BacktestConfig
from hindcast.domain.costs import Commission, HalfSpreadSlippage, Slippage, SquareRootSlippage, VolumeShareSlippage
from hindcast.domain.model_choice import CUSTOM
from hindcast.domain.records import CheckedRecord
from hindcast.domain.sizing import FixedCash, FixedQuantity, Kelly, RiskPerTrade, TargetWeight, VolatilityTarget

_LARGEST_COUNT: Final = 1_000_000_000
_CHOSEN: Final = ("commission", "slippage", "sizing")


def _refuse_custom(value: object) -> object:
    if isinstance(value, Mapping) and (value.get("kind") == CUSTOM or "class" in value):
        raise ValueError(
            "a model of one's own is code, and code does not come in over HTTP: use one of the built-in models here, "
            "or run the backtest from Python"
        )
    return value


def _twin(record: type[CheckedRecord], without: Collection[str] = ()) -> type[StrictBody]:
    """A body with a record's fields, bounds and words."""
    fields: dict[str, Any] = {
        name: (_bounded(field.annotation), copy(field))
        for name, field in record.model_fields.items()
        if name not in without
    }
    return cast(
        "type[StrictBody]", create_model(record.__name__, __base__=StrictBody, __doc__=record.__doc__, **fields)
    )


def _bounded(annotation: Any) -> Any:
    """Whole numbers within what can be counted in bars."""
    return Annotated[int, Field(le=_LARGEST_COUNT)] if annotation is int else annotation


def _choice(records: tuple[type[CheckedRecord], ...], default: str) -> Any:
    """One of several records, told apart by `kind`."""
    kinds = {str(record.model_fields["kind"].default): _twin(record) for record in records}
    named = {model: kind for kind, model in kinds.items()}

    def kind_of(value: object) -> str | None:
        if isinstance(value, Mapping):
            kind = value.get("kind", default)
            return kind if isinstance(kind, str) else None
        return named.get(cast("type[StrictBody]", type(value)))

    union: Any = None
    for kind, model in kinds.items():
        tagged = Annotated[model, Tag(kind)]  # type: ignore[valid-type]  # made of a record above
        union = tagged if union is None else union | tagged
    told_apart = Discriminator(
        kind_of,
        custom_error_type="model_choice",
        custom_error_message=f"expected an object whose kind is one of: {', '.join(kinds)}",
    )
    return Annotated[Annotated[union, told_apart], BeforeValidator(_refuse_custom)]


_COMMISSION: Final[Any] = Annotated[_twin(Commission), BeforeValidator(_refuse_custom)]
_SLIPPAGES: Final = (Slippage, HalfSpreadSlippage, VolumeShareSlippage, SquareRootSlippage)
_SIZERS: Final = (TargetWeight, FixedQuantity, FixedCash, VolatilityTarget, RiskPerTrade, Kelly)


def _field(name: str, example: Mapping[str, object]) -> Any:
    described = BacktestConfig.model_fields[name].description
    default = BacktestConfig().model_dump(mode="json")[name]
    return Field(
        default_factory=dict, description=described, json_schema_extra={"default": default}, examples=[example]
    )


ConfigBody: Final = create_model(
    "BacktestConfig",
    __base__=_twin(BacktestConfig, without=_CHOSEN),
    __doc__="The rules that a backtest trades by; rates are fractions per year. What is left out has its default.",
    commission=(_COMMISSION, _field("commission", {"rate": 0.001})),
    slippage=(_choice(_SLIPPAGES, "bps"), _field("slippage", {"bps": 1.0})),
    sizing=(_choice(_SIZERS, ""), _field("sizing", {"kind": "target_weight", "weight": 1.0})),
)


def config_of(body: BaseModel) -> BacktestConfig:
    """The configuration that a body describes. Raises ConfigError where its fields contradict each other."""
    return BacktestConfig(**body.model_dump(exclude_unset=True))
