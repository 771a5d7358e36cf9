"""What is told of pictures: those on the map and where they lie, samples, pairs, and answers of the renderer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.event import Event, Thin

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Codes, Labels, Pictures, Points
    from models.layout import Layout
    from models.params import Value


@dataclass(frozen=True)
class HeldOut(Event):
    """The map's pictures in its order, empty while only their labels are known; held out, or `generated` as asked."""

    thin = Thin.LATEST
    pictures: Pictures
    labels: Labels
    factors: tuple[Factor, ...] = ()
    values: NDArray[np.float32] | None = None  # [n, factors], where the causes of the pictures are known
    generated: bool = False

    def picture(self, index: int) -> Pictures | None:
        """The picture [h, w, c] of point `index`, if it is known."""
        return self.pictures[index] if index < len(self.pictures) else None


@dataclass(frozen=True)
class Projection:
    """The affine way from codes to the map and back: point = (code - mean) @ axes.T, both float32.

    `axes` is [2, latent_dim] with orthonormal rows, so that code = mean + point @ axes + rest; `name` is one of
    `models/charts.py`, `explained` the share of the codes' variance that the map shows, `settings` what it was made
    with. Where there is a `layout`, no such formula holds: both ways go by neighbours.
    """

    name: str
    mean: NDArray[np.float32]  # [latent_dim]
    axes: NDArray[np.float32]  # [2, latent_dim]
    explained: float
    depth: NDArray[np.float32] | None = None  # [latent_dim], the third axis of a map in space: towards who looks
    layout: Layout | None = None
    settings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Embedded(Event):
    """Where the held-out pictures lie now, in the order of `HeldOut`."""

    thin = Thin.LATEST
    codes: Codes
    points: Points
    projection: Projection


@dataclass(frozen=True)
class Sampled(Event):
    """Pictures of the same `codes` at every call, from the prior or a normal fitted to the data's; of these classes."""

    thin = Thin.LATEST
    pictures: Pictures
    codes: Codes | None = None
    labels: Labels | None = None


@dataclass(frozen=True)
class Reconstructed(Event):
    """Held-out originals and what the model makes of them, pair by pair."""

    thin = Thin.LATEST
    originals: Pictures
    reconstructions: Pictures


@dataclass(frozen=True)
class Rendered(Event):
    """The answer to the newest request of slot `key`: `pictures` of `codes`, drawn at step `step`."""

    thin = Thin.LATEST
    key: str
    generation: int
    codes: Codes
    pictures: Pictures
    seconds: float
    finished: bool = True  # false for pictures on the way, of one that is watched as it comes

    @property
    def slot(self) -> tuple[object, ...]:
        """Answers replace older answers of the same key only."""
        return (Rendered, self.run, self.key)
