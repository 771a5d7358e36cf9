"""Looks at a model in training, from outside: map, samples, reconstructions and figures of held-out pictures.

Nothing here draws from torch's global generator or leaves the model changed, so that a training that is watched and
one that is not end with the same weights.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models import device as devices
from models.events import Embedded, HeldOut, Reconstructed, Sampled
from models.family import Batch, CanEncode, HasPrior
from models.grids import to_uint8
from models.projection import fit, project

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Codes, Pictures, Projection
    from models.family import Family
    from models.job import Control
    from models.plan import Plan

SHOWN = 10_000  # held-out pictures on the map at most: all of MNIST's
CHUNK = 250  # pictures looked at in one go
LEAST = 128  # of which the map's smallest share is made: half of them cost nearly as much
SAMPLES = 100
PAIRS = 20
CURVE_PICTURES = 500  # for the held-out curves
PATIENCE = 0.5  # seconds that a stop waits for the first map
REFIT = 20  # the plane of the map is fitted again after so many looks


def held_out(data: Dataset, seed: int) -> Tensor:
    """Which test pictures the map shows, rising int64 [n]: all, or the same random ones for the same seed."""
    count = len(data.test_images)
    if count <= SHOWN:
        return torch.arange(count)
    return torch.from_numpy(np.sort(np.random.default_rng(seed).permutation(count)[:SHOWN]))


def held_out_event(run: str, step: int, data: Dataset, seed: int) -> HeldOut:
    """The pictures of the map as uint8 [n, h, w, c], their labels, -1 where there are none, and their factors."""
    chosen = held_out(data, seed)

    def shown(part: Tensor) -> NDArray[Any]:
        return part[chosen.to(part.device)].cpu().numpy()

    pictures = to_uint8(shown(data.test_images))
    bare = np.full(len(pictures), -1, np.int64)
    labels = bare if data.test_labels is None else shown(data.test_labels).astype(np.int64)
    values = None if data.test_factors is None else shown(data.test_factors)
    return HeldOut(run, step, pictures, labels, data.factors, values)


def as_float(images: Tensor, layout: torch.memory_format) -> Tensor:
    """Pictures uint8 [b, c, h, w] as float32 in [0, 1]; points are that already."""
    if images.is_floating_point():
        return images
    return images.to(torch.float32, memory_format=layout).div_(255)


Means = dict[str, float]


class Observer:
    """Watches one family in training, on the device and in the precision of its `plan`."""

    def __init__(self, run: str, family: Family, data: Dataset, plan: Plan) -> None:
        self._run = run
        self._family = family
        self._data = data
        self._seed = seed = plan.job.seed
        self._precision = plan.precision
        self._layout = plan.layout(family)
        self._device = plan.device
        self._shown = held_out(data, seed).to(self._device)
        self._held_out = held_out_event(run, 0, data, seed)
        self.pictures, self.labels = self._held_out.pictures, self._held_out.labels
        rng = np.random.default_rng(seed)
        self._order = torch.from_numpy(rng.permutation(len(self._shown)))  # parts of the map are random, so it moves
        self._noise = rng.standard_normal((SAMPLES, CURVE_PICTURES), np.float32)  # as a whole
        self._next = 0
        self._encoded = 0
        self._speed = 1e4  # pictures encoded in a second, as last seen
        self._looks = 0
        self.projection: Projection | None = None
        self.encodes = isinstance(family, CanEncode) and len(self._shown) > 0
        self.codes: Codes = np.zeros((len(self._shown) if self.encodes else 0, family.latent_dim), np.float32)

    def held_out(self, step: int) -> HeldOut:
        """The pictures of the map as an event."""
        return replace(self._held_out, step=step)

    @property
    def complete(self) -> bool:
        """Whether every picture of the map was encoded at least once."""
        return self.encodes and self._encoded >= len(self.codes)

    def advance(self, seconds: float) -> None:
        """Encode the next pictures of the map, as many as fit into `seconds`, but a few at least."""
        start = time.perf_counter()
        count = min(len(self.codes), max(LEAST, int(self._speed * seconds)))
        self._encode(count)
        self._speed = 0.8 * self._speed + 0.2 * count / max(1e-6, time.perf_counter() - start)

    def refresh(self, control: Control) -> None:
        """Encode every picture of the map anew; a stop cuts it short, at once or when it takes long the first time."""
        start = time.perf_counter()
        for _ in range(0, len(self.codes), CHUNK):
            if control.stopping and (self.complete or time.perf_counter() - start > PATIENCE):
                break
            self._encode(CHUNK)
        self._looks = 0

    def _encode(self, count: int) -> None:
        assert isinstance(self._family, CanEncode)
        with self._looking():
            while count > 0:
                part = self._order[self._next : self._next + min(count, CHUNK)]
                codes = self._family.encode(self._test(self._shown[part.to(self._device)]))
                self.codes[part.numpy()] = codes.float().cpu().numpy()
                count -= len(part)
                self._encoded += len(part)
                self._next = (self._next + len(part)) % len(self._order)

    def embedded(self, step: int) -> Embedded:
        """The map as it is known now."""
        if self.projection is None or self._looks % REFIT == 0:
            self.projection = fit(self.codes, self.projection)
        self._looks += 1
        codes = self.codes.copy()
        points = project(codes, self.projection)
        for array in (codes, points):
            array.setflags(write=False)
        return Embedded(self._run, step, codes, points, self.projection)

    def sampled(self, step: int) -> Sampled | None:
        """Pictures of the same noise at every call; None when the family has no prior and the map is not known."""
        with self._looking():
            if isinstance(self._family, HasPrior):
                codes = self._family.prior(SAMPLES, self._generator()).to(self._device)
            elif self.complete:
                codes = torch.from_numpy(self._fitted_normal()).to(self._device)
            else:
                return None
            classes = len(self._data.class_names)
            labels = torch.arange(SAMPLES, device=self._device) % classes if classes else None
            return Sampled(self._run, step, self._to_pictures(self._family.decode(codes, labels)))

    def _fitted_normal(self) -> Codes:
        """Draws from N(mean, covariance) of the codes: noise times the centred codes has that very covariance."""
        some = self.codes[self._order[:CURVE_PICTURES].numpy()]
        mean = some.mean(axis=0)
        return np.asarray(mean + self._noise[:, : len(some)] @ (some - mean) / np.sqrt(len(some)), np.float32)

    def reconstructed(self, step: int) -> Reconstructed | None:
        """Some held-out pictures and what the model makes of them; None without a way to encode."""
        if not self.encodes or not isinstance(self._family, CanEncode):
            return None
        chosen = self._order[:PAIRS].to(self._device)
        labels = torch.from_numpy(self.labels[chosen.cpu().numpy()]).to(self._device)
        with self._looking():
            known = labels if self._data.test_labels is not None else None
            made = self._family.decode(self._family.encode(self._test(self._shown[chosen])), known)
            originals = self.pictures[chosen.cpu().numpy()]
            originals.setflags(write=False)
            return Reconstructed(self._run, step, originals, self._to_pictures(made))

    def curve_figures(self) -> Means:
        """Held-out figures of the same few pictures with the same noise at every call."""
        return _finished(self.figures(self._order[:CURVE_PICTURES].sort().values, self._precision))

    def figures(
        self, chosen: Tensor | None = None, precision: str = "fp32"
    ) -> Generator[float, None, dict[str, float]]:
        """Means of the family's figures over the map's pictures `chosen`, or the whole test set, by name.

        Yields the share that is done after each chunk.
        """
        labels = self._data.test_labels
        everything = torch.arange(len(self._data.test_images), device=self._device)
        wanted = everything if chosen is None else self._shown[chosen.to(self._device)]
        totals: dict[str, Tensor] = {}
        generator = self._generator()
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            with self._looking(precision):
                batch = Batch(self._test(part), None if labels is None else labels.index_select(0, part))
                for name, values in self._family.evaluate(batch, generator).items():
                    totals[name] = totals.get(name, 0) + values.float().sum().cpu().double()
            yield min(1.0, (start + CHUNK) / len(wanted))
        return {name: float(total) / len(wanted) for name, total in totals.items()}

    def _test(self, chosen: Tensor) -> Tensor:
        """Test pictures [b, c, h, w] in [0, 1], on the device wherever they lie."""
        images = self._data.test_images
        return as_float(images.index_select(0, chosen.to(images.device)).to(self._device), self._layout)

    def _generator(self) -> torch.Generator:
        return torch.Generator(self._device).manual_seed(self._seed)

    @contextmanager
    def _looking(self, precision: str = "") -> Iterator[None]:
        """The model as it is for looking at: evaluation mode, no gradients; back to training afterwards."""
        self._family.eval()
        try:
            with torch.no_grad(), devices.autocast(self._device, precision or self._precision):
                yield
        finally:
            self._family.train()

    def _to_pictures(self, made: Tensor) -> Pictures:
        pictures = to_uint8(made.float().cpu().numpy())
        pictures.setflags(write=False)
        return pictures


def _finished(figures: Generator[float, None, Means]) -> Means:
    """Run the generator to its end and return its value."""
    while True:
        try:
            next(figures)
        except StopIteration as end:
            values: Means = end.value
            return values
