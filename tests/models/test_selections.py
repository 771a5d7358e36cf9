"""Chosen points taken away: which ones, as sheets, as single pictures and as tables, opened again by other programs."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from models.commandline import run
from models.datasets import Factor
from models.errors import Stopped, UserError
from models.events import RunInfo
from models.export import Subject
from models.indices import indices_of, told_indices
from models.job import Control, finished
from models.selections import SelectionOptions, chosen_points, selection

COUNT = 30


@pytest.fixture
def subject():
    """Thirty points on a diagonal, in two classes and without one by turns, with a factor each."""
    info = RunInfo(
        "run", "/nowhere", "vae", "tiny", "animals", {}, frozenset(), 3, (1, 6, 6), ("cat", "dog/../wolf"),
        "cpu", "fp32", 0, 1,
    )  # fmt: skip
    random = np.random.default_rng(0)
    points = np.stack([np.arange(COUNT), -np.arange(COUNT)], axis=1).astype(np.float32)
    return Subject(
        info, 5, codes=random.standard_normal((COUNT, 3), np.float32), points=points,
        labels=np.arange(COUNT) % 3 - 1, originals=random.integers(0, 256, (COUNT, 6, 6, 1), np.uint8),
        factors=(Factor("smile"), Factor("glasses", ("none", "round"))),
        values=np.stack([np.linspace(0, 1, COUNT), np.arange(COUNT) % 2], axis=1).astype(np.float32),
    )  # fmt: skip


def chosen(subject, **options):
    return chosen_points(subject, SelectionOptions(**options)).tolist()


def made(subject, suffix, **options):
    return finished(selection(subject, SelectionOptions(**options), suffix, Control()))


def test_words_for_indices_lead_there_and_back():
    assert indices_of("3, 17,#5 - 7,6,,9-8", 20).tolist() == [3, 5, 6, 7, 8, 9, 17]
    for numbers in ([], [4], [0, 1, 2, 9], list(range(100)), [0, 2, 4, 5]):
        assert indices_of(told_indices(np.array(numbers, np.int64)), 100).tolist() == numbers
    assert told_indices(np.array([3, 17, 40, 41, 42])) == "3,17,40-42"


@pytest.mark.parametrize("words", ["x", "3;4", "-1", "1.5", "3-", "9" * 40])
def test_other_words_are_refused_in_a_sentence(words):
    with pytest.raises(UserError, match="no index"):
        indices_of(words, 20)


def test_an_index_beyond_the_map_is_refused():
    with pytest.raises(UserError, match=r"no picture 20 on this map\. They go from 0 to 19\."):
        indices_of("3-20", 20)


def test_points_are_all_that_is_said(subject):
    assert chosen(subject, indices="3-6") == [3, 4, 5, 6]
    assert chosen(subject, classes="CAT") == list(range(1, COUNT, 3))
    assert chosen(subject, classes="cat, dog/../wolf") == [index for index in range(COUNT) if index % 3]
    assert chosen(subject, box="6,-8,2,-4.5") == [5, 6]  # whichever corners
    assert chosen(subject, indices="0-9", classes="cat", box="0,-7,9,0") == [1, 4, 7]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({}, "No points are selected"),
        ({"indices": " , "}, "No point of the map is all"),
        ({"classes": "mouse"}, "No class is called 'mouse'"),
        ({"box": "1,2,3"}, "is no box"),
        ({"box": "a,b,c,d"}, "is no box"),
        ({"box": "100,100,200,200"}, "No point of the map is all"),
        ({"box": "nan,nan,nan,nan"}, "No point of the map is all"),
    ],
)
def test_nothing_and_bad_words_are_refused(subject, options, what):
    with pytest.raises(UserError, match=what):
        chosen(subject, **options)


def test_a_sheet_shows_the_chosen_pictures_in_their_order(subject):
    page = np.asarray(Image.open(io.BytesIO(made(subject, ".png", indices="4,9,2,7", spacing=1, scale=1))))
    assert page.shape == (15, 15)
    cells = [page[row : row + 6, column : column + 6] for row in (1, 8) for column in (1, 8)]
    np.testing.assert_array_equal(cells, subject.originals[[2, 4, 7, 9], ..., 0])
    wide = np.asarray(Image.open(io.BytesIO(made(subject, ".png", indices="2,4,7", columns=3, spacing=0, scale=2))))
    assert wide.shape == (12, 36)
    assert made(subject, ".svg", indices="2").startswith(b"<svg")


def test_a_sheet_that_no_program_could_show_is_refused(subject):
    large = replace(subject, originals=np.broadcast_to(subject.originals[:, :1, :1], (COUNT, 100, 100, 1)))
    with pytest.raises(UserError, match="more pixels than programs can show"):
        made(large, ".png", indices="0-29", scale=32)


def test_single_pictures_are_named_by_index_and_class(subject):
    file = made(subject, ".zip", indices="1,2,3,28")
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert archive.namelist() == ["01_cat.png", "02_dog_wolf.png", "03.png", "28_cat.png"]
        for name in archive.namelist():
            with archive.open(name) as entry:
                np.testing.assert_array_equal(Image.open(entry), subject.originals[int(name[:2]), ..., 0])
    assert made(subject, ".zip", indices="1,2,3,28") == file


def test_tables_tell_all_that_is_known(subject):
    rows = list(csv.DictReader(io.StringIO(made(subject, ".csv", indices="7,2").decode())))
    assert [row["index"] for row in rows] == ["2", "7"]
    assert [row["class"] for row in rows] == ["dog/../wolf", "cat"]
    assert [row["factor_glasses"] for row in rows] == ["none", "round"]
    assert np.float32(rows[1]["z2"]) == subject.codes[7, 2]
    table = pq.read_table(io.BytesIO(made(subject, ".parquet", indices="7,2"))).to_pydict()
    assert table["index"] == [2, 7]
    assert table["x"] == [2.0, 7.0]
    arrays = np.load(io.BytesIO(made(subject, ".npz", indices="7,2")))
    np.testing.assert_array_equal(arrays["codes"], subject.codes[[2, 7]])
    assert arrays["index"].tolist() == [2, 7]


def test_a_stop_is_heard(subject):
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        finished(selection(subject, SelectionOptions(indices="1-9"), ".zip", control))


def test_the_command_line_reads_the_pictures_of_the_run(tmp_path, capsys):
    settings = ["--latent-dim", "2", "--width", "16", "--depth", "1"]
    folder = tmp_path / "run"
    assert run(["train", "vae", *settings, "--steps", "2", "--run", str(folder), "--json"]) == 0
    capsys.readouterr()
    out = tmp_path / "some.zip"
    assert run(["export", "selection", str(folder), str(out), "--classes", "3", "--indices", "0-200"]) == 0
    with zipfile.ZipFile(out) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".png")]
    assert pictures
    assert all(name.endswith("_3.png") for name in pictures)
    table = tmp_path / "some.csv"
    assert run(["export", "selection", str(folder), str(table), "--classes", "3", "--indices", "0-200"]) == 0
    told = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [int(row["index"]) for row in told] == [int(name.split("_")[0]) for name in pictures]
    capsys.readouterr()
    assert run(["export", "selection", str(folder), str(tmp_path / "none.png")]) == 2
    assert "No points are selected" in capsys.readouterr().err
