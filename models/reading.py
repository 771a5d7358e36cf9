"""Looks at pictures for what is known of their data: with the reader of factors, or the classifier of classes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import torch

from models.datasets import Factor
from models.errors import Stopped, UserError
from models.evaluate.classifier import classifier_of, foretold, kept_classifier
from models.evaluate.factors import FactorReader, kept_reader, reader_of, trust
from models.family import DataSpec
from models.lens import as_float
from models.reading_events import Reading
from models.run import RunFolder
from models.run_data import data_of
from models.traits import Traits

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.datasets import Dataset
    from models.evaluate.classifier import Classifier
    from models.events import Event, Pictures, RunInfo
    from models.job import Control

N = TypeVar("N")
CHUNK = 250  # pictures looked at in one go
TRIED = 1000  # real pictures by which it is known how well each factor is read
CLASS = "class"  # the name of the factor that stands for it


class Unlearned(UserError):
    """There is nobody yet who can read these data; learning takes about so many `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("Nobody has learned to read these pictures yet.", mend="Let a reader learn it first.")
        self.seconds = seconds


class Eye:
    """Sees factors, or the class, in pictures; `trust` tells how well each is read in real ones, 1 at best."""

    def __init__(self, net: FactorReader | Classifier, factors: tuple[Factor, ...]) -> None:
        self._net, self.factors = net, factors
        self.trust: dict[str, float] = {}

    def read(self, pictures: Pictures, control: Control) -> Traits:
        """What is seen in pictures uint8 [n, h, w, c]. Raises Stopped."""
        parts: list[tuple[torch.Tensor, ...]] = []
        for start in range(0, len(pictures), CHUNK):
            if control.stopping:
                raise Stopped
            part = pictures[start : start + CHUNK].transpose(0, 3, 1, 2).copy()
            parts.append(self._seen(torch.from_numpy(part)))
        columns = (torch.cat(column).numpy() for column in zip(*parts, strict=True))
        return Traits(self.factors, tuple(columns))

    def _seen(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with torch.inference_mode():
            told = self._net(as_float(images, torch.contiguous_format))
            columns = told if isinstance(self._net, FactorReader) else [told[1]]
            return tuple(
                own.float().softmax(1) if of.values else of.low + (of.high - of.low) * own.float()
                for of, own in zip(self.factors, columns, strict=True)
            )


class Eyes:
    """Finds the eye of a run's data, and keeps the last one; for one thread."""

    def __init__(self) -> None:
        self._run = ""
        self._eye: Eye | None = None

    def of(self, info: RunInfo, control: Control, *, learn: bool) -> Generator[Event, None, Eye]:
        """The eye of the data of a run. Raises Unlearned unless it is to `learn` now; UserError, and Stopped."""
        if self._eye is None or self._run != info.id:
            self._eye, self._run = (yield from _found(info, control, learn)), info.id
        return self._eye


def _found(info: RunInfo, control: Control, learn: bool) -> Generator[Event, None, Eye]:
    try:
        data = yield from _told(data_of(info, control, same=True))
    except UserError:
        told = RunFolder.open(info.folder).manifest.data
        spec = DataSpec(*told.shape, len(told.class_names))
        known = kept_classifier(told.hash, spec, torch.device("cpu")) if spec.kind == "pictures" else None
        if known is None or spec.classes < 2:
            raise
        return Eye(known, (Factor(CLASS, told.class_names),))  # who has learned needs the data no more
    if data.spec.kind == "points":
        raise UserError("Points of the plane have no pictures in which anything could be read.")
    cpu = torch.device("cpu")
    if data.train_factors is not None and data.test_factors is not None:
        reader = kept_reader(data, cpu)
        if reader is None:
            reader = yield from _learned(info, data, reader_of(data, cpu, control), learn)
        eye = Eye(reader, data.factors)
        seen = eye.read(data.test_images[:TRIED].permute(0, 2, 3, 1).numpy(), control).table()
        eye.trust = trust(data.factors, torch.from_numpy(seen), data.test_factors[:TRIED].cpu())
        return eye
    if data.spec.classes < 2 or data.train_labels is None or bool((data.train_labels < 0).any()):
        raise UserError("These data have neither classes nor known factors, so nothing can be read in pictures.")
    classifier = kept_classifier(data.content_hash(), data.spec, cpu)
    if classifier is None:
        classifier = yield from _learned(info, data, classifier_of(data, cpu, control), learn)
    return Eye(classifier, (Factor(CLASS, data.class_names),))


def _told(loading: Generator[Event, None, Dataset]) -> Generator[Event, None, Dataset]:
    """Loading, whose progress is told as that of looking."""
    while True:
        try:
            event = next(loading)
        except StopIteration as end:
            loaded: Dataset = end.value
            return loaded
        yield Reading(event.run, event.step, "Loading the data to compare with")


def _learned(info: RunInfo, data: Dataset, work: Generator[float, None, N], learn: bool) -> Generator[Event, None, N]:
    """What `work` learns, if it is to learn now. Raises Unlearned otherwise."""
    seconds = foretold(data.spec, len(data.train_images))
    if not learn:
        raise Unlearned(seconds)
    start = time.perf_counter()
    while True:
        try:
            share = next(work)
        except StopIteration as end:
            learned: N = end.value
            return learned
        spent = time.perf_counter() - start
        left = spent / share - spent if share > 0.02 else seconds
        yield Reading(info.id, 0, "Learning to read the pictures", share, left)
