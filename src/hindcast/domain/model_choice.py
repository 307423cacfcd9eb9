"""Fields that take a built-in record or a user's own model, and how the latter is stored and loaded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from importlib import import_module
from typing import Any, Final

from pydantic import ConfigDict, Discriminator, PlainSerializer, PlainValidator, SerializationInfo, WithJsonSchema

from hindcast.domain.errors import ConfigError
from hindcast.domain.models import CustomModel
from hindcast.domain.records import CheckedRecord

CUSTOM: Final = "custom"
_BY_NAME: Final[ContextVar[bool]] = ContextVar("models_by_name", default=False)


class UnloadedModel(CustomModel):
    """A user's own model whose class was not loaded: what is stored of it. It can be shown and stored, not called."""

    model_config = ConfigDict(frozen=True, extra="allow")


@contextmanager
def models_by_name() -> Iterator[None]:
    """Read users' own models without importing their code: a service that only shows a backtest must not run it."""
    token = _BY_NAME.set(True)
    try:
        yield
    finally:
        _BY_NAME.reset(token)


def choice_of(base: type[CustomModel], built_in: Mapping[str, type[CheckedRecord]], default: str = "") -> Discriminator:
    """Tell the built-in records of a field, by their `kind`, from subclasses of `base`; `default`: no kind given."""
    kinds: dict[type, str] = {record: kind for kind, record in built_in.items()}

    def kind_of(value: object) -> str | None:
        if isinstance(value, Mapping):
            return str(value.get("kind", default))
        return CUSTOM if isinstance(value, base | UnloadedModel) else kinds.get(type(value))

    names = ", ".join(record.__name__ for record in built_in.values())
    return Discriminator(
        kind_of,
        custom_error_type="model_choice",
        custom_error_message=f"expected {names}, or an instance of your own subclass of {base.__name__}",
    )


def stored_as_class(base: type[CustomModel]) -> tuple[PlainValidator, PlainSerializer, WithJsonSchema]:
    """Pydantic's marks of a field that takes an instance of a subclass of `base`, stored with its class's name."""
    schema = {
        "type": "object",
        "title": base.__name__,
        "properties": {
            "kind": {"const": CUSTOM, "type": "string"},
            "class": {"type": "string", "pattern": "^.+:.+$", "description": "module:QualifiedName, importable"},
        },
        "required": ["kind", "class"],
        "additionalProperties": True,
    }
    return PlainValidator(_reader(base)), PlainSerializer(_stored), WithJsonSchema(schema)


def class_name(model: type) -> str:
    """The name that a class is stored by: module:QualifiedName."""
    return f"{model.__module__}:{model.__qualname__}"


def _stored(model: CustomModel, info: SerializationInfo) -> dict[str, Any]:
    if isinstance(model, UnloadedModel):
        return {"kind": CUSTOM, **model.model_dump(mode=info.mode)}
    return {"kind": CUSTOM, "class": class_name(type(model)), **model.model_dump(mode=info.mode)}


def _reader(base: type[CustomModel]) -> Callable[[object], CustomModel]:
    def read(value: object) -> CustomModel:
        if isinstance(value, base | UnloadedModel):
            return value
        if not isinstance(value, Mapping):  # not reached through a configuration: the discriminator looks first
            raise ValueError(f"expected an instance of a subclass of {base.__name__}")
        if _BY_NAME.get():
            return UnloadedModel(**{str(name): given for name, given in value.items() if name != "kind"})
        fields = {str(name): given for name, given in value.items() if name not in ("kind", "class")}
        return _loaded(base, value.get("class"))(**fields)

    return read


def _loaded(base: type[CustomModel], name: object) -> type[CustomModel]:
    module, colon, path = name.partition(":") if isinstance(name, str) else ("", "", "")
    if not (module and colon and path):
        raise ConfigError(f"a custom {base.__name__} is stored with class={name!r}; expected 'module:QualifiedName'")
    try:
        found: object = reduce(getattr, path.split("."), import_module(module))
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"the {base.__name__} {name!r} can't be loaded: {error}; put it into a module that Python can import here"
        ) from None
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ConfigError(f"{name!r} is no subclass of {base.__name__}; expected the class of a model")
    return found
