"""A job says one length, and its lever never loses a pull."""

from __future__ import annotations

import json
import threading

import pytest

from models.errors import UserError
from models.job import Control, Job


def test_a_job_goes_to_json_and_back():
    job = Job(family="vae", settings={"latent_dim": 3}, dataset_settings={"data_dir": "x"}, minutes=0.5, seed=7)
    assert Job.read(json.loads(job.model_dump_json()), of="job") == job


@pytest.mark.parametrize(
    ("lengths", "named"),
    [
        ({"epochs": 1, "steps": 2}, "epochs and steps"),
        ({"steps": 2, "minutes": 1.0}, "steps and minutes"),
        ({"epochs": 1, "steps": 2, "minutes": 1.0}, "epochs and steps and minutes"),
    ],
)
def test_only_one_length(lengths, named):
    with pytest.raises(UserError, match=f"job: only one of epochs, steps and minutes can be set, not {named}"):
        Job.read(lengths, of="job")


@pytest.mark.parametrize("length", [{}, {"epochs": 1}, {"steps": 1}, {"minutes": 0.1}])
def test_one_length_or_none(length):
    job = Job.read(length, of="job")
    assert {name: getattr(job, name) for name in length} == length


@pytest.mark.parametrize(
    "values", [{"epochs": 0}, {"steps": 1.5}, {"minutes": 0}, {"seed": -1}, {"seed": 2**31}, {"device": "tpu"}]
)
def test_out_of_range(values):
    with pytest.raises(UserError, match=f"job: {next(iter(values))} must be"):
        Job.read(values, of="job")


def test_the_lever():
    control = Control()
    assert (control.stopping, control.paused, control.wait(0)) == (False, False, True)
    control.pause()
    assert (control.paused, control.wait(0.01)) == (True, False)
    control.resume()
    assert (control.paused, control.wait(0)) == (False, True)
    control.pause()
    control.stop()
    assert (control.stopping, control.paused, control.wait(0)) == (True, False, True)
    control.pause()
    assert not control.paused


def test_a_stop_frees_paused_work_in_another_thread():
    control = Control()
    control.pause()
    freed = []
    thread = threading.Thread(target=lambda: freed.append(control.wait(10)))
    thread.start()
    control.stop()
    thread.join(5)
    assert freed == [True]


def test_pause_and_stop_at_the_same_moment_never_leave_work_waiting():
    for _ in range(300):
        control = Control()
        start = threading.Barrier(2)

        def pull(control=control, start=start):
            start.wait()
            control.pause()

        thread = threading.Thread(target=pull)
        thread.start()
        start.wait()
        control.stop()
        thread.join()
        assert control.wait(0)


@pytest.mark.parametrize("early", [True, False])
def test_sleeping_work_is_woken_by_a_stop_before_or_after_it_lies_down(early):
    control = Control()
    woken = threading.Event()
    if early:
        control.stop()
    control.on_stop(woken.set)
    assert woken.is_set() == early
    control.stop()
    assert woken.is_set()


def test_paused_work_makes_as_many_steps_as_it_is_granted():
    control = Control()
    control.pause()
    control.step_once()
    control.step_once()
    assert [control.wait(0), control.take_step()] == [True, True]
    assert [control.wait(0), control.take_step()] == [True, True]
    assert [control.wait(0.01), control.take_step(), control.paused] == [False, False, True]
    control.step_once()
    control.resume()
    assert [control.wait(0), control.take_step()] == [True, False]


def test_a_step_asked_of_running_work_halts_it():
    control = Control()
    control.step_once()
    assert control.paused
    assert [control.take_step(), control.take_step()] == [True, False]
    control.stop()
    assert [control.wait(0), control.take_step()] == [True, False]


@pytest.mark.parametrize("pull", ["stop", "pause", "step_once", "faster"])
def test_slow_work_hears_the_lever_between_two_steps(pull):
    control = Control()
    control.slow(0.01)
    assert control.pace == 0.01
    thread = threading.Thread(target=lambda: control.linger(60, 0.01))
    thread.start()
    assert thread.is_alive()
    control.slow(None) if pull == "faster" else getattr(control, pull)()
    thread.join(5)
    assert not thread.is_alive()
