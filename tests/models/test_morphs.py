"""Morphs and boards of real runs as files: the pictures asked for, classes blended, and what is refused."""

from dataclasses import replace

import av
import numpy as np
import pytest
from PIL import Image

from models import latent
from models.errors import Stopped, UserError
from models.events import Exported
from models.export import KINDS, Subject, export
from models.job import Control, Job
from models.morphs import MorphOptions, way
from models.painter import Painter
from models.recipe_files import read_recipe
from models.subject import Kept
from models.trainer import train


@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "vae"
    small = {"latent_dim": 3, "width": 16, "depth": 1}
    job = Job(family="cvae", dataset="digits", steps=5, run=str(folder), settings=small, precision="fp32", device="cpu")
    list(train(job, Control()))
    return Subject.of_run(folder)


def made(subject, kind, out, **options):
    *_, last = export(kind, subject, out, options, Control())
    assert last == Exported(subject.info.id, subject.step, str(out))
    return out


def sheet_of(path, side=28):
    with Image.open(path) as image:
        page = np.asarray(image)
    return page.reshape(page.shape[0] // side, side, page.shape[1] // side, side).swapaxes(1, 2).reshape(-1, side, side)


def drawn(subject, codes, shares=None):
    painter = Painter.of(subject.weights)
    painter.be_exact()
    return painter.draw(codes, shares)[..., 0]


def shares(subject, *labels):
    return np.eye(10, dtype=np.float32)[[*labels]]


def test_a_strip_goes_from_picture_to_picture(subject, tmp_path):
    options = {"points": "3,17", "frames": 5, "easing": "even", "scale": 1, "spacing": 0, "loop": "to-and-fro"}
    pictures = sheet_of(made(subject, "morph", tmp_path / "strip.png", **options))
    where = np.linspace(0, 1, 5)
    codes = latent.lerp(subject.codes[3], subject.codes[17], where)
    labels = latent.lerp(*shares(subject, *subject.labels[[3, 17]]), where)
    np.testing.assert_array_equal(pictures, drawn(subject, codes, labels))


def test_class_to_class_keeps_the_code(subject):
    path = way(subject, MorphOptions(points="3@0, 3@7"))
    np.testing.assert_array_equal(path.codes, subject.codes[[3, 3]])
    np.testing.assert_array_equal(path.shares, shares(subject, 0, 7))
    named = way(subject, MorphOptions(from_="3@0", to="3@7"))
    np.testing.assert_array_equal(named.shares, path.shares)


def pictures_of(path):
    """How many pictures a film has."""
    with av.open(str(path)) as film:
        return len(list(film.decode(video=0)))


def test_films_have_as_many_pictures_as_seconds_and_fps_make(subject, tmp_path):
    options = {"points": "1,2,3", "seconds": "0.2,0.4", "fps": 10, "scale": 1}
    assert pictures_of(made(subject, "morph", tmp_path / "a.mp4", loop="to-and-fro", **options)) == 12
    assert pictures_of(made(subject, "morph", tmp_path / "b.mp4", loop="once", **options)) == 7
    around = {**options, "seconds": "0.2", "loop": "around"}
    assert pictures_of(made(subject, "morph", tmp_path / "c.mp4", **around)) == 6
    assert pictures_of(made(subject, "morph", tmp_path / "d.mp4", frames=4, **options)) == 4


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".mp4", ".png", ".svg", ".pdf"])
def test_every_file_carries_its_recipe_and_is_made_again_by_it(subject, tmp_path, suffix):
    one = made(subject, "morph", tmp_path / f"one{suffix}", points="3,17", seconds="0.2", fps=10)
    recipe = read_recipe(one)
    assert recipe.gesture == "morph"
    again = made(subject, recipe.gesture, tmp_path / f"again{suffix}", **recipe.options)
    assert one.read_bytes() == again.read_bytes()


