"""Source `toy2d`: points of the plane in known shapes, on which one sees at a glance what a model makes of its data.

Rings and grids of Gaussians are the usual test for modes that a model forgets (Metz et al. 2017, Srivastava et al.
2017).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from models.datasets import Dataset, Factor, Source
from models.datasets.split import SplitParams, stratified_split
from models.events import Working
from models.params import param
from models.registry import datasets

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

    from models.events import Event
    from models.job import Control

    Numbers = NDArray[np.float64]

FARTHEST = 4.0  # standard deviations at which the noise is cut, so that all points lie in a box known beforehand
LEVELS = 2**20  # steps of a coordinate from one side of the box to the other: finer ones differ between machines


class Toy2dParams(SplitParams):
    """Which points, how many, and how far they scatter."""

    shape: Literal["ring", "grid", "spiral", "moons", "two-rings"] = param(
        "ring", "8 Gaussians in a ring, 25 in a grid, two arms of a spiral, two half moons, or a ring in a ring."
    )
    count: int = param(10_000, "How many points.", low=100, high=1_000_000, unit="points")
    noise: float = param(
        0.05, "How far points scatter, as a standard deviation; the shape itself reaches from -1 to 1.",
        low=0.0, high=1.0,
    )  # fmt: skip
    seed: int = param(0, "Start of the random points: same seed, same points.", low=0, high=2**31 - 1, advanced=True)


@datasets.register("toy2d")
class Toy2d(Source):
    """Data that need no map: they are one."""

    title = "Points in the plane"
    summary = "Two numbers instead of a picture: rings, grids, spirals, moons; for the presets called points."
    params_type = Toy2dParams
    params: Toy2dParams

    def known_classes(self) -> tuple[str, ...]:
        """The parts of the shape."""
        return SHAPES[self.params.shape][0]

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Draw the points, float32 [n, 2, 1, 1]: x and y in the box of the factors' bounds, scaled to [0, 1].

        The box reaches from -b to b on both axes, b = 1 + 4 noise, and a coordinate u of the data stands for
        the place (2 u - 1) b, which is the point's factor.
        """
        yield Working("", 0, "Drawing points", 0.0)
        names, path = SHAPES[self.params.shape]
        rng = np.random.default_rng(self.params.seed)
        labels = np.arange(self.params.count, dtype=np.int64) % len(names)
        noise = rng.standard_normal((2, len(labels))).clip(-FARTHEST, FARTHEST)
        bound = 1 + FARTHEST * self.params.noise
        places = path(labels, rng.random(len(labels))) + self.params.noise * noise  # [2, n]
        shares = np.round((places / bound + 1) / 2 * LEVELS).T / LEVELS
        points = torch.from_numpy(shares.astype(np.float32)).view(-1, 2, 1, 1)
        factors = ((points * 2 - 1) * bound).flatten(1)
        kinds = torch.from_numpy(labels)
        train, test = stratified_split(labels, self.params.test_share, self.params.split_seed)
        return Dataset(
            self.name,
            points[train],
            kinds[train],
            points[test],
            kinds[test],
            names,
            factors=tuple(Factor(axis, low=-bound, high=bound) for axis in "xy"),
            train_factors=factors[train],
            test_factors=factors[test],
        )


def _ring(labels: NDArray[np.int64], along: Numbers) -> Numbers:
    """The middles of eight Gaussians on the unit circle."""
    return _polar(1.0, labels / 8)


def _grid(labels: NDArray[np.int64], along: Numbers) -> Numbers:
    """The middles of five by five Gaussians, row by row from the top."""
    return np.stack([labels % 5 / 2 - 1, 1 - labels // 5 / 2])


def _spiral(labels: NDArray[np.int64], along: Numbers) -> Numbers:
    """Two arms that turn once and a quarter on their way out, evenly filled."""
    radius = 0.1 + 0.9 * np.sqrt(along)
    return _polar(radius, labels / 2 + 1.25 * radius)


def _moons(labels: NDArray[np.int64], along: Numbers) -> Numbers:
    """Two half circles, each of which reaches into the other."""
    x, y = _polar(1.0, along / 2)
    lower = labels == 1
    return np.stack([np.where(lower, 1 - x, x) - 0.5, np.where(lower, 0.5 - y, y) - 0.25]) / 1.5


def _two_rings(labels: NDArray[np.int64], along: Numbers) -> Numbers:
    """A circle and one of half its size."""
    return _polar(np.where(labels == 0, 0.5, 1.0), along)


def _polar(radius: Numbers | float, turns: Numbers) -> Numbers:
    angles = 2 * math.pi * turns
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)])


SHAPES: dict[str, tuple[tuple[str, ...], Callable[[NDArray[np.int64], Numbers], Numbers]]] = {
    "ring": (tuple(f"Gaussian {number}" for number in range(1, 9)), _ring),
    "grid": (tuple(f"Gaussian {number}" for number in range(1, 26)), _grid),
    "spiral": (("arm 1", "arm 2"), _spiral),
    "moons": (("upper moon", "lower moon"), _moons),
    "two-rings": (("inner ring", "outer ring"), _two_rings),
}
