"""Codes to pictures from a copy of the weights that nobody else touches; the newest request of each key wins."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, cast

import numpy as np
import torch

from models import device
from models.errors import UserError
from models.events import Failed, Rendered
from models.family import DataSpec, HasPrior
from models.grids import to_uint8
from models.registry import build

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from models.events import Codes, Event, Pictures, RunInfo, Weights
    from models.job import Control, Device

CHUNK_PIXELS = 64 * 28 * 28  # drawn at a time: a few milliseconds, after which a smaller request may go first
CHUNK = 256  # codes drawn at a time at most, however few their pixels
FEW = 8  # codes; for so few, turning the weights into bf16 takes longer than drawing with them as they are
REFRESH_SHARE = 0.1  # of one core: pictures nobody asked for anew must not slow the training they follow


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
        self.chunk = min(CHUNK, max(1, CHUNK_PIXELS // self.family.data.size))  # codes drawn at a time

    @classmethod
    def of(cls, weights: Weights) -> Self:
        """A painter that holds these weights. Raises UserError when they do not fit."""
        painter = cls(weights.info)
        painter.load(weights)
        return painter

    def load(self, weights: Weights) -> None:
        """Copy the weights in. Raises UserError when they do not fit."""
        state = {k: v if isinstance(v, torch.Tensor) else torch.tensor(v) for k, v in weights.state.items()}
        try:
            self.family.load_state_dict(state)
        except RuntimeError as error:
            first = next((line.strip() for line in str(error).splitlines()[1:]), str(error))
            raise UserError(f"These weights do not fit the model: {first}", path=weights.info.folder or None) from None

    def prior(self, count: int, seed: int) -> Codes:
        """Codes [count, d] from the family's prior: the same for the same seed."""
        if not isinstance(self.family, HasPrior):
            raise TypeError(f"{self.family.name} has no prior")
        with torch.inference_mode():
            drawn: Codes = self.family.prior(count, torch.Generator().manual_seed(seed)).float().cpu().numpy()
        return drawn

    def draw(self, codes: Codes, labels: NDArray[np.int64] | None = None) -> Pictures:
        """Pictures uint8 [n, h, w, c] of codes [n, d]."""
        precision = self._precision if len(codes) > FEW else "fp32"
        with torch.inference_mode(), device.autocast(self.device, precision):
            wanted = None if labels is None else torch.tensor(labels, device=self.device)
            pictures = self.family.decode(torch.tensor(codes, device=self.device), wanted)
            return to_uint8(pictures.float().cpu().numpy())


def architecture(info: RunInfo) -> tuple[object, ...]:
    """All that must agree for one module to take the weights of another run."""
    settings = tuple(sorted((name, repr(value)) for name, value in info.settings.items()))
    return info.family, settings, info.image_shape, len(info.class_names), info.device, info.precision


@dataclass
class _Request:
    """What was asked for, how much of it is drawn, and from when on it may be drawn."""

    generation: int
    codes: Codes
    labels: NDArray[np.int64] | None
    drawn: list[Pictures] = field(default_factory=list)
    seconds: float = 0.0
    answered: bool = False
    due: float = 0.0

    @property
    def done(self) -> int:
        """How many codes are drawn."""
        return sum(map(len, self.drawn))

    def again(self) -> None:
        """Ask for the same once more, not before repetitions take only their share of the processor."""
        if self.answered:
            self.due = time.perf_counter() + self.seconds * (1 / REFRESH_SHARE - 1)
            self.seconds, self.answered = 0.0, False


