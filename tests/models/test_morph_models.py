"""The same two pictures morphed by several models: a row for each, whatever way back a model has."""

import numpy as np
import pytest
from PIL import Image

from models.commandline import run
from models.errors import Stopped, UserError
from models.job import Control, Job
from models.morph_models import ComparedOptions, Given, compare, held_out
from models.recipe_files import read_recipe
from models.subject import Subject
from models.trainer import train


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    small = {"latent_dim": 2, "width": 16, "depth": 1}
    for family in ("cvae", "autoencoder"):
        job = Job(family=family, dataset="digits", steps=3, run=str(folder / family), settings=small, device="cpu")
        list(train(job, Control()))
    return [folder / "cvae", folder / "autoencoder"]


@pytest.fixture(scope="module")
def subjects(folders):
    return [Subject.of_run(folder) for folder in folders]


def size(path):
    with Image.open(path) as image:
        return image.size


def test_each_model_has_a_row(subjects, tmp_path):
    pictures = held_out(subjects[0], 3, Control()), held_out(subjects[0], 17, Control())
    assert all(each.called in subjects[0].info.class_names for each in pictures)
    options = ComparedOptions(frames=3, scale=1)
    one, both = tmp_path / "one.png", tmp_path / "both.png"
    list(compare(subjects[:1], pictures, one, options, {}, Control()))
    list(compare(subjects, pictures, both, options, {"runs": "a,b"}, Control()))
    (wide, low), (same, high) = size(one), size(both)
    assert wide == same
    assert wide > 5 * 28
    assert high - low > 28
    recipe = read_recipe(both)
    assert recipe.gesture == "morph-models"
    assert recipe.options["runs"] == "a,b"


def test_models_ask_for_the_class_where_they_know_it(subjects):
    given = Given(np.zeros((28, 28, 1), np.uint8), subjects[0].info.class_names[4])
    assert given.for_model(subjects[0]).label == 4
    assert given.for_model(subjects[1]).label is None
    assert given.for_model(subjects[0]).drawn
    assert not Given(np.zeros((32, 32, 1), np.uint8)).for_model(subjects[0]).drawn


def test_a_stop_is_heard_and_nothing_is_written(subjects, tmp_path):
    pictures = held_out(subjects[0], 3, Control()), held_out(subjects[0], 17, Control())
    control = Control()
    work = compare(subjects, pictures, tmp_path / "a.png", ComparedOptions(frames=3), {}, control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not (tmp_path / "a.png").exists()


def test_without_models_there_is_nothing_to_compare(subjects, tmp_path):
    given = Given(np.zeros((28, 28, 1), np.uint8))
    with pytest.raises(UserError, match="no model"):
        list(compare([], (given, given), tmp_path / "a.png", ComparedOptions(), {}, Control()))


def test_the_command_line_names_runs_and_pictures(folders, tmp_path, capsys):
    words = ["export", "morph-models", *map(str, folders), str(tmp_path / "sheet.png"), "--frames", "2"]
    assert run([*words, "--pictures", "3,17"]) == 0
    assert size(tmp_path / "sheet.png")[0] > 0
    assert run([*words, "--pictures", "3"]) == 2
    assert "two pictures" in capsys.readouterr().err
