"""Finding points by what a person types: an index, a class, a group, the value of a factor or a range of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from explorer.coloring import told_factor
from explorer.gathering import count_of, of_class, of_factor
from explorer.groups import indices_of
from models.coloring import value_of
from models.errors import printable
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from explorer.groups import Indices
    from explorer.state import SessionState

MOST = 8  # offers at a time
NUMBER = r"[-+]?\d*\.?\d+(?:e[-+]?\d+)?"
COMPARED = re.compile(rf"(.+?)\s*(>=|<=|>|<|=|:)\s*({NUMBER})")
BETWEEN = re.compile(rf"(.+?)[\s=:]+({NUMBER})\s*(?:\.\.|to|–)\s*({NUMBER})")


@dataclass(frozen=True, eq=False)
class Offer:
    """Points that may be meant; `picture` is the single one, `color` that of their class or group."""

    title: str
    detail: str
    indices: Indices
    picture: int | None = None
    color: int | None = None


def offers(state: SessionState, text: str) -> list[Offer]:
    """What `text` may mean among the points of the map, the likeliest first, at most eight; none without points."""
    wanted = text.strip().casefold()
    if not wanted:
        return []
    found = chain(_by_index(state, wanted), _by_range(state, wanted), _by_name(state, wanted))
    return list(islice((offer for offer in found if len(offer.indices)), MOST))


def _by_name(state: SessionState, wanted: str) -> Iterator[Offer]:
    """Classes, groups and values of factors whose names are alike, the likest first; points are counted when asked."""
    alike = [(_rank(title.casefold(), wanted), make) for title, make in _named(state)]
    for rank in range(3):
        yield from (make() for likeness, make in alike if likeness == rank)


def _rank(title: str, wanted: str) -> int:
    """0 for the same words, 1 for a beginning, 2 for a part, 3 for neither; the word `class` may be left out."""
    bare = title.removeprefix("class ")
    if wanted in (title, bare):
        return 0
    return 1 if title.startswith(wanted) or bare.startswith(wanted) else 2 if wanted in title else 3


def _by_index(state: SessionState, wanted: str) -> Iterator[Offer]:
    """The point with that number."""
    digits = wanted.removeprefix("#").replace(",", "")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12 or int(digits) >= count_of(state):
        return
    index = int(digits)
    yield Offer(f"#{index:,}", _known_of(state, index), indices_of([index]), picture=index)


def _known_of(state: SessionState, index: int) -> str:
    label = -1 if state.data is None else int(state.data.labels[index])
    names = () if state.run is None else state.run.class_names
    return told_factor(state, index) or (printable(names[label]) if 0 <= label < len(names) else "one point")


def _by_range(state: SessionState, wanted: str) -> Iterator[Offer]:
    """The points whose factor lies where `smile > 0.5`, `smile 0.2..0.4` or `smile = 0` says."""
    between, compared = BETWEEN.fullmatch(wanted), COMPARED.fullmatch(wanted)
    if between:
        name, low, high = between[1], float(between[2]), float(between[3])
    elif compared:
        name, bound = compared[1], float(compared[3])
        low = bound if compared[2] in (">", ">=", "=", ":") else -float("inf")
        high = bound if compared[2] in ("<", "<=", "=", ":") else float("inf")
    else:
        return
    for place, factor in enumerate(() if state.data is None else state.data.factors):
        title = printable(factor.name)
        if _rank(title.casefold(), name.strip()) < 3:
            found = of_factor(state, place, min(low, high), max(low, high))
            yield _offer(f"{title}{wanted.removeprefix(name)}", found)


def _named(state: SessionState) -> Iterator[tuple[str, Callable[[], Offer]]]:
    """All that has a name, and how it becomes an offer."""
    for label, name in enumerate(() if state.run is None else state.run.class_names):
        title = f"class {printable(name)}"
        yield title, partial(lambda title, label: _offer(title, of_class(state, label), label), title, label)
    for group in state.groups:
        yield printable(group.name), partial(_offer, printable(group.name), group.indices, group.color, "group, ")
    for place, factor in enumerate(() if state.data is None else state.data.factors):
        for value in range(len(factor.values)):
            title = f"{printable(factor.name)} {value_of(factor, value)}"
            yield (
                title,
                partial(
                    lambda title, place, value: _offer(title, of_factor(state, place, value, value)),
                    title,
                    place,
                    value,
                ),
            )


def _offer(title: str, found: Indices, color: int | None = None, what: str = "") -> Offer:
    return Offer(title, f"{what}{counted(len(found), 'point')}", found, color=color)
