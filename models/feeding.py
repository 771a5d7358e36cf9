"""Training pictures on their way to the model: all of them on its device, or in shuffled blocks from where they lie.

Pictures that would fill more than `SHARE` of the device's memory stay where they are, mapped from disk as a rule. An
epoch of theirs runs through pools of blocks: blocks in random order, each read in one go, and pictures in random
order within a pool. Both ways an epoch hangs on seed and epoch alone, so that a run can go on anywhere.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from models import device as devices

if TYPE_CHECKING:
    from torch import Tensor

    from models.datasets import Dataset

SHARE = 0.5  # of the device's memory that data may fill
BLOCK = 4096  # pictures read in one go, about
POOL = 8  # blocks whose pictures are mixed


def epoch_order(seed: int, epoch: int, count: int) -> Tensor:
    """The order in which an epoch sees its pictures, int64 [count]; of seed and epoch alone, so any can be made."""
    return torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(count))


def fits(data: Dataset, device: torch.device) -> bool:
    """Whether the pictures leave enough of the device's memory free."""
    return data.train_images.nbytes + data.test_images.nbytes <= SHARE * devices.memory(device)


def settled(data: Dataset, device: torch.device) -> Dataset:
    """The data on `device`; pictures too many for it stay where they are."""
    if fits(data, device):
        return data.to(device)
    train, test = data.train_images, data.test_images
    rest = replace(data, train_images=train[:0], test_images=test[:0]).to(device)
    return replace(rest, train_images=train, test_images=test)


class Feed:
    """The training pictures of settled data, in an order for every epoch; all of them lie on `device`."""

    def __init__(self, data: Dataset, device: torch.device, seed: int) -> None:
        self._images, self._labels = data.train_images, data.train_labels
        self._device = device
        self._seed = seed
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def batch(self, epoch: int, start: int, size: int) -> tuple[Tensor, Tensor | None]:
        """Pictures uint8 [b, c, h, w] and labels [b] from place `start` of an epoch on; b may be less at its end."""
        if epoch != self._epoch:
            self._epoch, self._order = epoch, epoch_order(self._seed, epoch, len(self._images)).to(self._device)
        return _chosen(self._images, self._labels, self._order[start : start + size])


class Stream(Feed):
    """The same for pictures that are not on `device`: one pool of blocks is, and `start` must be a multiple of `size`.

    A block is a whole number of batches of `size`, so that no batch lies in two pools.
    """

    def __init__(self, data: Dataset, device: torch.device, seed: int, size: int) -> None:
        super().__init__(data, device, seed)
        self._block = max(1, BLOCK // size) * size
        self._pool = (-1, -1)  # epoch and number of the pool that is held

    def batch(self, epoch: int, start: int, size: int) -> tuple[Tensor, Tensor | None]:
        """As of `Feed`."""
        number, start = divmod(start, POOL * self._block)
        if (epoch, number) != self._pool:
            self._fill(epoch, number)
        return _chosen(self._held, self._held_labels, self._order[start : start + size])

    def _fill(self, epoch: int, number: int) -> None:
        """Read the blocks of a pool; the one that is shorter than others comes last in every epoch."""
        whole, rest = divmod(len(self._images), self._block)
        blocks = epoch_order(self._seed, epoch, whole).tolist() + [whole] * (rest > 0)
        wanted = blocks[number * POOL : (number + 1) * POOL]
        parts = [slice(block * self._block, (block + 1) * self._block) for block in wanted]
        self._held = torch.cat([self._images[part] for part in parts]).to(self._device)
        self._held_labels = None if self._labels is None else torch.cat([self._labels[part] for part in parts])
        shuffled = np.random.default_rng((self._seed, epoch, number)).permutation(len(self._held))
        self._order = torch.from_numpy(shuffled).to(self._device)
        self._pool = (epoch, number)


def feed(data: Dataset, device: torch.device, seed: int, size: int) -> Feed:
    """How settled data reach the model, in batches of `size`."""
    return Feed(data, device, seed) if fits(data, device) else Stream(data, device, seed, size)


def _chosen(images: Tensor, labels: Tensor | None, chosen: Tensor) -> tuple[Tensor, Tensor | None]:
    return images.index_select(0, chosen), None if labels is None else labels.index_select(0, chosen)
