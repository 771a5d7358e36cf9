"""Recipes: every kind of file carries one that is found again, nothing hostile gets through, and files repeat."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image
from tiny_runs import ROOT

from models.errors import UserError
from models.export import KINDS, export
from models.grids import picture_file
from models.job import Control, Job, finished
from models.recipe import LIMIT, MOST, Numbers, Recipe, model_hash, recipe_of
from models.recipe_files import may_carry, read_recipe, with_recipe, write_with_recipe
from models.redrawing import again, found, subject_of
from models.run import RunFolder
from models.scene import Scene
from models.scripting import script
from models.subject import Kept, Subject
from models.trainer import train

FAMILIES = {
    "autoencoder": ("autoencoder", "conv", {"latent_dim": 4}),
    "vae": ("vae", "dense-2d", {"width": 16, "depth": 1}),
    "cgan": ("cgan", "dense", {"latent_dim": 8}),
    "stylegan": ("stylegan", "digits", {"width": 16, "channels": 4, "latent_dim": 6, "batch_size": 8}),
    "diffusion": ("diffusion", "small", {"architecture": "dense", "width": 16, "depth": 1}),
    "pixel": ("pixel-gpt", "small", {"width": 32, "depth": 1, "pixels": 7}),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A tiny run of each family, made when it is asked for."""
    root, made = tmp_path_factory.mktemp("runs"), {}

    def run(name):
        if name not in made:
            family, preset, settings = FAMILIES[name]
            job = Job(family=family, preset=preset, dataset="digits", steps=2, settings=settings, device="cpu")
            list(train(job.changed(run=str(root / name)), Control()))
            made[name] = root / name
        return made[name]

    return run


@pytest.fixture
def subject(runs):
    """What lies on a desk over a VAE: a code, pins, a knob that is none of its own left out."""
    seen = Subject.of_run(runs("vae"))
    pins = (Kept(seen.codes[3], None, 3), None, Kept(seen.codes[5] + 1, None))
    return replace(seen, code=np.array([0.1, -2.5], np.float32), pins=pins, desk={"factor": "smile"})


@pytest.fixture
def recipe(subject):
    return recipe_of(subject, "probe", {"scale": 3}, Scene(subject.code[None], scale=3))


def written(subject, out, kind, **options):
    list(export(kind, subject, out, options, Control()))
    return out


# ---- what it says


def test_it_comes_back_from_its_text_to_the_bit(subject, recipe):
    again_ = Recipe.parse(recipe.text())
    assert again_ == recipe
    assert again_.text() == recipe.text()
    assert recipe.text().isascii()
    np.testing.assert_array_equal(again_.code.array, subject.code)
    np.testing.assert_array_equal(again_.pins[2].code.array, subject.pins[2].code)
    assert again_.pins[0].index == 3
    assert again_.pins[1] is None
    assert again_.desk == {"factor": "smile"}
    assert again_.origin.step == 2


def test_a_model_has_one_hash_whatever_holds_it(subject, runs):
    import torch

    arrays = subject.weights.state
    tensors = {name: torch.from_numpy(np.array(array)) for name, array in reversed(arrays.items())}
    assert model_hash("vae", tensors) == model_hash("vae", arrays)
    name = next(name for name in arrays if arrays[name].size > 1)
    other = {**arrays, name: np.nextafter(arrays[name], np.float32(9))}
    assert model_hash("vae", other) != model_hash("vae", arrays)
    full = Subject.of_run(runs("stylegan")).weights.state
    from models.registry import families

    spared = families.get("stylegan").practice
    lean = {name: array for name, array in full.items() if not name.startswith(spared)}
    assert len(lean) < len(full)
    assert model_hash("stylegan", lean) == model_hash("stylegan", full)


# ---- in files


@pytest.mark.parametrize("kind", ["probe", "map", "codes", "curves", "reconstructions"])
def test_every_exported_file_carries_its_recipe(kind, subject, tmp_path):
    for suffix in KINDS[kind].suffixes:
        out = written(subject, tmp_path / f"a{suffix}", kind)
        told = read_recipe(out)
        assert told.gesture == kind, suffix
        assert told.origin.hash == model_hash("vae", subject.weights.state)
        assert told.options == KINDS[kind].options().model_dump()
        assert told.pins[0].index == 3
        assert may_carry(out)


