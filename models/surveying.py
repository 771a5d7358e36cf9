"""Layers of a model cell by cell: coarse at first, then as fine as soon comes, with a model of its own to ask."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from models import device, latent, layers, projection
from models.bites import next_bite
from models.blocks import full_precision
from models.evaluate.classifier import foretold, kept_classifier
from models.family import CanEncode, SamplesInSteps
from models.layer_events import CLASSES, FADED, Surveyed
from models.painter import Painter, architecture
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from models.evaluate.classifier import Classifier
    from models.events import Points, RunInfo, Weights
    from models.job import Control
    from models.layer_events import Survey

    Values = NDArray[np.float32]  # [cells, k], row by row from the top left
    Gauge = Callable[[Points, Tensor, Tensor | None], Tensor]  # places [n, 2], their codes, their labels to [n, k]

FINE, COARSE, FEW = 64, 16, 4  # cells a side: in the end, at first, and at first of models that draw in steps
SOON = 6.0  # seconds that a finer layer may take unasked
EVERY = 0.15  # seconds between two tellings
BITE = 64  # cells measured at a time at first
LEAST = 16  # the same at least, however busy the machine is, but for models that draw in steps
WIDEST = 512 * 28 * 28  # pixels drawn at a time at most
FROM_PRIOR = 4096  # codes by which the density of the prior is known
SEED = 0
SHARP = 4  # times finer than the cells are the borders of class regions


class Surveyor:
    """Keeps a model of its own from one question to the next, and loads new weights only; for one thread."""

    def __init__(self) -> None:
        self._model: _Measured | None = None
        self._weights: Weights | None = None

    def survey(self, asked: Survey, control: Control) -> Iterator[Surveyed]:
        """The layer that is asked for, ever finer; a stop ends it without a word.

        Raises UserError when the weights do not fit.
        """
        plain = Surveyed(asked.weights.run, asked.weights.step, asked, done=True)
        problem = _unfit(asked)
        if problem:
            yield replace(plain, problem=problem)
            return
        if asked.layer == "density":
            yield _dense(plain, asked.points)
            return
        model = self._loaded(asked.weights)
        model.turn(asked.knobs)
        if asked.layer == "prior":
            yield _dense(plain, projection.project(model.prior(FROM_PRIOR, SEED), asked.projection))
        elif asked.layer == CLASSES and not model.recognises():
            yield replace(plain, judging=model.seconds_of_training)
        else:
            yield from _Sweeps(plain, model, control).all()

    def _loaded(self, weights: Weights) -> _Measured:
        """The model with these weights, the same module as before where they fit."""
        if self._model is None or self._model.made_for != architecture(weights.info):
            self._model, self._weights = _Measured(weights.info), None
        if self._weights is not weights:
            self._model.load(weights)
            self._model.info, self._weights = weights.info, weights
        return self._model


def _unfit(asked: Survey) -> str:
    """Why nothing can be said of such points; empty if something can."""
    if not len(asked.points):
        return "There are no points on the map yet."
    if not np.isfinite(asked.points).all(axis=1).any():
        return "The places of the points are no numbers: this training has gone astray."
    if asked.layer in ("honesty", FADED) and not layers.spread_of(asked.codes) > 0:
        return "All points have the same code, so there is no spread to count a round trip in."
    return ""


def _dense(plain: Surveyed, points: Points) -> Surveyed:
    """How dense points lie; quick whatever the model."""
    begun = time.perf_counter()
    values = layers.density(points, plain.asked.bounds, FINE, FINE)
    return replace(plain, values=values, side=FINE, share=1.0, seconds=time.perf_counter() - begun)


class _Measured(Painter):
    """A model that is measured place by place."""

    def __init__(self, info: RunInfo) -> None:
        super().__init__(info)
        self.info = info
        self.slow = isinstance(self.family, SamplesInSteps)
        self.widest = max(1, WIDEST // self.family.data.size)
        self._classifier: Classifier | None = None
        self._hash = ""

    def recognises(self) -> bool:
        """Whether the classifier of the run's data is trained and kept."""
        told = RunFolder.open(self.info.folder).manifest.data
        if self._classifier is None or self._hash != told.hash:
            self._classifier = kept_classifier(told.hash, self.family.data, self.device)
            self._hash = told.hash
        return self._classifier is not None

    @property
    def seconds_of_training(self) -> float:
        """How long training that classifier takes, more or less."""
        return foretold(self.family.data, RunFolder.open(self.info.folder).manifest.data.train_count)

    def gauge(self, asked: Survey) -> Callable[[Points], Values]:
        """What gives the values [n, k] of places [n, 2] of the map: k is the number of classes, or 1."""
        if asked.layer == CLASSES:
            gauge: Gauge = self._votes
        else:
            gauge = self._stretch(asked) if asked.layer == "stretch" else self._honesty(asked)

        def measured(places: Points) -> Values:
            codes = torch.tensor(projection.unproject(places, asked.projection), device=self.device)
            labels = self._told(None if asked.labels is None else np.concatenate([asked.labels] * len(codes)))
            with torch.no_grad(), device.autocast(self.device, self._precision):
                values = gauge(places, codes, labels).float().cpu().numpy()
            return np.asarray(values.reshape(len(codes), -1), np.float32)

        return measured

    def _draw(self, labels: Tensor | None) -> layers.Draw:
        return lambda codes: self.family.decode(codes, labels)

    def _votes(self, places: Points, codes: Tensor, labels: Tensor | None) -> Tensor:
        """What the classifier sees in the picture of each code, [n, classes]."""
        assert self._classifier is not None
        return layers.votes(self._classifier, self._draw(labels)(codes))

    def _honesty(self, asked: Survey) -> Gauge:
        """How far a round trip leads, in spreads of the data's codes."""
        family, spread = self.family, layers.spread_of(asked.codes)

        def honesty(places: Points, codes: Tensor, labels: Tensor | None) -> Tensor:
            assert isinstance(family, CanEncode)
            encode: layers.Draw = lambda pictures: family.encode(pictures, labels)  # noqa: E731
            return layers.round_trip(encode, self._draw(labels), codes) / spread

        return honesty

    def _stretch(self, asked: Survey) -> Gauge:
        """How much the pictures change along the map, or along all numbers of a narrow code."""
        step = layers.STEP * layers.spread_of(asked.points) or layers.STEP
        left, bottom, right, top = asked.bounds
        apart = max(step, min(right - left, top - bottom) / (2 * FINE))  # for pictures that change by leaps
        forward: bool | None = None

        def stretch(places: Points, codes: Tensor, labels: Tensor | None) -> Tensor:
            nonlocal forward
            draw, width = self._draw(labels), codes.shape[1]
            if width <= layers.NARROW:
                ways = torch.eye(width, device=self.device)[:, None].expand(-1, *codes.shape).contiguous()
            else:
                ways = torch.tensor(layers.ways_of_the_map(places, asked.projection, step), device=self.device)
            if forward is None:
                forward = layers.has_forward_mode(draw, codes, ways)
            if forward:
                return layers.log_stretch(draw, codes, ways)
            with full_precision(codes):
                return layers.log_stretch_by_steps(draw, codes, ways, apart)

        return stretch


