"""Gathering points of the map: by outline, class, factor or nearness; hiding the others; groups kept under names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.asked import classes_of
from explorer.groups import NOTHING, Group, How, fresh_color, fresh_name, indices_of, joined
from explorer.pins import Pin, letter, pins_set
from models import latent

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.drawings import Drawings
    from explorer.groups import Indices
    from explorer.state import SessionState, Visibility
    from models.events import Codes

LONGEST_NAME = 60  # letters


def count_of(state: SessionState) -> int:
    """How many points the map has."""
    return 0 if state.embedding is None else len(state.embedding.codes)


def gather(state: SessionState, found: Indices, how: How = How.ALONE) -> SessionState:
    """These points are gathered, as `how` says; those that the map does not have are passed over."""
    known = found[(found >= 0) & (found < count_of(state))]
    gathered = joined(state.gathered, known, how)
    return state if np.array_equal(gathered, state.gathered) else replace(state, gathered=gathered)


def of_class(state: SessionState, label: int) -> Indices:
    """All points of a class, -1 for those without one."""
    return NOTHING if state.data is None else indices_of(np.flatnonzero(state.data.labels == label))


def of_factor(state: SessionState, factor: int, low: float, high: float) -> Indices:
    """All points whose number of a known factor lies from `low` to `high`, both included."""
    if state.data is None or state.data.values is None:
        return NOTHING
    numbers = state.data.values[:, factor]
    return indices_of(np.flatnonzero((numbers >= np.float32(low)) & (numbers <= np.float32(high))))


def nearest_to(state: SessionState, code: Codes, count: int) -> Indices:
    """The points whose codes lie nearest to `code` [latent_dim]."""
    codes = None if state.embedding is None else state.embedding.codes
    if codes is None or not len(codes) or codes.shape[1] != len(code):
        return NOTHING
    return indices_of(latent.nearest(codes, code, count).indices)


def inverted(state: SessionState) -> SessionState:
    """Those are gathered that were not."""
    others = np.setdiff1d(np.arange(count_of(state)), state.gathered, assume_unique=True)
    return replace(state, gathered=indices_of(others))


def followed(state: SessionState) -> SessionState:
    """The same points as far as the map still has them; groups know their points by index wherever these move."""
    count = count_of(state)
    if len(state.gathered) and state.gathered[-1] >= count:
        state = replace(state, gathered=indices_of(state.gathered[state.gathered < count]))
    if any(len(group.indices) and group.indices[-1] >= count for group in state.groups):
        within = (replace(group, indices=indices_of(group.indices[group.indices < count])) for group in state.groups)
        state = replace(state, groups=tuple(within))
    return state


def mean_of(state: SessionState, indices: Indices) -> Pin | None:
    """The mean code of some points, to be drawn as the class that most of them have; None without points."""
    indices = indices[indices < count_of(state)]
    if state.embedding is None or not len(indices):
        return None
    code = state.embedding.codes[indices].mean(axis=0, dtype=np.float64).astype(np.float32)
    labels = NOTHING if state.data is None else state.data.labels[indices]
    told = labels[labels >= 0]
    label = int(np.bincount(told).argmax()) if len(told) and classes_of(state.run) else state.label
    return Pin(code, None, label)


def sources(state: SessionState) -> dict[str, tuple[str, Codes]]:
    """What neighbours can be gathered of: titles and codes [latent_dim] by name."""
    found = {} if state.code is None else {"probe": ("the probe", state.code)}
    found |= {f"pin {slot}": (f"pin {letter(slot)}", pin.code) for slot, pin in pins_set(state)}
    if state.own.found is not None and state.own.found.code is not None:
        found["own"] = ("your own picture", state.own.found.code)
    mean = mean_of(state, state.gathered)
    return found if mean is None else {**found, "mean": ("the mean", mean.code)}


# ---- groups


def keep(state: SessionState, name: str = "") -> SessionState:
    """The gathered points become a group; one of the same name is replaced by it."""
    if not len(state.gathered):
        return state
    name = name.strip()[:LONGEST_NAME] or fresh_name(state.groups)
    place = next((place for place, group in enumerate(state.groups) if group.name == name), None)
    color = fresh_color(state.groups) if place is None else state.groups[place].color
    group = Group(name, color, state.gathered)
    return _with(state, len(state.groups) if place is None else place, group)


def _with(state: SessionState, place: int, *groups: Group) -> SessionState:
    """The groups with the one at `place` replaced by these, or gone."""
    return replace(state, groups=(*state.groups[:place], *groups, *state.groups[place + 1 :]))


def renamed(state: SessionState, place: int, name: str) -> SessionState:
    """The group at `place` is called so, unless it would be by nothing, or by another's name."""
    name = name.strip()[:LONGEST_NAME]
    taken = {group.name for group in state.groups}
    return state if not name or name in taken else _with(state, place, replace(state.groups[place], name=name))


class Gathering:
    """The intents of a session about gathered points and groups; each can be undone by its words."""

    def __init__(
        self, read: Callable[[], SessionState], do: Callable[[str, SessionState], None], drawings: Drawings
    ) -> None:
        self._read, self._do, self._drawings = read, do, drawings

    def take(self, found: Indices, how: How = How.ALONE) -> None:
        """Gather these points, as `how` says."""
        self._do("Gather points", gather(self._read(), found, how))

    def take_all(self) -> None:
        """Gather all points."""
        state = self._read()
        self._do("Gather all points", gather(state, indices_of(np.arange(count_of(state)))))

    def take_nearest(self, code: Codes, count: int, how: How = How.ALONE) -> None:
        """Gather the `count` points whose codes lie nearest to `code` [latent_dim]."""
        state = self._read()
        self._do("Gather neighbours", gather(state, nearest_to(state, code, count), how))

    def invert(self) -> None:
        """Gather those that are not."""
        self._do("Gather the others", inverted(self._read()))

    def let_go(self) -> None:
        """Gather none."""
        self._do("Let go of the points", gather(self._read(), NOTHING))

    def show_others(self, others: Visibility) -> None:
        """Show, dim or hide the points that are not gathered, while any are."""
        self._do("Show the other points", replace(self._read(), others=others))

    def keep(self, name: str = "") -> None:
        """Keep the gathered points as a group."""
        self._do("Keep a group", keep(self._read(), name))

    def rename(self, place: int, name: str) -> None:
        """Call the group at `place` so."""
        self._do("Rename a group", renamed(self._read(), place, name))

    def remove(self, place: int) -> None:
        """Forget the group at `place`; its points stay."""
        self._do("Remove a group", _with(self._read(), place))

    def recall(self, place: int, how: How = How.ALONE) -> None:
        """Gather the points of the group at `place`."""
        self.take(self._read().groups[place].indices, how)

    def draw_mean(self, wanted: bool = True) -> None:
        """Ask for the picture of the mean code of the gathered points, or for none."""
        state = self._read()
        self._drawings.draw_group(mean_of(state, state.gathered) if wanted else None)
