"""Copies are found exactly, quickly, and told from smooth pictures that lie near to many."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.copy_events import Comparing, Copied, CopiesUnknown
from models.copy_questions import Question
from models.copy_search import CopySearch
from models.errors import UserError
from models.evaluate.copies import Copies, copies_in, usual
from models.job import Control, Job, finished
from models.newest import Newest
from models.subject import Subject


def pictures(count, seed=0, side=12):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, 1, side, side), generator=generator, dtype=torch.uint8)


@pytest.mark.parametrize("asked", [1, 3, 700])
@pytest.mark.parametrize("alike", [0.0, 0.9])
def test_the_nearest_are_those_that_every_distance_says(monkeypatch, asked, alike):
    monkeypatch.setattr("models.evaluate.copies.BLOCK", 2**12)
    drawn = pictures(1600)
    base = pictures(8, 3)[torch.arange(1600) % 8]  # near ones, which the sketch tells apart from far ones
    drawn = (alike * base.float() + (1 - alike) * drawn.float()).to(torch.uint8)
    train, queries = drawn[:900], drawn[900 : 900 + asked]
    near = Copies(train).nearest(queries, 5)
    apart = torch.cdist(queries.flatten(1).double(), train.flatten(1).double())
    wanted = apart.sort(1)
    np.testing.assert_allclose(near.distances, wanted.values[:, :5] / 255 / 12, rtol=1e-6)
    found = apart.gather(1, torch.from_numpy(near.indices))  # of equals any may come first
    np.testing.assert_allclose(found, wanted.values[:, :5], rtol=1e-6)


def test_a_planted_copy_is_found_among_bright_pictures_where_floats_round():
    train = 255 - pictures(3000, side=28) // 32
    planted = train[1234:1235].clone()
    near = Copies(train).nearest(planted)
    assert near.indices[0, 0] == 1234
    assert near.distances[0, 0] == 0
    assert near.alone[0] == 0


def test_what_is_usual_tells_a_copy_from_a_picture_that_is_near_to_all():
    means = pictures(2, seed=5).repeat(250, 1, 1, 1)
    images = (means.float() / 2 + pictures(500, seed=6).float() / 2).to(torch.uint8)
    copies, held_out = Copies(images[:400]), images[400:]
    normal = finished(usual(copies, held_out, Control()))
    copy = images[5:6].clone()
    copy[0, 0, 3, 3] ^= 7
    smooth = images[:400:2].float().mean(0).round().to(torch.uint8)[None]
    assert normal.copied(copies.nearest(copy)).tolist() == [True]
    near = copies.nearest(smooth)
    assert near.distances[0, 0] < normal.distances[0]  # nearer than any held-out picture,
    assert normal.copied(near).tolist() == [False]  # and no copy


def test_few_pictures_and_points_are_no_trouble(tiny_dataset):
    from dataclasses import replace

    assert Copies(pictures(1)).nearest(pictures(1)).alone.tolist() == [1.0]
    same = pictures(1).repeat(40, 1, 1, 1)
    assert Copies(same).nearest(same[:2]).distances.max() == 0
    points = torch.rand(20, 2, 1, 1)
    with pytest.raises(UserError, match="points of the plane"):
        copies_in(replace(tiny_dataset, train_images=points, test_images=points))


# ---- for the window


@pytest.fixture(scope="module")
def info(session_home, tmp_path_factory):
    from models.trainer import train

    folder = tmp_path_factory.mktemp("runs") / "vae"
    job = Job(family="vae", settings={"width": 16}, dataset="digits", device="cpu", steps=2, run=str(folder))
    list(train(job, Control()))
    return Subject.of_run(folder).info


def told(*asked):
    """What is told of questions, each asked when the one before has its answer."""
    questions, control, told, left = Newest(), Control(), [], list(asked)
    questions.put(left.pop(0))
    for event in CopySearch(questions).serve(control):
        told.append(event)
        if not isinstance(event, Comparing):
            questions.put(left.pop(0)) if left else control.stop()
    return told


def test_a_question_loads_the_data_once_and_is_answered(info):
    from models.run_data import data_of

    data = finished(data_of(info, Control()))
    planted = data.train_images[7:8].permute(0, 2, 3, 1).numpy()
    events = told(Question(info, 3, "probe", planted), Question(info, 3, "probe", 255 - planted))
    first, second = (event for event in events if isinstance(event, Copied))
    assert any("held-out" in event.what for event in events if isinstance(event, Comparing))
    assert not any(isinstance(event, Comparing) for event in events[events.index(first) :])
    assert first.indices[0, 0] == 7
    assert np.array_equal(first.nearest[0, 0], planted[0])
    assert first.labels[0, 0] == data.train_labels[7]
    assert first.ranks.tolist() == [1.0]
    assert first.suspicious.tolist() == [True]
    assert second.ranks[0] < 0.5
    assert not second.suspicious.any()


def test_data_that_are_gone_or_other_ones_are_told(info, monkeypatch):
    asked = Question(info, 3, "probe", np.zeros((1, 8, 8, 1), np.uint8))
    with monkeypatch.context() as patch:
        patch.setattr("models.datasets.digits.Digits.at_hand", lambda self: False)
        (gone,) = told(asked)
    assert isinstance(gone, CopiesUnknown)
    assert "not on this machine" in gone.problem
    monkeypatch.setattr("models.datasets.Dataset.content_hash", lambda self: "another")
    assert "has changed" in told(asked)[-1].problem


def test_pictures_of_another_size_are_told(info):
    assert "another size" in told(Question(info, 3, "probe", np.zeros((1, 9, 9, 1), np.uint8)))[-1].problem


def test_loading_can_be_ended(info):
    questions, control, events = Newest(), Control(), []
    questions.put(Question(info, 3, "probe", np.zeros((1, 8, 8, 1), np.uint8)))
    for event in CopySearch(questions).serve(control):
        events.append(event)
        questions.enough() if isinstance(event, Comparing) else control.stop()
    assert events[-1] == CopiesUnknown(info.id, 3, "")


def test_the_command_sets_drawn_pictures_beside_their_nearest(info, tmp_path, monkeypatch):
    from PIL import Image

    from models.commandline import run as command
    from models.run_data import data_of

    out = tmp_path / "copies.png"
    sizes = ["--rows", "2", "--columns", "3", "--spacing", "0", "--scale", "1"]
    assert command(["export", "copies", info.folder, str(out), *sizes]) == 0
    with Image.open(out) as image:
        sheet = np.asarray(image.convert("L")).reshape(2, 28, 3, 2, 28).transpose(0, 2, 3, 1, 4).reshape(6, 2, 28, 28)
    train = finished(data_of(info, Control())).train_images.numpy()[:, 0]
    for drawn, nearest in sheet:
        apart = np.square(train.astype(int) - drawn).sum((1, 2))
        assert np.array_equal(train[apart.argmin()], nearest)
    monkeypatch.setattr("models.datasets.digits.Digits.at_hand", lambda self: False)
    assert command(["export", "copies", info.folder, str(out)]) == 2
