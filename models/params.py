"""Every number a person may set, declared once: form, flag, check and manifest are all made from it."""

from __future__ import annotations

import math
import reprlib
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.errors import UserError

Value = bool | int | float | str | None
Kind = Literal["bool", "int", "float", "choice", "text", "path"]


@dataclass(frozen=True)
class Setting:
    """One settable value as forms and flags see it; `when` names another setting and the values that wake it."""

    name: str
    kind: Kind
    default: Value
    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False
    logarithmic: bool = False
    advanced: bool = False
    when: tuple[str, tuple[Value, ...]] | None = None

    @property
    def label(self) -> str:
        """The name as a person reads it: `latent_dim` becomes `Latent dim`."""
        return self.name.rstrip("_").replace("_", " ").capitalize()

    @property
    def flag(self) -> str:
        """The name as the command line takes it: `latent_dim` becomes `--latent-dim`, `from_` becomes `--from`."""
        return "--" + self.name.rstrip("_").replace("_", "-")

    @property
    def allowed(self) -> str:
        """What a value may be, in words: `a whole number from 1 to 8192 pictures`."""
        if self.kind == "choice":
            return f"one of {', '.join(self.choices)}"
        kinds = {"int": "a whole number", "float": "a number", "bool": "true or false", "path": "a path"}
        return kinds.get(self.kind, "text") + _limits(self)

    def read(self, text: str) -> Value:
        """What a person typed as a value. Raises ValueError, which says what it must be."""
        try:
            value: Value = {"int": int, "float": float}.get(self.kind, str)(text)
        except ValueError:
            value = None
        if value is None or not self.fits(value):
            raise ValueError(f"must be {self.allowed}, not {reprlib.repr(text)}")
        return value

    def fits(self, value: int | float | str) -> bool:
        """Whether a value of the right kind is within the bounds and among the choices."""
        if isinstance(value, str):
            return not self.choices or value in self.choices
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return low <= value <= high and value not in (math.inf, -math.inf)


def param(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    unit: str = "",
    logarithmic: bool = False,
    advanced: bool = False,
    path: bool = False,
    when: tuple[str, tuple[Value, ...]] | None = None,
) -> Any:
    """Declare a setting as the default of a field of a `Params` class; `low` and `high` are inclusive."""
    extra: dict[str, Any] = {
        "unit": unit, "logarithmic": logarithmic, "advanced": advanced, "path": path, "when": when,
    }  # fmt: skip
    return Field(default, ge=low, le=high, description=help, json_schema_extra=extra)


class Params(BaseModel):
    """A frozen set of declared settings; unknown names, wrong types and values out of range are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @classmethod
    def declared(cls) -> tuple[Setting, ...]:
        """All settings of this class made by `param`, in the order of their declaration."""
        fields = cls.model_fields.items()
        return tuple(_setting(name, info) for name, info in fields if isinstance(info.json_schema_extra, dict))

    @classmethod
    def read(cls, values: dict[str, Any], *, of: str) -> Self:
        """Check `values` and return the params; `of` names their owner in the message. Raises UserError."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise UserError(_sentence(cls, error, of)) from None

    def changed(self, **values: Any) -> Self:
        """The same params with some values replaced, checked again. Raises UserError."""
        return self.read({**self.model_dump(), **values}, of=type(self).__name__)


def _setting(name: str, info: Any) -> Setting:
    extra = info.json_schema_extra
    annotation, optional = _unwrapped(info.annotation)
    choices: tuple[str, ...] = ()
    kind: Kind
    if get_origin(annotation) is Literal:
        kind, choices = "choice", tuple(str(choice) for choice in get_args(annotation))
    elif annotation in (bool, int, float):
        kind = annotation.__name__
    else:
        kind = "path" if extra["path"] else "text"
    bounds = {type(bound).__name__: bound for bound in info.metadata}
    return Setting(
        name=name,
        kind=kind,
        default=info.default,
        help=info.description or "",
        unit=extra["unit"],
        low=getattr(bounds.get("Ge"), "ge", None),
        high=getattr(bounds.get("Le"), "le", None),
        choices=choices,
        optional=optional,
        logarithmic=extra["logarithmic"],
        advanced=extra["advanced"],
        when=extra["when"],
    )


def _unwrapped(annotation: Any) -> tuple[Any, bool]:
    """The type inside an optional one, and whether it was optional."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [arg for arg in get_args(annotation) if arg is not NoneType]
        return (inner[0] if len(inner) == 1 else str), True
    return annotation, False


def _sentence(cls: type[Params], error: ValidationError, of: str) -> str:
    """The first complaint of pydantic as one sentence of ours."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else of
    settings = {setting.name: setting for setting in cls.declared()}
    if first["type"] == "extra_forbidden":
        return f"{of} has no setting {name!r}. It has: {', '.join(settings)}."
    if first["type"] == "value_error":  # raised by a validator of ours, in our words
        return f"{of}: {first['ctx']['error']}"
    if name not in settings:
        return f"{of}: {name}: {first['msg']}."
    return f"{of}: {name} must be {settings[name].allowed}, not {reprlib.repr(first['input'])}."


def _limits(setting: Setting) -> str:
    unit = f" {setting.unit}" if setting.unit else ""
    if setting.low is not None and setting.high is not None:
        return f" from {_plain(setting.low)} to {_plain(setting.high)}{unit}"
    if setting.low is not None:
        return f" of at least {_plain(setting.low)}{unit}"
    if setting.high is not None:
        return f" of at most {_plain(setting.high)}{unit}"
    return ""


def _plain(bound: float) -> str:
    """A bound as people write it: 0.000001, not 1e-06."""
    return f"{bound:.10g}" if bound == 0 or abs(bound) >= 1e-4 else f"{bound:.10f}".rstrip("0")
