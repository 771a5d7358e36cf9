import threading
import time

import numpy as np
import pytest
import torch
from tiny_runs import job, only, until

from models.events import (
    Cancelled,
    Embedded,
    Figures,
    Finished,
    HeldOut,
    Losses,
    Paused,
    Reconstructed,
    Resumed,
    Sampled,
    Saved,
    Started,
    Weights,
    Working,
)
from models.family import DataSpec
from models.job import Control
from models.registry import build
from models.run import RunFolder
from models.trainer import resume, train


@pytest.mark.parametrize("at", [Started, HeldOut, Embedded, Weights, Losses, Saved, Paused])
def test_a_stop_at_any_event_keeps_the_run(tmp_path, at, eager_saves):
    control = Control()
    if at is Paused:
        control.pause()
    work = train(job(tmp_path / "run"), control, live=True)
    events = until(work, lambda event: isinstance(event, at), control)
    assert isinstance(events[-1], Cancelled)
    stopped_at = next(event for event in events if isinstance(event, at))
    assert events[-1].step <= stopped_at.step + 1
    run = RunFolder.open(tmp_path / "run")
    assert run.manifest.status == "stopped"
    assert run.steps()[-1] == events[-1].step
    assert isinstance(list(resume(tmp_path / "run", Control()))[-1], Finished)


def test_a_stop_while_the_data_loads_leaves_nothing(tmp_path, shared_data):
    control = Control()
    data = {"dataset": "mnist", "dataset_settings": {"data_dir": str(shared_data)}}
    events = until(train(job(tmp_path / "run", **data), control), lambda event: isinstance(event, Working), control)
    assert isinstance(events[-1], Cancelled)
    assert not (tmp_path / "run").exists()


def test_a_stop_while_measuring_at_the_end_leaves_it_to_resume(tmp_path):
    control = Control()
    work = train(job(tmp_path / "run"), control)
    events = until(work, lambda event: isinstance(event, Working) and event.step == 6, control)
    assert isinstance(events[-1], Cancelled)
    events = list(resume(tmp_path / "run", Control()))
    assert isinstance(events[-1], Finished)
    assert only(Figures, events)[0].values


@pytest.mark.parametrize("live", [True, False])
def test_at_a_pause_a_window_is_shown_the_model_as_it_is(tmp_path, live):
    control, events = Control(), []
    for event in train(job(tmp_path / "run", steps=60, precision="fp32"), control, live=live):
        events.append(event)
        if isinstance(event, Losses) and event.split == "train" and not only(Paused, events):
            control.pause()
        if isinstance(event, Paused):
            control.resume()
    halted, ended = events.index(only(Paused, events)[0]), events.index(only(Resumed, events)[0])
    shown = events[halted + 1 : ended]
    assert [type(event) for event in shown] == ([Embedded, Weights, Sampled, Reconstructed] if live else [])
    if live:
        embedded, weights = shown[:2]
        family = build(weights.info.family, weights.info.settings, DataSpec(*weights.info.image_shape, 10))
        family.load_state_dict(weights.state)
        pictures = torch.from_numpy(only(HeldOut, events)[0].pictures.copy()).permute(0, 3, 1, 2).float() / 255
        with torch.no_grad():
            codes = family.eval().encode(pictures)
        np.testing.assert_allclose(embedded.codes, codes, atol=1e-5)


def test_a_pause_halts_between_two_steps_and_its_time_does_not_count(tmp_path):
    control = Control()
    timer = threading.Timer(0.6, control.resume)
    events, steps, start = [], [], time.perf_counter()
    for event in train(job(tmp_path / "run", steps=12), control):
        events.append(event)
        if isinstance(event, Losses) and event.split == "train" and not only(Paused, events):
            control.pause()
        if isinstance(event, Paused):
            steps.append(event.step)
            timer.start()
            began = time.perf_counter()
        if isinstance(event, Resumed):
            steps.append(event.step)
            waited = time.perf_counter() - began
    assert len(steps) == 2
    assert steps[0] == steps[1]
    assert waited >= 0.55
    assert isinstance(events[-1], Finished)
    assert events[-1].seconds < time.perf_counter() - start - waited