def test_other_programs_read_the_tables_as_before(subject, tmp_path):
    rows = list(csv.DictReader(io.StringIO(written(subject, tmp_path / "a.csv", "codes").read_text())))
    assert len(rows) == len(subject.codes)
    assert json.loads((tmp_path / "a.csv-metadata.json").read_text())["url"] == "a.csv"
    with np.load(written(subject, tmp_path / "a.npz", "codes"), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["codes"], subject.codes)
        assert Recipe.parse(str(arrays["recipe"])).gesture == "codes"
    table = pq.read_table(written(subject, tmp_path / "a.parquet", "codes"))
    assert table.column_names == list(rows[0])
    np.testing.assert_array_equal(table["z1"].to_numpy(), subject.codes[:, 1])


def film(suffix, frames=3):
    """Some frames as a film that Pillow knows."""
    random = np.random.default_rng(0)
    pictures = [Image.fromarray(random.integers(0, 255, (20, 20, 3), np.uint8)) for _ in range(frames)]
    target = io.BytesIO()
    kwargs = {"lossless": True} if suffix == ".webp" else {}
    pictures[0].save(target, suffix[1:], save_all=frames > 1, append_images=pictures[1:], **kwargs)
    return target.getvalue()


@pytest.mark.parametrize(("suffix", "frames"), [(".gif", 3), (".gif", 1), (".webp", 3), (".webp", 1)])
def test_films_keep_their_frames_and_get_a_recipe(suffix, frames, recipe, tmp_path):
    plain, told = film(suffix, frames), tmp_path / f"a{suffix}"
    write_with_recipe(told, with_recipe(plain, ".none", recipe), recipe)
    assert read_recipe(told) == recipe
    with Image.open(io.BytesIO(plain)) as one, Image.open(told) as other:
        assert other.n_frames == frames
        for frame in range(frames):
            one.seek(frame)
            other.seek(frame)
            assert one.convert("RGB").tobytes() == other.convert("RGB").tobytes()


def box(kind, content):
    return struct.pack(">I4s", len(content) + 8, kind) + content


def test_mp4_has_it_in_a_box_behind_all_others(recipe, tmp_path):
    film = box(b"ftyp", b"isom") + box(b"moov", bytes(40)) + box(b"mdat", bytes(5000))
    write_with_recipe(tmp_path / "a.mp4", film, recipe)
    assert (tmp_path / "a.mp4").read_bytes().startswith(film)
    assert read_recipe(tmp_path / "a.mp4") == recipe


def test_a_long_recipe_fits_into_every_kind_of_file(subject, tmp_path):
    wide = replace(subject, desk={"long": '<&%\\"\u00e4' * 20_000})
    recipe = recipe_of(wide, "probe", {})
    page = np.zeros((4, 5, 3), np.uint8)
    files = {suffix: picture_file(page, suffix) for suffix in (".png", ".svg", ".pdf")}
    files |= {suffix: film(suffix) for suffix in (".gif", ".webp")} | {".mp4": box(b"ftyp", b"isom")}
    for suffix, file in files.items():
        (tmp_path / f"a{suffix}").write_bytes(with_recipe(file, suffix, recipe))
        assert read_recipe(tmp_path / f"a{suffix}").desk == wide.desk, suffix


