"""The layers behind the map: their maths against what is known, and the survey that makes them ever finer."""

import math

import numpy as np
import pytest
import torch

from models import latent, layers, projection
from models.events import Projection, RunInfo, Weights
from models.family import CanEncode
from models.job import Control
from models.layer_coloring import ink_of, inked
from models.layer_events import LAYERS, Survey, Surveyed, lacking
from models.registry import build
from models.slopes import slope
from models.surveying import COARSE, FINE, Surveyor

PLANE = Projection("identity", np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 1.0)
BOUNDS = (-2.0, -2.0, 2.0, 2.0)


def weights_of(family="autoencoder", seed=0, **settings):
    """An untrained model of 8x8 pictures of three classes, and its weights as events carry them."""
    from models.family import DataSpec

    settings = {"latent_dim": 2, **settings}
    torch.manual_seed(seed)
    model = build(family, settings, DataSpec(1, 8, 8, 3)).eval()
    able = {"encode"} if isinstance(model, CanEncode) else set()
    able |= {name for name in ("prior", "condition", "sample_steps") if hasattr(model, name)}
    info = RunInfo("run", "", family, "", "made", settings, frozenset(able), settings["latent_dim"], (1, 8, 8),
                   ("a", "b", "c"), "cpu", "fp32", 0, 1)  # fmt: skip
    return model, Weights("run", 3, info, {name: part.numpy() for name, part in model.state_dict().items()})


def cloud(count=400, width=2, seed=1):
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def asked_of(weights, layer, codes=None, plane=PLANE, **more):
    codes = cloud() if codes is None else codes
    return Survey(layer, BOUNDS, weights, codes, projection.project(codes, plane), plane, **more)


def answers(survey, control=None):
    return list(Surveyor().survey(survey, control or Control()))


# ---- density


def test_the_density_of_a_normal_cloud_is_that_of_the_normal_distribution():
    points = cloud(20_000)
    dense = layers.density(points, BOUNDS, 32, 32, smooth=1.0)
    places = latent.plane_grid(BOUNDS, 32, 32)
    expected = np.exp(-0.5 * np.square(places).sum(axis=1)).reshape(32, 32)
    assert dense == pytest.approx(expected, abs=0.12)
    assert dense.max() <= 1


def test_the_density_lies_row_by_row_from_the_top_left():
    points = np.array([[-1.5, 1.5]] * 9 + [[-1.4, 1.6]], np.float32)
    dense = layers.density(points, BOUNDS, 8, 8)
    assert np.unravel_index(dense.argmax(), dense.shape) == (1, 1) or dense[:2, :2].max() == dense.max()
    assert dense[4:].max() < 1e-3


def test_one_point_identical_points_and_points_that_are_no_numbers_have_a_density():
    for points in (np.zeros((1, 2)), np.zeros((50, 2)), np.array([[0, 0], [np.nan, 1], [1, np.inf]])):
        dense = layers.density(points.astype(np.float32), BOUNDS, 16, 16)
        assert np.isfinite(dense).all()
        assert dense.max() <= 1


def test_density_is_a_share_of_the_densest_place_also_where_one_looks_at_an_empty_one():
    dense = layers.density(cloud(), (5.0, 5.0, 6.0, 6.0), 8, 8)
    assert dense.max() < 1e-3


# ---- stretch


def linear(matrix):
    return lambda codes: (codes @ matrix.T).view(len(codes), 1, -1, 1)


def test_the_stretch_of_a_linear_decoder_is_the_volume_of_its_matrix():
    matrix = torch.randn(30, 3, generator=torch.Generator().manual_seed(0))
    codes, ways = torch.zeros(5, 3), torch.eye(3)[:, None].expand(3, 5, 3)
    expected = 0.5 * torch.linalg.slogdet((matrix.T @ matrix).double())[1].item()
    assert layers.log_stretch(linear(matrix), codes, ways).numpy() == pytest.approx(expected, abs=1e-4)
    by_steps = layers.log_stretch_by_steps(linear(matrix), codes, ways, 0.01)
    assert by_steps.numpy() == pytest.approx(expected, abs=1e-2)


