"""Training to be watched: one step at a time, so many steps a second, and the plane of points beside it."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from tiny_runs import only, same, until

from models.events import Finished, Losses, Noticed, Paused, Progress, Resumed, Weights
from models.field_events import PlaneShown
from models.job import Control, Job
from models.replay import replay
from models.run import RunFolder
from models.trainer import train

SMALL = {"vae": {"width": 16}, "gan": {"width": 16}, "diffusion": {"width": 16}, "autoencoder": {"width": 16}}


def job(folder, family="vae", steps=6, dataset="toy2d", preset="", **settings):
    """A training of a few steps; on points the first preset of every family is dense."""
    data = {"count": 400} if dataset == "toy2d" else {}
    values = {**SMALL[family], "batch_size": 32, **settings}
    return Job(
        family=family, preset=preset, settings=values, dataset=dataset, dataset_settings=data, steps=steps,
        device="cpu", run=str(folder),
    )  # fmt: skip


def watched(work, pull, control):
    """The events of a live training; `pull` may move the lever at each."""
    events = []
    for event in train(work, control, live=True):
        events.append(event)
        pull(event)
    return events


def test_one_step_at_a_time(tmp_path):
    control, halts = Control(), []

    def pull(event):
        if isinstance(event, Progress) and not halts:
            control.pause()
        if isinstance(event, Paused):
            halts.append(event.step)
            control.step_once() if len(halts) <= 3 else control.resume()

    events = watched(job(tmp_path / "run", steps=60), pull, control)
    assert halts == [*range(halts[0], halts[0] + 4)]
    assert len(only(Resumed, events)) == 1
    assert {*halts} <= {event.step for event in only(Weights, events)}
    assert {*halts} <= {event.step for event in only(Progress, events)}
    told = np.concatenate([event.steps for event in only(Losses, events) if event.split == "train"])
    assert told.tolist() == [*range(1, 61)]
    assert isinstance(events[-1], Finished)


class Hasty(Control):
    """A lever in the hand of who lets the training go on while one step is being made."""

    def take_step(self):
        taken = super().take_step()
        if taken:
            self.resume()
        return taken


def test_who_goes_on_while_one_step_is_made_hears_that_it_goes_on(tmp_path):
    control = Hasty()

    control.step_once()
    events = watched(job(tmp_path / "run", steps=8), lambda event: None, control)
    heard = [(type(event), event.step) for event in events if isinstance(event, Paused | Resumed)]
    assert heard == [(Paused, 1), (Resumed, 2)]


def test_slow_motion_shows_every_step_and_does_not_count_as_training(tmp_path):
    control, pace, steps = Control(), 1.0, 3
    control.slow(pace)
    begun = time.perf_counter()
    events = watched(job(tmp_path / "run", steps=steps), lambda event: None, control)
    lasted = time.perf_counter() - begun
    assert lasted > steps / pace
    assert events[-1].seconds < lasted - 0.5 * steps / pace
    assert {*range(1, steps + 1)} <= {event.step for event in only(PlaneShown, events)}
    assert next(event.seconds_left for event in only(Progress, events) if event.step == 2) == pytest.approx(1 / pace)


def test_slow_motion_ends_when_it_is_told_to(tmp_path):
    control = Control()
    control.slow(0.01)
    threading.Timer(1.0, lambda: control.slow(None)).start()
    events = list(train(job(tmp_path / "run", steps=20), control))
    assert isinstance(events[-1], Finished)
    assert events[-1].step == 20


def test_who_pauses_slow_motion_is_not_given_another_step(tmp_path):
    control, halts, timer = Control(), [], None
    control.slow(0.01)

    def pull(event):
        nonlocal timer
        if isinstance(event, PlaneShown) and event.step == 1 and timer is None:
            timer = threading.Timer(0.1, control.pause)
            timer.start()
        if isinstance(event, Paused):
            halts.append(event.step)
            control.slow(None)
            control.resume()

    watched(job(tmp_path / "run"), pull, control)
    assert halts == [1]


@pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])
def test_a_training_watched_slowly_ends_the_same_as_one_that_nobody_watches(tmp_path, family):
    control = Control()
    control.slow(20.0)
    watched(job(tmp_path / "slow", family), lambda event: None, control)
    list(train(job(tmp_path / "plain", family), Control()))
    one, other = (RunFolder.open(tmp_path / name).load().weights for name in ("slow", "plain"))
    assert same(one, other)


@pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])
def test_an_opened_run_shows_the_plane_as_its_training_left_it(tmp_path, family):
    last = only(PlaneShown, watched(job(tmp_path / "run", family), lambda event: None, Control()))[-1]
    events = list(replay(tmp_path / "run", Control()))
    (again,) = only(PlaneShown, events)
    assert (again.step, again.run, again.meaning) == (6, last.run, last.meaning)
    for name in ("real", "drawn", "heights", "arrows"):
        np.testing.assert_allclose(getattr(again, name), getattr(last, name), rtol=1e-4, atol=1e-5)
    assert again.real.shape == (80, 2)
    assert not only(Noticed, events)


def test_only_points_with_a_prior_have_a_plane(tmp_path):
    assert not only(PlaneShown, watched(job(tmp_path / "ae", "autoencoder"), lambda event: None, Control()))
    pictures = job(tmp_path / "digits", dataset="digits", steps=2)
    assert not only(PlaneShown, watched(pictures, lambda event: None, Control()))
    assert not only(PlaneShown, list(train(job(tmp_path / "unwatched"), Control())))


def test_a_stop_is_heard_in_slow_motion(tmp_path):
    control = Control()
    control.slow(0.01)
    begun = time.perf_counter()
    threading.Timer(1.0, control.stop).start()
    events = until(train(job(tmp_path / "run"), control, live=True), lambda event: False, control)
    assert type(events[-1]).__name__ == "Cancelled"
    assert time.perf_counter() - begun < 60
