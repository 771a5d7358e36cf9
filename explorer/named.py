"""All that can be named on the stage, for sums and directions: its points, classes, factors, groups and pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.pins import letter, pins_set
from models.naming import THIRDS, Known, Put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from explorer.state import SessionState
    from models.datasets import Factor

GATHERED = "gathered points"


def known_of(state: SessionState) -> Known:
    """What sums and directions can name now; nothing before there is a map."""
    pins = {letter(slot): Put(pin.code, pin.label) for slot, pin in pins_set(state)}
    width = 0 if state.run is None else state.run.latent_dim
    if state.embedding is None:
        return Known(np.zeros((0, width), np.float32), np.zeros(0, np.int64), pins=pins)
    codes, data = state.embedding.codes, state.data
    fitting = data is not None and len(data.labels) == len(codes)
    labels = data.labels if data is not None and fitting else np.full(len(codes), -1, np.int64)
    groups = {group.name: group.indices for group in state.groups}
    if len(state.gathered):
        groups[GATHERED] = state.gathered
    names = () if state.run is None else state.run.class_names
    return Known(codes, labels, names, *_factors(state), pins, groups)


def _factors(state: SessionState) -> tuple[tuple[Factor, ...], NDArray[np.float32] | None]:
    """The factors of the points as they are known of the data, and as they were read in their pictures."""
    told = [each for each in (state.data, state.seen.points) if each is not None and each.values is not None]
    count = 0 if state.embedding is None else len(state.embedding.codes)
    fitting = [(each.factors, each.values) for each in told if each.values is not None and len(each.values) == count]
    if not fitting:
        return (), None
    return sum((factors for factors, _ in fitting), ()), np.concatenate([values for _, values in fitting], axis=1)


def groups_named(known: Known) -> Iterator[tuple[str, list[str]]]:
    """All groups of points by heading, as words that `Known` understands: gathered ones, classes, values of factors."""
    if known.groups:
        yield "Groups", [f"group {name}" for name in known.groups]
    present = {*np.unique(known.labels).tolist()}
    classes = [f"class {name}" for label, name in enumerate(known.class_names) if label in present]
    if classes:
        yield "Classes", classes
    for factor in known.factors if known.values is not None else ():
        yield factor.name, [f"{factor.name}={value}" for value in factor.values or THIRDS]


def opposite(known: Known, what: str) -> str:
    """The group that a person most likely wants to compare this one with; empty if there is none."""
    if "!=" in what:
        return what.replace("!=", "=")
    name, _, value = what.partition("=")
    if value in THIRDS[::2]:
        return f"{name}={THIRDS[2 if value == THIRDS[0] else 0]}"
    if value:
        return f"{name}!={value}"
    siblings = next((words for _, words in groups_named(known) if what in words), [what])
    other = siblings[(siblings.index(what) + 1) % len(siblings)]
    return other if other != what else ""
