"""What is told of a model of points: real ones, drawn ones, and what the model says of every place of the plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.events import Event, Thin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.events import Points


@dataclass(frozen=True)
class Meaning:
    """What a field says, in words for people.

    `low` and `high` are the ends of its height where they are known. A field that hangs on a level, such as how noisy
    a point is, has several `levels`, rising shares from 0 to 1, and says what they are in `level`.
    """

    title: str
    height: str
    arrows: str
    low: float | None = None
    high: float | None = None
    level: str = ""
    levels: tuple[float, ...] = (0.0,)


@dataclass(frozen=True)
class PlaneShown(Event):
    """The unit square: real points that were held out, points drawn of the same codes at every call, and the field.

    Places are x to the right and y upwards. The field is known in the middles of side x side cells, row by row from
    the bottom; it is None where the family has none.
    """

    thin = Thin.LATEST
    real: Points  # [m, 2]
    drawn: Points  # [n, 2]
    meaning: Meaning | None = None
    heights: NDArray[np.float32] | None = None  # [levels, side, side]
    arrows: NDArray[np.float32] | None = None  # [levels, side, side, 2], in the plane's own units or slopes