def test_the_stretch_of_a_real_decoder_is_that_of_its_whole_jacobian():
    model, weights = weights_of(latent_dim=2, width=16, depth=1)
    *_, last = answers(asked_of(weights, "stretch", side=COARSE))
    places = latent.plane_grid(BOUNDS, COARSE, COARSE)
    for cell in (0, 100, 255):
        jacobian = torch.func.jacrev(lambda code: model.decode(code[None]).flatten())(torch.tensor(places[cell]))
        expected = 0.5 * torch.logdet(jacobian.T @ jacobian).item()
        assert last.values.ravel()[cell] == pytest.approx(expected, abs=1e-3)


def test_a_wide_code_is_stretched_along_the_plane_of_the_map_only():
    model, weights = weights_of(latent_dim=6, width=16, depth=1)
    codes = cloud(width=6)
    plane = projection.fit(codes)
    *_, last = answers(asked_of(weights, "stretch", codes, plane, side=COARSE))
    place = latent.plane_grid(BOUNDS, COARSE, COARSE)[37]

    def draw(point):
        code = point @ torch.tensor(plane.axes) + torch.tensor(plane.mean)
        return model.decode(code[None]).flatten()

    jacobian = torch.func.jacrev(draw)(torch.tensor(place))
    assert last.values.ravel()[37] == pytest.approx(0.5 * torch.logdet(jacobian.T @ jacobian).item(), abs=2e-3)


def test_drawings_without_a_forward_mode_are_followed_by_steps():
    matrix = torch.randn(30, 2, generator=torch.Generator().manual_seed(0))

    def through_numpy(codes):
        return torch.from_numpy(codes.numpy() @ matrix.numpy().T).view(len(codes), 1, -1, 1)

    codes, ways = torch.zeros(5, 2), torch.eye(2)[:, None].expand(2, 5, 2)
    assert layers.has_forward_mode(linear(matrix), codes, ways)
    assert not layers.has_forward_mode(through_numpy, codes, ways)
    assert not layers.has_forward_mode(lambda codes: linear(matrix)(codes.detach()), codes, ways)


def test_where_nothing_moves_the_volume_is_finite():
    stretch = layers.log_stretch(lambda codes: 0 * codes.view(-1, 1, 2, 1), torch.zeros(3, 2), torch.ones(2, 3, 2))
    assert stretch.tolist() == [layers.STILL] * 3


# ---- honesty


