"""The folder for TensorBoard's Embedding Projector is read back as TensorBoard reads it."""

from __future__ import annotations

import io
import math
import re

import numpy as np
import pytest
from PIL import Image
from tiny_runs import only, trained

from models.commandline import run as command
from models.errors import Stopped, UserError
from models.events import HeldOut, Noticed
from models.export import Subject, export
from models.job import Control
from models.projector import LONGEST, _sprite
from models.replay import replay


def read_back(folder):
    """Numbers, rows of words by column, and the picture of each row."""
    config = (folder / "projector_config.pbtxt").read_text()
    names = dict(re.findall(r'(tensor_path|metadata_path|image_path): "([^"]+)"', config))
    numbers = np.array([row.split("\t") for row in (folder / names["tensor_path"]).read_text().splitlines()], float)
    header, *rows = [row.split("\t") for row in (folder / names["metadata_path"]).read_text().splitlines()]
    words = {name: [row[place] for row in rows] for place, name in enumerate(header)}
    sides = [int(side) for side in re.findall(r"single_image_dim: (\d+)", config)]
    sheet = np.asarray(Image.open(folder / names["image_path"]))
    columns = sheet.shape[1] // sides[0]
    pictures = [
        sheet[row * sides[1] : (row + 1) * sides[1], column * sides[0] : (column + 1) * sides[0]]
        for row, column in (divmod(place, columns) for place in range(len(numbers)))
    ]
    assert sheet.shape[0] == sheet.shape[1] <= LONGEST
    return numbers, words, np.stack(pictures)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    trained(folder)
    return folder


def test_codes_words_and_pictures_are_read_back_in_the_same_order(folder, tmp_path):
    subject = Subject.of_run(folder)
    list(export("projector", subject, tmp_path / "out", {}, Control()))
    numbers, words, pictures = read_back(tmp_path / "out")
    np.testing.assert_allclose(numbers, subject.codes, rtol=1e-5, atol=1e-6)
    shown = only(HeldOut, replay(folder, Control()))[-1]
    np.testing.assert_array_equal(pictures, shown.pictures[:, :, :, 0])
    assert words["index"] == [str(index) for index in range(len(numbers))]
    assert [int(label) for label in words["label"]] == shown.labels.tolist()
    assert words["class"][0] == subject.info.class_names[shown.labels[0]]


def test_what_a_window_shows_is_taken_as_it_is(folder, tmp_path):
    shown = only(HeldOut, replay(folder, Control()))[-1]
    subject = Subject.of_run(folder)
    object.__setattr__(subject, "originals", shown.pictures)
    object.__setattr__(subject.info, "folder", "nowhere")
    list(export("projector", subject, tmp_path / "out", {}, Control()))
    np.testing.assert_array_equal(read_back(tmp_path / "out")[2], shown.pictures[:, :, :, 0])


def test_without_pictures_there_is_no_sprite_and_a_word_about_it(folder, tmp_path, monkeypatch):
    monkeypatch.setattr("models.replay._data", lambda *_: iter(()))
    events = list(export("projector", Subject.of_run(folder), tmp_path / "out", {}, Control()))
    assert any("no sprite" in event.message for event in only(Noticed, events))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "metadata.tsv", "projector_config.pbtxt", "tensors.tsv",
    ]  # fmt: skip
    assert "sprite" not in (tmp_path / "out" / "projector_config.pbtxt").read_text()


@pytest.mark.parametrize(("count", "shape"), [(5, (8, 6, 1)), (1, (4, 4, 3)), (10, (3, 9, 3))])
def test_a_sheet_is_square_and_so_are_its_pictures(count, shape):
    pictures = np.random.default_rng(0).integers(1, 255, (count, *shape), np.uint8)
    data, side = _sprite(pictures)
    page = np.asarray(Image.open(io.BytesIO(data)))
    assert side == max(shape[:2])
    assert page.shape[:2] == (side * math.ceil(math.sqrt(count)),) * 2
    top, left = (side - shape[0]) // 2, (side - shape[1]) // 2
    first = page[top : top + shape[0], left : left + shape[1]].reshape(shape)
    np.testing.assert_array_equal(first, pictures[0])


def test_a_sheet_never_grows_beyond_what_browsers_take(monkeypatch):
    monkeypatch.setattr("models.projector.LONGEST", 100)
    data, side = _sprite(np.zeros((16, 64, 64, 1), np.uint8))
    assert side == 25
    assert Image.open(io.BytesIO(data)).size == (100, 100)
    with pytest.raises(UserError, match="more than the Embedding Projector"):
        _sprite(np.zeros((101 * 101, 1, 1, 1), np.uint8))


def test_the_command_writes_a_folder_and_a_stop_writes_none(folder, tmp_path, capsys):
    assert command(["export", "projector", str(folder), str(tmp_path / "a" / "out")]) == 0
    assert (tmp_path / "a" / "out" / "sprite.png").is_file()
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        list(export("projector", Subject.of_run(folder), tmp_path / "b", {}, control))
    assert not (tmp_path / "b").exists()
