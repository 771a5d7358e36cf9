import pytest
import torch

from models.errors import UserError
from models.families.cgan import Cgan, CganParams
from models.family import Batch, DataSpec
from models.registry import build

DATA = DataSpec(1, 28, 28, classes=3)
SMALL = {"width": 16, "channels": 4, "latent_dim": 4}
PRESETS = pytest.mark.parametrize("preset", Cgan.presets)


def made(preset, data=DATA, **settings):
    torch.manual_seed(0)
    return Cgan(CganParams(**{**Cgan.presets[preset].values, **SMALL, **settings}), data).train()


def test_unlabelled_data_are_refused_with_the_mend():
    with pytest.raises(UserError, match="labelled"):
        build("cgan", {}, DataSpec(1, 28, 28))


@PRESETS
def test_blending_is_linear_in_the_mixture(preset):
    family = made(preset)
    single = family.condition(torch.arange(3))  # [3, n]
    mixture = torch.tensor([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0]])
    torch.testing.assert_close(family.condition(mixture), mixture @ single)
    codes = torch.randn(1, 4).expand(3, 4)
    whole = torch.eye(3)
    torch.testing.assert_close(family.decode(codes, torch.arange(3)), family.decode(codes, whole))


@PRESETS
def test_a_blend_goes_from_class_to_class_without_a_jump(preset):
    family = made(preset)
    share = torch.linspace(0, 1, 101)[:, None]
    mixtures = torch.cat([1 - share, share, torch.zeros_like(share)], 1)
    drawn = family.decode(torch.randn(1, 4).expand(101, 4), mixtures)
    steps = (drawn[1:] - drawn[:-1]).flatten(1).norm(dim=1)
    whole = (drawn[-1] - drawn[0]).norm()
    assert whole > 0
    assert steps.max() < 0.1 * whole


@PRESETS
def test_without_labels_all_classes_are_drawn_in_equal_parts(preset):
    family, codes = made(preset), torch.randn(5, 4)
    torch.testing.assert_close(family.decode(codes), family.decode(codes, torch.full((5, 3), 1 / 3)))


@PRESETS
def test_both_players_hear_the_class(preset):
    family = made(preset)
    images = torch.rand(6, 1, 28, 28)
    for step in range(3):
        family.training_step(Batch(images, torch.arange(6) % 3, step))
    codes = torch.randn(1, 4).expand(3, 4)
    drawn = family.eval().decode(codes, torch.arange(3))
    assert not torch.equal(drawn[0], drawn[1])
    judged = family.discriminator(images[:1].expand(3, 1, 28, 28), family.condition(torch.arange(3)))
    assert len(judged.unique()) == 3


def test_the_projection_is_an_inner_product_of_class_and_features():
    family = made("projection").eval()
    images = torch.rand(2, 1, 28, 28)
    judge = family.discriminator
    with torch.no_grad():
        features = judge.layers(2 * images - 1)
        bare = judge(images)
        asked = judge(images, family.condition(torch.tensor([2, 1])))
        embedding = judge.meeting.weight.t()  # [classes, features]
    by_hand = bare + (embedding[[2, 1]] * features).sum(1)
    torch.testing.assert_close(asked, by_hand)


def test_a_generator_that_is_told_the_class_learns_to_draw_it():
    """Dark pictures are class 0, bright ones class 1, and the discriminator is told which is which."""
    family = made("dense", DataSpec(1, 8, 8, classes=2), learning_rate=2e-3)
    labels = torch.arange(64) % 2
    for step in range(150):
        images = 0.1 + 0.8 * labels.view(-1, 1, 1, 1) + 0.05 * torch.rand(64, 1, 8, 8)
        family.training_step(Batch(images, labels, step))
    drawn = family.decode(torch.randn(40, 4), torch.arange(40) % 2)
    dark, bright = drawn[0::2].mean(), drawn[1::2].mean()
    assert dark < 0.35
    assert bright > 0.65


@PRESETS
def test_points_have_classes_too(preset):
    if made(preset).params.architecture != "dense":
        pytest.skip("filters do not slide over points")
    family = made(preset, DataSpec(2, 1, 1, classes=3))
    points, labels = torch.rand(8, 2, 1, 1), torch.arange(8) % 3
    figures = family.training_step(Batch(points, labels, 0))
    assert all(figure.isfinite() for figure in figures.values())
    assert family.decode(torch.randn(3, 4), torch.arange(3)).shape == (3, 2, 1, 1)