class Renderer:
    """Takes requests from any thread and answers them in the one that runs `serve`.

    A request stays: when new weights come, its answer is sent again, so that pictures follow the training. Small
    requests go before big ones, which are drawn in chunks and wait in between.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._requests: dict[str, _Request] = {}
        self._asked = 0
        self._fresh: Weights | None = None  # not yet in the painter
        self._weights: Weights | None = None  # in the painter
        self._painter: Painter | None = None

    def ask(self, key: str, codes: ArrayLike, labels: ArrayLike | None = None) -> int:
        """Ask for pictures of codes [n, d]; replaces the older request of the same key. Returns its generation.

        Codes of another width than the weights wait for weights that fit.
        """
        own_codes = np.array(codes, dtype=np.float32, ndmin=2)
        own_labels = None if labels is None else np.array(labels, dtype=np.int64, ndmin=1)
        with self._changed:
            self._asked += 1
            self._requests[key] = _Request(self._asked, own_codes, own_labels)
            self._changed.notify()
            return self._asked

    def newest(self, key: str) -> int:
        """The generation of the newest request of `key`; 0 if there is none."""
        with self._changed:
            return self._requests[key].generation if key in self._requests else 0

    def forget(self, key: str) -> None:
        """Answer `key` no more, until it is asked for again."""
        with self._changed:
            self._requests.pop(key, None)

    def use(self, weights: Weights) -> None:
        """Draw with these weights from now on, and answer the newest request of each key anew.

        Requests of another width were meant for another run and are forgotten.
        """
        width = weights.info.latent_dim
        with self._changed:
            self._fresh = weights
            self._requests = {key: asked for key, asked in self._requests.items() if asked.codes.shape[1] == width}
            self._changed.notify()

    def serve(self, control: Control) -> Iterator[Event]:
        """Answer requests until `control` says stop: `Rendered` events, or `Failed` for those that cannot be drawn."""
        device.take_threads(1)
        control.on_stop(self._wake)
        while not control.stopping:
            with self._changed:
                weights, chosen = self._take_fresh(), self._choose()
                if weights is None and chosen is None and not control.stopping:
                    self._changed.wait(self._patience())
            if weights is not None:
                yield from self._install(weights)
            elif chosen is not None:
                yield from self._advance(*chosen)

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify()

    def _take_fresh(self) -> Weights | None:
        """New weights, once no request is half drawn with the old ones; every request then waits for an answer."""
        if self._fresh is None or any(request.drawn for request in self._requests.values()):
            return None
        weights, self._fresh = self._fresh, None
        for request in self._requests.values():
            request.again()
        return weights

    def _waiting(self) -> dict[str, _Request]:
        """Requests without an answer that the present weights can draw."""
        width = self._weights.info.latent_dim if self._weights is not None else None
        return {k: asked for k, asked in self._requests.items() if not asked.answered and asked.codes.shape[1] == width}

    def _choose(self) -> tuple[str, _Request] | None:
        """The request to draw next, with its key: the one with the least left to draw."""
        now = time.perf_counter()
        ready = [(key, request) for key, request in self._waiting().items() if request.due <= now]
        return min(ready, key=lambda asked: len(asked[1].codes) - asked[1].done, default=None)

    def _patience(self) -> float | None:
        """Seconds until the next request is due; None if there is none."""
        now = time.perf_counter()
        return min((max(0.0, asked.due - now) for asked in self._waiting().values()), default=None)

    def _install(self, weights: Weights) -> Iterator[Event]:
        """Load new weights, into the same module if they fit; a new one is warmed by a first picture."""
        try:
            if self._painter is None or self._painter.made_for != architecture(weights.info):
                self._painter = Painter(weights.info)
                self._painter.load(weights)
                self._painter.draw(np.zeros((1, weights.info.latent_dim), dtype=np.float32))
            self._painter.load(weights)
            self._weights = weights
        except Exception as error:  # the render lane must outlive one bad model
            self._painter, self._weights = None, None
            yield _failure(weights, error)

    def _advance(self, key: str, request: _Request) -> Iterator[Event]:
        """Draw one chunk of a request, and answer it if that was the last one."""
        assert self._painter is not None
        assert self._weights is not None
        start = time.perf_counter()
        chunk = slice(request.done, request.done + self._painter.chunk)
        labels = None if request.labels is None else request.labels[chunk]
        try:
            request.drawn.append(self._painter.draw(request.codes[chunk], labels))
        except Exception as error:  # the render lane must outlive one bad request
            request.drawn, request.answered = [], True
            yield _failure(self._weights, error)
            return
        request.seconds += time.perf_counter() - start
        if request.done == len(request.codes):
            pictures = np.concatenate(request.drawn)
            request.drawn, request.answered = [], True
            info, step = self._weights.info, self._weights.step
            yield Rendered(info.id, step, key, request.generation, request.codes, pictures, request.seconds)


def _failure(weights: Weights, error: Exception) -> Failed:
    """What went wrong, in a sentence."""
    reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return Failed("render", weights.step, f"The picture could not be drawn. {reason}", traceback.format_exc())
