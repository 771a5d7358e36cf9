"""Directions with names: made from groups, factors or the codes' own spread, walked by sliders, and kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer import gestures
from explorer.named import known_of
from explorer.state import noticed
from models.errors import UserError
from models.naming import titled
from models.reading_events import Made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.asked import Label
    from explorer.state import SessionState
    from explorer.worker import Work, Worker
    from models.directions import Direction
    from models.events import Codes, Event
    from models.job import Control
    from models.naming import Known

PLACES = np.arange(-3, 4)  # of the pictures in a strip, in spreads of the data's codes
MOST = 12  # directions kept at a time
LONGEST = 60  # letters of a name


def strips_of(state: SessionState) -> tuple[list[Codes], list[Label]]:
    """The codes of all strips, direction by direction: the probe's code brought to each of `PLACES`."""
    if state.code is None:
        return [], []
    codes = [code for direction in _fitting(state) for code in direction.at(state.code, PLACES)]
    return codes, [state.label] * len(codes)


def _fitting(state: SessionState) -> Iterator[Direction]:
    return (each for each in state.directions if state.code is not None and len(each.axis) == len(state.code))


def moved_to(state: SessionState, number: int, place: float) -> SessionState:
    """The probe goes along a direction to this place of it; locked numbers of the code stay."""
    if state.code is None or number >= len(state.directions):
        return state
    code = state.directions[number].at(state.code, [place])[0]
    kept = [*state.locked]
    code[kept] = state.code[kept]
    return gestures.set_code(state, code)


def taken(state: SessionState, found: tuple[Direction, ...]) -> SessionState:
    """The directions come to those there are, each under a name of its own; those too many are left out, and told."""
    names = {each.name for each in state.directions}
    new = []
    for each in found[: MOST - len(state.directions)]:
        name = _free(each.name, names)
        names.add(name)
        new.append(replace(each, name=name))
    if len(new) < len(found):
        state = noticed(state, f"There is room for {MOST} directions. Delete one first.", "warning")
    return replace(state, directions=(*state.directions, *new))


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    numbers = range(2, len(taken) + 3)
    return next(each for each in (name, *(f"{name} {number}" for number in numbers)) if each not in taken)


def making(known: Known, run: str, step: int, low: str, high: str, method: str) -> Work:
    """Work out the direction from the group `low` to the group `high`, both in words."""

    def work(control: Control) -> Iterator[Event]:
        from models.directions import between

        one, other = known.codes[known.members(low)], known.codes[known.members(high)]
        found = between(one, other, known.codes, method)
        way = "" if method == "difference" else " by regression"
        named = replace(
            found, name=_name(low, high) + way, names=(_short(low), _short(high)), wanted=_wanted(known, low, high)
        )
        yield Made(run, step, (named,))

    return work


def spreading(known: Known, run: str, step: int, count: int) -> Work:
    """Work out the `count` directions in which the codes spread most."""

    def work(control: Control) -> Iterator[Event]:
        from models.directions import principal

        found = principal(known.codes, count)
        yield Made(run, step, tuple(replace(each, name=f"widest {place}") for place, each in enumerate(found, 1)))

    return work


def _short(what: str) -> str:
    """What an end is called: a class or group by its name, a factor by its value."""
    kind, _, rest = what.partition(" ")
    if kind in ("class", "group"):
        return rest
    name, _, value = what.partition("=")
    return titled(what) if "," in what else f"not {value}" if name.endswith("!") else value


def _name(low: str, high: str) -> str:
    """What a direction is called at first: `smile` between its thirds, `3 to 8` between two classes."""
    factor = _same_factor(low, high)
    if factor and {_short(low), _short(high)} <= {"low", "middle", "high"}:
        return factor
    if factor and (low.partition("=")[0].endswith("!") or high.partition("=")[0].endswith("!")):
        return f"{factor} {_short(high)}"
    return f"{_short(low)} to {_short(high)}"


def _same_factor(low: str, high: str) -> str:
    one, other = (what.partition("=")[0].rstrip("!") if "=" in what else "" for what in (low, high))
    return one if one == other and "," not in low + high else ""


def _wanted(known: Known, low: str, high: str) -> str:
    """The factor that goes with the direction, where one is known: of classes that of the same names."""
    if low.startswith("class ") and high.startswith("class "):
        return next((factor.name for factor in known.factors if factor.values == known.class_names), "")
    return _same_factor(low, high)


class Directing:
    """The intents of a session about directions, which are worked out in a lane; each can be undone by its words."""

    def __init__(
        self,
        lane: Callable[[], Worker],
        read: Callable[[], SessionState],
        do: Callable[[str, SessionState], None],
        apply: Callable[[SessionState], None],
    ) -> None:
        self._lane, self._read, self._do, self._apply = lane, read, do, apply

    def make(self, low: str, high: str, method: str = "difference") -> None:
        """A direction from one group to another, both in words as `class 3`, `smile=high` or `group a`."""
        state, known = self._read(), known_of(self._read())
        if state.run is None or state.embedding is None:
            return
        try:
            for what in (low, high):
                known.members(what)
        except UserError as error:
            self._apply(noticed(state, str(error), "warning"))
            return
        self._lane().start(making(known, state.run.id, state.step, low, high, method))

    def spread(self, count: int = 3) -> None:
        """The directions in which the codes spread most."""
        state = self._read()
        if state.run is not None and state.embedding is not None:
            self._lane().start(spreading(known_of(state), state.run.id, state.step, count))

    def take_in(self) -> None:
        """Keep the directions that were worked out since."""
        state = self._read()
        if state.seen.made is not None:
            found = state.seen.made.directions
            state = replace(state, seen=replace(state.seen, made=None))
            words = found[0].name if len(found) == 1 else f"{len(found)} directions"
            self._do(f"Make {words}", taken(state, found))

    def move(self, number: int, place: float) -> None:
        """Take the probe along direction `number` to a place of it."""
        state = self._read()
        self._do(f"Move along {state.directions[number].name}", moved_to(state, number, place))

    def rename(self, number: int, name: str) -> None:
        """Call a direction so, unless another one is."""
        state = self._read()
        name = name.strip()[:LONGEST]
        others = {each.name for each in state.directions}
        if name and name not in others:
            self._change(f"Rename to {name}", number, replace(state.directions[number], name=name))

    def remove(self, number: int) -> None:
        """Forget a direction."""
        self._change(f"Delete {self._read().directions[number].name}", number)

    def _change(self, words: str, number: int, *instead: Direction) -> None:
        state = self._read()
        kept = (*state.directions[:number], *instead, *state.directions[number + 1 :])
        self._do(words, replace(state, directions=kept))
