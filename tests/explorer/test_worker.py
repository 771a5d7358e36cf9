"""A lane runs work one after another, tells what goes wrong, and lives on."""

import threading
import time

import pytest

from explorer.worker import Worker
from models.errors import Stopped, UserError
from models.events import Cancelled, Failed, Noticed
from models.mailbox import Mailbox


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def lane(mailbox):
    lane = Worker("train", mailbox)
    yield lane
    assert lane.close(5)


def wait_idle(lane):
    deadline = time.monotonic() + 5
    while lane.busy:
        assert time.monotonic() < deadline, "the lane is still busy"
        time.sleep(0.001)


def say(*lines):
    def work(control):
        for line in lines:
            yield Noticed("", 0, line)

    return work


def test_work_is_done_in_the_order_it_was_given_in_a_thread_of_its_own(lane, mailbox):
    threads = []

    def where(control):
        threads.append(threading.current_thread().name)
        yield Noticed("", 0, "c")

    lane.start(say("a", "b"))
    lane.start(where)
    wait_idle(lane)
    assert [event.message for event in mailbox.drain()] == ["a", "b", "c"]
    assert threads == ["train"]


def test_libraries_that_do_not_fit_are_told_in_words_with_the_mend(lane, mailbox):
    def mismatched(control):
        yield Noticed("", 0, "before")
        raise RuntimeError("operator torchvision::nms does not exist")

    lane.start(mismatched)
    wait_idle(lane)
    failed = mailbox.drain()[-1]
    assert "do not fit each other" in failed.message
    assert "pip install" in failed.message
    assert "torchvision::nms" in failed.details


def test_an_error_of_the_program_is_told_with_its_traceback_and_the_lane_lives_on(lane, mailbox):
    def broken(control):
        yield Noticed("", 0, "before")
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    lane.start(broken)
    lane.start(say("after"))
    wait_idle(lane)
    before, failed, after = mailbox.drain()
    assert isinstance(failed, Failed)
    assert failed.run == "train"
    assert "mat1 and mat2" in failed.message
    assert "Traceback" in failed.details
    assert "broken" in failed.details
    assert (before.message, after.message) == ("before", "after")


def test_an_error_of_a_person_is_told_in_its_own_sentence(lane, mailbox):
    def refused(control):
        raise UserError("This is no run.", mend="Choose another folder.")
        yield

    lane.start(refused)
    wait_idle(lane)
    assert mailbox.drain() == [Failed("train", 0, "This is no run. Choose another folder.")]


def test_work_that_stops_when_asked_is_cancelled(lane, mailbox):
    begun = threading.Event()

    def patient(control):
        begun.set()
        while not control.stopping:
            control.wait(0.001)
            yield Noticed("", 0, "tick")
        raise Stopped

    control = lane.start(patient)
    assert begun.wait(5)
    control.stop()
    wait_idle(lane)
    assert mailbox.drain()[-1] == Cancelled("", 0)


def test_stopped_before_its_turn_work_never_begins(lane, mailbox):
    gate = threading.Event()

    def first(control):
        gate.wait(5)
        yield from ()

    lane.start(first)
    lane.start(say("never")).stop()
    gate.set()
    wait_idle(lane)
    assert mailbox.drain() == []


def test_closing_ends_the_thread_and_all_work(mailbox):
    lane = Worker("tasks", mailbox)
    lane.start(lambda control: iter(lambda: (control.wait(0.001), Noticed("", 0, "."))[1], None))
    lane.stop()
    assert lane.close(5)
    assert "tasks" not in {thread.name for thread in threading.enumerate()}


def test_a_lane_that_hangs_is_told_as_such(mailbox):
    lane, begun, gate = Worker("tasks", mailbox), threading.Event(), threading.Event()

    def deaf(control):
        begun.set()
        gate.wait(10)
        yield from ()

    lane.start(deaf)
    assert begun.wait(5)
    assert not lane.close(0.05)
    gate.set()


def test_somebody_is_woken_after_every_event(mailbox):
    woken = []
    lane = Worker("render", mailbox, wake=lambda: woken.append(threading.current_thread().name))
    lane.start(say("a", "b"))
    wait_idle(lane)
    assert woken == ["render", "render"]
    assert lane.close(5)
