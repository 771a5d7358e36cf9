"""The points of the map: codes of held-out pictures, or where nothing can be encoded, of pictures made up."""

from __future__ import annotations

import math
import time
from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from models.datasets import Factor
from models.events import Embedded, HeldOut
from models.family import HasPrior
from models.grids import to_uint8
from models.projection import fit, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets import Dataset
    from models.events import Codes, Event, Labels, Pictures, Projection
    from models.job import Control
    from models.lens import Lens

RECOGNISED = "recognised class"  # a factor of made-up pictures
SHOWN = 10_000  # held-out pictures on the map at most: all of MNIST's
MADE_UP = 2_000  # made-up pictures on the map at most
CHUNK = 250  # pictures looked at in one go
LEAST = 128  # of which the map's smallest share is made: half of them cost nearly as much
FEW = 16  # pictures by which it is learned how fast a model draws
ROUND = 1.0  # seconds that drawing all made-up pictures may take, or encoding all when a model is slow at it
WAIT = 30.0  # seconds for encoding all pictures, from which on a model is called slow
AT_ONCE = 0.1  # seconds of drawing between two looks at whether to stop
TOLD = 1.0  # seconds between two sendings of made-up pictures
PATIENCE = 0.5  # seconds that a stop waits for the first map
REFIT = 20  # the plane of the map is fitted again after so many looks


def held_out(data: Dataset, seed: int, most: int | None = None) -> Tensor:
    """Which test pictures the map shows, rising int64 [n]: all, or the `most` random ones of this seed."""
    count, most = len(data.test_images), SHOWN if most is None else most
    if count <= most:
        return torch.arange(count)
    return torch.from_numpy(np.sort(np.random.default_rng(seed).permutation(count)[:most]))


def reading_speed(lens: Lens, shown: Tensor) -> float:
    """How many of the test pictures `shown` [n] are encoded in a second; many by a model that fails at it."""
    try:
        with lens.looking():
            lens.encode(shown[:1])  # the first time tells of making ready
            start = time.perf_counter()
            lens.encode(shown[:FEW])
    except Exception:  # the first look meets it again, with a run that can be marked as failed
        return 1e4
    return len(shown[:FEW]) / max(1e-6, time.perf_counter() - start)


def affordable(speed: float, count: int) -> int:
    """How many of `count` pictures the map shows when so many are encoded in a second: fewer only if all are a wait."""
    return count if count <= speed * WAIT else max(FEW, int(speed * ROUND))


def held_out_event(run: str, step: int, data: Dataset, seed: int, most: int | None = None) -> HeldOut:
    """The pictures of the map as uint8 [n, h, w, c], their labels, -1 where there are none, and their factors."""
    chosen = held_out(data, seed, most)

    def shown(part: Tensor) -> NDArray[Any]:
        return part[chosen.to(part.device)].cpu().numpy()

    pictures = to_uint8(shown(data.test_images))
    bare = np.full(len(pictures), -1, np.int64)
    labels = bare if data.test_labels is None else shown(data.test_labels).astype(np.int64)
    values = None if data.test_factors is None else shown(data.test_factors)
    return HeldOut(run, step, pictures, labels, data.factors, values)


class LatentMap(ABC):
    """Points of one run: `codes` [n, latent_dim] and their `labels` [n], -1 where there are none."""

    codes: Codes
    labels: Labels

    def __init__(self, run: str, lens: Lens) -> None:
        self._run, self._lens = run, lens
        self._looks = 0
        self.projection: Projection | None = None

    @property
    @abstractmethod
    def complete(self) -> bool:
        """Whether the code of every point is known."""

    @abstractmethod
    def held_out(self, step: int) -> HeldOut:
        """The pictures of the points."""

    @abstractmethod
    def locate(self, control: Control) -> None:
        """Bring all codes up to date; a stop cuts it short."""

    @abstractmethod
    def look(self, step: int, control: Control) -> Iterator[Event]:
        """Bring all codes and pictures up to date and tell them; a stop cuts it short."""

    @abstractmethod
    def advance(self, step: int, seconds: float) -> Iterator[Event]:
        """Bring as much up to date as fits into `seconds`, but a little at least; tell it when it is worth telling."""

    def embedded(self, step: int) -> Embedded:
        """Where the points lie, as it is known now."""
        if self.projection is None or self._looks % REFIT == 0:
            self.projection = fit(self.codes, self.projection)
        self._looks += 1
        codes = self.codes.copy()
        points = project(codes, self.projection)
        for array in (codes, points):
            array.setflags(write=False)
        return Embedded(self._run, step, codes, points, self.projection)