def test_codes_too_many_to_carry_are_left_out(subject):
    many = np.zeros((MOST // 2 + 1, 2), np.float32)
    assert recipe_of(subject, "samples", {}, Scene(many)).drawn is None
    assert recipe_of(subject, "samples", {}, Scene(many[:9])).drawn.codes.shape == (9, 2)


# ---- files of anybody


def test_an_ordinary_file_has_none(tmp_path, photos):
    assert read_recipe(photos / "cat" / "0.png") is None
    for name, content in {
        "a.txt": b"words",
        "b.svg": b"<svg/>",
        "c.mp4": box(b"ftyp", b""),
        "d.gif": film(".gif"),
    }.items():
        (tmp_path / name).write_bytes(content)
        assert read_recipe(tmp_path / name) is None
        assert not may_carry(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("x", "y")
    assert read_recipe(tmp_path / "e.zip") is None


def spoilt(recipe, **changes):
    return json.dumps({**json.loads(recipe.text()), **changes})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gesture": 'x"""\nimport os'}, "String should match pattern"),
        ({"knobs": {"x=print()": 1}}, "String should match pattern"),
        ({"version": 99, "program": "9.0"}, r"A newer version \(9.0\) made the recipe.*Update this program"),
        ({"code": Numbers.of(np.zeros(3, np.float32)).model_dump()}, "codes of 3 numbers do not fit a model"),
        ({"code": {"shape": [2], "data": "AAAAAAAAwH8="}}, "not all finite"),
        ({"code": {"shape": [2], "data": "AAAAAA=="}}, "cut or damaged"),
        ({"code": {"shape": [2], "data": "!!"}}, "cut or damaged"),
        ({"code": {"shape": [10**9, 10**9], "data": ""}}, "less than or equal to"),
        ({"pins": [None] * 27}, "at most 26 items"),
        ({"origin": None}, "origin"),
        ({"options": {"rows": float("nan")}}, "cannot be used"),
    ],
)
def test_hostile_and_broken_recipes_are_refused_with_a_sentence(change, sentence, recipe):
    with pytest.raises(UserError, match=sentence):
        Recipe.parse(spoilt(recipe, **change), "a.png")


def test_what_is_no_recipe_at_all_is_refused_too(recipe):
    deep = "[" * 100_000
    for text in ("", "{", "[]", "null", '"x"', deep, f'{{"desk":{deep}', recipe.text()[:-9], " " * (LIMIT + 1)):
        with pytest.raises(UserError, match="The recipe in this file cannot be used"):
            Recipe.parse(text)


def test_newer_programs_may_say_more(recipe):
    assert Recipe.parse(spoilt(recipe, mood="bright")) == recipe


def test_spoilt_files_are_refused_or_have_none(subject, recipe, tmp_path):
    """Two hundred files, each with some bytes changed or cut away: a sentence, nothing, or the very recipe."""
    random = np.random.default_rng(0)
    files = [written(subject, tmp_path / f"p{suffix}", "probe").read_bytes() for suffix in (".png", ".svg", ".pdf")]
    files += [with_recipe(film(suffix), suffix, recipe) for suffix in (".gif", ".webp")]
    files += [written(subject, tmp_path / f"p{suffix}", "codes").read_bytes() for suffix in (".npz", ".parquet")]
    refused = 0
    for number in range(210):
        file = bytearray(files[number % len(files)])
        if number % 3:
            for place in random.integers(0, len(file), 30):
                file[place] = random.integers(256)
        else:
            file = file[: random.integers(1, len(file))]
        (tmp_path / "spoilt").write_bytes(file)
        try:
            read_recipe(tmp_path / "spoilt")
        except UserError:
            refused += 1
    assert refused > 20


def test_a_text_that_is_too_long_is_not_read(tmp_path):
    huge = b"latent-explorer-recipe\0\0\0\0\0" + b" " * (LIMIT + 9)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", len(huge), b"iTXt") + huge)
    with pytest.raises(UserError, match="cannot be read: it is too long"):
        read_recipe(tmp_path / "a.png")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("recipe.npy", bytes(5 * LIMIT))
    (tmp_path / "a.npz").write_bytes(bomb.getvalue())
    with pytest.raises(UserError, match="cannot be read: it is too long"):
        read_recipe(tmp_path / "a.npz")


# ---- made again


@pytest.mark.parametrize("name", list(FAMILIES))
def test_files_repeat_to_the_byte_from_their_recipe_and_by_their_script(name, runs, tmp_path):
    subject = Subject.of_run(runs(name))
    label = np.array([0.5, 0.5] + [0.0] * 8, np.float32) if subject.classes else None
    knobs = {"steps": 5} if name == "diffusion" else {}
    subject = replace(subject, code=subject.codes[3] * 0.5, label=label, knobs=knobs)
    for kind, options in (("probe", {}), ("samples", {"rows": 3, "columns": 7}), ("grid", {"rows": 4, "columns": 5})):
        out = written(subject, tmp_path / f"{kind}.png", kind, **options)
        recipe = read_recipe(out)
        place = finished(found(recipe, Control()))
        assert (place.folder, place.step, place.exact) == (str(runs(name)), 2, True)
        list(again(recipe, subject_of(recipe, place.folder), tmp_path / "again.png", Control()))
        assert (tmp_path / "again.png").read_bytes() == out.read_bytes()
        run_script(script(recipe, RunFolder.open(place.folder).info, "script.png"), tmp_path)
        assert (tmp_path / "script.png").read_bytes() == out.read_bytes()


def run_script(text, folder):
    """As a person would, in a process of its own."""
    (folder / "made.py").write_text(text)
    done = subprocess.run(
        [sys.executable, "made.py"], cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, f"{text}\n{done.stderr}"


def test_mixed_styles_and_what_is_no_sheet_of_codes_have_scripts_too(runs, subject, tmp_path):
    styled = Subject.of_run(runs("stylegan"))
    cases = [("mixing", styled, ".png", {"rows": 2, "columns": 3, "crossing": 1}), ("map", subject, ".svg", {})]
    for kind, seen, suffix, options in [*cases, ("codes", subject, ".csv", {})]:
        out = written(seen, tmp_path / f"{kind}{suffix}", kind, **options)
        text = script(read_recipe(out), seen.info, f"script{suffix}")
        assert "PySide6" not in text
        run_script(text, tmp_path)
        assert (tmp_path / f"script{suffix}").read_bytes() == out.read_bytes()


def test_a_script_is_short_and_shows_the_codes(subject, tmp_path):
    recipe = read_recipe(written(subject, tmp_path / "a.png", "probe"))
    text = script(recipe, subject.info)
    assert "codes = torch.tensor([[0.100000001, -2.5]], dtype=torch.float32)" in text
    assert len(text.splitlines()) < 40


# ---- finding the model


def test_a_run_that_moved_is_found_by_its_weights(runs, subject, home, tmp_path):
    import shutil

    recipe = recipe_of(subject, "probe", {})
    moved = recipe.model_copy(update={"origin": recipe.origin.model_copy(update={"folder": "/gone", "id": "other"})})
    with pytest.raises(UserError, match=re.escape("is not here: vae dense-2d of digits")):
        finished(found(moved, Control()))
    (home / "runs").mkdir(parents=True)
    shutil.copytree(runs("vae"), home / "runs" / "elsewhere")
    assert finished(found(moved, Control())).folder == str(home / "runs" / "elsewhere")


def test_a_step_that_was_not_kept_leads_to_the_nearest(subject):
    recipe = recipe_of(subject, "probe", {})
    origin = recipe.origin.model_copy(update={"step": 900, "hash": "0" * 64})
    place = finished(found(recipe.model_copy(update={"origin": origin}), Control()))
    assert (place.step, place.exact) == (2, False)


def test_a_gesture_of_another_program_is_told(subject, tmp_path):
    recipe = recipe_of(subject, "dance", {})
    with pytest.raises(UserError, match="What 'dance' made cannot be made again"):
        list(again(recipe, subject, tmp_path / "a.png", Control()))
    assert not list(Path(tmp_path).iterdir())


# ---- on the command line


def test_the_command_tells_a_recipe_writes_its_script_and_makes_its_file_again(subject, tmp_path, capsys):
    from models.commandline import run

    out = written(subject, tmp_path / "a.png", "probe")
    assert run(["recipe", str(out)]) == 0
    told = capsys.readouterr().out
    assert "vae dense-2d of digits, step 2, seed 0" in told
    assert "pins       2" in told
    assert run(["recipe", str(out), "--json"]) == 0
    assert Recipe.parse(capsys.readouterr().out) == read_recipe(out)
    assert run(["recipe", str(out), "--python"]) == 0
    assert "def draw(recipe: Recipe, out: Path)" in capsys.readouterr().out
    assert run(["recipe", str(out), "--out", str(tmp_path / "b.png")]) == 0
    assert (tmp_path / "b.png").read_bytes() == out.read_bytes()
    (tmp_path / "c.txt").write_text("words")
    assert run(["recipe", str(tmp_path / "c.txt")]) == 2
    assert "There is no recipe in this file" in capsys.readouterr().err
    assert run(["recipe", str(tmp_path / "none.png")]) == 2
    assert "There is no such file" in capsys.readouterr().err
