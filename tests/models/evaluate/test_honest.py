"""Figures of pictures whose answer is known: real ones, one a class, and two classes only."""

from __future__ import annotations

import math

import pytest
import torch

from models.evaluate import classifier, scorecard
from models.evaluate.classifier import classifier_of, looked_at
from models.evaluate.sampling import Drawn
from models.evaluate.scorecard import ScoreParams, score
from models.events import Figures
from models.job import Control, Job, finished
from models.registry import source
from models.trainer import train

ALL = "conditional_accuracy,train_on_generated,classes_covered,class_kl,diversity,precision,recall,frechet"


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory):
    """One home for all tests here, so that the classifier is trained once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LATENT_EXPLORER_HOME", str(tmp_path_factory.mktemp("honest")))
        patch.setattr(classifier, "LEAST", 8000)
        yield


@pytest.fixture(scope="module")
def digits():
    return finished(source("digits", {}).load(Control()))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    small = {"width": 16, "depth": 1, "batch_size": 64}
    job = Job(
        family="cvae", preset="dense-2d", dataset="digits", settings=small, steps=2, device="cpu", run=str(folder)
    )
    list(train(job, Control()))
    return folder


@pytest.fixture
def judged(run, monkeypatch):
    """The figures of pictures, as if the run had drawn them."""

    def figures(pictures, asked, names=ALL):
        def drawn(lens, count, seed, control):
            yield 1.0
            return Drawn(pictures, asked)

        monkeypatch.setattr(scorecard, "drawn", drawn)
        events = score(run, ScoreParams(figures=names, seeds=1), Control())
        return next(event.values for event in events if isinstance(event, Figures))

    return figures


@pytest.fixture
def recognised(digits):
    """Whether each training picture is recognised by the classifier of the data."""
    eye = finished(classifier_of(digits, torch.device("cpu"), Control()))
    return finished(looked_at(eye, digits.train_images, Control()))[1] == digits.train_labels


def test_real_pictures_are_as_good_as_the_data(judged, digits, recognised):
    order = torch.randperm(len(digits.train_images), generator=torch.Generator().manual_seed(0))[:1000]
    told = judged(digits.train_images[order], digits.train_labels[order])
    assert told["conditional_accuracy"] == pytest.approx(float(recognised[order].double().mean()))
    assert told["conditional_accuracy"] > 0.95
    assert told["train_on_generated"] > 0.9
    assert told["classes_covered"] == 10
    assert told["class_kl"] < 0.02
    assert told["diversity_within_class"] == pytest.approx(1, abs=0.12)
    assert told["precision"] > 0.75
    assert told["recall"] > 0.75
    far = judged(255 - digits.train_images[order], digits.train_labels[order], "frechet,precision")
    assert told["classifier_frechet_distance"] < 0.1 * far["classifier_frechet_distance"]
    assert far["precision"] < 0.2


def test_one_picture_a_class_is_right_and_has_no_variety(judged, digits):
    ones = [int(torch.nonzero(digits.train_labels == label)[3]) for label in range(10)]
    asked = torch.arange(1000) % 10
    told = judged(digits.train_images[torch.tensor(ones)][asked], asked)
    assert told["conditional_accuracy"] > 0.89
    assert told["diversity_within_class"] == pytest.approx(0, abs=1e-6)
    assert told["recall"] < 0.1
    assert told["train_on_generated"] < 0.8


def test_two_classes_are_as_far_from_ten_as_by_hand(judged, digits, recognised):
    """Of pictures that are recognised, so that the classifier's own mistakes do not come into it."""
    places = torch.cat([torch.nonzero(recognised & (digits.train_labels == label))[:100, 0] for label in (0, 6)])
    labels = digits.train_labels[places]
    told = judged(digits.train_images[places], labels, "conditional_accuracy,class_kl,classes_covered")
    assert told["conditional_accuracy"] == 1
    shares = torch.bincount(digits.train_labels, minlength=10).double() / len(digits.train_labels)
    by_hand = sum(0.5 * math.log(0.5 / float(shares[label])) for label in (0, 6))
    assert told["class_kl"] == pytest.approx(by_hand)
    assert told["classes_covered"] == 2


def test_shuffled_labels_are_recognised_by_chance(judged, digits):
    shuffled = digits.train_labels[torch.randperm(len(digits.train_labels), generator=torch.Generator().manual_seed(1))]
    assert judged(digits.train_images, shuffled, "conditional_accuracy")["conditional_accuracy"] < 0.2
