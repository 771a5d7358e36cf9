"""What a person does with codes and classes, as pure functions from one state to the next."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.state import Pin, SessionState, Visibility
from models import latent, projection

if TYPE_CHECKING:
    from numpy.typing import NDArray


def select(state: SessionState, index: int | None) -> SessionState:
    """Point `index` of the held-out pictures is selected and its code goes to the probe; None lets go."""
    if index is None or state.embedding is None or not 0 <= index < len(state.embedding.codes):
        return replace(state, selection=None)
    return replace(state, selection=index, code=state.embedding.codes[index])


def move_to(state: SessionState, x: float, y: float) -> SessionState:
    """The probe goes to the place (x, y) of the map, whether a point lies there or not."""
    if state.embedding is None:
        return state
    place = np.array([[x, y]], np.float32)
    return set_code(state, projection.unproject(place, state.embedding.projection)[0])


def set_code(state: SessionState, code: NDArray[np.float32]) -> SessionState:
    """The probe shows `code` [latent_dim], free of any selected point."""
    return replace(state, code=np.asarray(code, np.float32), selection=None)


def set_dimension(state: SessionState, dimension: int, value: float) -> SessionState:
    """One number of the probe's code changes."""
    if state.code is None:
        return state
    code = state.code.copy()
    code[dimension] = value
    return set_code(state, code)


def randomise(state: SessionState, drawn: NDArray[np.float32]) -> SessionState:
    """The unlocked numbers of the code are replaced by those of `drawn` [latent_dim]."""
    if state.code is None:
        return state
    locked = np.array([dimension in state.locked for dimension in range(len(drawn))])
    return set_code(state, np.where(locked, state.code, drawn))


def reset(state: SessionState) -> SessionState:
    """The unlocked numbers of the code go back to the middle of the data."""
    if state.embedding is None or not len(state.embedding.codes):
        return state
    return randomise(state, state.embedding.codes.mean(axis=0, dtype=np.float32))


def lock(state: SessionState, dimension: int, locked: bool) -> SessionState:
    """A locked number stays when the code is randomised or reset."""
    return replace(state, locked=state.locked | {dimension} if locked else state.locked - {dimension})


def pin(state: SessionState, slot: int) -> SessionState:
    """The probe's code is put aside as A (0) or B (1)."""
    if state.code is None:
        return state
    pins = list(state.pins)
    pins[slot] = Pin(state.code, state.selection)
    return replace(state, pins=(pins[0], pins[1]), morph=float(slot))


def morph(state: SessionState, share: float) -> SessionState:
    """The probe goes `share` (0 to 1) of the way from pin A to pin B."""
    a, b = state.pins
    if a is None or b is None:
        return state
    return replace(set_code(state, latent.lerp(a.code, b.code, share)), morph=share)


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
