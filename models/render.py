"""Codes to pictures from a copy of the weights that nobody else touches; the newest request of each key wins."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models import device
from models.errors import UserError
from models.events import Failed, Rendered
from models.mixing import Fine
from models.painter import Painter, architecture

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import ArrayLike

    from models.events import Asked, Codes, Event, Pictures, Weights
    from models.job import Control
    from models.params import Value

REFRESH_SHARE = 0.1  # of one core: pictures nobody asked for anew must not slow the training they follow
PACE = 0.04  # seconds between two pictures of one that is watched as it comes


@dataclass
class _Request:
    """What was asked for, how much of it is drawn, and from when on it may be drawn."""

    generation: int
    codes: Codes
    labels: Asked | None
    knobs: Mapping[str, Value]
    watched: bool = False  # whether the pictures on the way are answers too
    fine: Fine | None = None
    coming: Iterator[Pictures] | None = None
    drawn: list[Pictures] = field(default_factory=list)
    seconds: float = 0.0
    answered: bool = False
    begun: bool = False
    due: float = 0.0
    heir: _Request | None = None  # newer, and waits until this one is drawn

    @property
    def done(self) -> int:
        """How many codes are drawn."""
        return sum(map(len, self.drawn))

    def again(self) -> None:
        """Ask for the same once more, not before repetitions take only their share of the processor."""
        if self.answered and not self.watched:
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

    def ask(
        self,
        key: str,
        codes: ArrayLike,
        labels: ArrayLike | None = None,
        knobs: Mapping[str, Value] | None = None,
        *,
        watched: bool = False,
        whole: bool = False,
        fine: ArrayLike | None = None,
        crossing: int = 0,
    ) -> int:
        """Ask for pictures of codes [n, d]; replaces the older request of the same key. Returns its generation.

        `labels` are classes [n] or shares of them [n, classes], `knobs` settings of the drawing. Who has `watched` is
        answered once, with every picture on the way. Who wants answers `whole` has the older request drawn to its end
        if that has begun, so that many in a row leave none without an answer. From the layer `crossing` on, pictures
        are styled by the codes `fine` [n, d], if these are given. Codes of another width than the weights wait for
        those that fit.
        """
        own_codes = np.array(codes, dtype=np.float32, ndmin=2)
        own_labels = None if labels is None else _own(labels)
        own_fine = None if fine is None else Fine(np.array(fine, dtype=np.float32, ndmin=2), crossing)
        with self._changed:
            self._asked += 1
            new = _Request(self._asked, own_codes, own_labels, dict(knobs or {}), watched, own_fine)
            old = self._requests.get(key)
            if whole and old is not None and old.begun and old.codes.shape[1] == own_codes.shape[1]:
                old.heir = new
            else:
                self._requests[key] = new
            self._changed.notify()
            return self._asked

    def newest(self, key: str) -> int:
        """The generation of the newest request of `key`; 0 if there is none."""
        with self._changed:
            request = self._requests.get(key)
            return 0 if request is None else (request.heir or request).generation

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
                if weights is None and chosen is not None:
                    chosen[1].begun = True
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
        if self._fresh is None or any(request.drawn or request.coming for request in self._requests.values()):
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
        """Draw one chunk of a request, and answer it if that was the last one, or if it is watched."""
        assert self._painter is not None
        assert self._weights is not None
        start = time.perf_counter()
        try:
            self._painter.turn(request.knobs)
            if request.watched:
                finished = self._watch(self._painter, request)
            else:
                finished = self._draw(self._painter, request)
        except Exception as error:  # the render lane must outlive one bad request
            request.drawn, request.coming, request.answered = [], None, True
            self._hand_on(key, request)
            yield _failure(self._weights, error)
            return
        request.seconds += time.perf_counter() - start
        if finished or request.watched:
            pictures = np.concatenate(request.drawn)
            request.drawn, request.answered = [] if finished else request.drawn, finished
            if finished:
                self._hand_on(key, request)
            seen = self._weights
            told = key, request.generation, request.codes, pictures, request.seconds, finished
            yield Rendered(seen.info.id, seen.step, *told)

    def _hand_on(self, key: str, request: _Request) -> None:
        """The one that waited for `request` takes its place."""
        with self._changed:
            request.begun = False
            if request.heir is not None and self._requests.get(key) is request:
                self._requests[key] = request.heir

    def _draw(self, painter: Painter, request: _Request) -> bool:
        """Draw the next chunk; whether it was the last."""
        chunk = slice(request.done, request.done + painter.chunk)
        labels = None if request.labels is None else request.labels[chunk]
        fine = None if request.fine is None else request.fine[chunk]
        request.drawn.append(painter.draw(request.codes[chunk], labels, fine))
        return request.done == len(request.codes)

    def _watch(self, painter: Painter, request: _Request) -> bool:
        """Take the next picture on the way; whether there was none any more, so that the last was the finished one."""
        if request.coming is None:
            request.coming = painter.steps(request.codes, request.labels)
        made = next(request.coming, None)
        request.due = time.perf_counter() + PACE
        if made is None:
            request.coming = None
            return True
        request.drawn = [made]
        return False


def _own(labels: ArrayLike) -> Asked:
    """A copy: whole numbers are classes, others shares of them."""
    given = np.array(labels, ndmin=1)
    return np.asarray(given, np.float32) if given.dtype.kind == "f" else np.asarray(given, np.int64)


def _failure(weights: Weights, error: Exception) -> Failed:
    """What went wrong, in a sentence."""
    reason = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
    return Failed("render", weights.step, f"The picture could not be drawn. {reason}", traceback.format_exc())
