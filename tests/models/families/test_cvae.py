"""The conditional variational autoencoder: the class reaches both networks, and what is done where it is not known."""

from __future__ import annotations

import pytest
import torch

from models.errors import UserError
from models.family import Batch, DataSpec, TakesLabels
from models.registry import build, families

FOUR = DataSpec(1, 12, 12, classes=4)
SMALL = {"width": 64, "depth": 2, "latent_dim": 2, "learning_rate": 0.005}


def quarters(count, seed=0):
    """Pictures [n, 1, 12, 12] with one bright quarter, which is the class, and in it a stripe that is not."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 4
    images = torch.zeros(count, 1, 12, 12)
    stripes = torch.randint(3, (count,), generator=generator).tolist()
    for image, label, stripe in zip(images, labels.tolist(), stripes, strict=True):
        quarter = image[0, 6 * (label // 2) : 6 * (label // 2) + 6, 6 * (label % 2) : 6 * (label % 2) + 6]
        quarter.fill_(0.3)
        quarter[2 * stripe : 2 * stripe + 2] = 1
    return images, labels


def trained(**settings):
    torch.manual_seed(0)
    family = build("cvae", {**SMALL, **settings}, FOUR).train()
    images, labels = quarters(240)
    family.prepare(images)
    for step in range(250):
        family.training_step(Batch(images, labels, step, step / 250))
    return family.eval().requires_grad_(False)


@pytest.fixture(scope="module", params=["shared", "learned"])
def family(request):
    return trained(class_prior=request.param)


def brightest(drawn):
    """The brightest quarter of each picture, int64 [n]."""
    return torch.nn.functional.avg_pool2d(drawn, 6).flatten(1).argmax(1)


def test_it_draws_the_class_that_is_asked_for(family):
    codes, labels = family.prior(200, torch.Generator().manual_seed(1)), torch.arange(200) % 4
    assert isinstance(family, TakesLabels)
    assert (brightest(family.decode(codes, labels)) == labels).float().mean() > 0.98
    same = family.decode(codes[:1].expand(4, -1), torch.arange(4))
    assert brightest(same).tolist() == [0, 1, 2, 3]


def test_the_code_keeps_what_the_class_does_not_say(family):
    images, labels = quarters(80, seed=5)
    drawn = family.decode(family.encode(images, labels), labels)
    assert (drawn - images).square().mean() < 0.5 * (family.decode(torch.zeros(80, 2), labels) - images).square().mean()


def test_a_class_goes_over_into_another(family):
    """Halfway the picture is told both; the condition itself is linear in the mixture."""
    shares = torch.tensor([[1.0, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 1.0, 0]])
    conditions = family.condition(shares)
    torch.testing.assert_close(conditions[1], (conditions[0] + conditions[2]) / 2)
    torch.testing.assert_close(conditions[::2], family.condition(torch.tensor([0, 2])))
    drawn = family.decode(torch.zeros(3, 2), shares)
    bright = torch.nn.functional.avg_pool2d(drawn, 6).flatten(1)  # [3, 4]
    assert bright[0, 0] > bright[1, 0] > bright[2, 0]


def test_without_labels_the_mean_condition_is_told(family):
    images, _ = quarters(8)
    equal = torch.full((8, 4), 0.25)
    codes = family.encode(images)
    assert torch.equal(codes, family.encode(images, equal))
    assert torch.equal(family.decode(codes), family.decode(codes, equal))
    assert not torch.allclose(codes, family.encode(images, torch.zeros(8, dtype=torch.int64)))


def test_hidden_labels_make_a_model_that_does_without():
    images, _ = quarters(80, seed=3)
    errors = {}
    for hidden in (0.0, 0.5):
        family = trained(hidden_labels=hidden)
        errors[hidden] = float((family.decode(family.encode(images)) - images).square().mean())
    assert errors[0.5] < 0.5 * errors[0.0]


def test_the_prior_of_a_class_is_learned_where_asked_for():
    for kind, moves in (("shared", False), ("learned", True)):
        assert bool(trained(class_prior=kind).class_prior.any()) == moves


def test_codes_are_counted_from_the_prior_of_their_class():
    """The map from codes to the inner ones is the same in both directions, so no picture changes by where it lies."""
    torch.manual_seed(0)
    family = build("cvae", {**SMALL, "class_prior": "learned"}, FOUR).eval()
    images, labels = quarters(8)
    with torch.no_grad():
        plain = family.posterior(images, labels)
        family.class_prior.normal_()
        moved = family.posterior(images, labels)
        middle, log_width = family.class_prior[labels].chunk(2, dim=1)
    torch.testing.assert_close(moved[0] * log_width.exp() + middle, plain[0])
    torch.testing.assert_close(moved[1] + 2 * log_width, plain[1])


def test_unlabelled_data_are_refused_with_the_reason():
    with pytest.raises(UserError, match="labelled pictures only"):
        build("cvae", {}, DataSpec(1, 28, 28))
    assert families.get("cvae").needs_labels
