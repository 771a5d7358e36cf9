"""Every figure on sets whose answer is known: perfect copies, a single mode, shuffled labels, exact normals."""

from __future__ import annotations

import math

import pytest
import torch

from models.evaluate.conditional import conditional_accuracy
from models.evaluate.coverage import class_kl, class_shares, covered_classes
from models.evaluate.diversity import diversity_within_class
from models.evaluate.frechet import frechet_distance
from models.evaluate.precision_recall import precision_recall

CLASSES = 4
EVEN = torch.full((CLASSES,), 0.25, dtype=torch.float64)


def normal(count, size=3, seed=0, middle=0.0, width=1.0):
    return middle + width * torch.randn(count, size, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def clouds():
    """Features [400, 3] in four clouds far apart, and their classes."""
    classes = torch.arange(400) % CLASSES
    return normal(400) + 20 * torch.eye(CLASSES)[classes][:, :3], classes


def test_accuracy_is_one_for_copies_and_chance_for_shuffled_labels():
    asked = torch.arange(4000) % CLASSES
    assert conditional_accuracy(asked, asked) == 1
    shuffled = asked[torch.randperm(4000, generator=torch.Generator().manual_seed(0))]
    assert conditional_accuracy(shuffled, asked) == pytest.approx(1 / CLASSES, abs=0.03)


def test_all_classes_in_the_shares_of_the_data_are_no_distance_away():
    shares = class_shares(torch.arange(400) % CLASSES, CLASSES)
    torch.testing.assert_close(shares, EVEN)
    assert covered_classes(shares, EVEN) == CLASSES
    assert class_kl(shares, EVEN) == pytest.approx(0, abs=1e-12)


def test_one_mode_covers_one_class_at_the_greatest_distance():
    shares = class_shares(torch.full((100,), 2), CLASSES)
    assert covered_classes(shares, EVEN) == 1
    assert class_kl(shares, EVEN) == pytest.approx(math.log(CLASSES))


def test_a_class_of_a_few_strays_is_not_covered():
    labels = torch.tensor([0] * 50 + [1] * 50 + [2] * 50 + [3] * 3)
    assert covered_classes(class_shares(labels, CLASSES), EVEN) == 3


def test_the_distance_of_shares_is_that_of_torch():
    drawn, real = class_shares(torch.tensor([0, 0, 0, 1, 2, 3]), 4), class_shares(torch.tensor([0, 1, 1, 2, 2, 3]), 4)
    expected = torch.distributions.kl_divergence(
        torch.distributions.Categorical(drawn), torch.distributions.Categorical(real)
    )
    assert class_kl(drawn, real) == pytest.approx(float(expected))
    without = class_shares(torch.tensor([0, 1, 2]), 4)
    assert class_kl(EVEN, without) > class_kl(EVEN, EVEN)  # and finite, where the data lack a class


def test_diversity_is_one_for_copies_and_falls_with_the_variety(clouds):
    features, classes = clouds
    assert diversity_within_class(features, classes, features, classes) == pytest.approx(1)
    middles = torch.stack([features[classes == label].mean(0) for label in range(CLASSES)])[classes]
    halved = (features + middles) / 2
    assert diversity_within_class(halved, classes, features, classes) == pytest.approx(0.5)
    assert diversity_within_class(middles, classes, features, classes) == pytest.approx(0, abs=1e-5)


def test_classes_that_are_never_drawn_count_as_no_variety(clouds):
    features, classes = clouds
    one = classes == 0
    found = diversity_within_class(features[one], classes[one], features, classes)
    assert found == pytest.approx(1 / CLASSES)


def test_copies_are_precise_and_recall_all():
    real = normal(200)
    assert precision_recall(real.clone(), real) == (1, 1)


def test_one_mode_is_precise_and_recalls_little(clouds):
    features, classes = clouds
    one = features[classes == 0][torch.arange(400) % 100] + normal(400, seed=2, width=1e-3)
    precision, recall = precision_recall(one, features)
    assert precision > 0.95
    assert recall < 0.3


def test_noise_is_imprecise():
    precision, recall = precision_recall(normal(300, seed=1, middle=50.0), normal(300))
    assert (precision, recall) == (0, 0)
    assert precision_recall(normal(3), normal(3)) == (0, 0)


def test_wide_noise_around_the_data_recalls_without_precision():
    precision, recall = precision_recall(normal(300, seed=1, width=8.0), normal(300))
    assert precision < 0.3
    assert recall > 0.7


def test_the_frechet_distance_of_copies_is_nothing():
    real = normal(500, size=8)
    assert frechet_distance(real, real) == pytest.approx(0, abs=1e-9)
    few = normal(5, size=8)  # fewer pictures than features: a covariance of lower rank
    assert frechet_distance(few, few) == pytest.approx(0, abs=1e-6)


def test_the_frechet_distance_of_normals_is_the_known_one():
    """Of N(m, s²) and N(0, 1) in d dimensions: d (m² + (s - 1)²)."""
    found = frechet_distance(normal(200_000, seed=1, middle=2.0, width=3.0), normal(200_000))
    assert found == pytest.approx(3 * (2**2 + (3 - 1) ** 2), rel=0.02)


def test_the_frechet_distance_heeds_correlations():
    """|C1^½ - C2^½|² where both commute: correlation 0.8 against none."""
    base = normal(100_000, size=2)
    mixed = base @ torch.linalg.cholesky(torch.tensor([[1.0, 0.8], [0.8, 1.0]])).T
    expected = (math.sqrt(1.8) - 1) ** 2 + (math.sqrt(0.2) - 1) ** 2
    assert frechet_distance(mixed, base) == pytest.approx(expected, rel=0.05)
    with pytest.raises(ValueError, match="two pictures"):
        frechet_distance(base[:1], base)
