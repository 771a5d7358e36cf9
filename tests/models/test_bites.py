"""Looks at a slow model: few pictures, no long wait for who stops, and the same codes when the run is opened again."""

import time

import numpy as np
import pytest
from tiny_runs import only

from models import bites
from models.bites import Look, Patience, next_bite
from models.events import Cancelled, Reconstructed, Sampled, Started
from models.families.diffusion import Diffusion
from models.job import Control, Job
from models.replay import replay
from models.run import RunFolder
from models.trainer import train


def asked_job(folder, **changes):
    return Job(**{"family": "asked", "dataset": "digits", "device": "cpu", "run": str(folder), "steps": 3, **changes})


@pytest.fixture
def slow(asked_family, monkeypatch):
    """Let a family that draws in steps need so many seconds for each, and so many more for each picture."""

    def make(steps, a_step, a_picture=0.0):
        def sample_steps(self, codes, labels=None):
            for _ in range(steps):
                time.sleep(a_step + a_picture * len(codes))
                yield self.decode(codes, labels)

        monkeypatch.setattr(asked_family, "sample_steps", sample_steps)

    return make


def test_a_slow_model_shows_fewer_samples_and_their_codes_come_again_with_the_run(slow, tmp_path):
    slow(2, 0.0, 0.02)
    events = list(train(asked_job(tmp_path / "run"), Control(), live=True))
    first, *_, last = only(Sampled, events)
    assert 20 <= len(last.pictures) == len(last.codes) == len(last.labels) <= len(first.pictures) < 60
    (again,) = only(Sampled, replay(tmp_path / "run", Control()))
    np.testing.assert_array_equal(again.pictures, last.pictures)
    np.testing.assert_array_equal(again.codes, last.codes)
    np.testing.assert_array_equal(again.labels, last.labels)


def test_a_stop_while_a_slow_model_draws_is_heard_between_its_steps(slow, tmp_path):
    slow(100, 0.05)
    control = Control()
    work = train(asked_job(tmp_path / "run"), control, live=True)
    for event in work:
        if isinstance(event, Started):
            control.stop()
            start = time.perf_counter()
    assert time.perf_counter() - start < 2.0
    assert isinstance(event, Cancelled)
    assert RunFolder.open(tmp_path / "run").load().samples is None


def test_a_stop_keeps_the_pictures_that_are_drawn(monkeypatch):
    monkeypatch.setattr(bites, "PATIENCE", -1.0)
    control, begun = Control(), []

    def coming(part):
        begun.append(part.start)
        for step in range(4):
            if part.start >= 3 and step == 1:
                control.stop()
            yield np.full((part.stop - part.start, 2, 2, 1), step, np.uint8)

    look = Look(100, 1, 64, Patience(control))
    seen = look.pictures(coming)
    assert len(seen) == begun[-1] >= 3
    assert (seen == 3).all()
    assert look.pictures(coming) is None


def test_reconstructions_of_a_slow_model_are_few(tmp_path, monkeypatch):
    encode = Diffusion.encode

    def slowly(self, images, labels=None):
        time.sleep(0.25 * len(images))
        return encode(self, images, labels)

    monkeypatch.setattr(Diffusion, "encode", slowly)
    settings = {"channels": 8, "batch_size": 8}
    job = asked_job(tmp_path / "run", family="diffusion", preset="small", settings=settings, limit=40, steps=1)
    pairs = only(Reconstructed, train(job, Control()))[-1]
    assert 4 <= len(pairs.originals) == len(pairs.reconstructions) < 12


def test_a_quick_model_shows_all_in_one_go():
    parts = []

    def coming(part):
        parts.append(part)
        yield np.zeros((part.stop - part.start, 2, 2, 1), np.uint8)

    seen = Look(100, 250, 250, Patience(Control())).pictures(coming)
    assert seen.shape == (100, 2, 2, 1)
    assert not seen.flags.writeable
    assert parts == [slice(0, 100)]


def test_bites_follow_the_time_they_take():
    assert next_bite(64, 2.0, 64) == 32
    assert next_bite(1, 2.0, 64) == 1
    assert next_bite(8, 0.2, 64) == 8
    assert next_bite(8, 0.01, 64) == 16
    assert next_bite(48, 0.01, 64) == 64
