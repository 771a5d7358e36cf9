"""How strange a picture is to a model: its error and its likelihood, as ranks among those of held-out pictures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

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


class Yardstick:
    """What a model says of held-out pictures uint8 [n, h, w, c] with labels [n] (-1 for none), looked at bite by bite.

    The family must be in evaluation mode and nobody else's while it is asked. One that tells no figure of single
    pictures, as an adversarial network, measures nothing.
    """

    def __init__(self, family: Family, pictures: Pictures, labels: Labels) -> None:
        self._family = family
        self._device = next((part.device for part in family.parameters()), torch.device("cpu"))
        fits = pictures.shape[1:] == (family.data.height, family.data.width, family.data.channels)
        self._pictures, self._labels = (pictures[:MOST], labels[:MOST]) if fits else (pictures[:0], labels[:0])
        self._asked = isinstance(family, TakesLabels) and family.data.classes > 0
        self._figures: dict[str, list[NDArray[np.float32]]] = {}
        self._done, self._bite = 0, 4
        self._known: dict[str, NDArray[np.float32]] = {}

    @classmethod
    def of_data(cls, family: Family, data: Dataset) -> Self:
        """One by the test pictures of a data set."""
        count = min(MOST, len(data.test_images))
        pictures = to_uint8(data.test_images[:count].numpy())
        labels = np.full(count, -1) if data.test_labels is None else data.test_labels[:count].numpy()
        return cls(family, pictures, labels)

    @classmethod
    def without_pictures(cls, family: Family) -> Self:
        """One that has nothing to measure by."""
        shape = family.data.height, family.data.width, family.data.channels
        return cls(family, np.zeros((0, *shape), np.uint8), np.zeros(0, np.int64))

    @property
    def able(self) -> bool:
        """Whether the family tells figures of single pictures at all."""
        return bool(self._measured(torch.zeros(1, *self._family.data.shape), np.zeros(1, np.int64)))

    @property
    def complete(self) -> bool:
        """Whether all held-out pictures were looked at."""
        return self._done >= len(self._pictures)

    def look(self) -> None:
        """Look at some more of the held-out pictures: what takes a fraction of a second."""
        start, part = time.perf_counter(), slice(self._done, self._done + self._bite)
        images = torch.from_numpy(self._pictures[part].transpose(0, 3, 1, 2).copy())
        found = self._measured(images, self._labels[part])
        for name, values in found.items():
            self._figures.setdefault(name, []).append(values)
        self._done = part.stop if found else len(self._pictures)  # of nothing there is no more to see
        self._bite = next_bite(self._bite, time.perf_counter() - start, WIDEST)
        self._known = {}

    def scores(self, image: Tensor, label: int | None) -> tuple[Score, ...]:
        """How strange a picture [1, c, h, w] in [0, 1] is, drawn as class `label`, beside those looked at until now."""
        if not self._known:
            self._known = {name: np.sort(np.concatenate(parts)) for name, parts in self._figures.items()}
        told = {name: known for name, known in self._known.items() if len(known) >= FEWEST}
        if not told:
            return ()
        labels = np.full(AGAIN, -1 if label is None else label, np.int64)
        found = self._measured(image.expand(AGAIN, -1, -1, -1), labels)
        return tuple(Score(name, float(found[name].mean()), known) for name, known in told.items())

    def _measured(self, images: Tensor, labels: Labels) -> dict[str, NDArray[np.float32]]:
        """The figures [b] by name of pictures [b, c, h, w], as bytes or in [0, 1]."""
        asked = torch.tensor(labels, device=self._device) if self._asked and bool((labels >= 0).all()) else None
        batch = Batch(as_float(images.to(self._device), torch.contiguous_format), asked)
        with torch.no_grad():
            found = self._family.evaluate(batch, torch.Generator(self._device).manual_seed(SEED))
        return {name: found[name].float().cpu().numpy() for name in KNOWN if name in found}
