"""Two models of the same data: how far apart they lay each picture, and whose neighbours they leave together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.datasets import Factor
from models.neighbourhood import Neighbourhood

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.events import Codes
    from models.job import Control

FACTORS = (Factor("neighbours kept"), Factor("drift", high=2.0))  # what the map can be coloured by
NEIGHBOURS = 10  # of each code, among which those are counted that both models have


def aligned(codes: Codes, onto: Codes) -> Codes:
    """Codes [n, d] moved, turned and scaled as a whole to lie nearest to `onto` [n, e], in the width of the wider.

    Orthogonal Procrustes with scaling (Schönemann & Carroll 1970): what is left apart is no matter of axes.
    """
    width = max(codes.shape[1], onto.shape[1])
    own, other = (_centred(each, width) for each in (codes, onto))
    left, strengths, right = np.linalg.svd(own.T @ other)
    scale = strengths.sum() / max(float(np.square(own).sum()), np.finfo(np.float64).tiny)
    middle = np.pad(onto.mean(axis=0, dtype=np.float64), (0, width - onto.shape[1]))
    return np.asarray(scale * own @ (left @ right) + middle, dtype=np.float32)


def drifts(codes: Codes, onto: Codes) -> NDArray[np.float32]:
    """How far each of the `aligned` codes lies from its place in `onto` [n], in units of the spread.

    That is the root of the mean squared distance of `onto` from its mean; all is 0 where `onto` is one point.
    """
    near = aligned(codes, onto)
    goal = _centred(onto, near.shape[1])
    spread = np.sqrt(np.square(goal).sum(axis=1).mean())
    apart = np.linalg.norm(near - near.mean(axis=0, dtype=np.float64) - goal, axis=1)
    return np.asarray(apart / spread if spread > 0 else np.zeros(len(goal)), dtype=np.float32)


def contrasts(
    codes: Codes, others: Codes, control: Control
) -> Generator[tuple[str, float, None], None, NDArray[np.float32]]:
    """The `FACTORS` of each picture [n, 2] whose code is in `codes` [n, d] here and in `others` [n, e] there.

    Tells what is done and its share. Raises Stopped.
    """
    kept = yield from kept_neighbours(codes, others, control)
    return np.column_stack([kept, drifts(others, codes)])


def kept_neighbours(
    codes: Codes, others: Codes, control: Control
) -> Generator[tuple[str, float, None], None, NDArray[np.float32]]:
    """The share of equal ones [n] among the nearest neighbours of each picture in both models (Jaccard index).

    Of the ten nearest, or all where there are fewer; tells what is done and its share. Raises Stopped.
    """
    count = min(NEIGHBOURS, len(codes) - 1)
    if count < 1:
        return np.ones(len(codes), np.float32)
    sets = []
    for half, each in enumerate((codes, others)):
        graph = Neighbourhood(each).graph(count, control)
        while True:
            try:
                what, share, _ = next(graph)
            except StopIteration as end:
                sets.append(end.value.indices)
                break
            yield what, (half + share) / 2, None
    common = (sets[0][:, :, None] == sets[1][:, None, :]).any(axis=2).sum(axis=1)
    return np.asarray(common / (2 * count - common), dtype=np.float32)


def _centred(codes: Codes, width: int) -> NDArray[np.float64]:
    """Codes [n, d] around their mean, filled up with zeros to [n, width]."""
    centred = codes - codes.mean(axis=0, dtype=np.float64)
    return np.pad(centred, ((0, 0), (0, width - codes.shape[1])))
