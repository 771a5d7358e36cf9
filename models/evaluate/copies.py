"""Whether a picture is a copy: the training pictures nearest to it, and how near held-out pictures come to any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.copy_events import ALARM, farther
from models.errors import Stopped, UserError

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets import Dataset
    from models.job import Control

NEAR = 20  # training pictures that are looked at for each picture: the nearest one and those it is compared with
HELD_OUT = 2000  # test pictures that say what is usual
BLOCK = 2**19  # values that are turned into floats in one go: they stay in the processor's cache
TOGETHER = 250  # pictures sought in one go
FEW = 16  # pictures, for each of which the sketch is faster than products with all
DIRECTIONS = 64  # of the sketch: those along which the pictures differ most
SEEN = 512  # pictures by which these are found
SLACK = 1e-3  # share of a squared distance that rounding may take away


@dataclass(frozen=True)
class Near:
    """Of q pictures the nearest training pictures: their numbers and distances [q, k], nearest first."""

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]

    @property
    def alone(self) -> NDArray[np.float32]:
        """The first distance over the mean of the others [q]; 1 where there are no others."""
        others = self.distances[:, 1:]
        if not others.shape[1]:
            return np.ones(len(others), np.float32)
        return np.asarray(self.distances[:, 0] / np.maximum(others.mean(1), 1e-6), np.float32)


class Copies:
    """Pictures uint8 [n, c, h, w] to be searched for copies; they are kept as they are, beside a small sketch of each.

    The sketch is where a picture lies along the main directions of all, and how far it is from their plane; two
    pictures are at least as far apart as their sketches, so that most need not be looked at (Yi & Faloutsos 2000).
    """

    def __init__(self, images: Tensor) -> None:
        self.images = images
        self._rows = images.flatten(1)  # [n, values]
        self._ahead = max(1, BLOCK // self._rows.shape[1])
        chosen = torch.linspace(0, len(self._rows) - 1, min(SEEN, len(self._rows))).long()
        some = self._rows[chosen].float()
        self._mean = some.mean(0)
        self._directions = _main_directions(some - self._mean)  # [values, k], orthonormal
        sketched = [self._sketch(part) for part in torch.split(self._rows, self._ahead)]
        self._squares, self._places, self._heights = (torch.cat(part) for part in zip(*sketched, strict=True))

    def _sketch(self, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of rows uint8 [m, values]: squared lengths [m], places in the plane [m, k], heights above it [m]."""
        values = rows.float()
        apart = values - self._mean
        places = apart @ self._directions
        heights = (apart.square().sum(1) - places.square().sum(1)).clamp(min=0).sqrt()
        return values.square().sum(1), places, heights

    def nearest(self, pictures: Tensor, count: int = NEAR) -> Near:
        """The pictures nearest to each of uint8 [q, c, h, w], by the root mean squared difference of values in [0, 1].

        Which they are is found by floats, whose rounding is taken out again by measuring those that come first exactly.
        """
        asked = pictures.flatten(1)  # [q, values]
        count = min(count, len(self._rows))
        if len(asked) <= FEW:
            found = torch.stack([self._few(row, count) for row in asked])
        else:
            found = self._candidates(asked.float(), count)
        exact = torch.stack([self._exactly(row, places) for row, places in zip(asked, found, strict=True)])
        order = exact.argsort(dim=1, stable=True)
        distances = exact.gather(1, order).double().div(asked.shape[1]).sqrt().div(255)
        return Near(found.gather(1, order).numpy(), distances.float().numpy())

    def _exactly(self, row: Tensor, places: Tensor) -> Tensor:
        """Squared distances, in whole numbers [m], of a picture [values] from those at `places` [m]."""
        squares: Tensor = (self._rows[places].int() - row.int()).square().sum(1)
        return squares

    def _few(self, row: Tensor, count: int) -> Tensor:
        """Which come first [count]: those whose sketches are near, and all others whose sketches are not too far."""
        _, place, height = self._sketch(row[None])
        apart = self._places.square().sum(1) - 2 * self._places @ place[0] + place.square().sum()
        least = (apart.clamp(min=0) + (self._heights - height).square()) * (1 - SLACK)  # [n], nothing is nearer
        first = least.topk(count, largest=False).indices
        enough = self._exactly(row, first).max()
        rounding = 1 + 1e-5 * (place.square().sum() + height.square())
        left = (least <= enough + rounding).nonzero()[:, 0]
        if len(left) * 4 > len(least):  # of a picture unlike all others the sketches say nothing
            return self._candidates(row[None].float(), count)[0]
        best = self._exactly(row, left).topk(count, largest=False).indices
        return left[best]

    def _candidates(self, asked: Tensor, count: int) -> Tensor:
        """Which come first [q, count] of all, by products of floats."""
        best = torch.full((len(asked), count), torch.inf)
        places = torch.zeros((len(asked), count), dtype=torch.int64)
        for start in range(0, len(self._rows), self._ahead):
            part = slice(start, start + self._ahead)
            squares = torch.addmm(self._squares[None, part], asked, self._rows[part].float().T, alpha=-2)  # [q, m]
            best, chosen = torch.cat([best, squares], 1).topk(count, largest=False)
            fresh = start + chosen - count
            places = torch.where(chosen < count, places.gather(1, chosen.clamp(max=count - 1)), fresh)
        return places


def _main_directions(apart: Tensor) -> Tensor:
    """Orthonormal directions [values, k] along which rows [m, values] differ most, by their products alone."""
    strengths, mixtures = torch.linalg.eigh((apart @ apart.T).double())
    kept = (strengths > 1e-6 * strengths[-1].clamp(min=1e-6)).sum().clamp(max=DIRECTIONS)
    main = mixtures[:, len(strengths) - int(kept) :].float()
    directions: Tensor = torch.linalg.qr(apart.T @ main).Q
    return directions


@dataclass(frozen=True)
class Usual:
    """What is usual: distances and how alone they are, of held-out pictures, each rising [m]."""

    distances: NDArray[np.float32]
    alone: NDArray[np.float32]

    def copied(self, near: Near) -> NDArray[np.bool_]:
        """Which [q] may be copies: nearer, and nearer than to others like it, than almost all held-out pictures."""
        closer = farther(self.distances, near.distances[:, 0]) >= ALARM
        return closer & (farther(self.alone, near.alone) >= ALARM)


def copies_in(data: Dataset) -> Copies:
    """The training pictures of a data set. Raises UserError for points."""
    if data.spec.kind == "points":
        raise UserError("These data are points of the plane, of which nobody could say that one is a copy.")
    return Copies(data.train_images)


def usual(copies: Copies, held_out: Tensor, control: Control) -> Generator[float, None, Usual]:
    """How near held-out pictures uint8 [n, c, h, w] come to training ones; yields the share done. Raises Stopped."""
    found = yield from all_nearest(copies, held_out[:HELD_OUT], control)
    return Usual(np.sort(found.distances[:, 0]), np.sort(found.alone))


def all_nearest(copies: Copies, pictures: Tensor, control: Control) -> Generator[float, None, Near]:
    """`Copies.nearest` of many pictures, some at a time; yields the share that is done. Raises Stopped."""
    parts = []
    for start in range(0, len(pictures), TOGETHER):
        if control.stopping:
            raise Stopped
        parts.append(copies.nearest(pictures[start : start + TOGETHER]))
        yield min(1.0, (start + TOGETHER) / len(pictures))
    return Near(np.concatenate([near.indices for near in parts]), np.concatenate([near.distances for near in parts]))
