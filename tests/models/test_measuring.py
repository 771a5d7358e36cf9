"""What is seen in pictures and measured by drawing: eyes, leakage, effects, KL divergences, sums."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_runs import only, trained

from models.basis import Basis
from models.directions import between, principal
from models.errors import Stopped, UserError
from models.evaluate import classifier
from models.events import Embedded, HeldOut, Weights
from models.job import Control, finished
from models.measuring import checked, divergences, effects, leaked
from models.reading import Eyes, Unlearned
from models.reading_events import Reading
from models.replay import replay


@pytest.fixture(scope="module")
def stage(tmp_path_factory, session_home):
    """What a tiny VAE of the digits tells when it is opened: weights, map and pictures."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    trained(folder, settings={"latent_dim": 3})
    events = list(replay(folder, Control()))
    return only(Weights, events)[-1], only(Embedded, events)[-1], only(HeldOut, events)[-1]


@pytest.fixture
def basis(stage):
    return Basis(stage[0], stage[1].codes)


@pytest.fixture
def eye(stage, monkeypatch):
    """The eye of the digits, learned in a moment."""
    monkeypatch.setattr(classifier, "LEAST", 256)
    monkeypatch.setattr(classifier, "MOST", 256)
    return finished(Eyes().of(stage[0].info, Control(), learn=True))


def test_nobody_learns_unasked_and_what_was_learned_is_kept(stage, monkeypatch):
    monkeypatch.setattr(classifier, "LEAST", 256)
    monkeypatch.setattr(classifier, "MOST", 256)
    with pytest.raises(Unlearned) as refused:
        finished(Eyes().of(stage[0].info, Control(), learn=False))
    assert refused.value.seconds > 0
    events = list(Eyes().of(stage[0].info, Control(), learn=True))
    shares = [event.fraction for event in only(Reading, events) if event.fraction is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    eyes = Eyes()
    found = finished(eyes.of(stage[0].info, Control(), learn=False))
    assert finished(eyes.of(stage[0].info, Control(), learn=False)) is found


def test_an_eye_tells_shares_of_classes(stage, eye):
    seen = eye.read(stage[2].pictures[:7], Control())
    assert [factor.name for factor in seen.factors] == ["class"]
    assert seen.parts[0].shape == (7, 10)
    np.testing.assert_allclose(seen.parts[0].sum(1), 1, atol=1e-5)
    stopped = Control()
    stopped.stop()
    with pytest.raises(Stopped):
        eye.read(stage[2].pictures[:7], stopped)


def test_a_direction_is_measured_by_what_its_pictures_show(stage, basis, eye):
    labels = stage[2].labels
    direction = between(basis.codes[labels == 0], basis.codes[labels == 1], basis.codes)
    moves = finished(leaked(direction, basis, eye, Control()))
    assert moves.pictures == 64
    assert {move.name for move in moves.moves} == set("0123456789")
    assert sum(move.amount for move in moves.moves) == pytest.approx(0, abs=1e-4)
    assert 0 <= moves.leakage <= 1
    stopped = Control()
    stopped.stop()
    with pytest.raises(Stopped):
        finished(leaked(direction, basis, eye, stopped))


def test_effects_tell_which_dimensions_the_picture_heeds(basis):
    weights = basis.weights
    state = {name: part.clone() for name, part in weights.state.items()}
    first = next(name for name, part in state.items() if name.startswith("decoder") and part.ndim == 2)
    state[first][:, 1] = 0  # the decoder hears nothing of the second number
    deaf = Basis(Weights(weights.run, weights.step, weights.info, state), basis.codes)
    effect = finished(effects(deaf, Control()))
    assert effect.shape == (3,)
    assert effect[1] == 0
    assert (effect[[0, 2]] > 0).all()


def test_kl_divergences_add_up_to_that_of_the_family(stage, basis):
    nats = divergences(basis, stage[2].pictures[:50])
    family = basis.painter().family
    images = torch.from_numpy(stage[2].pictures[:50].transpose(0, 3, 1, 2).copy()).float() / 255
    with torch.no_grad():
        mean, log_variance = family.posterior(images)
    whole = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)
    np.testing.assert_allclose(nats, whole.mean(0).numpy(), rtol=1e-4)
    assert divergences(basis, stage[2].pictures[:0]) is None


def test_a_sum_is_looked_at_term_by_term(basis, eye):
    codes = np.concatenate([basis.codes[:3], basis.codes[:1] - basis.codes[1:2] + basis.codes[2:3]])
    found = checked(Basis(basis.weights, codes), [1, -1, 1], [None, None, None], eye, Control())
    assert [each.name for each in found] == ["class"]


def test_principal_directions_of_a_real_map(basis):
    assert sum(each.share for each in principal(basis.codes, 3)) == pytest.approx(1, abs=1e-5)


def test_data_that_are_gone_are_said(stage, monkeypatch):
    from models.datasets.digits import Digits

    monkeypatch.setattr(Digits, "at_hand", lambda self: False)
    with pytest.raises(UserError, match="not on this machine"):
        finished(Eyes().of(stage[0].info, Control(), learn=False))


def test_who_has_learned_needs_the_data_no_more(stage, eye, monkeypatch):
    from models.datasets.digits import Digits

    monkeypatch.setattr(Digits, "at_hand", lambda self: False)
    again = finished(Eyes().of(stage[0].info, Control(), learn=False))
    pictures = stage[2].pictures[:5]
    seen, before = (each.read(pictures, Control()).parts[0] for each in (again, eye))
    np.testing.assert_allclose(seen, before, atol=1e-6)