def test_honesty_counts_the_round_trip_in_spreads_of_the_codes():
    model, weights = weights_of("pca", latent_dim=2)
    rows = torch.linalg.qr(torch.randn(64, 2, generator=torch.Generator().manual_seed(2)))[0].T
    model.directions[:2].copy_(rows)
    model.mean.fill_(0.5)
    state = {name: part.numpy().copy() for name, part in model.state_dict().items()}
    codes = cloud() * np.float32(0.1)
    survey = asked_of(Weights("run", 3, weights.info, state), "honesty", codes, side=COARSE)
    *_, last = answers(survey)
    codes = torch.tensor(latent.plane_grid(BOUNDS, COARSE, COARSE))
    off = (model.encode(model.decode(codes)) - codes).norm(dim=1) / layers.spread_of(survey.codes)
    assert last.values.ravel() == pytest.approx(off.numpy(), abs=1e-4)
    middle = last.values[COARSE // 2 - 1 : COARSE // 2 + 1, COARSE // 2 - 1 : COARSE // 2 + 1]
    assert middle.max() < 1e-3  # near the middle no pixel is cut, so the way there and back leads home
    assert last.values.max() > 1


def test_the_spread_is_the_root_mean_square_and_does_without_codes_that_are_no_numbers():
    codes = np.array([[3, 4], [-3, -4], [np.nan, 0]], np.float32)
    assert layers.spread_of(codes) == pytest.approx(5)
    assert layers.spread_of(np.full((4, 2), 3, np.float32)) == 0


# ---- the survey


def test_a_survey_is_coarse_at_first_then_fine_and_ends_once():
    _, weights = weights_of(width=16, depth=1)
    told = answers(asked_of(weights, "honesty"))
    sides = [answer.side for answer in told]
    assert sides[0] == COARSE
    assert sides[-1] == FINE
    assert sides == sorted(sides)
    assert [answer.done for answer in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].values.shape == (FINE, FINE)
    assert told[-1].finer is None


def test_coarse_and_fine_cells_agree_about_the_same_place():
    _, weights = weights_of(width=16, depth=1)
    told = answers(asked_of(weights, "stretch"))
    coarse = [answer for answer in told if answer.side == COARSE][-1]
    assert coarse.at(0.7, -1.2) == pytest.approx(told[-1].at(0.7, -1.2), abs=0.2)


def test_a_stopped_survey_says_nothing_more():
    _, weights = weights_of(width=16, depth=1)
    control = Control()
    coming = Surveyor().survey(asked_of(weights, "honesty"), control)
    assert not next(coming).done
    control.stop()
    assert list(coming) == []


def test_a_slow_model_stays_coarse_and_tells_what_a_finer_layer_would_take(monkeypatch):
    monkeypatch.setattr("models.surveying.SOON", 0.0)
    _, weights = weights_of(width=16, depth=1)
    *_, last = answers(asked_of(weights, "honesty"))
    assert (last.side, last.done) == (COARSE, True)
    assert last.finer > 0
    *_, last = answers(asked_of(weights, "honesty", side=2 * COARSE))
    assert last.side == 2 * COARSE


def test_new_weights_are_loaded_and_the_module_is_kept():
    surveyor = Surveyor()
    values = []
    for seed in (0, 1):
        _, weights = weights_of(seed=seed, width=16, depth=1)
        *_, last = surveyor.survey(asked_of(weights, "stretch", side=COARSE), Control())
        values.append(last.values)
        model = surveyor._model
        assert values[-1] == pytest.approx(answers(asked_of(weights, "stretch", side=COARSE))[-1].values)
    assert surveyor._model is model
    assert not np.allclose(*values)


def test_the_class_that_is_asked_for_changes_what_a_conditional_model_answers():
    _, weights = weights_of("cvae", width=16, depth=1)
    values = [answers(asked_of(weights, "stretch", labels=np.array([k]), side=COARSE))[-1].values for k in (0, 1)]
    assert not np.allclose(*values)
    shares = np.array([[1.0, 0.0, 0.0]], np.float32)
    assert answers(asked_of(weights, "stretch", labels=shares, side=COARSE))[-1].values == pytest.approx(values[0])


def test_the_prior_is_densest_in_its_middle():
    _, weights = weights_of("vae", width=16, depth=1)
    (told,) = answers(asked_of(weights, "prior"))
    assert told.at(0.0, 0.0) > 0.8
    assert told.at(1.9, 1.9) < 0.15


@pytest.mark.parametrize("layer", ["density", "honesty", "stretch"])
def test_points_that_say_nothing_are_answered_in_words(layer):
    _, weights = weights_of(width=16, depth=1)
    for codes in (np.empty((0, 2), np.float32), np.full((5, 2), np.nan, np.float32)):
        (told,) = answers(asked_of(weights, layer, codes))
        assert told.done
        assert told.problem
        assert told.values is None
    (same,) = answers(asked_of(weights, "honesty", np.ones((5, 2), np.float32)))
    assert "same code" in same.problem


def test_codes_of_one_number_and_of_very_many_are_surveyed():
    for width in (1, 512):
        _, weights = weights_of(latent_dim=width, width=16, depth=1)
        codes = cloud(width=width)
        for layer in ("honesty", "stretch"):
            *_, last = answers(asked_of(weights, layer, codes, projection.fit(codes), side=COARSE))
            assert np.isfinite(last.values).all()


# ---- values, words, colours


def shown(values, low=0.0, high=1.0, labels=None, layer="honesty"):
    _, weights = weights_of(width=8, depth=0)
    return Surveyed("run", 1, asked_of(weights, layer), np.array(values, np.float32), labels, low, high, done=True)


def test_a_place_has_the_value_of_its_cell():
    answer = shown([[1, 2], [3, np.nan]])
    assert [answer.at(x, y) for x, y in ((-1, 1), (1, 1), (-1, -1), (1, -1), (3, 0))] == [1, 2, 3, None, None]


def test_a_layer_rises_from_the_ground_to_its_hue_in_both_themes():
    for ground, dark in (("#FBFBFD", False), ("#15171B", True)):
        answer = shown([[0, 0.5, 1, 7, np.nan]])
        colors = inked(answer, ground, dark)[0]
        assert bytes(colors[0, :3]).hex().upper() == ground[1:]
        light = colors[:3, :3].astype(int) @ [299, 587, 114]
        assert (np.diff(light) > 0).all() if dark else (np.diff(light) < 0).all()
        assert (colors[2] == colors[3]).all()
        assert colors[4, 3] == 0


def test_faded_pictures_are_veiled_where_they_come_from_nowhere():
    assert ink_of("faded", 0.0, "#FFFFFF", False)[3] == 0
    assert ink_of("faded", 1.0, "#FFFFFF", False)[3] > 240


def test_every_layer_explains_itself_and_says_what_it_needs():
    _, weights = weights_of("vae")
    assert all(len(layer.about) > 80 for layer in LAYERS.values())
    assert [name for name in LAYERS if lacking(name, weights.info)] == []
    _, weights = weights_of("gan", latent_dim=8)
    assert {name for name in LAYERS if lacking(name, weights.info)} == {"honesty", "faded"}


def test_a_scale_does_not_reach_for_what_lies_far_off():
    values = np.concatenate([np.linspace(0, 1, 1000), [1e9, np.nan, -np.inf]]).astype(np.float32)
    low, high = layers.scale_of(values)
    assert (low, high) == pytest.approx((0.02, 0.98), abs=0.01)
    assert layers.scale_of(np.full(4, math.nan, np.float32)) == (0, 1)
    low, high = layers.scale_of(np.full(4, 3.0, np.float32))
    assert low < 3 < high


# ---- slopes


def test_the_slope_of_layers_is_that_of_torch_itself():
    generator = torch.Generator().manual_seed(5)
    drawing = torch.nn.Sequential(
        torch.nn.Linear(3, 32), torch.nn.SiLU(), torch.nn.Unflatten(1, (8, 2, 2)), torch.nn.BatchNorm2d(8),
        torch.nn.ConvTranspose2d(8, 4, 4, stride=2, padding=1), torch.nn.ReLU(),
        torch.nn.Conv2d(4, 1, 3, padding=1, bias=False), torch.nn.Sigmoid(),
    ).eval()  # fmt: skip
    codes, way = torch.randn(6, 3, generator=generator), torch.randn(6, 3, generator=generator)
    expected = torch.func.jvp(drawing, (codes,), (way,))[1]
    assert slope(drawing, codes, way).detach().numpy() == pytest.approx(expected.detach().numpy(), abs=1e-6)


def test_the_slope_of_layers_whose_weights_hang_on_the_code_is_whole():
    generator = torch.Generator().manual_seed(6)
    filters, codes, way = (torch.randn(*shape, generator=generator) for shape in ((4, 3, 3, 3), (1, 3), (1, 3)))

    def styled(code):
        images = code.view(1, 3, 1, 1).expand(1, 3, 5, 5)
        return torch.nn.functional.conv2d(images, filters * code.view(1, 3, 1, 1), code.sum().expand(4), padding=1)

    expected = torch.func.jvp(styled, (codes,), (way,))[1]
    assert slope(styled, codes, way).numpy() == pytest.approx(expected.numpy(), abs=1e-4)