class _Sweeps:
    """One survey: sweeps over all cells, each finer than the one before, as long as that is soon done."""

    def __init__(self, plain: Surveyed, model: _Measured, control: Control) -> None:
        self._plain, self._model, self._control = plain, model, control
        self._gauge = model.gauge(plain.asked)
        self._bite, self._least = (1, 1) if model.slow else (BITE, LEAST)
        self._pace = math.inf  # seconds a cell, of the quickest bite
        self._began = time.perf_counter()

    def all(self) -> Iterator[Surveyed]:
        """The newest answer again and again, the last of them done; nothing after a stop."""
        first = FEW if self._model.slow else COARSE
        side: int | None = min(first, self._plain.asked.side or first)
        values: Values | None = None
        while side is not None:
            values = yield from self._sweep(side, values)
            if values is None:
                return
            further = self._further(side)
            held_back = further is None and side < FINE and FINE**2 * self._pace > SOON
            finer = 4 * side**2 * self._pace if held_back else None
            yield replace(self._told(values, side), share=1.0, done=further is None, finer=finer)
            side = further

    def _further(self, side: int) -> int | None:
        """How fine the next sweep is; None if this one was the last."""
        wished = self._plain.asked.side
        finer = (wished,) if wished else (FINE, FINE // 2, COARSE, COARSE // 2)
        return next((each for each in finer if each > side and (wished or each**2 * self._pace <= SOON)), None)

    def _sweep(self, side: int, known: Values | None) -> Generator[Surveyed, None, Values | None]:
        """The values of side x side cells, from the top left; until they are known those of a sweep before stand in."""
        places = latent.plane_grid(self._plain.asked.bounds, side, side)
        values, done, told = None if known is None else _enlarged(known, side), 0, time.perf_counter()
        while done < len(places):
            if self._control.stopping:
                return None
            part, begun = slice(done, done + self._bite), time.perf_counter()
            measured = self._gauge(places[part])
            if values is None:
                values = np.full((len(places), measured.shape[1]), np.nan, np.float32)
            values[part] = measured
            done += len(measured)
            now = time.perf_counter()
            self._pace = min(self._pace, (now - begun) / len(measured))
            if len(measured) == self._bite:
                self._bite = max(self._least, next_bite(self._bite, now - begun, self._model.widest))
            if now - told > EVERY:
                told = now
                left = (len(places) - done) * self._pace
                yield replace(self._told(values.copy(), side), share=done / len(places), left=left)
        return values

    def _told(self, values: Values, side: int) -> Surveyed:
        """What is known of the cells."""
        seconds = time.perf_counter() - self._began
        plain, shape = replace(self._plain, side=side, seconds=seconds, done=False), (side, side)
        if plain.asked.layer == CLASSES:
            shares = layers.smoothed(values.reshape(*shape, -1), SHARP)
            known = np.isfinite(shares).all(axis=2)
            labels = np.where(known, np.nan_to_num(shares).argmax(axis=2), -1)
            return replace(plain, values=shares.max(axis=2), labels=labels, low=1 / shares.shape[2])
        cells = values.reshape(shape)
        low, high = layers.scale_of(cells) if plain.asked.layer == "stretch" else (0.0, 1.0)
        return replace(plain, values=cells, low=low, high=high)


def _enlarged(values: Values, side: int) -> Values:
    """The values [cells, k] of a square of cells on one of side x side."""
    before = math.isqrt(len(values))
    nearest = np.arange(side) * before // side
    return values.reshape(before, before, -1)[nearest][:, nearest].reshape(side * side, -1)
