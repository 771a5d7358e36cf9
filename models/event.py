"""What every event is: a small frozen value that says how it may be thinned on its way to the window."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np


class Thin(Enum):
    """How an event may be thinned when the window is slower than the work."""

    NEVER = "never"
    LATEST = "latest"
    MERGE = "merge"


@dataclass(frozen=True)
class Event:
    """Something that happened in run `run` at training step `step`; arrays in events are read-only."""

    thin: ClassVar[Thin] = Thin.NEVER
    run: str
    step: int

    def __post_init__(self) -> None:
        for value in vars(self).values():
            for part in value.values() if isinstance(value, dict) else (value,):
                if isinstance(part, np.ndarray):
                    part.setflags(write=False)

    @property
    def slot(self) -> tuple[object, ...]:
        """Events of the same slot replace or merge with each other."""
        return (type(self), self.run)

    def merged(self, later: Event) -> Event:
        """This event and a later one of the same slot as one; only for `Thin.MERGE`."""
        raise TypeError(f"{type(self).__name__} and {type(later).__name__} do not merge")
