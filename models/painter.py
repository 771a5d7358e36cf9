"""Codes to pictures: a model with weights of its own that nobody trains."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, cast

import numpy as np
import torch

from models import device
from models.bites import next_bite
from models.errors import Stopped, UserError
from models.events import Working
from models.family import DataSpec, HasPrior, HasStyles, SamplesInSteps, TakesLabels
from models.grids import to_uint8
from models.mixing import mixed_pictures
from models.registry import build

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from models.events import Asked, Codes, Event, Pictures, RunInfo, Weights
    from models.job import Control, Device
    from models.mixing import Fine
    from models.params import Value

CHUNK_PIXELS = 64 * 28 * 28  # drawn at a time: a few milliseconds, after which a smaller request may go first
CHUNK = 256  # codes drawn at a time at most, however few their pixels
FEW = 8  # codes; for so few, turning the weights into bf16 takes longer than drawing with them as they are
TOGETHER = 16  # codes that a model which draws in steps is given at a time, where its pictures must repeat to the bit


class Painter:
    """A model in evaluation mode with weights of its own, on the device and in the precision of its run."""

    def __init__(self, info: RunInfo) -> None:
        self.made_for = architecture(info)
        self.device = device.pick(cast("Device", info.device if info.device in device.available() else "auto"))
        self._precision = info.precision if info.precision == "fp32" else device.precision("auto", self.device)
        with device.PrivateRandomness():
            self.family = build(info.family, info.settings, DataSpec(*info.image_shape, len(info.class_names)))
        self.family.requires_grad_(False).eval()
        self.family.to(self.device).to(memory_format=torch.channels_last)
        self._widest = exact_chunk(self.family.data.size, in_steps=False)
        self.chunk = 1 if isinstance(self.family, SamplesInSteps) else self._widest  # codes drawn at a time
        self._exact = False

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """A painter that holds these weights. Raises UserError when they do not fit."""
        painter = cls(weights.info)
        painter.load(weights)
        return painter

    def load(self, weights: Weights) -> None:
        """Copy the weights in. Raises UserError when they do not fit."""
        state = {k: v if isinstance(v, torch.Tensor) else torch.tensor(v) for k, v in weights.state.items()}
        idle = {k: v for k, v in self.family.state_dict().items() if k.startswith(type(self.family).practice)}
        try:
            self.family.load_state_dict({**idle, **state})
        except RuntimeError as error:
            first = next((line.strip() for line in str(error).splitlines()[1:]), str(error))
            raise UserError(f"These weights do not fit the model: {first}", path=weights.info.folder or None) from None

    def turn(self, knobs: Mapping[str, Value]) -> None:
        """Draw with these knobs from now on, the others as they are declared. Raises UserError for unknown ones."""
        self.family.knobs = self.family.knobs_type.read(dict(knobs), of=self.family.name)

    def be_exact(self) -> None:
        """Draw in full precision and in parts that never change, so that pictures are the same to the bit every time.

        How sums are rounded hangs on how many codes are drawn together.
        """
        self._exact, self._precision = True, "fp32"
        self.chunk = exact_chunk(self.family.data.size, isinstance(self.family, SamplesInSteps))

    def prior(self, count: int, seed: int) -> Codes:
        """Codes [count, d] from the family's prior: the same for the same seed."""
        if not isinstance(self.family, HasPrior):
            raise TypeError(f"{self.family.name} has no prior")
        with torch.inference_mode():
            drawn: Codes = self.family.prior(count, torch.Generator().manual_seed(seed)).float().cpu().numpy()
        return drawn

    def draw(self, codes: Codes, labels: Asked | None = None, fine: Fine | None = None) -> Pictures:
        """Pictures uint8 [n, h, w, c] of codes [n, d], of the classes `labels` where the family can be asked for them.

        With `fine` each has the fine layers of another code. A model that needs long for one chunk is given smaller
        ones.
        """
        start = time.perf_counter()
        with self._drawing(len(codes)):
            own = torch.tensor(codes, device=self.device)
            made = self.family.decode(own, self._told(labels)) if fine is None else self._mixed(own, fine)
            pictures = _as_pictures(made)
        if len(codes) == self.chunk and not self._exact:
            self.chunk = next_bite(self.chunk, time.perf_counter() - start, self._widest)
        return pictures

    def steps(self, codes: Codes, labels: Asked | None = None) -> Iterator[Pictures]:
        """Pictures uint8 [n, h, w, c] of codes [n, d] as they come into being, the finished ones last."""
        if not isinstance(self.family, SamplesInSteps):
            raise TypeError(f"{self.family.name} draws in one go")
        with self._drawing(len(codes)):
            coming = self.family.sample_steps(torch.tensor(codes, device=self.device), self._told(labels))
        while True:
            with self._drawing(len(codes)):  # never across a yield: who listens may do something else in between
                made = next(coming, None)
                if made is None:
                    return
                pictures = _as_pictures(made)
            yield pictures

    def _mixed(self, codes: torch.Tensor, fine: Fine) -> torch.Tensor:
        """Pictures [n, c, h, w] with the coarse layers of codes [n, d] and the fine ones of others."""
        if not isinstance(self.family, HasStyles):
            raise TypeError(f"{self.family.name} has no styles")
        return mixed_pictures(self.family, codes, torch.tensor(fine.codes, device=self.device), fine.crossing)

    @contextmanager
    def _drawing(self, count: int) -> Iterator[None]:
        precision = self._precision if count > FEW else "fp32"
        with torch.inference_mode(), device.autocast(self.device, precision):
            yield

    def _told(self, labels: Asked | None) -> torch.Tensor | None:
        """The classes on the device, for a family that heeds them."""
        heeded = labels is not None and isinstance(self.family, TakesLabels) and self.family.data.classes > 0
        return torch.tensor(labels, device=self.device) if heeded else None


