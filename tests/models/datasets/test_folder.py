"""A person's folder, however it looks, becomes a data set or one sentence."""

from __future__ import annotations

import os
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models.datasets import Stopped
from models.errors import UserError
from models.events import Failed, Finished, HeldOut, Noticed, Sampled
from models.job import Control, Job, finished
from models.registry import datasets
from models.trainer import train


def fill(folder, count, colour=(200, 30, 30), size=(40, 30)):
    """Pictures whose first channel counts up, so that each can be told from the others."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        Image.new("RGB", size, (number, *colour[1:])).save(folder / f"{number:03}.png")


@pytest.fixture
def classes(tmp_path):
    """Two classes of ten pictures, reddish dogs and grey cats."""
    root = tmp_path / "pets"
    fill(root / "dog", 10)
    fill(root / "cat", 10, (9, 9, 9))
    return root


def test_folder_per_class(load, classes):
    data = load("folder", data_dir=str(classes))
    assert data.class_names == ("cat", "dog")
    assert data.train_images.shape == (16, 3, 32, 32)
    assert data.test_labels.bincount().tolist() == [2, 2]
    assert data.train_images.dtype == torch.uint8
    assert data.train_labels.dtype == torch.int64
    assert data.warnings == ()
    green = data.train_images[:, 1, 0, 0]
    assert torch.equal(green == 30, data.train_labels == 1)
    numbers = torch.cat([data.train_images[:, 0, 0, 0], data.test_images[:, 0, 0, 0]])
    assert numbers.sort().values.tolist() == sorted([*range(10), *range(10)])


def test_same_seed_same_data_whatever_the_speed_of_the_readers(load, classes):
    hashes = [load("folder", data_dir=str(classes), split_seed=seed).content_hash() for seed in (4, 4, 5)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("size", ["28", "32", "64", "128"])
@pytest.mark.parametrize(("colour", "channels"), [("auto", 3), ("grey", 1), ("rgb", 3)])
def test_sizes_and_colours(load, classes, size, colour, channels):
    data = load("folder", data_dir=str(classes), size=size, colour=colour)
    assert data.train_images.shape[1:] == (channels, int(size), int(size))


def test_auto_is_grey_only_without_any_colour(load, tmp_path):
    for number in range(10):
        Image.new("RGB", (8, 8), (number,) * 3).save(tmp_path / f"{number}.png")
    assert load("folder", data_dir=str(tmp_path)).spec.channels == 1
    assert load("folder", data_dir=str(tmp_path), colour="rgb").spec.channels == 3
    Image.new("RGB", (8, 8), (1, 2, 3)).save(tmp_path / "coloured.png")
    assert load("folder", data_dir=str(tmp_path)).spec.channels == 3


def test_one_flat_folder_has_no_labels(load, tmp_path):
    fill(tmp_path / "flat", 10)
    (tmp_path / "flat" / "notes.txt").write_text("BMW")
    data = load("folder", data_dir=str(tmp_path / "flat"), test_share=0.3)
    assert data.train_labels is None
    assert data.test_labels is None
    assert data.class_names == ()
    assert data.spec.classes == 0
    assert (len(data.train_images), len(data.test_images)) == (7, 3)


def test_train_and_test_folders_are_kept_apart(load, tmp_path):
    for part, count in (("train", 6), ("Test", 3)):
        fill(tmp_path / part / "b", count)
        fill(tmp_path / part / "a", count, (9, 9, 9))
    data = load("folder", data_dir=str(tmp_path))
    assert (len(data.train_images), len(data.test_images)) == (12, 6)
    assert data.class_names == ("a", "b")
    assert data.test_labels.bincount().tolist() == [3, 3]
    shutil.rmtree(tmp_path / "Test")
    fill(tmp_path / "test", 3)
    with pytest.raises(UserError, match="only one has class folders"):
        load("folder", data_dir=str(tmp_path))


def test_pictures_below_a_class_folder_belong_to_it(load, tmp_path):
    fill(tmp_path / "a" / "2024" / "may", 5)
    fill(tmp_path / "b", 5)
    assert load("folder", data_dir=str(tmp_path)).class_names == ("a", "b")


def test_left_out_things_are_told(load, classes):
    fill(classes, 2)
    (classes / "empty").mkdir()
    fill(classes / ".hidden", 3)
    data = load("folder", data_dir=str(classes))
    assert data.class_names == ("cat", "dog")
    assert data.warnings == (
        "2 pictures beside the class folders left out.",
        "1 folder without pictures left out: empty.",
    )


def test_classes_that_a_part_lacks_are_told(load, tmp_path):
    for name, classes in (("train", "ab"), ("test", "ac")):
        for letter in classes:
            fill(tmp_path / name / letter, 2)
    data = load("folder", data_dir=str(tmp_path))
    assert data.class_names == ("a", "b", "c")
    assert data.warnings == ("Without training pictures: c.", "Without test pictures: b.")


def test_one_class_is_told(load, tmp_path):
    fill(tmp_path / "only", 5)
    data = load("folder", data_dir=str(tmp_path))
    assert data.warnings == (
        "All pictures are of one class, only. If the folders in it are the classes, choose that folder.",
    )
    assert data.class_names == ("only",)


def test_strange_entries_never_hold_it_up(load, classes):
    dog = classes / "dog"
    os.mkfifo(dog / "fifo.png")
    (dog / "broken.png").symlink_to(dog / "nowhere.png")
    (dog / "loop.png").symlink_to(dog / "loop.png")
    (dog / "zero.png").symlink_to("/dev/zero")
    (dog / "up").symlink_to(classes)
    (dog / "Thumbs.db").write_bytes(b"\xff\xd8\xff thumbs")
    (dog / ".DS_Store").write_bytes(b"BM\0\0\0\0\0\0\0\0")
    begun = time.monotonic()
    data = load("folder", data_dir=str(classes))
    assert time.monotonic() - begun < 2
    assert len(data.train_images) + len(data.test_images) == 20
    assert data.train_labels.bincount().tolist() == [8, 8]


def test_links_to_folders_are_followed(load, classes, tmp_path):
    fill(tmp_path / "elsewhere", 10)
    (classes / "linked").symlink_to(tmp_path / "elsewhere")
    assert load("folder", data_dir=str(classes)).class_names == ("cat", "dog", "linked")


def test_damaged_pictures_are_left_out_and_counted(load, classes):
    (classes / "dog" / "000.png").write_bytes((classes / "dog" / "000.png").read_bytes()[:-40])
    (classes / "cat" / "bad.jpg").write_bytes(b"<html>404</html>")
    data = load("folder", data_dir=str(classes))
    assert len(data.train_images) + len(data.test_images) == 19
    assert (torch.cat([data.train_labels, data.test_labels])).bincount().tolist() == [10, 9]
    greens = torch.cat([data.train_images, data.test_images])[:, 1, 0, 0]
    assert greens.unique().tolist() == [9, 30]
    assert len(data.warnings) == 1
    assert data.warnings[0].startswith("Damaged: 2 of 21 pictures, the first: ")


def test_too_many_damaged_pictures_are_refused(load, classes):
    for number in range(4):
        (classes / "dog" / f"{number:03}.png").write_bytes(b"")
    assert load("folder", data_dir=str(classes)).warnings  # a fifth is borne
    (classes / "cat" / "000.png").write_bytes(b"")
    with pytest.raises(UserError, match=r"Damaged: 5 of 20 pictures.+Replace or remove them"):
        load("folder", data_dir=str(classes))


def test_pictures_that_vanish_while_others_are_read_are_counted(classes):
    fill(classes / "dog", 250, size=(600, 600))
    source_type = datasets.get("folder")
    work = source_type(source_type.params_type(data_dir=str(classes))).load(Control())
    assert next(event for event in work if event.what.startswith("Reading pictures")).fraction < 0.5
    for number in range(30):
        (classes / "dog" / f"{number + 200}.png").unlink()
    data = finished(work)
    gone = 260 - len(data.train_images) - len(data.test_images)
    assert 0 < gone <= 30
    assert data.warnings[0].startswith(f"Damaged: {gone} of 260 pictures")
    assert "No such file or directory" in data.warnings[0]


EXPECTED = r"Expected are a folder per class with PNG, JPEG, BMP, GIF, WEBP or TIFF pictures"


def test_folders_without_pictures_say_what_is_there_and_what_is_expected(load, tmp_path):
    with pytest.raises(UserError, match=f"found were 0 folders and 0 other files. {EXPECTED}"):
        load("folder", data_dir=str(tmp_path))
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "a").mkdir()
    with pytest.raises(UserError, match=f"found were 1 folder and 1 other file. {EXPECTED}"):
        load("folder", data_dir=str(tmp_path))


@pytest.mark.parametrize("name", ["missing", "a\0b", "n" * 300, "~nobody-of-that-name/pictures"])
def test_no_such_folder(load, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    for source in ("folder", "mnist"):
        with pytest.raises(UserError, match=r"There is no such folder\. (Expected are|Give the folder)"):
            load(source, data_dir=name)


def test_a_file_in_place_of_a_folder_is_sent_to_its_own_door(load, tmp_path):
    (tmp_path / "file.npz").touch()
    with pytest.raises(UserError, match=r"This is a file, not a folder\. Arrays in a file are the data set arrays"):
        load("folder", data_dir=str(tmp_path / "file.npz"))


def test_no_folder_given(load):
    with pytest.raises(UserError, match=r"No folder of pictures is given\. Choose one, or name it with --data-dir"):
        load("folder")


def test_too_few_pictures(load, tmp_path):
    fill(tmp_path / "a", 1)
    fill(tmp_path / "b", 1)
    with pytest.raises(UserError, match="Each of the 2 pictures has a class of its own"):
        load("folder", data_dir=str(tmp_path))


@pytest.mark.skipif(not Path("/proc/self/root").exists(), reason="this system tells nothing about itself in files")
@pytest.mark.parametrize("place", ["/proc", "/proc/self", "/dev", "link"])
def test_what_belongs_to_the_system_is_no_folder_of_pictures(load, tmp_path, place):
    (tmp_path / "link").symlink_to("/sys")
    with pytest.raises(UserError, match="belongs to the system: it holds no pictures"):
        load("folder", data_dir=str(tmp_path / place))


@pytest.mark.skipif(not Path("/proc/self/root").exists(), reason="this system tells nothing about itself in files")
def test_no_link_leads_into_the_system(load, classes):
    (classes / "dog" / "everything").symlink_to("/proc/self")
    (classes / "system").symlink_to("/dev")
    data = load("folder", data_dir=str(classes))
    assert data.class_names == ("cat", "dog")
    assert data.skipped == ()


def test_a_class_is_asked_for_only_where_every_picture_has_one(classes, tmp_path):
    """Pictures beside the class folders have no class, and none of them reaches the training."""
    fill(classes, 5)
    job = Job(family="cvae", dataset="folder", dataset_settings={"data_dir": str(classes)}, steps=2, device="cpu",
              settings={"width": 8, "depth": 1}, run=str(tmp_path / "run"))  # fmt: skip
    events = list(train(job, Control(), live=True))
    assert [event.message for event in events if isinstance(event, Failed)] == []
    assert isinstance(events[-1], Finished)
    assert "5 pictures beside the class folders left out." in [
        event.message for event in events if isinstance(event, Noticed)
    ]
    (shown,) = [event for event in events if isinstance(event, HeldOut)]
    assert set(shown.labels.tolist()) == {0, 1}
    (sampled, *_) = [event for event in events if isinstance(event, Sampled)]
    assert set(sampled.labels.tolist()) == {0, 1}


@pytest.mark.parametrize(
    "name", ["Ünïcode ☃", "right‮left", "two\nlines", "%s<b>", b"caf\xe9".decode(errors="surrogateescape")]
)
def test_strange_class_names_are_plain_text(load, tmp_path, name):
    fill(tmp_path / name, 3)
    fill(tmp_path / "plain", 3)
    for class_name in load("folder", data_dir=str(tmp_path)).class_names:
        assert class_name.isprintable()
        class_name.encode()


def test_stopping_ends_the_readers(classes):
    fill(classes / "dog", 200, size=(600, 600))
    source_type = datasets.get("folder")
    control = Control()
    work = source_type(source_type.params_type(data_dir=str(classes))).load(control)
    next(event for event in work if event.what.startswith("Reading pictures"))
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("read-pictures")]


def test_progress_rises_and_a_closed_generator_ends_its_readers(classes):
    fill(classes / "dog", 250, size=(500, 500))
    source_type = datasets.get("folder")
    work = source_type(source_type.params_type(data_dir=str(classes))).load(Control())
    told = (event for event in work if event.what.startswith("Reading pictures"))
    fractions = [next(told).fraction for _ in range(3)]
    work.close()
    assert 0 < fractions[0] < fractions[1] < fractions[2] < 1
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("read-pictures")]


def test_real_photos(load, shared_data):
    data = load("folder", data_dir=str(shared_data / "photos"))
    assert data.train_images.shape == (4000, 3, 32, 32)
    assert data.test_labels.bincount().tolist() == [100] * 10
    assert data.class_names[0] == "airplane"
    photo = shared_data / "photos" / "test" / "frog" / "0007.jpg"
    pixels = torch.from_numpy(np.asarray(Image.open(photo)).transpose(2, 0, 1).copy())
    assert (data.test_images[data.test_labels == 6] == pixels).flatten(1).all(1).sum() == 1
    own = load("folder", data_dir=str(shared_data / "photos" / "train"))
    assert own.test_labels.bincount().tolist() == [80] * 10
