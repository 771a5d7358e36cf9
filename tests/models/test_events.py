"""Events cannot be changed, and the mailbox loses nothing that counts, whoever writes and however slow the reader."""

from __future__ import annotations

import threading
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from models.events import Embedded, Finished, Losses, Noticed, Progress, Projection, Rendered, Sampled, Saved
from models.mailbox import Mailbox


def losses(step, run="r", split="train", **values):
    values = values or {"loss": step}
    return Losses(
        run, step, split, np.array([step]), {name: np.array([value], np.float32) for name, value in values.items()}
    )


def rendered(key, generation):
    return Rendered("r", 0, key, generation, np.zeros((1, 2), np.float32), np.zeros((1, 2, 2, 1), np.uint8), 0.0)


def sampled(step, run="r"):
    return Sampled(run, step, np.full((1, 2, 2, 1), step, np.uint8))


def test_events_and_their_arrays_are_frozen():
    event = losses(1)
    with pytest.raises(FrozenInstanceError):
        event.step = 2
    for array in (event.steps, event.values["loss"], event.merged(losses(2)).steps, sampled(1).pictures):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    codes = np.zeros((1, 2), np.float32)
    plane = Projection("identity", np.zeros(2, np.float32), np.eye(2, dtype=np.float32), 1.0)
    Embedded("r", 0, codes, codes.copy(), plane)
    assert not codes.flags.writeable  # the sender cannot go on writing into it either


def test_milestones_all_arrive_in_order():
    box = Mailbox()
    sent = [Saved("r", step, str(step)) for step in range(100)]
    for event in sent:
        box.put(event)
    assert box.drain() == sent
    assert box.drain() == []


def test_of_the_latest_kind_only_the_newest_arrives_for_each_run():
    box = Mailbox()
    for step in range(50):
        box.put(sampled(step))
    box.put(sampled(7, run="other"))
    box.put(Progress("r", 1, 0.1, 0.2, 1.0, 9.0, 100.0))
    assert [(type(event), event.run, event.step) for event in box.drain()] == [
        (Sampled, "r", 49),
        (Sampled, "other", 7),
        (Progress, "r", 1),
    ]


def test_losses_merge_and_none_is_lost():
    box = Mailbox()
    for step in range(1, 6):
        box.put(losses(step, loss=step, kl=-step))
        box.put(losses(step, split="test"))
    train, test = box.drain()
    assert (train.split, train.step, train.steps.tolist()) == ("train", 5, [1, 2, 3, 4, 5])
    assert train.values["kl"].tolist() == [-1, -2, -3, -4, -5]
    assert test.values["loss"].tolist() == [1, 2, 3, 4, 5]


def test_losses_of_other_names_stay_apart():
    box = Mailbox()
    for event in (losses(1, loss=1), losses(2, loss=2, gan=3), losses(3, run="s", loss=1)):
        box.put(event)
    assert [tuple(event.values) for event in box.drain()] == [("loss",), ("loss", "gan"), ("loss",)]


def test_what_cannot_merge_says_so():
    with pytest.raises(TypeError, match="Saved and Saved do not merge"):
        Saved("r", 1, "x").merged(Saved("r", 2, "y"))


def test_answers_replace_only_answers_of_their_key():
    box = Mailbox()
    for event in (rendered("probe", 1), rendered("pins", 1), rendered("probe", 2)):
        box.put(event)
    assert [(event.key, event.generation) for event in box.drain()] == [("pins", 1), ("probe", 2)]


def test_a_thinned_event_stands_where_its_newest_part_arrived():
    box = Mailbox()
    for event in (sampled(1), Noticed("r", 1, "half"), sampled(2), Finished("r", 2, 1.0)):
        box.put(event)
    assert [type(event) for event in box.drain()] == [Noticed, Sampled, Finished]


def test_many_writers_and_a_reader_lose_nothing():
    box, writers, count = Mailbox(), 4, 500
    collected = []

    def write(run):
        for step in range(count):
            box.put(losses(step, run=run))
            box.put(sampled(step % 256, run=run))
            if step % 10 == 0:
                box.put(Saved(run, step, ""))

    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(writers)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        collected += box.drain()
    collected += box.drain()
    for number in range(writers):
        mine = [event for event in collected if event.run == str(number)]
        curve = np.concatenate([event.steps for event in mine if isinstance(event, Losses)])
        assert curve.tolist() == list(range(count))
        assert [event.step for event in mine if isinstance(event, Saved)] == list(range(0, count, 10))
        assert [event for event in mine if isinstance(event, Sampled)][-1].step == (count - 1) % 256


def test_thinning_keeps_the_box_small():
    box = Mailbox()
    for step in range(2000):
        box.put(sampled(step % 256))
        box.put(losses(step))
    assert len(box.drain()) == 2
