"""All figures of a trained run, with error bars over seeds: drawn, recognised, compared, and kept in its manifest."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING, TypeVar

import torch

from models import device as devices
from models.checkpoint import restored
from models.errors import Stopped, UserError
from models.evaluate.classifier import classifier_of, looked_at
from models.evaluate.conditional import conditional_accuracy
from models.evaluate.coverage import class_kl, class_shares, covered_classes
from models.evaluate.diversity import diversity_within_class
from models.evaluate.frechet import frechet_distance
from models.evaluate.likelihood import neg_log_likelihood
from models.evaluate.precision_recall import precision_recall
from models.evaluate.sampling import drawn
from models.evaluate.train_on_generated import train_on_generated
from models.events import Cancelled, Figures, Noticed, Working
from models.family import HasLikelihood
from models.lens import Lens
from models.params import Params, param
from models.plan import Plan
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from torch import Tensor

    from models.datasets import Dataset
    from models.evaluate.classifier import Classifier
    from models.events import Event
    from models.job import Control

T = TypeVar("T")


class ScoreParams(Params):
    """How a run is judged."""

    samples: int = param(2000, "Pictures drawn for every seed.", low=10, high=1_000_000, unit="pictures")
    seeds: int = param(3, "How often all is drawn and measured, for the error bars.", low=1, high=100)
    codes: int = param(100, "Codes weighed for the likelihood of a picture: its k.", low=1, high=100_000)
    likelihood_pictures: int = param(
        1000, "Test pictures whose likelihood is taken, the first ones; 0 for all.", low=0, high=10_000_000
    )
    binarise: bool = param(False, "Toss every pixel to black or white by its grey before taking likelihoods.")


@dataclass(frozen=True)
class Real:
    """What the classifier sees in the real pictures: its features [m, d] of the test part, their labels, shares."""

    classifier: Classifier
    features: Tensor
    labels: Tensor
    shares: Tensor  # [classes], of the training pictures


class Meter:
    """How far all the work is, told with the time left; every piece counts the same until it is done."""

    def __init__(self, run: str, step: int, pieces: int) -> None:
        self._run, self._step, self._pieces = run, step, pieces
        self._done = 0
        self._share = 0.0
        self._start = time.perf_counter()

    def along(self, what: str, work: Generator[float, None, T]) -> Generator[Event, None, T]:
        """Do a piece of work that yields the share of it that is done, and tell it as `Working`."""
        while True:
            try:
                share = (self._done + next(work)) / self._pieces
            except StopIteration as end:
                self._done += 1
                value: T = end.value
                return value
            self._share = share = max(share, self._share)  # a piece of two parts does not go back at its middle
            spent = time.perf_counter() - self._start
            yield Working(self._run, self._step, what, share, spent / share - spent if share > 0 else None)


def score(folder: Path | str, options: ScoreParams, control: Control) -> Iterator[Event]:
    """Judge the newest snapshot of a run; `Figures` tells the means and their spreads, which the manifest keeps.

    A spread is the standard deviation over seeds, each of which draws other pictures and codes; with one seed there is
    none. Raises UserError, also where there is nothing that can be measured.
    """
    run = RunFolder.open(folder)
    plan = Plan.again(run.manifest, {})
    devices.take_threads(devices.cores())
    try:
        data = yield from plan.load(control)
        if data.content_hash() != run.manifest.data.hash:
            raise UserError("The data set has changed since this run was made, so it cannot be judged.", path=run.path)
        lens = _lens(run, plan, data)
        rounds = yield from _measured(run, lens, options, control)
    except Stopped:
        yield Cancelled(run.manifest.id, run.manifest.step)
        return
    means = {name: fmean(each[name] for each in rounds) for name in rounds[0]}
    spreads = {name: stdev(each[name] for each in rounds) for name in rounds[0]} if len(rounds) > 1 else {}
    yield from _kept(run, means, spreads)


def _lens(run: RunFolder, plan: Plan, data: Dataset) -> Lens:
    """The model of the newest snapshot, to be looked at."""
    snapshot = run.load()
    family = restored(run.manifest, snapshot, run.path / "snapshots" / str(run.steps()[-1]) / "model.safetensors")
    family = family.to(plan.device).to(memory_format=plan.layout(family))
    return Lens(family, data, plan)


def _measured(
    run: RunFolder, lens: Lens, options: ScoreParams, control: Control
) -> Generator[Event, None, list[dict[str, float]]]:
    """The figures of every seed by name."""
    labelled = lens.data.spec.classes > 1 and lens.data.train_labels is not None and lens.data.test_labels is not None
    weighs = isinstance(lens.family, HasLikelihood)
    if not labelled:
        why = "The data have no classes, so none can be recognised: only likelihoods are measured."
        if not weighs:
            raise UserError(f"{lens.family.title} on data without classes can not be judged: it knows no likelihoods.")
        yield Noticed(run.manifest.id, run.manifest.step, why, "warning")
    pieces = 2 * labelled + options.seeds * ((2 + (lens.classes > 0)) * labelled + weighs)
    meter = Meter(run.manifest.id, run.manifest.step, pieces)
    real = (yield from _real(meter, lens, control)) if labelled else None
    rounds = []
    for seed in range(options.seeds):
        found: dict[str, float] = {}
        if real is not None:
            found |= yield from _of_pictures(meter, lens, real, options.samples, seed, control)
        if weighs:
            count = len(lens.data.test_images)
            chosen = torch.arange(min(count, options.likelihood_pictures or count), device=lens.device)
            work = neg_log_likelihood(lens, chosen, options.codes, seed, control, binarise=options.binarise)
            found[f"nll_k{options.codes}"] = yield from meter.along("Weighing test pictures", work)
        rounds.append(found)
    return rounds


def _real(meter: Meter, lens: Lens, control: Control) -> Generator[Event, None, Real]:
    """The classifier, and what it sees in the real pictures."""
    data = lens.data
    assert data.train_labels is not None
    assert data.test_labels is not None
    classifier = yield from meter.along("Training a classifier", classifier_of(data, lens.device, control))
    looking = looked_at(classifier, data.test_images, control)
    features, recognised = yield from meter.along("Looking at real pictures", looking)
    labels = data.test_labels.cpu()
    right = float((recognised == labels).double().mean())
    if right < 0.9:
        told = f"The classifier recognises {right:.0%} of the real test pictures only, so trust no figure of classes."
        yield Noticed("", 0, told, "warning")
    return Real(classifier, features, labels, class_shares(data.train_labels.cpu(), data.spec.classes))


def _of_pictures(
    meter: Meter, lens: Lens, real: Real, count: int, seed: int, control: Control
) -> Generator[Event, None, dict[str, float]]:
    """The figures of so many pictures drawn for one seed."""
    made = yield from meter.along("Drawing pictures", drawn(lens, count, seed, control))
    looking = looked_at(real.classifier, made.pictures, control)
    features, recognised = yield from meter.along("Looking at drawn pictures", looking)
    shares = class_shares(recognised, len(real.shares))
    precision, recall = precision_recall(features, real.features)
    figures = {
        "classes_covered": covered_classes(shares, real.shares),
        "class_kl": class_kl(shares, real.shares),
        "diversity_within_class": diversity_within_class(features, recognised, real.features, real.labels),
        "precision": precision,
        "recall": recall,
        "classifier_frechet_distance": frechet_distance(features, real.features),
    }
    if made.asked is None:
        return figures
    learning = train_on_generated(lens, made, seed, control)
    learned = yield from meter.along("Training on drawn pictures", learning)
    told = {"conditional_accuracy": conditional_accuracy(recognised, made.asked), "train_on_generated": learned}
    return {**told, **figures}


def _kept(run: RunFolder, means: dict[str, float], spreads: dict[str, float]) -> Iterator[Event]:
    """Tell the figures, and write them to the manifest beside those that it has."""
    told = run.manifest
    yield Figures(told.id, told.step, {**told.figures, **means}, {**told.spreads, **spreads})
    try:
        with RunFolder.open(run.path, writing=True) as writing:
            now = writing.manifest
            if now.step == told.step:
                writing.update(figures={**now.figures, **means}, spreads={**now.spreads, **spreads})
    except UserError as error:  # a run that trains, or lies where nothing can be written, is judged all the same
        yield Noticed(told.id, told.step, f"The figures are not kept with the run. {error}", "warning")