def made_up_event(
    run: str, step: int, pictures: Pictures, labels: Labels, recognised: Labels | None, names: tuple[str, ...]
) -> HeldOut:
    """Pictures [n, h, w, c] that the model made up, of the classes asked for, with those `recognised` as a factor."""
    if recognised is None:
        return HeldOut(run, step, pictures, labels, generated=True)
    values = np.where(recognised < 0, np.nan, recognised).astype(np.float32)[:, None]
    return HeldOut(run, step, pictures, labels, (Factor(RECOGNISED, names),), values, generated=True)


class EncodedMap(LatentMap):
    """The test pictures `shown` [n], encoded anew in the random `order` [n], so that the map moves as a whole.

    `speed` is how many pictures are encoded in a second, as last seen.
    """

    def __init__(self, run: str, lens: Lens, event: HeldOut, shown: Tensor, order: Tensor, speed: float) -> None:
        super().__init__(run, lens)
        self._event, self._shown, self._order = event, shown, order
        self.labels = event.labels
        self.codes = np.zeros((len(shown), lens.family.latent_dim), np.float32)
        self._next = 0
        self._encoded = 0
        self._speed = speed

    @property
    def complete(self) -> bool:
        """Whether every picture was encoded at least once."""
        return self._encoded >= len(self.codes)

    def held_out(self, step: int) -> HeldOut:
        """The test pictures, always the same."""
        return replace(self._event, step=step)

    def locate(self, control: Control) -> None:
        """Encode every picture anew; a stop cuts it short, at once or when it takes long the first time."""
        start = time.perf_counter()
        chunk = self._bite(CHUNK)
        for _ in range(0, len(self.codes), chunk):
            if control.stopping and (self.complete or time.perf_counter() - start > PATIENCE):
                break
            self._encode(chunk)
        self._looks = 0

    def look(self, step: int, control: Control) -> Iterator[Event]:
        """All points where they are now."""
        self.locate(control)
        if self.complete:
            yield self.embedded(step)

    def advance(self, step: int, seconds: float) -> Iterator[Event]:
        """Encode the next pictures."""
        start = time.perf_counter()
        count = min(len(self.codes), max(self._bite(LEAST), int(self._speed * seconds)))
        self._encode(count)
        self._speed = 0.8 * self._speed + 0.2 * count / max(1e-6, time.perf_counter() - start)
        if self.complete:
            yield self.embedded(step)

    def _bite(self, most: int) -> int:
        """Pictures encoded between two looks at whether to stop: `most`, or fewer by a slow model."""
        return max(1, min(most, int(self._speed * PATIENCE)))

    def _encode(self, count: int) -> None:
        with self._lens.looking():
            while count > 0:
                part = self._order[self._next : self._next + min(count, CHUNK)]
                codes = self._lens.encode(self._shown[part.to(self._shown.device)])
                self.codes[part.numpy()] = codes.float().cpu().numpy()
                count -= len(part)
                self._encoded += len(part)
                self._next = (self._next + len(part)) % len(self._order)


