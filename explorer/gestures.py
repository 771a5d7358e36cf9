"""What a person does with codes and classes, as pure functions from one state to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.asked import classes_of, mixed
from explorer.charts import Place
from explorer.pins import Pin, between, with_pin
from explorer.state import Lattice, SessionState, Visibility
from models import latent, projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from explorer.asked import Label
    from models.events import Codes

NEIGHBOURS = 5


def select(state: SessionState, index: int | None) -> SessionState:
    """Point `index` of the held-out pictures is selected and its code goes to the probe; None lets go."""
    if index is None or state.embedding is None or not 0 <= index < len(state.embedding.codes):
        return replace(state, selection=None, neighbours=None)
    if index == state.selection:
        return state
    known = -1 if state.data is None else int(state.data.labels[index])
    label = known if known >= 0 and classes_of(state.run) else state.label
    return replace(set_code(state, state.embedding.codes[index]), selection=index, label=label)


def seek_neighbours(state: SessionState) -> SessionState:
    """The points whose codes lie nearest to that of the selected one."""
    if state.selection is None or state.embedding is None:
        return state
    codes = state.embedding.codes
    found = latent.nearest(codes, codes[state.selection], NEIGHBOURS + 1)
    others = np.flatnonzero(found.indices != state.selection)[:NEIGHBOURS]
    return replace(state, neighbours=latent.Nearest(found.indices[others], found.distances[others]))


def move_to(state: SessionState, x: float, y: float) -> SessionState:
    """The probe goes to the place (x, y) of the map, whether a point lies there or not."""
    if state.embedding is None:
        return state
    place = np.array([[x, y]], np.float32)
    moved = set_code(state, projection.unproject(place, state.embedding.projection)[0])
    assert moved.code is not None
    return replace(moved, place=Place(x, y, moved.code, state.embedding.projection))


def set_code(state: SessionState, code: NDArray[np.float32]) -> SessionState:
    """The probe shows `code` [latent_dim], free of any selected point and of the way between the pins."""
    moved = np.asarray(code, np.float32)
    return replace(state, code=moved, explored=True, selection=None, neighbours=None, morph=None, playhead=None)


def take_own(state: SessionState) -> SessionState:
    """The probe goes to the code that was found for a person's own picture, drawn as the class that was found."""
    found = state.own.found
    if found is None or found.code is None:
        return state
    return replace(set_code(state, found.code), label=state.label if found.label is None else found.label)


def set_label(state: SessionState, label: Label) -> SessionState:
    """The probe's code is drawn as this class, or this mixture; so it is no longer the picture of a point."""
    if not classes_of(state.run):
        return state
    return replace(state, label=label, selection=None, neighbours=None, morph=None, playhead=None)


def set_dimension(state: SessionState, dimension: int, value: float) -> SessionState:
    """One number of the probe's code changes."""
    if state.code is None:
        return state
    code = state.code.copy()
    code[dimension] = value
    return set_code(state, code)


def randomise(state: SessionState, random: np.random.Generator) -> SessionState:
    """The unlocked numbers of the code are drawn anew: from the prior, else spread as the data's codes are."""
    drawn = fresh_codes(state, 1, random)
    return state if drawn is None else _replace_unlocked(state, drawn[0])


def fresh_codes(state: SessionState, count: int, random: np.random.Generator) -> Codes | None:
    """Codes [count, latent_dim] from the prior, else spread as the data's codes are; None while these are unknown."""
    if state.run is None:
        return None
    drawn = random.standard_normal((count, state.run.latent_dim), np.float32)
    if "prior" in state.run.capabilities:
        return drawn
    if state.embedding is None:
        return None
    codes = state.embedding.codes
    return np.asarray(codes.mean(axis=0) + drawn * codes.std(axis=0), np.float32)


def reset(state: SessionState) -> SessionState:
    """The unlocked numbers of the code go back to the middle of the data."""
    if state.embedding is None or not len(state.embedding.codes):
        return state
    return _replace_unlocked(state, state.embedding.codes.mean(axis=0, dtype=np.float32))


def _replace_unlocked(state: SessionState, others: NDArray[np.float32]) -> SessionState:
    if state.code is None:
        return state
    locked = np.array([dimension in state.locked for dimension in range(len(others))])
    return set_code(state, np.where(locked, state.code, others))


def lock(state: SessionState, dimension: int, locked: bool) -> SessionState:
    """A locked number stays when the code is randomised or reset."""
    return replace(state, locked=state.locked | {dimension} if locked else state.locked - {dimension})


def pin(state: SessionState, slot: int, given: Pin | None = None) -> SessionState:
    """The probe's code, or that of the pin `given`, is put aside in `slot`: 0 is A, 1 is B, further ones follow."""
    if given is not None:
        return replace(state, pins=with_pin(state.pins, slot, given))
    if state.code is None:
        return state
    pins = with_pin(state.pins, slot, Pin(state.code, state.selection, state.label))
    return replace(state, pins=pins, morph=_on_way(slot))


def unpin(state: SessionState, slot: int) -> SessionState:
    """The slot is free again."""
    return replace(state, pins=with_pin(state.pins, slot, None))


def take_pin(state: SessionState, slot: int) -> SessionState:
    """The probe goes to the code in `slot`, drawn as the class it was pinned as."""
    taken = state.pins[slot] if slot < len(state.pins) else None
    if taken is None:
        return state
    return replace(set_code(state, taken.code), selection=taken.index, label=taken.label, morph=_on_way(slot))


def _on_way(slot: int) -> float | None:
    """Where a slot lies on the way from A to B, if it is an end of it."""
    return float(slot) if slot < 2 else None


def morph(state: SessionState, share: float) -> SessionState:
    """The probe goes `share` (0 to 1) of the way from pin A to pin B."""
    code, (a, b) = between(state, share), state.pins[:2]
    if code is None or a is None or b is None:
        return state
    label = mixed(a.label, b.label, share, classes_of(state.run))
    return replace(set_code(state, code), morph=share, label=label)


def bend(state: SessionState, spherical: bool) -> SessionState:
    """The way from A to B becomes an arc around the origin, or straight; a probe on its way comes along."""
    state = replace(state, spherical=spherical)
    return state if state.morph is None else morph(state, state.morph)


def lay_lattice(state: SessionState, bounds: latent.Bounds, columns: int, rows: int, generation: int) -> SessionState:
    """Pictures of request `generation` will lie over `bounds` of the map; until then those that lie there stay."""
    old = state.lattice.pictures if state.lattice and state.lattice.bounds == bounds else None
    return replace(state, lattice=Lattice(bounds, columns, rows, generation, old))


def set_visibility(state: SessionState, label: int, visibility: Visibility) -> SessionState:
    """A class is shown, dimmed or hidden on the map."""
    others = {other: how for other, how in state.classes.items() if other != label}
    return replace(state, classes=others if visibility is Visibility.SHOWN else {**others, label: visibility})


def isolate(state: SessionState, label: int) -> SessionState:
    """Only this class is shown and all others are dimmed; a second time brings all back."""
    count = len(state.run.class_names) if state.run else 0
    unlabelled = state.data is not None and bool((state.data.labels < 0).any())
    alone = {other: Visibility.DIMMED for other in range(-1 if unlabelled else 0, count) if other != label}
    return replace(state, classes={} if state.classes == alone else alone)
