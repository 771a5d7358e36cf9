"""What readers of the data saw in pictures: of points, of a sum, of directions, of dimensions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.reading_events import Checked, Effects, Leaked, Made, PointsRead, Reading, ReadingEnded

if TYPE_CHECKING:
    from models.directions import Direction
    from models.event import Event


@dataclass(frozen=True)
class Seen:
    """The newest of each kind; `leaks` hold one for each direction that was measured."""

    reading: Reading | None = None  # while it goes on
    ended: ReadingEnded | None = None  # how the last looking did
    points: PointsRead | None = None
    checked: Checked | None = None
    leaks: tuple[Leaked, ...] = ()
    effects: Effects | None = None
    made: Made | None = None  # directions that wait to be taken in

    def after(self, event: Event) -> Seen:
        """What is known after `event`."""
        if isinstance(event, Reading):
            return replace(self, reading=event)
        if isinstance(event, ReadingEnded):
            return replace(self, reading=None, ended=event)
        if isinstance(event, PointsRead):
            return replace(self, points=event)
        if isinstance(event, Checked):
            return replace(self, checked=event)
        if isinstance(event, Effects):
            return replace(self, effects=event)
        if isinstance(event, Made):
            return replace(self, made=event)
        if isinstance(event, Leaked):
            others = (leak for leak in self.leaks if leak.direction.axis is not event.direction.axis)
            return replace(self, leaks=(*others, event))
        return self

    def leak_of(self, direction: Direction) -> Leaked | None:
        """What was measured of a direction, whatever it is called now."""
        return next((leak for leak in self.leaks if leak.direction.axis is direction.axis), None)

    @property
    def unlearned(self) -> float | None:
        """Seconds that learning to read these data takes, where nobody can yet."""
        return None if self.ended is None else self.ended.unlearned
