"""A picture that a person brings to a model, and what is told of the search for its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from models.event import Event, Thin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.events import Codes, Pictures
    from models.latent import Code


@dataclass(frozen=True)
class OwnPicture:
    """A picture by file, or by `pixels` uint8 [h, w, 1, 3 or 4], or else a held-out one of the run's data by number.

    It is sought as class `label`, or as the best of all; a `negative` has dark and light exchanged. Pixels that were
    `drawn` have the model's own size and are taken as they are. A `spoilt` one is made noisy first, as were those that
    a model which learned to clean pictures has seen.
    """

    path: str = ""
    pixels: NDArray[np.uint8] | None = None
    number: int = 0
    label: int | None = None
    negative: bool = False
    drawn: bool = False
    spoilt: bool = False

    @property
    def held_out(self) -> bool:
        """Whether it comes from the run's own data."""
        return not self.path and self.pixels is None


@dataclass(frozen=True)
class MapPictures:
    """Pictures uint8 [n, h, w, c] that the model drew of codes [n, latent_dim], as the classes [n] if it was asked."""

    codes: Codes
    pictures: Pictures
    labels: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class Score:
    """How strange a picture is to a model by the measure `name`: its `value` beside those of held-out pictures [n].

    The higher, the stranger; `known` rises.
    """

    name: str
    value: float
    known: NDArray[np.float32]

    @property
    def rank(self) -> float:
        """The share of held-out pictures that are less strange."""
        return float(self.known.searchsorted(self.value)) / len(self.known)


@dataclass(frozen=True)
class Found(Event):
    """How far the search for the code of `own` is: the best by now, and the errors of all steps until now.

    `original` and `picture` are uint8 [h, w, c] as the model sees and draws them; `error` is the mean squared error of
    a value in [0, 1]. Whatever comes in between, one event is `done`; without a `code` it tells a `problem`. What was
    done to the pictures that a model learned to clean is `spoiling`, in words. `scores` tell how strange it is, as
    soon as enough held-out pictures were looked at.
    """

    thin = Thin.LATEST
    own: OwnPicture
    original: Pictures | None = None
    picture: Pictures | None = None
    code: Code | None = None  # [latent_dim]
    label: int | None = None  # as which it is drawn
    errors: NDArray[np.float32] | None = None  # [k], from the first step on
    share: float = 0.0
    done: bool = False
    problem: str = ""
    spoiling: str = ""
    scores: tuple[Score, ...] = ()

    @property
    def error(self) -> float | None:
        """How far the picture is off, if there is one."""
        return None if self.errors is None or not len(self.errors) else float(self.errors[-1])

    def told(self) -> dict[str, Any]:
        """What scripts want to know."""
        code = None if self.code is None else self.code.tolist()
        return {"picture": self.own.path, "error": self.error, "label": self.label, "code": code}
