"""`/strategies/templates`: the types of strategies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from hindcast.api.deps import Reader, Services
from hindcast.api.problem import problems
from hindcast.api.schemas.strategies import TemplateAnswer, TemplatePage
from hindcast.domain.errors import NotFoundError, UnknownStrategyError

router = APIRouter(prefix="/strategies/templates", tags=["strategies"])


@router.get("", summary="List the types of strategies", responses=problems(401, 403, 429))
def list_templates(services: Services, who: Reader) -> TemplatePage:
    """Give the built-in types and those of plug-ins, each with its parameters as JSON Schema; broken plug-ins with why.

    Plug-ins are loaded in a process of their own, once for each change of their folder.
    """
    catalogue = services.catalogue
    return TemplatePage.of(catalogue.templates(), catalogue.broken())


@router.get("/{strategy_type}", summary="Show a type of strategy", responses=problems(401, 403, 404, 422, 429))
def show_template(
    services: Services,
    who: Reader,
    strategy_type: Annotated[str, Path(min_length=1, max_length=200, examples=["sma_crossover"])],
) -> TemplateAnswer:
    """Give a type's documentation, and its parameters as JSON Schema with their defaults."""
    try:
        return TemplateAnswer.of(services.catalogue.template(strategy_type))
    except UnknownStrategyError as error:
        raise NotFoundError(str(error)) from error