class GeneratedMap(LatentMap):
    """Codes drawn once from the prior, whose pictures the model draws anew in rounds; slow models have fewer.

    A family that can be asked for a class is asked for one after the other.
    """

    def __init__(self, run: str, lens: Lens) -> None:
        super().__init__(run, lens)
        self.codes = np.zeros((0, lens.family.latent_dim), np.float32)
        self.labels = np.zeros(0, np.int64)
        self._pictures: Pictures = to_uint8(np.zeros((0, *lens.data.spec.shape), np.uint8))
        self._asked: Tensor | None = None
        self._known: Tensor = torch.zeros(0)  # the codes, on the device
        self._speed = 0.0  # pictures drawn in a second, as last seen
        self._next = 0
        self._told = -math.inf
        self.recognise: Callable[[Pictures], Labels | None] = lambda pictures: None
        self._recognised: Labels | None = None  # the class seen in each picture, -1 where nobody looked yet

    @property
    def complete(self) -> bool:
        """Whether the codes are drawn."""
        return len(self.codes) > 0

    def held_out(self, step: int) -> HeldOut:
        """The pictures as they were drawn last; none before the codes are."""
        seen, names = self._recognised, self._lens.data.class_names
        return made_up_event(
            self._run, step, self._pictures.copy(), self.labels, None if seen is None else seen.copy(), names
        )

    def locate(self, control: Control) -> None:
        """Draw the codes the first time; they stay where they are."""
        if not self.complete:
            self._begin()

    def look(self, step: int, control: Control) -> Iterator[Event]:
        """All points with pictures of now."""
        self.locate(control)
        left = len(self.codes)
        while left > 0 and not control.stopping:
            left -= self._draw(math.ceil(self._speed * AT_ONCE))
        yield self._tell(step)
        yield self.embedded(step)

    def advance(self, step: int, seconds: float) -> Iterator[Event]:
        """Draw the next pictures."""
        if not self.complete:
            self._begin()
            yield self.embedded(step)
        self._draw(max(FEW, int(self._speed * seconds)))
        if time.perf_counter() - self._told > TOLD:
            yield self._tell(step)

    def _begin(self) -> None:
        """Draw the codes, as many as the model can draw pictures of in the time of a round."""
        family = self._lens.family
        assert isinstance(family, HasPrior)
        with self._lens.looking():
            codes = family.prior(MADE_UP, self._lens.generator()).float().to(self._lens.device)
            asked = self._lens.in_turn(MADE_UP)
            for _ in range(2):  # the first time tells of making ready
                start = time.perf_counter()
                self._lens.draw(codes[:FEW], None if asked is None else asked[:FEW])
                self._speed = FEW / max(1e-6, time.perf_counter() - start)
        count = min(MADE_UP, max(FEW, int(self._speed * ROUND)))
        self._known, self._asked = codes[:count], None if asked is None else asked[:count]
        self.codes = self._known.cpu().numpy().copy()
        self.labels = np.full(count, -1, np.int64) if asked is None else asked[:count].cpu().numpy()
        self._pictures = to_uint8(np.zeros((count, *self._lens.data.spec.shape), np.uint8))

    def _draw(self, count: int) -> int:
        """Draw the next pictures, at most `count`; returns how many."""
        start = time.perf_counter()
        part = slice(self._next, min(self._next + min(count, CHUNK), len(self.codes)))
        with self._lens.looking():
            drawn = self._lens.draw(self._known[part], None if self._asked is None else self._asked[part])
        self._pictures[part] = drawn
        self._look_at(part)
        self._next = part.stop % len(self.codes)
        self._speed = 0.8 * self._speed + 0.2 * len(drawn) / max(1e-6, time.perf_counter() - start)
        return len(drawn)

    def _look_at(self, part: slice) -> None:
        """Recognise the classes of pictures, once there is somebody who can."""
        seen = self.recognise(self._pictures[part])
        if seen is None:
            return
        if self._recognised is None:
            self._recognised = np.full(len(self.codes), -1, np.int64)
        self._recognised[part] = seen

    def _tell(self, step: int) -> HeldOut:
        self._told = time.perf_counter()
        return self.held_out(step)
