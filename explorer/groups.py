"""Which points are gathered, and groups of points kept under a name and a colour."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Indices = NDArray[np.int64]  # rising, each once


class How(Enum):
    """What becomes of the points that were gathered before when others are gathered."""

    ALONE = "alone"  # they are let go
    MORE = "more"  # they stay beside the others
    LESS = "less"  # they stay without the others
    BOTH = "both"  # those stay that are among the others too


@dataclass(frozen=True, eq=False)
class Group:
    """Points kept together; `color` is that of the class of this number, and no other group of the run has it."""

    name: str
    color: int
    indices: Indices


def indices_of(numbers: Sequence[int] | NDArray[np.integer]) -> Indices:
    """Numbers in any order as rising indices, each once, which nobody changes."""
    rising: Indices = np.unique(np.asarray(numbers, np.int64))
    rising.flags.writeable = False
    return rising


NOTHING = indices_of([])


def joined(before: Indices, found: Indices, how: How) -> Indices:
    """What is gathered after `found` comes to what was gathered `before`."""
    if how is How.ALONE:
        return indices_of(found)
    if how is How.MORE:
        return indices_of(np.concatenate([before, found]))
    inside = np.isin(before, found)
    return indices_of(before[inside if how is How.BOTH else ~inside])


def fresh_name(groups: Sequence[Group]) -> str:
    """`group 1`, or the next number that no group is called by."""
    taken = {group.name for group in groups}
    return next(name for number in range(1, len(groups) + 2) if (name := f"group {number}") not in taken)


def fresh_color(groups: Sequence[Group]) -> int:
    """The first colour that no group has."""
    taken = {group.color for group in groups}
    return next(color for color in range(len(groups) + 1) if color not in taken)
