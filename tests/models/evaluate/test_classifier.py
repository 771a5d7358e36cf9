"""The classifier learns real digits, is kept by the data's hash, and stops when it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from models.datasets.cache import digest_of, keep
from models.errors import Stopped
from models.evaluate import classifier
from models.evaluate.classifier import classifier_of, looked_at, trained
from models.job import Control, finished
from models.registry import source

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 8000)


@pytest.fixture(scope="module")
def digits():
    return finished(source("digits", {}).load(Control()))


@pytest.fixture
def right():
    """The share of test pictures that a classifier recognises."""

    def share(found, data):
        return float((finished(looked_at(found, data.test_images, Control()))[1] == data.test_labels).double().mean())

    return share


def test_it_learns_the_digits_and_is_kept_for_the_same_data(digits, monkeypatch, right):
    first = finished(classifier_of(digits, CPU, Control()))
    assert right(first, digits) > 0.95
    monkeypatch.setattr(classifier, "trained", None)  # whoever trained again would fail
    again = finished(classifier_of(digits, CPU, Control()))
    for name, weight in first.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name]), name
    with pytest.raises(TypeError):
        finished(classifier_of(replace(digits, test_images=255 - digits.test_images), CPU, Control()))


def test_an_entry_that_does_not_fit_is_made_anew(tiny_dataset, right):
    keep(digest_of("classifier", classifier.VERSION, tiny_dataset.content_hash()), {"head.bias": np.zeros(3)})
    assert right(finished(classifier_of(tiny_dataset, CPU, Control())), tiny_dataset) == 1


def test_labels_shuffled_at_training_leave_it_at_chance(tiny_dataset, right):
    order = torch.randperm(48, generator=torch.Generator().manual_seed(0))
    labels = tiny_dataset.train_labels[order]
    found = finished(trained(tiny_dataset.spec, tiny_dataset.train_images, labels, 0, CPU, Control()))
    assert right(found, tiny_dataset) < 0.6


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 64, 48), (3, 9, 8)])
def test_every_size_grey_and_colour(shape, tiny_dataset, right):
    labels = torch.arange(64) % 4
    images = (labels.view(-1, 1, 1, 1) * 60).expand(64, *shape).to(torch.uint8).contiguous()
    data = replace(tiny_dataset, train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    found = finished(trained(data.spec, images, labels, 0, CPU, Control()))
    assert right(found, data) == 1


def test_points_of_the_plane_have_classes_too(tiny_dataset, right):
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(400, 2, 1, 1, generator=generator)
    labels = (points[:, 0, 0, 0] > 0.5).long()
    data = replace(
        tiny_dataset, train_images=points, train_labels=labels, test_images=points, test_labels=labels,
        class_names=("left", "right"),
    )  # fmt: skip
    assert right(finished(trained(data.spec, points, labels, 0, CPU, Control())), data) > 0.95


def test_the_same_pictures_make_the_same_classifier_and_disturb_no_training(tiny_dataset):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    images, labels = tiny_dataset.train_images, tiny_dataset.train_labels
    one, two = (finished(trained(tiny_dataset.spec, images, labels, 0, CPU, Control())) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(weight, two.state_dict()[name]) for name, weight in one.state_dict().items())


def test_a_stop_ends_it(tiny_dataset):
    control = Control()
    work = classifier_of(tiny_dataset, CPU, control)
    shares = [next(work), next(work)]
    assert 0 < shares[0] < shares[1] < 1
    control.stop()
    with pytest.raises(Stopped):
        next(work)
    with pytest.raises(Stopped):
        finished(looked_at(classifier._fresh(tiny_dataset.spec).eval(), tiny_dataset.test_images, control))