def _as_pictures(made: torch.Tensor) -> Pictures:
    return to_uint8(made.float().cpu().numpy())


def exact_chunk(size: int, in_steps: bool) -> int:
    """How many codes are drawn together, of pictures of `size` values, where they must repeat to the bit."""
    widest = min(CHUNK, max(1, CHUNK_PIXELS // size))
    return min(TOGETHER, widest) if in_steps else widest


def architecture(info: RunInfo) -> tuple[object, ...]:
    """All that must agree for one module to take the weights of another run."""
    settings = tuple(sorted((name, repr(value)) for name, value in info.settings.items()))
    return info.family, settings, info.image_shape, len(info.class_names), info.device, info.precision


def drawn(
    weights: Weights,
    codes: Codes,
    control: Control,
    labels: Asked | None = None,
    knobs: Mapping[str, Value] | None = None,
    fine: Fine | None = None,
    *,
    exact: bool = False,
) -> Generator[Event, None, Pictures]:
    """Pictures uint8 [n, h, w, c] of codes [n, d] as `Painter.draw`, telling how far. Raises UserError, and Stopped.

    With `exact` they are the same to the bit every time, as those that are taken away must be.
    """
    device.take_threads(1)  # a training beside keeps the rest
    painter = Painter.of(weights)
    painter.turn(knobs or {})
    if exact:
        painter.be_exact()
    pictures: list[Pictures] = []
    done = 0
    while done < len(codes):
        if control.stopping:
            raise Stopped
        yield Working(weights.run, weights.step, "Drawing pictures", done / len(codes))
        part = slice(done, done + painter.chunk)
        asked = None if labels is None else labels[part]
        if exact and isinstance(painter.family, SamplesInSteps):
            pictures.append(_last(painter.steps(codes[part], asked), control))
        else:
            pictures.append(painter.draw(codes[part], asked, None if fine is None else fine[part]))
        done += len(pictures[-1])
    return np.concatenate(pictures)


def _last(coming: Iterator[Pictures], control: Control) -> Pictures:
    """The finished pictures; a stop is heard between two steps. Raises Stopped."""
    for made in coming:  # noqa: B007  # the last ones count
        if control.stopping:
            raise Stopped
    return made
