"""Own pictures are sought in one model that stays: drawings live, the newest first, and how strange each is."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from models import inversion, seeking
from models.events import HeldOut
from models.job import Control, Job
from models.own_events import Found, OwnPicture
from models.painter import Painter
from models.seeking import Seeker
from models.subject import Subject
from models.wishes import Wish, Wishes

GAN = {"architecture": "dense", "generator_norm": "none", "width": 16, "latent_dim": 4, "batch_size": 64}
TINY = {"width": 16, "depth": 1, "batch_size": 64}


def trained(folder, family, settings, **changes):
    from models.trainer import train

    job = Job(family=family, settings=settings, dataset="digits", device="cpu", steps=60, run=str(folder), **changes)
    list(train(job, Control()))
    return Subject.of_run(folder).weights


@pytest.fixture(scope="module")
def vae(session_home, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "vae", "vae", TINY, preset="dense-2d")


@pytest.fixture(scope="module")
def cleaner(session_home, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "ae", "autoencoder", TINY, preset="denoising")


@pytest.fixture(scope="module")
def gan(session_home, tmp_path_factory):
    return trained(tmp_path_factory.mktemp("runs") / "gan", "gan", GAN)


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(inversion, "DRAWN", 60)
    monkeypatch.setattr(inversion, "ROUNDS", ((6, 10), (2, 30)))
    monkeypatch.setattr(seeking, "SKETCH", ((3, 5),))


def held_out(weights, count=60):
    from models.job import finished
    from models.run_data import data_of

    data = finished(data_of(weights.info, Control()))
    pictures = data.test_images[:count].permute(0, 2, 3, 1).contiguous().numpy()
    return HeldOut(weights.run, 0, pictures, data.test_labels[:count].numpy())


def stroke(weights, column=3):
    channels, height, width = weights.info.image_shape
    pixels = np.zeros((height, width, channels), np.uint8)
    pixels[1:-1, column : column + 2] = 255
    return OwnPicture(pixels=pixels, drawn=True)


def answers(wishes, until):
    """What is told until `until` says enough of it."""
    control, told = Control(), []
    for event in Seeker(wishes).serve(control):
        told.append(event)
        if until(told):
            control.stop()
    return told


def test_a_stroke_is_answered_with_its_reconstruction_and_then_with_how_strange_it_is(vae):
    wishes = Wishes()
    own = stroke(vae)
    wishes.ask(Wish(own, vae, {}, held_out=held_out(vae)))
    told = answers(wishes, lambda told: bool(told[-1].scores))
    assert all(isinstance(each, Found) and each.own is own for each in told)
    assert told[0].code is not None  # at once, with no empty answer before it
    assert np.array_equal(told[0].original, own.pixels)
    assert np.array_equal(Painter.of(vae).draw(told[0].code[None])[0], told[0].picture)
    assert [score.name for score in told[-1].scores] == ["recon_mse", "neg_elbo"]
    assert all(len(score.known) == 60 and 0 <= score.rank <= 1 for score in told[-1].scores)
    assert told[-1].code is told[0].code


def test_noise_is_stranger_than_a_held_out_picture(vae):
    known = held_out(vae)
    noise = np.random.default_rng(0).integers(0, 256, known.pictures.shape[1:]).astype(np.uint8)
    ranks = []
    for pixels in (noise, np.median(known.pictures, axis=0).astype(np.uint8)):
        wishes = Wishes()
        wishes.ask(Wish(OwnPicture(pixels=pixels, drawn=True), vae, {}, held_out=known))
        ranks.append([score.rank for score in answers(wishes, lambda told: bool(told[-1].scores))[-1].scores])
    assert min(ranks[0]) > 0.95
    assert max(ranks[1]) < 0.5


def test_the_next_stroke_is_answered_at_once_by_the_same_model_and_then_judged(vae, monkeypatch):
    made = []
    monkeypatch.setattr(seeking, "Painter", lambda info: made.append(info) or Painter(info))
    wishes, first, second = Wishes(), stroke(vae), stroke(vae, 5)
    known = held_out(vae)
    wishes.ask(Wish(first, vae, {}, held_out=known))

    def until(told):
        if told[-1].own is first and told[-1].scores:
            wishes.ask(Wish(second, vae, {}, held_out=known))
        return told[-1].own is second and bool(told[-1].scores)

    told = answers(wishes, until)
    assert [bool(each.scores) for each in told if each.own is second] == [False, True]
    assert len(made) == 1


def test_where_a_code_must_be_sought_a_drawing_is_followed_from_the_last_one(gan):
    wishes, first, second = Wishes(), stroke(gan), stroke(gan, 4)
    wishes.ask(Wish(first, gan, {}))

    def until(told):
        if told[-1].own is first and told[-1].done:
            wishes.ask(Wish(second, gan, {}))
        return told[-1].own is second and told[-1].done

    told = answers(wishes, until)
    found = [each for each in told if each.own is second]
    done = next(each for each in told if each.own is first and each.done)
    assert not found[0].done
    off = (Painter.of(gan).draw(done.code[None])[0].astype(float) / 255 - second.pixels / 255.0) ** 2
    assert found[0].error <= off.mean() + 1e-3  # what was found before is where it begins
    assert found[-1].error <= found[0].error


def test_where_no_figures_are_told_a_short_search_says_how_strange_it_is(gan):
    wishes = Wishes()
    wishes.ask(Wish(stroke(gan), gan, {}))  # whose map holds no held-out pictures, so that they are read
    told = answers(wishes, lambda told: bool(told[-1].scores))
    (score,) = told[-1].scores
    assert score.name == "sought_mse"
    assert len(score.known) == 60
    assert told[-1].code is not None


def test_without_its_data_nobody_says_how_strange_a_picture_is(gan, monkeypatch):
    monkeypatch.setattr("models.datasets.digits.Digits.at_hand", lambda self: False)
    wishes, second = Wishes(), stroke(gan, 6)
    wishes.ask(Wish(stroke(gan), gan, {}))

    def until(told):
        if told[-1].done and told[-1].own is not second:
            wishes.ask(Wish(second, gan, {}))
        return told[-1].done and told[-1].own is second

    assert not any(each.scores for each in answers(wishes, until))


def test_a_newer_wish_ends_a_long_search(gan, monkeypatch):
    monkeypatch.setattr(inversion, "ROUNDS", ((4, 1_000_000),))
    wishes, first = Wishes(), OwnPicture(pixels=np.eye(8, dtype=np.uint8)[:, :, None] * 255)
    second = OwnPicture(path="/nowhere.png")
    wishes.ask(Wish(first, gan, {}))

    def until(told):
        if told[-1].own is first and told[-1].code is not None:
            wishes.ask(Wish(second, gan, {}))
        return told[-1].own is second

    told = answers(wishes, until)
    assert "nowhere.png" in told[-1].problem
    assert not any(each.done for each in told[:-1])


def test_enough_keeps_the_best(gan, monkeypatch):
    monkeypatch.setattr(inversion, "ROUNDS", ((4, 1_000_000),))
    wishes = Wishes()
    wishes.ask(Wish(OwnPicture(pixels=np.eye(8, dtype=np.uint8)[:, :, None] * 255), gan, {}))

    def until(told):
        if told[-1].code is not None:
            wishes.enough()
        return told[-1].done

    told = answers(wishes, until)
    assert told[-1].code is not None
    assert told[-1].problem == ""


def test_a_denoising_autoencoder_says_what_it_cleans_and_cleans_it(cleaner):
    own = stroke(cleaner)
    spoilt = OwnPicture(pixels=own.pixels, drawn=True, spoilt=True)
    found = []
    for each in (own, spoilt):
        wishes = Wishes()
        wishes.ask(Wish(each, cleaner, {}))
        found.append(answers(wishes, lambda told: told[-1].done)[-1])
    assert [each.spoiling for each in found] == ["gaussian noise of 0.5"] * 2
    assert np.array_equal(found[0].original, own.pixels)
    assert np.abs(found[1].original.astype(int) - own.pixels).mean() > 20
    noise = np.abs(found[1].original.astype(int) - own.pixels).mean()
    assert np.abs(found[1].picture.astype(int) - found[0].picture).mean() < noise


@pytest.mark.parametrize(
    ("pixels", "words"),
    [(np.zeros((28, 28, 1), np.uint8), "one colour all over"), (np.zeros((9, 8, 1), np.uint8), "The drawing is 9x8x1")],
)
def test_a_drawing_of_nothing_and_one_of_another_size_are_told(vae, pixels, words):
    wishes = Wishes()
    wishes.ask(Wish(OwnPicture(pixels=pixels, drawn=True), vae, {}))
    told = answers(wishes, lambda told: told[-1].done)
    assert words in told[-1].problem
    assert told[-1].code is None


def test_a_lane_that_waits_hears_a_stop(vae):
    control = Control()
    thread = threading.Thread(target=lambda: list(Seeker(Wishes()).serve(control)))
    thread.start()
    control.stop()
    thread.join(5)
    assert not thread.is_alive()
