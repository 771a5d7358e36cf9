"""How a data set looks before training: in figures, in pictures, and by the words of the command line."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from main import main as run
from models.data_events import DataShown
from models.datasets import Dataset, Factor, Skipped
from models.datasets.digits import Digits
from models.errors import Stopped
from models.job import Control, Job
from models.portrait import look, portrait, rows_of, some_of_each

FACTORS = (Factor("glasses", ("none", "round")), Factor("tilt", low=-30, high=30, unit="degrees"))


@pytest.fixture
def known(tiny_dataset):
    """The tiny data with two known factors, a file left out, and some pictures without a label."""
    labels = tiny_dataset.train_labels.clone()
    labels[:4] = -1
    factors = torch.stack([torch.arange(48) % 2, torch.linspace(-20, 10, 48)], 1).float()
    return replace(
        tiny_dataset, train_labels=labels, factors=FACTORS, train_factors=factors, test_factors=factors[:16],
        skipped=(Skipped("/photos/a.png", "it ends early"),), warnings=("Careful.",), notes=("Read as they are.",),
    )  # fmt: skip


def test_figures_are_those_of_the_data(known):
    told = portrait(known, "Tiny", Control())
    pixels = known.train_images.numpy()
    assert (told.train, told.test, told.shape, told.size) == (48, 16, (1, 28, 28), "28 x 28 grey")
    assert (told.low, told.high, told.mean) == (pixels.min(), pixels.max(), pytest.approx(pixels.mean()))
    assert [(each.name, each.train, each.test) for each in told.classes] == [
        ("nw", 11, 4), ("ne", 11, 4), ("sw", 11, 4), ("se", 11, 4), ("", 4, 0),
    ]  # fmt: skip
    glasses, tilt = told.factors
    assert glasses.counts == (24, 24)
    assert (tilt.low, tilt.high, tilt.mean) == (-20, 10, pytest.approx(-5))
    assert (told.warnings, told.notes, told.skipped) == (known.warnings, known.notes, known.skipped)
    assert json.loads(json.dumps(told.told()))["factors"][0]["values"] == ["none", "round"]


def test_factors_that_are_unknown_count_for_nothing_else(known):
    factors = known.train_factors.clone()
    factors[:3] = torch.tensor([[float("nan"), float("nan")], [2, float("inf")], [-1, 10]])
    glasses, tilt = portrait(replace(known, train_factors=factors), "Tiny", Control()).factors
    assert (glasses.counts, glasses.unknown, glasses.words) == ((22, 23), 3, "glasses: none 22, round 23, unknown 3")
    assert (tilt.low, tilt.high, tilt.unknown) == (pytest.approx(-18.085, abs=1e-3), 10, 2)
    nothing = portrait(replace(known, train_factors=factors * float("nan")), "Tiny", Control())
    assert [factor.unknown for factor in nothing.factors] == [48, 48]
    json.dumps(nothing.told(), allow_nan=False)


def test_data_without_classes_have_none(tiny_dataset):
    bare = replace(tiny_dataset, train_labels=None, test_labels=None, class_names=())
    told = portrait(bare, "Tiny", Control())
    assert [(each.label, each.train) for each in told.classes] == [(-1, 48)]
    pictures, labels = some_of_each(bare)
    assert len(pictures) == 48
    assert set(labels.tolist()) == {-1}


def test_a_stop_is_heard_while_pixels_are_counted(tiny_dataset):
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        portrait(tiny_dataset, "Tiny", control)


def test_pictures_are_of_their_classes(known):
    pictures, labels = some_of_each(known)
    assert labels.tolist() == [label for label in (0, 1, 2, 3) for _ in range(11)] + [-1] * 4
    for label in range(4):
        top, left = 14 * (label // 2), 14 * (label % 2)
        bright = pictures[labels == label][:, top : top + 14, left : left + 14]
        assert bright.min() >= 180
    many = Dataset("many", *[known.train_images.repeat(20, 1, 1, 1), known.train_labels.repeat(20)] * 2, ("a",) * 4)
    assert np.bincount(some_of_each(many)[1] + 1).tolist() == [24] * 5


def test_rows_are_filled_up_with_white(known):
    rows, across = rows_of(*some_of_each(known))
    assert (len(rows), across) == (55, 11)
    assert (rows[-7:] == 255).all()


def test_a_look_needs_nothing_from_elsewhere_unless_it_may_fetch(tmp_path, home):
    (tmp_path / "empty").mkdir()
    for settings in ({}, {"data_dir": str(tmp_path / "empty")}):
        (shown,) = look(Job(dataset="mnist", dataset_settings=settings), Control(), fetch=False)
        assert (shown.absent, shown.portrait) == (True, None)
    assert not list((tmp_path / "empty").iterdir())


def test_a_look_at_a_part(home):
    *_, shown = look(Job(classes="4,9", limit=30), Control(), hashed=True)
    assert isinstance(shown, DataShown)
    assert [(each.name, each.train) for each in shown.portrait.classes] == [("4", 15), ("9", 15)]
    assert len(shown.portrait.hash) == 64
    assert not shown.pictures.flags.writeable


# ---- by words


def test_data_in_lines(photos, capsys):
    assert run(["data", "folder", "--data-dir", str(photos), "--size", "28"]) == 0
    text = capsys.readouterr().out
    for words in ("Folder of pictures (folder)", "28 x 28 RGB", "0 to 2", "cat", "dog", "hash", "Damaged: 1 of 20"):
        assert words in text


def test_data_as_one_line_of_json(photos, capsys):
    assert run(["data", "folder", "--data-dir", str(photos), "--classes", "dog", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert [each["name"] for each in told["classes"]] == ["dog"]
    assert told["train"] + told["test"] == 9
    assert told["shape"] == [3, 32, 32]


def test_skipped_files_are_named_ten_of_them_in_lines(known, capsys):
    from models.data_words import _lines

    many = replace(known, skipped=tuple(Skipped(f"/photos/{number}.png", "is empty") for number in range(13)))
    text = "\n".join(_lines(portrait(many, "Tiny", Control())))
    assert "/photos/9.png: is empty" in text
    assert "/photos/10.png" not in text
    assert "and 3 more" in text
    assert "glasses: none 24, round 24" in text
    assert "note      Read as they are.\nwarning   Careful.\nskipped   13 files\n" in text
    assert "tilt: -20 to 10 degrees, mean -5" in text


def test_a_sheet_has_a_row_for_each_class(tmp_path, capsys):
    out = tmp_path / "sheet.png"
    assert run(["data", "digits", "--classes", "0,1,2", "--sheet", str(out)]) == 0
    with Image.open(out) as sheet:
        assert sheet.size == (24 * 58 + 2, 3 * 58 + 2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "Name the data set first. There are: "),
        (["digist"], "Did you mean digits?"),
        (["digits", "--classes", "ten"], "There are: 0, 1"),
        (["digits", "--limit", "0"], "limit must be a whole number"),
        (["folder", "--data-dir", "nowhere-at-all"], "nowhere-at-all"),
    ],
)
def test_bad_input_is_one_sentence_and_2(words, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(["data", *words]) == 2
    out, err = capsys.readouterr()
    assert not out
    assert err.count("\n") == 1
    assert sentence in err


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("a.bmp", "ends in .png"),
        ("nowhere/a.png", "nowhere/a.png: The folder for it is not there. Make that folder"),
        ("folder.png", "folder.png: This is a folder"),
        ("file/a.png", "file/a.png: Writing failed: Not a directory"),
    ],
)
def test_a_sheet_that_cannot_be_written_is_refused_before_loading(out, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(Digits, "load", lambda *_: pytest.fail("loaded all the same"))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    assert run(["data", "digits", "--sheet", str(tmp_path / out)]) == 2
    assert sentence in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.png"]
