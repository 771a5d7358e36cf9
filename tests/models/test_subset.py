"""Only some classes, only so many pictures: what is taken, from training to replay."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import job as tiny_job
from tiny_runs import only

from models.datasets import Dataset, Factor, room
from models.datasets.cache import tensor_of
from models.datasets.subset import chosen_classes, load_part, part_of
from models.errors import Stopped, UserError
from models.events import Failed, Finished, HeldOut, Noticed
from models.job import Control, Job, finished
from models.registry import datasets, source
from models.replay import replay
from models.run import RunFolder
from models.trainer import resume, train


@pytest.fixture(scope="module")
def uneven():
    """A hundred training pictures of a large, a middle and a small class, and twenty to test on, with a factor."""
    labels = torch.tensor([0] * 70 + [1] * 25 + [2] * 5 + [0] * 14 + [1] * 5 + [2])
    images = torch.arange(120, dtype=torch.uint8).reshape(-1, 1, 1, 1).expand(-1, 1, 2, 2).contiguous()
    factors = torch.arange(120, dtype=torch.float32).unsqueeze(1)
    return Dataset(
        "uneven", images[:100], labels[:100], images[100:], labels[100:], ("owl", "fox", "1"),
        factors=(Factor("number", high=119),), train_factors=factors[:100], test_factors=factors[100:],
    )  # fmt: skip


def taken(data, **asked):
    return finished(part_of(data, Job(**asked), Control()))


def test_without_a_wish_nothing_changes(uneven):
    assert taken(uneven) is uneven
    assert taken(uneven, limit=100) is uneven
    assert taken(uneven, limit=5000) is uneven


def test_chosen_classes_are_numbered_anew_and_keep_their_names(uneven):
    part = taken(uneven, classes=" 2 , owl ")  # the number of the class called 1
    assert part.class_names == ("owl", "1")
    assert torch.unique(part.train_labels, return_counts=True)[1].tolist() == [70, 5]
    assert part.train_labels.dtype == torch.int64
    assert part.train_images[:, 0, 0, 0].tolist() == [*range(70), *range(95, 100)]
    assert part.test_labels.tolist() == [0] * 14 + [1]
    assert part.train_factors[:, 0].tolist() == [*range(70), *range(95, 100)]
    assert part.spec.classes == 2


def test_a_name_counts_before_a_number(uneven):
    assert chosen_classes("1", uneven.class_names) == [2]
    assert chosen_classes("fox,0,0", uneven.class_names) == [0, 1]
    assert chosen_classes(" , ", uneven.class_names) is None


def test_a_limit_keeps_the_shares_of_the_classes_and_of_the_test(uneven):
    part = taken(uneven, limit=20)
    counts = torch.bincount(part.train_labels).tolist()
    assert sum(counts) == 20
    assert all(abs(count - share) <= 1 for count, share in zip(counts, (14, 5, 1), strict=True))
    assert len(part.test_images) == 4
    assert part.train_images[:, 0, 0, 0].tolist() == part.train_factors[:, 0].tolist()


@pytest.mark.parametrize("limit", [3, 4, 10])
def test_every_class_stays_where_there_is_room(uneven, limit):
    assert torch.unique(taken(uneven, limit=limit).train_labels).tolist() == [0, 1, 2]


def test_the_seed_decides_and_a_smaller_limit_takes_a_part_of_a_larger(uneven):
    def numbers(**asked):
        return set(taken(uneven, **asked).train_images[:, 0, 0, 0].tolist())

    assert numbers(limit=30) == numbers(limit=30)
    assert numbers(limit=30) != numbers(limit=30, seed=1)
    assert numbers(limit=10) < numbers(limit=30) < numbers(limit=90)


def test_the_hash_is_that_of_the_part(uneven):
    hashes = {taken(uneven, **asked).content_hash() for asked in ({}, {"limit": 9}, {"classes": "fox"})}
    assert len(hashes) == 3


def test_without_labels_a_limit_holds_and_classes_are_refused(uneven):
    bare = replace(uneven, train_labels=None, test_labels=None, class_names=())
    part = taken(bare, limit=10)
    assert (len(part.train_images), len(part.test_images), part.train_labels) == (10, 2, None)
    with pytest.raises(UserError, match="no classes to choose from"):
        taken(bare, classes="1")


@pytest.mark.parametrize("words", ["owl,bear", "3", "-1", "²", "99999999999999999999"])
def test_an_unknown_class_is_told_with_those_there_are(uneven, words):
    with pytest.raises(UserError, match="There are: owl, fox, 1"):
        taken(uneven, classes=words)


@pytest.mark.parametrize("name", ["faces", "sprites", "toy2d", "digits", "mnist", "cifar10"])
def test_a_class_that_cannot_be_there_is_refused_before_anything_is_loaded(name, monkeypatch):
    origin = datasets.get(name)
    monkeypatch.setattr(origin, "load", lambda source, control: pytest.fail("it was loaded first"))
    with pytest.raises(UserError, match="There is no class 'owls'"):
        finished(load_part(source(name, {}), Job(classes="owls"), Control()))


def test_the_classes_known_beforehand_are_those_of_the_data():
    for name in ("faces", "sprites", "toy2d", "digits"):
        settings = {"count": 200} if name != "digits" else {}
        origin = source(name, settings)
        assert origin.known_classes() == finished(origin.load(Control())).class_names


def test_the_nearest_name_is_offered(uneven):
    with pytest.raises(UserError, match="Did you mean fox"):
        taken(uneven, classes="foxx")


def test_a_class_without_training_pictures_is_refused(uneven):
    data = replace(uneven, class_names=("owl", "fox", "1", "bear"))
    with pytest.raises(UserError, match="None of the training pictures"):
        taken(data, classes="bear")


def test_a_class_without_test_pictures_is_refused(uneven):
    data = replace(uneven, test_images=uneven.test_images[:-1], test_labels=uneven.test_labels[:-1])
    with pytest.raises(UserError, match=r"None of the test pictures .+ Choose more classes"):
        taken(data, classes="2")
    assert len(taken(data, classes="fox,1").test_images) == 5


@pytest.fixture
def mapped(tmp_path):
    """60,000 pictures of 1,024 bytes on the disk, whose first four bytes are their numbers."""
    stored = np.lib.format.open_memmap(tmp_path / "many.npy", "w+", np.uint8, (60_000, 1, 32, 32))
    stored.reshape(60_000, -1)[:, :4] = np.arange(60_000, dtype="<u4")[:, None].view(np.uint8)
    images = tensor_of(np.load(tmp_path / "many.npy", mmap_mode="r"))
    labels = torch.arange(60_000) % 5
    return Dataset("many", images[:50_000], labels[:50_000], images[50_000:], labels[50_000:], tuple("abcde"))


@pytest.mark.parametrize("asked", [{"limit": 49_000}, {"classes": "a,b,d,e"}])
def test_a_part_of_pictures_on_the_disk_stays_there(mapped, monkeypatch, asked):
    in_memory = taken(mapped, **asked)
    monkeypatch.setattr(room, "SHARE", 0.0)
    tracemalloc.start()
    part = taken(mapped, **asked)
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert highest < 16 * 2**20 < part.train_images.nbytes / 2
    assert part.content_hash() == in_memory.content_hash()
    numbers = part.train_images.numpy().reshape(len(part.train_images), -1)[:, :4].copy().view("<u4")[:, 0]
    assert (np.diff(numbers.astype(int)) > 0).all()


def test_points_of_the_plane_are_taken_as_they_are(mapped, monkeypatch):
    monkeypatch.setattr(room, "SHARE", 0.0)
    points = torch.rand(100, 2, 1, 1)
    data = replace(mapped, train_images=points, train_labels=mapped.train_labels[:100])
    part = taken(data, classes="b")
    assert torch.equal(part.train_images, points[1::5])


def test_a_stop_is_heard_while_pictures_are_gathered(mapped):
    control = Control()
    gathering = part_of(mapped, Job(limit=49_000), control)
    assert next(gathering).what == "Choosing pictures, 4,096 of 49,000"
    control.stop()
    with pytest.raises(Stopped):
        next(gathering)


def test_a_run_on_a_part_is_resumed_and_replayed_on_the_same_part(tmp_path):
    folder = tmp_path / "run"
    asked = {"classes": "3,7", "limit": 60, "seed": 5}
    events = list(train(tiny_job(folder, steps=2, **asked), Control()))
    shown = only(HeldOut, events)[-1]
    told = RunFolder.open(folder).manifest
    assert (told.data.class_names, told.data.train_count) == (("3", "7"), 60)
    assert {name: told.job[name] for name in asked} == asked
    assert set(shown.labels.tolist()) == {0, 1}
    again = only(HeldOut, list(replay(folder, Control())))[-1]
    assert np.array_equal(again.pictures, shown.pictures)
    assert np.array_equal(again.labels, shown.labels)
    on = list(resume(folder, Control(), steps=4))
    assert only(Finished, on), only(Failed, on)


def test_a_run_from_before_there_were_parts_is_still_replayed(tmp_path):
    folder = tmp_path / "run"
    list(train(tiny_job(folder, steps=1), Control()))
    path = folder / "run.json"
    told = json.loads(path.read_text())
    del told["job"]["classes"], told["job"]["limit"]
    path.write_text(json.dumps(told))
    events = list(replay(folder, Control()))
    assert len(only(HeldOut, events)[-1].pictures)
    assert not only(Noticed, events)
