import pytest
import torch
from torch import nn

from models.families.gan import Gan
from models.family import Batch, DataSpec
from models.players import PlayerParams

GREY = DataSpec(1, 28, 28)


def made(preset, data=GREY, **settings):
    torch.manual_seed(0)
    return Gan(PlayerParams(**{**Gan.presets[preset].values, **settings}), data).train()


def kinds(module):
    return {type(part) for part in module.modules()}


def test_dcgan_keeps_its_rules():
    """Radford et al. 2016: strides instead of pooling, batch normalisation, ReLU and tanh, leaky ReLU, N(0, 0.02)."""
    family = made("dcgan")
    assert kinds(family.generator) >= {nn.ConvTranspose2d, nn.BatchNorm2d, nn.ReLU}
    assert kinds(family.discriminator) >= {nn.Conv2d, nn.BatchNorm2d, nn.LeakyReLU}
    filters = [part for part in family.modules() if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)]
    assert all(part.stride == (2, 2) for part in filters)
    for part in filters:
        if part.weight.numel() > 1000:
            assert part.weight.std().item() == pytest.approx(0.02, rel=0.1)
    first = next(part for part in family.discriminator.layers if not isinstance(part, nn.ZeroPad2d | nn.Conv2d))
    assert isinstance(first, nn.LeakyReLU)  # no batch normalisation next to the picture
    adam = family.optimizers()["generator"].defaults
    assert adam["betas"][0] == 0.5
    assert family.params.learning_rate == 2e-4


def test_each_preset_does_what_its_name_says():
    assert kinds(made("plain")).isdisjoint({nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d})
    assert made("wasserstein").params.loss == "wasserstein"
    assert nn.BatchNorm2d not in kinds(made("wasserstein").discriminator)  # the penalty is one of single pictures
    critic = made("hinge").discriminator
    assert all(
        hasattr(part, "parametrizations") for part in critic.modules() if isinstance(part, nn.Conv2d | nn.Linear)
    )
    stable = made("stable").params
    assert stable.r1 > 0
    assert stable.batch_deviation
    assert stable.augment
    assert stable.rate_ratio > 1


@pytest.mark.parametrize("preset", ["dcgan", "hinge"])
def test_what_is_drawn_does_not_depend_on_what_else_is_drawn_or_on_when(preset):
    family = made(preset, latent_dim=8, channels=8)
    images = torch.rand(8, 1, 28, 28)
    for step in range(2):
        family.training_step(Batch(images, None, step))
    codes = torch.randn(6, 8)
    together = family.decode(codes)
    torch.testing.assert_close(torch.cat([family.decode(code[None]) for code in codes]), together)
    assert torch.equal(family.eval().decode(codes), family.train().decode(codes))


def test_the_batch_deviation_lets_the_discriminator_see_sameness():
    judge = made("stable", channels=8).discriminator
    pictures = torch.rand(6, 1, 28, 28)
    with torch.no_grad():
        judge.head.weight.zero_()
        judge.head.weight[0, -1] = 1.0  # only that number counts
        apart, alike = judge(pictures), judge(pictures[:1].expand(6, 1, 28, 28))
    assert len(apart.unique()) == 1
    assert apart[0] > 10 * (alike[0] - judge.head.bias[0]).abs() + judge.head.bias[0]


def test_points_of_the_plane_are_learned():
    """Points about (0.3, 0.7): the generator finds the place."""
    family = made("plain", DataSpec(2, 1, 1), width=32, latent_dim=2, learning_rate=2e-3)
    for step in range(300):
        points = torch.tensor([0.3, 0.7]).view(1, 2, 1, 1) + 0.03 * torch.randn(64, 2, 1, 1)
        family.training_step(Batch(points, None, step))
    centre = family.decode(torch.randn(200, 2)).mean(0).flatten()
    torch.testing.assert_close(centre, torch.tensor([0.3, 0.7]), atol=0.08, rtol=0)


def test_augmentation_leaves_points_alone():
    family = made("plain", DataSpec(2, 1, 1), augment=True)
    points = torch.rand(4, 2, 1, 1)
    assert torch.equal(family._seen(points), points)
