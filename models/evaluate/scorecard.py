"""All figures of a trained run, with error bars over seeds: drawn, recognised, compared, and kept in its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.checkpoint import restored
from models.errors import Stopped, UserError
from models.evaluate import measures
from models.evaluate.classifier import classifier_of, foretold, looked_at
from models.evaluate.conditional import conditional_accuracy
from models.evaluate.copies import all_nearest, copies_in, usual
from models.evaluate.coverage import class_kl, class_shares, covered_classes
from models.evaluate.diversity import diversity_within_class
from models.evaluate.factors import reader_of
from models.evaluate.frechet import frechet_distance
from models.evaluate.judge import Judge
from models.evaluate.keeping import kept
from models.evaluate.leakage import leakage, moves, told_moves
from models.evaluate.likelihood import bound, has_bound, neg_log_likelihood
from models.evaluate.meter import Meter
from models.evaluate.precision_recall import precision_recall
from models.evaluate.sampling import drawn
from models.evaluate.train_on_generated import train_on_generated
from models.events import Cancelled, Noticed, Sampled
from models.family import HasLikelihood, HasStyles
from models.lens import Lens
from models.lock import living_owner
from models.params import Params, param
from models.plan import Plan
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from torch import Tensor

    from models.datasets import Dataset
    from models.evaluate.classifier import Classifier
    from models.evaluate.copies import Copies, Usual
    from models.evaluate.factors import FactorReader
    from models.evaluate.sampling import Drawn
    from models.events import Event
    from models.job import Control

CLASSIFIER, REAL, DRAWING = "Training a classifier", "Looking at real pictures", "Drawing pictures"
LOOKING, LEARNING, WEIGHING = "Looking at drawn pictures", "Training on drawn pictures", "Weighing test pictures"
READER, RESTYLING = "Training a reader of factors", "Restyling drawn pictures"
USUAL, COMPARING = "Comparing held-out pictures", "Comparing drawn pictures"
# Seconds, until one was measured.
GUESSES = {REAL: 3.0, DRAWING: 10.0, LOOKING: 2.0, LEARNING: 30.0, WEIGHING: 30.0, RESTYLING: 40.0}
GUESSES |= {USUAL: 5.0, COMPARING: 5.0}
OF_THE_ASKED = {"conditional_accuracy", "train_on_generated"}
SEEING = 0.9  # share of the real test pictures that a classifier to be trusted recognises
OF_LIKELIHOOD = {measures.LIKELIHOOD, "nll_bound"}
COPIES = "near_copies"
OF_OTHERS = OF_LIKELIHOOD | {"style_leakage", COPIES}  # which need no classifier


class ScoreParams(Params):
    """How a run is judged."""

    figures: str = param(
        "", "Only these, as conditional_accuracy,diversity with commas between; empty for all that can be measured."
    )
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


def score(folder: Path | str, options: ScoreParams, control: Control) -> Iterator[Event]:
    """Judge the newest snapshot of a run; `Figures` tells the means and their spreads, which the manifest keeps.

    A spread is the standard deviation over seeds, each of which draws other pictures and codes; with one seed there is
    none. Whoever calls says beforehand how many threads may compute. Raises UserError, also where there is nothing
    that can be measured.
    """
    wanted = measures.chosen(options.figures)
    run = RunFolder.open(folder)
    plan = Plan.again(run.manifest, {})
    try:
        data = yield from _loaded(run, plan, control)
        rounds = yield from _Scoring(run, _lens(run, plan, data), options, wanted, control).rounds()
    except Stopped:
        yield Cancelled(run.manifest.id, run.manifest.step)
        return
    means = {name: fmean(each[name] for each in rounds) for name in rounds[0]}
    spreads = {name: stdev(each[name] for each in rounds) for name in rounds[0]} if len(rounds) > 1 else {}
    yield from kept(run, means, spreads, options.model_dump(exclude={"figures"}))


def train_judge(folder: Path | str, control: Control) -> Iterator[Event]:
    """Train the classifier of a run's data and keep it; `Judged` tells what it sees in the run's newest samples.

    A run in training is left to its own judge, who finds the classifier. Raises UserError.
    """
    run = RunFolder.open(folder)
    told = run.manifest
    plan = Plan.again(told, {})
    try:
        data = yield from _loaded(run, plan, control)
        if not _labelled(data):
            raise UserError("These data have no classes, so there is nothing to recognise.", path=run.path)
        meter = Meter(told.id, told.step, [CLASSIFIER], _guesses(data))
        yield from meter.along(classifier_of(data, plan.device, control))
    except Stopped:
        yield Cancelled(told.id, told.step)
        return
    steps = run.steps()
    samples = run.load().samples if steps and living_owner(run.path) is None else None
    if samples is None:
        return
    labels = np.arange(len(samples)) % len(told.data.class_names) if "condition" in told.capabilities else None
    judged = Judge(told.data, plan.device).look(Sampled(told.id, steps[-1], samples, None, labels))
    if judged is not None:
        yield judged


def _loaded(run: RunFolder, plan: Plan, control: Control) -> Generator[Event, None, Dataset]:
    """The data that the run was trained on. Raises UserError and Stopped."""
    data = yield from plan.load(control)
    if data.content_hash() != run.manifest.data.hash:
        raise UserError("The data set has changed since this run was made, so it cannot be judged.", path=run.path)
    return data


def _labelled(data: Dataset) -> bool:
    """Whether all pictures of both parts have one of several classes."""
    labels = (data.train_labels, data.test_labels)
    return data.spec.classes > 1 and all(part is not None and bool((part >= 0).all()) for part in labels)


def _guesses(data: Dataset) -> dict[str, float]:
    return {**GUESSES, **dict.fromkeys((CLASSIFIER, READER), foretold(data.spec, len(data.train_images)))}


def _lens(run: RunFolder, plan: Plan, data: Dataset) -> Lens:
    """The model of the newest snapshot, to be looked at."""
    snapshot = run.load()
    family = restored(run.manifest, snapshot, run.path / "snapshots" / str(run.steps()[-1]) / "model.safetensors")
    family = family.to(plan.device).to(memory_format=plan.layout(family))
    return Lens(family, data, plan)


def _able(lens: Lens, *, likelihoods: bool) -> set[str]:
    """The figures that can be measured of this model on these data; those of likelihood are looked for if asked."""
    able: set[str] = set()
    if _labelled(lens.data):
        able = set(measures.BY_NAME) - OF_OTHERS - (set() if lens.classes else OF_THE_ASKED)
    if lens.data.spec.kind == "pictures":
        able.add(COPIES)
    if isinstance(lens.family, HasStyles) and lens.data.train_factors is not None:
        able.add("style_leakage")
    if likelihoods and isinstance(lens.family, HasLikelihood):
        able.add(measures.LIKELIHOOD)
    elif likelihoods and has_bound(lens):
        able.add("nll_bound")
    return able


class _Scoring:
    """One judging: which of the `wanted` figures this model and these data have, and their measuring seed by seed."""

    def __init__(
        self, run: RunFolder, lens: Lens, options: ScoreParams, wanted: frozenset[str], control: Control
    ) -> None:
        self._run, self._lens, self._options, self._control = run, lens, options, control
        able = _able(lens, likelihoods=bool(wanted & OF_LIKELIHOOD))
        self._wanted, self._missing = wanted & able, wanted - able
        self._looks, self._weighs = bool(self._wanted - OF_OTHERS), bool(self._wanted & OF_LIKELIHOOD)
        self._restyles, self._compares = "style_leakage" in self._wanted, COPIES in self._wanted
        self._learns = "train_on_generated" in self._wanted
        each = [DRAWING] * (self._looks or self._compares) + [LOOKING] * self._looks + [LEARNING] * self._learns
        each += [COMPARING] * self._compares + [WEIGHING] * self._weighs + [RESTYLING] * self._restyles
        once = [CLASSIFIER, REAL] * self._looks + [USUAL] * self._compares + [READER] * self._restyles
        pieces = once + each * options.seeds
        self._meter = Meter(run.manifest.id, run.manifest.step, pieces, _guesses(lens.data))

    def rounds(self) -> Generator[Event, None, list[dict[str, float]]]:
        """The figures of every seed by name. Raises UserError where there are none, and Stopped."""
        yield from self._told_missing()
        real = (yield from self._real()) if self._looks else None
        known = (yield from self._known_pictures()) if self._compares else None
        reading = reader_of(self._lens.data, self._lens.device, self._control)
        reader = (yield from self._meter.along(reading)) if self._restyles else None
        found = []
        for seed in range(self._options.seeds):
            figures = {}
            if self._looks or self._compares:
                made = yield from self._meter.along(drawn(self._lens, self._options.samples, seed, self._control))
                figures = (yield from self._seen(real, made, seed)) if real is not None else {}
                figures |= (yield from self._compared(known, made)) if known is not None else {}
            if self._weighs:
                figures |= yield from self._weighed(seed)
            if reader is not None:
                figures |= yield from self._restyled(reader, seed)
            found.append(figures)
        return found

    def _told_missing(self) -> Iterator[Event]:
        """Say what cannot be measured here, and why, as far as a person would miss it."""
        title, told = self._lens.family.title, self._run.manifest
        why = "" if _labelled(self._lens.data) else "The data have no classes, so none can be recognised"
        if not self._wanted:
            asked = f"{why}, and {title} knows no likelihoods" if why else f"{title} has none of these figures"
            raise UserError(f"{asked}: it cannot be judged so.", mend="Judge another run, or choose other figures.")
        if why:
            yield Noticed(told.id, told.step, f"{why}: only what needs none is measured.", "warning")
        elif self._options.figures and self._missing:
            yield Noticed(told.id, told.step, f"{title} does not have: {', '.join(sorted(self._missing))}.", "warning")

    def _real(self) -> Generator[Event, None, Real]:
        """The classifier, and what it sees in the real pictures."""
        data, told = self._lens.data, self._run.manifest
        assert data.train_labels is not None
        assert data.test_labels is not None
        classifier = yield from self._meter.along(classifier_of(data, self._lens.device, self._control))
        features, recognised = yield from self._meter.along(looked_at(classifier, data.test_images, self._control))
        labels = data.test_labels.cpu()
        right = float((recognised == labels).double().mean())
        if right < SEEING:
            what = f"The classifier recognises only {right:.0%} of the real test pictures: trust no figure of classes."
            yield Noticed(told.id, told.step, what, "warning")
        return Real(classifier, features, labels, class_shares(data.train_labels.cpu(), data.spec.classes))

    def _known_pictures(self) -> Generator[Event, None, tuple[Copies, Usual]]:
        """The training pictures, and how near held-out ones come to them."""
        copies = copies_in(self._lens.data)
        return copies, (yield from self._meter.along(usual(copies, self._lens.data.test_images, self._control)))

    def _compared(self, known: tuple[Copies, Usual], made: Drawn) -> Generator[Event, None, dict[str, float]]:
        """Which share of drawn pictures may be copies."""
        copies, normal = known
        near = yield from self._meter.along(all_nearest(copies, made.pictures, self._control))
        return {COPIES: float(normal.copied(near).mean())}

    def _seen(self, real: Real, made: Drawn, seed: int) -> Generator[Event, None, dict[str, float]]:
        """The figures of pictures drawn for one seed, of the classifier's making."""
        looking = looked_at(real.classifier, made.pictures, self._control)
        features, recognised = yield from self._meter.along(looking)
        learned = 0.0
        if self._learns:
            learned = yield from self._meter.along(train_on_generated(self._lens, made, seed, self._control))
        shares = class_shares(recognised, len(real.shares))
        measured: dict[str, Callable[[], float]] = {
            "conditional_accuracy": lambda: conditional_accuracy(recognised, _known(made.asked)),
            "train_on_generated": lambda: learned,
            "classes_covered": lambda: covered_classes(shares, real.shares),
            "class_kl": lambda: class_kl(shares, real.shares),
            "diversity_within_class": lambda: diversity_within_class(features, recognised, real.features, real.labels),
            "classifier_frechet_distance": lambda: frechet_distance(features, real.features),
        }
        figures = {name: measure() for name, measure in measured.items() if name in self._wanted}
        if {"precision", "recall"} & self._wanted:
            pair = dict(zip(("precision", "recall"), precision_recall(features, real.features), strict=True))
            figures |= {name: value for name, value in pair.items() if name in self._wanted}
        return figures

    def _restyled(self, reader: FactorReader, seed: int) -> Generator[Event, None, dict[str, float]]:
        """How well factors keep to their layers; which belong to which is told once."""
        work = moves(self._lens, reader, self._options.samples, seed, self._control)
        moved = yield from self._meter.along(work)
        if seed == 0:
            yield Noticed(self._run.manifest.id, self._run.manifest.step, told_moves(moved))
        return {"style_leakage": leakage(moved)}

    def _weighed(self, seed: int) -> Generator[Event, None, dict[str, float]]:
        """How likely the test pictures are to the model."""
        lens, options = self._lens, self._options
        count = len(lens.data.test_images)
        chosen = torch.arange(min(count, options.likelihood_pictures or count), device=lens.device)
        if "nll_bound" in self._wanted:
            return {"nll_bound": (yield from self._meter.along(bound(lens, chosen, seed, self._control)))}
        weighing = neg_log_likelihood(lens, chosen, options.codes, seed, self._control, binarise=options.binarise)
        return {f"{measures.LIKELIHOOD}_k{options.codes}": (yield from self._meter.along(weighing))}


def _known(asked: Tensor | None) -> Tensor:
    assert asked is not None
    return asked
