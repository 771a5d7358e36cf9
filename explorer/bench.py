"""The bench of arithmetic: terms with weights, their codes and sum, and the intents about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from explorer import gestures
from explorer.asked import classes_of
from explorer.named import known_of
from explorer.pins import Pin, free_slot, letter, with_pin
from explorer.state import noticed
from models.arithmetic import HEAVIEST, MOST, Term, in_words, summed
from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.asked import Label
    from explorer.state import SessionState
    from models.events import Codes
    from models.naming import Known, Put

FACES = (  # the sum of the lectures, in the factors of drawn faces
    Term(1.0, "character=man,glasses!=none", "man with glasses"),
    Term(-1.0, "character=man,glasses=none", "man"),
    Term(1.0, "character=woman,glasses=none", "woman"),
)


class Sum(NamedTuple):
    """The terms' codes, None with a reason where one cannot be had; and what they add up to, if all are there."""

    puts: tuple[Put | None, ...]
    problems: tuple[str, ...]
    result: Put | None


def sum_of(state: SessionState, known: Known | None = None) -> Sum:
    """What the terms on the bench are now."""
    known = known or known_of(state)
    found: list[Put | None] = []
    problems = []
    for term in state.bench:
        try:
            found.append(known.put(term.what))
            problems.append("")
        except UserError as error:
            found.append(None)
            problems.append(str(error))
    puts = tuple(put for put in found if put is not None)
    if not puts or len(puts) < len(found):
        return Sum(tuple(found), tuple(problems), None)
    result = summed(puts, [term.weight for term in state.bench], classes_of(state.run))
    return Sum(puts, tuple(problems), result)


def asked_of(state: SessionState) -> tuple[list[Codes], list[Label]]:
    """The codes to be drawn: of the terms that are there, and last of the sum, each with its class."""
    total = sum_of(state)
    puts = [put for put in (*total.puts, total.result) if put is not None]
    return [put.code for put in puts], [_label(put, state) for put in puts]


def _label(put: Put, state: SessionState) -> Label:
    """The class that a code is drawn as: its own, else that of the probe."""
    return state.label if put.label is None else put.label


def example_of(state: SessionState) -> tuple[Term, ...]:
    """A sum worth trying on these data; none where there is nothing to make one of."""
    known = known_of(state)
    factors = {factor.name: factor.values for factor in known.factors} if known.values is not None else {}
    if {"man", "woman"} <= {*factors.get("character", ())} and "none" in factors.get("glasses", ()):
        return FACES
    present = [name for label, name in enumerate(known.class_names) if (known.labels == label).any()]
    if len(present) < 3:
        return ()
    first, second, third = present[-1], present[len(present) // 2], present[1]
    return Term(1.0, f"class {first}"), Term(-1.0, f"class {second}"), Term(1.0, f"class {third}")


class Benching:
    """The intents of a session about the bench; each can be undone by its words."""

    def __init__(self, read: Callable[[], SessionState], do: Callable[[str, SessionState], None]) -> None:
        self._read, self._do = read, do

    def _set(self, words: str, terms: tuple[Term, ...]) -> None:
        self._do(words, replace(self._read(), bench=terms))

    def add(self, what: str, weight: float = 1.0) -> None:
        """One more term."""
        state = self._read()
        if len(state.bench) >= MOST:
            words = f"The bench is full: {MOST} terms are as many as can be told apart."
            self._do("Add a term", noticed(state, words, "warning"))
        else:
            self._set(f"Add {Term(1.0, what).words}", (*state.bench, Term(weight, what)))

    def add_probe(self) -> None:
        """The probe's code as one more term, kept as the next free pin."""
        state = self._read()
        slot = free_slot(state)
        if state.code is None or slot is None or len(state.bench) >= MOST:
            return
        kept = replace(state, pins=with_pin(state.pins, slot, Pin(state.code, state.selection, state.label)))
        self._do("Add the probe's code", replace(kept, bench=(*state.bench, Term(1.0, f"pin {letter(slot)}"))))

    def put(self, place: int, what: str) -> None:
        """The term at `place` stands for something else."""
        old = self._read().bench[place]
        self._change("Change a term", place, Term(old.weight, what))

    def weigh(self, place: int, weight: float) -> None:
        """The term at `place` counts so much."""
        old = self._read().bench[place]
        self._change("Weigh a term", place, replace(old, weight=min(max(weight, -HEAVIEST), HEAVIEST)))

    def flip(self, place: int) -> None:
        """Added becomes subtracted, and the other way round."""
        self.weigh(place, -self._read().bench[place].weight)

    def remove(self, place: int) -> None:
        """One term less."""
        terms = self._read().bench
        self._set("Remove a term", (*terms[:place], *terms[place + 1 :]))

    def _change(self, words: str, place: int, term: Term) -> None:
        terms = self._read().bench
        self._set(words, (*terms[:place], term, *terms[place + 1 :]))

    def clear(self) -> None:
        """An empty bench."""
        self._set("Clear the bench", ())

    def example(self) -> None:
        """A ready-made sum on these data."""
        state = self._read()
        terms = example_of(state)
        self._set(f"Lay out {in_words(terms)}" if terms else "Clear the bench", terms or state.bench)

    def take(self) -> None:
        """The sum goes to the probe."""
        state = self._read()
        result = sum_of(state).result
        if result is not None:
            self._do("Take the sum", replace(gestures.set_code(state, result.code), label=_label(result, state)))

    def keep(self) -> None:
        """The sum is kept as the next free pin."""
        state = self._read()
        result, slot = sum_of(state).result, free_slot(state)
        if result is not None and slot is not None:
            pin = Pin(result.code, None, _label(result, state))
            self._do(f"Pin the sum as {letter(slot)}", replace(state, pins=with_pin(state.pins, slot, pin)))
