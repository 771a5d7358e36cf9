"""Fields of the state as plain values, and back: what a session and a recipe keep, one line of `KEPT` a field.

Telling goes by the values themselves; reading back is declared, for what is read may come from anybody.
"""

from __future__ import annotations

import base64
import math
import zlib
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np
from pydantic import ValidationError

from explorer import charts
from explorer.asked import classes_of
from explorer.asking import Asking
from explorer.groups import Group, indices_of
from explorer.mixing import Mixture
from explorer.own import Sketch
from explorer.state import SessionState, Visibility
from explorer.timeline import Board, KeyFrame, Timeline
from models.arithmetic import Term
from models.directions import Direction
from models.errors import UserError
from models.paths import Easing, Loop
from models.recipe import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from explorer.charts import Chart

    Reader = Callable[[Any, SessionState], Any]  # raises ValueError, TypeError or UserError for what does not fit

MISFITS = (ValueError, TypeError, KeyError, AttributeError, UserError, ValidationError, zlib.error)
POINTS = 2**24  # of a group, at most


# ---- to plain values


def told(value: Any) -> Any:
    """A value of the state as JSON has it: arrays of whole numbers packed as points, other arrays to the bit."""
    if isinstance(value, np.ndarray):
        return _points(value) if value.dtype == np.int64 else Numbers.of(value).model_dump(mode="json")
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {field.name: told(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return told(value._asdict())
    if isinstance(value, tuple | list):
        return [told(each) for each in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return {str(name): told(each) for name, each in value.items()} if hasattr(value, "items") else value


def _points(indices: np.ndarray[Any, np.dtype[np.int64]]) -> str:
    steps = np.diff(indices, prepend=0).astype("<i4")
    return base64.b64encode(zlib.compress(steps.tobytes(), 9)).decode()


# ---- and back


def plain(value: Any, state: SessionState) -> bool | int | float | str | None:
    """One plain value."""
    if isinstance(value, bool | int | str | None) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError


def text(value: Any, state: SessionState) -> str:
    """Some words."""
    return str(_of(str, value))


def flag(value: Any, state: SessionState) -> bool:
    """Yes or no."""
    return bool(_of(bool, value))


def number(value: Any, state: SessionState) -> float:
    """A finite number."""
    if isinstance(value, bool) or not math.isfinite(value):
        raise ValueError
    return float(value)


def within(low: int, high: int) -> Reader:
    """A whole number with bounds, both inclusive."""

    def read(value: Any, state: SessionState) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError
        return value

    return read


def among(*words: str) -> Reader:
    """One of these words."""
    return lambda value, state: words[words.index(value)]


def choice(kind: type[Enum]) -> Reader:
    """A member of an enumeration, by name."""
    return lambda value, state: kind[value]


def some(inner: Reader) -> Reader:
    """What `inner` reads, or nothing."""
    return lambda value, state: None if value is None else inner(value, state)


def many(inner: Reader) -> Reader:
    """A tuple."""
    return lambda value, state: tuple(inner(each, state) for each in _of(list, value))


def mapping(inner: Reader, key: type[str] | type[int] = str) -> Reader:
    """Values by name or number."""
    return lambda value, state: {key(name): inner(each, state) for name, each in _of(dict, value).items()}


def record(kind: type[Any], **inner: Reader) -> Reader:
    """A value with these fields; those that are missing are as they are declared."""

    def read(value: Any, state: SessionState) -> Any:
        given = _of(dict, value)
        return kind(**{name: reader(given[name], state) for name, reader in inner.items() if name in given})

    return read


def codes(value: Any, state: SessionState) -> Any:
    """Codes [..., latent_dim] of this model."""
    array = Numbers.model_validate(value).array
    if state.run is None or array.shape[-1] != state.run.latent_dim:
        raise ValueError
    return array


def shades(value: Any, state: SessionState) -> Any:
    """An array of uint8."""
    return Numbers.model_validate(value).array.astype(np.uint8)


def label(value: Any, state: SessionState) -> Any:
    """A class of this model, or shares [classes], or none."""
    classes = classes_of(state.run)
    if value is None or not classes:
        return None
    if isinstance(value, int):
        return within(0, classes - 1)(value, state)
    array = Numbers.model_validate(value).array
    if array.shape != (classes,):
        raise ValueError
    return array


def points(value: Any, state: SessionState) -> Any:
    """Indices of points that are on the map."""
    unpacked = zlib.decompressobj().decompress(base64.b64decode(value, validate=True), 4 * POINTS)
    found = np.frombuffer(unpacked, "<i4").astype(np.int64).cumsum()
    count = 0 if state.embedding is None else len(state.embedding.codes)
    return indices_of(found[(found >= 0) & (found < count)])


def chart(value: Any, state: SessionState) -> Chart:
    """The projection of the map; a layout by neighbours is made anew."""
    return charts.choose(state, text(value["kind"], state), mapping(plain)(value["settings"], state)).chart


def _of(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value


class Keeper(NamedTuple):
    """How a field is told and read."""

    read: Reader
    tell: Callable[[Any], Any] = told


WHOLE = within(-(2**31), 2**31)
KEPT: Mapping[str, Keeper] = {
    "selection": Keeper(some(within(0, POINTS))),
    "locked": Keeper(lambda value, state: frozenset(many(within(0, POINTS))(value, state))),
    "morph": Keeper(some(number)),
    "spherical": Keeper(flag),
    "classes": Keeper(mapping(choice(Visibility), int)),
    "factor": Keeper(text),
    "layer": Keeper(text),
    "gathered": Keeper(points),
    "others": Keeper(choice(Visibility)),
    "groups": Keeper(many(record(Group, name=text, color=within(0, 1000), indices=points))),
    "mixture": Keeper(some(record(Mixture, rows=codes, columns=codes, crossing=within(0, 100)))),
    "bench": Keeper(many(record(Term, weight=number, what=text, title=text))),
    "directions": Keeper(
        many(
            record(
                Direction, name=text, axis=codes, middle=number, spread=number, method=text, names=many(text),
                ends=some(many(number)), wanted=text, share=some(number),
            )
        )
    ),
    "timeline": Keeper(
        record(
            Timeline, frames=some(many(record(KeyFrame, slot=within(0, 25), time=number))), closing=number,
            easing=among(*get_args(Easing)), loop=among(*get_args(Loop)), geodesic=flag,
        )
    ),
    "playhead": Keeper(some(number)),
    "board": Keeper(record(Board, corners=some(many(within(0, 25))), side=within(2, 100))),
    "asking": Keeper(record(Asking, side=within(1, 100), every=flag, text=text, shared=flag, seed=WHOLE)),
    "chart": Keeper(chart, lambda chosen: {"kind": chosen.kind, "settings": told(chosen.settings)}),
    "sketch": Keeper(some(record(Sketch, pixels=shades, ground=shades, strokes=WHOLE))),
}  # fmt: skip
BESIDE = ("code", "label", "knobs", "pins")  # which a recipe holds in fields of their own
DERIVED = ("explored", "neighbours")  # what follows from the others


def desk_of(state: SessionState) -> dict[str, Any]:
    """What a person made of the fields in `KEPT`, as plain values; those as they are at first are left out."""
    fresh = SessionState()
    return {
        name: keeper.tell(getattr(state, name))
        for name, keeper in KEPT.items()
        if keeper.tell(getattr(state, name)) != keeper.tell(getattr(fresh, name))
    }


def read_desk(desk: Mapping[str, Any], state: SessionState) -> tuple[dict[str, Any], list[str]]:
    """The fields that plain values tell, as far as they fit the model on the stage, and the names of the others."""
    found, misfits = dict[str, Any](), []
    for name, keeper in KEPT.items():
        if name in desk:
            try:
                found[name] = keeper.read(desk[name], state)
            except MISFITS:
                misfits.append(name)
    return found, misfits