def test_the_shortest_way_is_sought_and_told(subject, tmp_path):
    options = {"points": "3,17", "mode": "geodesic", "frames": 2, "easing": "even"}
    told = list(export("morph", subject, tmp_path / "a.png", options, Control()))
    assert any("shortest way" in getattr(event, "what", "") for event in told)
    control = Control()
    work = export("morph", subject, tmp_path / "b.gif", options, control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not (tmp_path / "b.gif").exists()


def test_a_board_is_blended_from_four(subject, tmp_path):
    options = {"points": "3,17,42,8", "side": 3, "scale": 1, "spacing": 0}
    pictures = sheet_of(made(subject, "board", tmp_path / "board.png", **options))
    corners, labels = subject.codes[[3, 17, 42, 8]], shares(subject, *subject.labels[[3, 17, 42, 8]])
    np.testing.assert_array_equal(pictures[[0, 2, 6, 8]], drawn(subject, corners, labels))
    middle = drawn(subject, corners.mean(axis=0, keepdims=True), labels.mean(axis=0, keepdims=True))
    assert np.abs(pictures[4].astype(int) - middle[0]).max() <= 1


def test_pins_stand_by_their_letters_and_alone(subject, tmp_path):
    pins = (Kept(subject.codes[0], 3), None, Kept(subject.codes[1], shares(subject, 2)[0]))
    desk = replace(subject, pins=pins)
    np.testing.assert_array_equal(way(desk, MorphOptions()).codes, subject.codes[:2])
    np.testing.assert_array_equal(way(desk, MorphOptions(points="C,a")).codes, subject.codes[[1, 0]])
    np.testing.assert_array_equal(way(desk, MorphOptions(points="C,A")).shares, shares(subject, 2, 3))
    with pytest.raises(UserError, match="No code is pinned as B"):
        way(desk, MorphOptions(points="A,B"))


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("morph", {}, "two key frames"),
        ("morph", {"points": "3"}, "two key frames"),
        ("morph", {"from_": "3"}, "both --from and --to"),
        ("morph", {"points": "1,2", "from_": "3", "to": "4"}, "both --from and --to"),
        ("morph", {"points": "1,zebra"}, "no point 'zebra'"),
        ("morph", {"points": "1,99999999"}, "no point"),
        ("morph", {"points": "1,-2"}, "no point"),
        ("morph", {"points": "1,2@cat"}, "no class 'cat'"),
        ("morph", {"points": "1,2", "seconds": "0"}, "seconds"),
        ("morph", {"points": "1,2", "seconds": "1,2"}, "seconds"),
        ("morph", {"points": "1,2", "seconds": "nan"}, "seconds"),
        ("morph", {"points": "1,2,3,4,5,6,7,8", "seconds": "600"}, "Choose fewer seconds"),
        ("morph", {"points": "1,2", "fps": 60}, "GIF"),
        ("board", {"points": "1,2,3"}, "four corners"),
        ("board", {"points": "1,2,3,4", "mode": "geodesic"}, "straight or along arcs"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(subject, tmp_path, kind, options, words):
    out = tmp_path / f"out{'.gif' if kind == 'morph' else '.png'}"
    with pytest.raises(UserError, match=words):
        list(export(kind, subject, out, options, Control()))
    assert not out.exists()


def test_codes_that_are_no_numbers_are_refused_and_identical_ones_are_not(subject, tmp_path):
    spoilt = replace(subject, pins=(Kept(subject.codes[0] * np.nan), Kept(subject.codes[1])))
    with pytest.raises(UserError, match="not numbers"):
        list(export("morph", spoilt, tmp_path / "a.png", {}, Control()))
    assert made(subject, "morph", tmp_path / "same.gif", points="3,3", seconds="0.1").exists()


def test_the_words_on_the_command_line():
    flags = {setting.flag: setting for setting in KINDS["morph"].options.declared()}
    assert {"--from", "--to", "--points", "--frames", "--fps", "--mode", "--easing", "--loop"} <= set(flags)
    assert flags["--from"].label == "From"
