"""How strange a picture is to a model: its error and its likelihood, as ranks among those of held-out pictures."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.bites import next_bite
from models.family import Batch, TakesLabels
from models.grids import to_uint8
from models.lens import as_float
from models.own_events import Score

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Labels, Pictures
    from models.family import Family

KNOWN = ("recon_mse", "neg_elbo", "nll")  # figures of a single picture that say how strange it is: higher is stranger
MOST = 1000  # held-out pictures beside which a picture is judged
FEWEST = 20  # of them, to say anything
WIDEST = 100  # pictures looked at in one go
AGAIN = 8  # times that a figure with chance in it is taken of one picture
SEED = 0


Measure = Callable[["Tensor", "Labels"], "dict[str, NDArray[np.float32]]"]


class Yardstick:
    """What a model says of held-out pictures uint8 [n, h, w, c] with labels [n] (-1 for none), looked at bite by bite.

    `measure` tells figures [b] by name of pictures [b, c, h, w] in [0, 1] with labels [b]: the higher, the stranger.
    """

    def __init__(
        self, measure: Measure, pictures: Pictures, labels: Labels, bite: int = 4, widest: int = WIDEST
    ) -> None:
        self._measure, self._widest = measure, widest
        self._pictures, self._labels = pictures, labels
        self._figures: dict[str, list[NDArray[np.float32]]] = {}
        self._done, self._bite = 0, bite
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def complete(self) -> bool:
        """Whether all held-out pictures were looked at."""
        return self._done >= len(self._pictures)

    def look(self) -> None:
        """Look at some more of the held-out pictures: what takes a fraction of a second."""
        start, part = time.perf_counter(), slice(self._done, self._done + self._bite)
        images = torch.from_numpy(self._pictures[part].transpose(0, 3, 1, 2).copy())
        found = self._measure(as_float(images, torch.contiguous_format), self._labels[part])
        for name, values in found.items():
            self._figures.setdefault(name, []).append(values)
        self._done = part.stop
        self._bite = next_bite(self._bite, time.perf_counter() - start, self._widest)
        self._known = {}

    def scores(self, image: Tensor, label: int | None) -> tuple[Score, ...]:
        """How strange a picture [1, c, h, w] in [0, 1] is, drawn as class `label`, beside those looked at until now."""
        if not self._known:
            self._known = {name: np.sort(np.concatenate(parts)) for name, parts in self._figures.items()}
        told = {name: known for name, known in self._known.items() if len(known) >= FEWEST}
        if not told:
            return ()
        found = self._measure(image, np.array([-1 if label is None else label]))
        return tuple(Score(name, float(found[name].mean()), known) for name, known in told.items())


def asked_as(family: Family, labels: Labels, device: torch.device) -> Tensor | None:
    """The classes [b] as a family is told them; None where it is not, or where some are not known."""
    heeded = isinstance(family, TakesLabels) and family.data.classes > 0
    return torch.tensor(labels, device=device) if heeded and bool((labels >= 0).all()) else None


def by_figures(family: Family, device: torch.device) -> Measure | None:
    """What the family, in evaluation mode, tells of single pictures itself; None where it tells nothing of them.

    Where there is chance in it, a single picture is measured several times.
    """

    def measured(images: Tensor, labels: Labels) -> dict[str, NDArray[np.float32]]:
        if len(images) == 1:
            images, labels = images.expand(AGAIN, -1, -1, -1), np.repeat(labels, AGAIN)
        batch = Batch(images.to(device), asked_as(family, labels, device))
        with torch.no_grad():
            found = family.evaluate(batch, torch.Generator(device).manual_seed(SEED))
        return {name: found[name].float().cpu().numpy() for name in KNOWN if name in found}

    tells = measured(torch.zeros(2, *family.data.shape), np.zeros(2, np.int64))
    return measured if tells else None


def held_out_of(data: Dataset, most: int = MOST) -> tuple[Pictures, Labels]:
    """The first test pictures uint8 [n, h, w, c] of a data set and their labels, -1 for none."""
    count = min(most, len(data.test_images))
    labels = np.full(count, -1) if data.test_labels is None else data.test_labels[:count].numpy()
    return to_uint8(data.test_images[:count].numpy()), labels
