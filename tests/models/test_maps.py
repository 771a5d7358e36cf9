"""A family that cannot encode has a map of its own pictures: in training, on disk, opened again and taken away."""

import numpy as np
import pytest
from tiny_runs import only

from models import maps
from models.errors import UserError
from models.events import Embedded, HeldOut, Sampled, Weights
from models.export import Subject, export
from models.job import Control, Job
from models.replay import replay
from models.run import RunFolder
from models.trainer import resume, train


def asked_job(folder, **changes):
    return Job(**{"family": "asked", "dataset": "digits", "device": "cpu", "run": str(folder), "steps": 12, **changes})


@pytest.fixture
def run(asked_family, tmp_path, monkeypatch):
    """A folder and the events of the training behind it, whose map is a full one on the slowest machine."""
    monkeypatch.setattr(maps, "ROUND", 1e9)
    return tmp_path / "run", list(train(asked_job(tmp_path / "run"), Control(), live=True))


def test_its_points_are_codes_of_the_prior_in_the_colours_of_asked_classes(run):
    shown, embedded = only(HeldOut, run[1])[-1], only(Embedded, run[1])[-1]
    assert shown.generated
    assert shown.pictures.shape == (len(embedded.codes), 28, 28, 1)
    np.testing.assert_array_equal(shown.labels, np.arange(maps.MADE_UP) % 10)
    assert abs(embedded.codes.std() - 1) < 0.1
    assert not only(HeldOut, run[1])[0].labels.size  # before the first picture is drawn there are none


def test_pictures_follow_the_training_and_the_codes_stay(asked_family, tmp_path, monkeypatch):
    monkeypatch.setattr(maps, "TOLD", 0.0)
    events = list(train(asked_job(tmp_path / "run", steps=200), Control(), live=True))
    drawn, placed = [event for event in only(HeldOut, events) if len(event.pictures)], only(Embedded, events)
    assert not np.array_equal(drawn[0].pictures, drawn[-1].pictures)
    assert len({event.codes.tobytes() for event in placed}) == 1


def test_unlabelled_data_give_no_classes(asked_family, tmp_path):
    pictures = np.random.default_rng(0).integers(0, 255, (40, 8, 8), np.uint8)
    np.savez(tmp_path / "bare.npz", images=pictures)
    job = asked_job(tmp_path / "run", dataset="arrays", dataset_settings={"file": str(tmp_path / "bare.npz")})
    shown = only(HeldOut, list(train(job, Control(), live=True)))[-1]
    assert set(shown.labels.tolist()) == {-1}


def test_a_slow_model_has_fewer_points(asked_family, tmp_path, monkeypatch):
    monkeypatch.setattr(maps, "ROUND", 1e-9)
    events = list(train(asked_job(tmp_path / "run"), Control(), live=True))
    assert len(only(Embedded, events)[-1].codes) == maps.FEW


def test_an_opened_run_draws_its_pictures_again_without_the_data(run, monkeypatch):
    monkeypatch.setattr("models.replay.source", None)
    told = list(replay(run[0], Control()))
    before, shown = only(HeldOut, told)
    codes = only(Embedded, told)[0].codes
    assert before.generated
    assert not len(before.pictures)
    assert shown.generated
    assert shown.pictures.shape == (len(codes), 28, 28, 1)
    last_live = only(HeldOut, run[1])[-1]
    assert shown.pictures.mean() != 0
    assert np.abs(shown.pictures.astype(int) - last_live.pictures).mean() < 100
    mean = [shown.pictures[shown.labels == label].mean(axis=0) for label in (0, 1)]
    assert np.abs(mean[0] - mean[1]).mean() > 1  # every point is drawn as the class it was asked for


def test_a_stop_while_its_pictures_are_drawn_is_heard(run):
    control = Control()
    told = []
    for event in replay(run[0], control):
        told.append(event)
        if isinstance(event, Weights):
            control.stop()
    assert len(only(HeldOut, told)) == 1


def test_watched_and_unwatched_end_with_the_same_weights_and_resumed_too(asked_family, tmp_path):
    whole = tmp_path / "whole"
    list(train(asked_job(whole), Control(), live=True))
    half = tmp_path / "half"
    list(train(asked_job(half, steps=5), Control()))
    list(resume(half, Control(), steps=12, live=True))
    one, other = (RunFolder.open(folder).load().weights for folder in (whole, half))
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("kind", ["map", "codes", "samples", "grid"])
def test_it_can_be_taken_away(run, tmp_path, kind):
    out = tmp_path / ("out.csv" if kind == "codes" else "out.png")
    list(export(kind, Subject.of_run(run[0]), out, {}, Control()))
    assert out.stat().st_size > 1000


def test_reconstructions_say_why_there_are_none(run, tmp_path):
    held_out, embedded, weights = (only(kind, run[1])[-1] for kind in (HeldOut, Embedded, Weights))
    live = Subject.of_events(weights.info, weights, embedded, held_out, {})
    for subject in (Subject.of_run(run[0]), live):
        with pytest.raises(UserError, match="no way from pictures to codes"):
            list(export("reconstructions", subject, tmp_path / "out.png", {}, Control()))


def test_samples_ask_for_one_class_after_the_other(run):
    pictures = only(Sampled, run[1])[-1].pictures.astype(float)
    same = np.abs(pictures[0] - pictures[10]).mean()
    assert same < np.abs(pictures[0] - pictures[1]).mean()


def test_a_model_that_is_slow_to_encode_shows_fewer_pictures_and_they_come_again_with_the_run(tmp_path, monkeypatch):
    monkeypatch.setattr(maps, "WAIT", 1e-9)
    monkeypatch.setattr(maps, "ROUND", 1e-9)
    settings = {"width": 16, "depth": 1}
    job = asked_job(tmp_path / "run", family="vae", preset="dense-2d", settings=settings, steps=2)
    events = list(train(job, Control(), live=True))
    shown, embedded = only(HeldOut, events)[-1], only(Embedded, events)[-1]
    assert len(shown.pictures) == len(shown.labels) == len(embedded.codes) == maps.FEW
    again = only(HeldOut, list(replay(tmp_path / "run", Control())))[-1]
    np.testing.assert_array_equal(again.pictures, shown.pictures)
    np.testing.assert_array_equal(again.labels, shown.labels)


def test_only_a_model_for_which_one_would_wait_shows_fewer():
    assert maps.affordable(1000.0, 10_000) == 10_000
    assert maps.affordable(100.0, 10_000) == 100
    assert maps.affordable(1.0, 10_000) == maps.FEW
