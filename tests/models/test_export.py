"""Every export of a real run, opened again by other programs and compared by content."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from models import export as exports
from models import latent, projection
from models.coloring import SHADES
from models.datasets import Factor
from models.errors import Stopped, UserError
from models.events import Embedded, Exported, HeldOut, Reconstructed, Weights
from models.export import KINDS, Subject, export
from models.job import Control, Job
from models.painter import Painter
from models.palette import UNLABELLED, color_of, ramp_of
from models.trainer import train


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A VAE and an autoencoder with 3-D codes, trained for a moment, and the events of the first."""
    folder = tmp_path_factory.mktemp("runs")
    small = {"latent_dim": 3, "width": 32, "depth": 1}
    job = Job(family="vae", dataset="digits", steps=30, run=str(folder / "vae"), settings=small, precision="fp32")
    events = list(train(job, Control(), live=True))
    job = job.changed(family="autoencoder", run=str(folder / "autoencoder"), steps=5)
    list(train(job, Control()))
    return folder, events


@pytest.fixture(scope="module")
def subject(run):
    return Subject.of_run(run[0] / "vae")


def made(kind, subject, out, **options):
    """Export and return the path, having heard that it was exported."""
    *_, last = export(kind, subject, out, options, Control())
    assert last == Exported(subject.info.id, subject.step, str(out))
    return out


def pixels(path):
    with Image.open(path) as opened:
        array = np.asarray(opened)
    return array if array.ndim == 3 else array[..., None]


def cells(page, rows, columns, spacing, scale, size=28):
    """The pictures of a sheet."""
    step = size * scale + spacing
    places = [(spacing + row * step, spacing + column * step) for row in range(rows) for column in range(columns)]
    return np.stack([page[y : y + size * scale : scale, x : x + size * scale : scale] for y, x in places])


def test_grid_shows_the_places_of_the_map(subject, tmp_path):
    page = pixels(made("grid", subject, tmp_path / "a.png", rows=3, columns=4, spacing=1, scale=2))
    assert page.shape == (1 + 3 * 57, 1 + 4 * 57, 1)
    codes = projection.unproject(latent.plane_grid(latent.bounds_of(subject.points), 4, 3), subject.projection)
    np.testing.assert_array_equal(cells(page, 3, 4, 1, 2), Painter.of(subject.weights).draw(codes))


def test_samples_are_the_same_for_the_same_seed(subject, tmp_path):
    one, same, other = (
        pixels(made("samples", subject, tmp_path / f"{name}.png", rows=2, columns=2, seed=seed))
        for name, seed in (("one", 1), ("same", 1), ("other", 2))
    )
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_samples_without_a_prior_come_from_a_normal_fitted_to_the_codes(run, tmp_path):
    subject = Subject.of_run(run[0] / "autoencoder")
    assert "prior" not in subject.info.capabilities
    codes = latent.fit_normal(subject.codes).draw(4, np.random.default_rng(5))
    page = pixels(made("samples", subject, tmp_path / "a.png", rows=2, columns=2, spacing=0, scale=1, seed=5))
    np.testing.assert_array_equal(cells(page, 2, 2, 0, 1), Painter.of(subject.weights).draw(codes))


def test_originals_stand_above_their_reconstructions(run, subject, tmp_path):
    told = [event for event in run[1] if isinstance(event, Reconstructed)][-1]
    page = pixels(made("reconstructions", subject, tmp_path / "a.png", rows=1, columns=5, spacing=2, scale=1))
    found = cells(page, 2, 5, 2, 1)
    np.testing.assert_array_equal(found[:5], told.originals[:5])
    np.testing.assert_array_equal(found[5:], told.reconstructions[:5])


def test_what_a_window_shows_exports_as_its_folder_does(run, subject, tmp_path):
    kinds = {kind: [event for event in run[1] if isinstance(event, kind)][-1] for kind in (Embedded, HeldOut, Weights)}
    live = Subject.of_events(subject.info, kinds[Weights], kinds[Embedded], kinds[HeldOut], subject.curves)
    live = replace(live, weights=subject.weights)  # the folder's snapshot is of the last step
    for kind in ("grid", "codes"):
        suffix = KINDS[kind].suffixes[0]
        shown = made(kind, replace(live, step=subject.step), tmp_path / f"shown{suffix}").read_bytes()
        assert made(kind, subject, tmp_path / f"kept{suffix}").read_bytes() == shown
    page = pixels(made("reconstructions", live, tmp_path / "a.png", rows=1, columns=3, spacing=0, scale=1))
    np.testing.assert_array_equal(cells(page, 2, 3, 0, 1)[:3], kinds[HeldOut].pictures[:3])
    drawn = Painter.of(subject.weights).draw(kinds[Embedded].codes[:3])
    np.testing.assert_array_equal(cells(page, 2, 3, 0, 1)[3:], drawn)
    gone = replace(kinds[HeldOut], pictures=kinds[HeldOut].pictures[:0])  # the data set is not there any more
    bare = Subject.of_events(subject.info, subject.weights, kinds[Embedded], gone, subject.curves)
    with pytest.raises(UserError, match="held-out pictures"):
        made("reconstructions", bare, tmp_path / "b.png")


def test_map_shows_every_class_in_its_colour(subject, tmp_path):
    path = made("map", subject, tmp_path / "a.png", width=600, height=400, size=20)
    page = pixels(path)
    assert page.shape[:2] == (400, 600)
    shown = {f"#{r:02X}{g:02X}{b:02X}" for r, g, b in np.unique(page[..., :3].reshape(-1, 3), axis=0)}
    assert {color_of(label) for label in np.unique(subject.labels)} <= shown
    dark = pixels(made("map", subject, tmp_path / "b.png", width=600, height=400, dark=True))
    assert page[0, 0, :3].tolist() == [255] * 3
    assert dark[0, 0, 0] < 40
    text = made("map", subject, tmp_path / "a.svg").read_text()
    assert all(f">{name}</text>" in text for name in subject.info.class_names)
    plain = made("map", subject, tmp_path / "b.svg", legend=False).read_text()
    assert text.count("<use") > plain.count("<use") >= len(subject.points)


def caused(subject):
    """The subject with a cause that has words and one that is a number, not known of the first picture."""
    factors = (Factor("glasses", ("none", "round")), Factor("tilt", low=-30, high=30, unit="degrees"))
    count = len(subject.points)
    values = np.stack([np.arange(count) % 2, np.linspace(-30, 30, count)], axis=1).astype(np.float32)
    values[0] = np.nan
    return replace(subject, factors=factors, values=values)


def shades(path):
    with Image.open(path) as opened:
        found = np.unique(np.asarray(opened.convert("RGB")).reshape(-1, 3), axis=0)
    return {f"#{r:02X}{g:02X}{b:02X}" for r, g, b in found}


@pytest.mark.parametrize("dark", [False, True])
def test_a_map_coloured_by_a_number_has_its_ramp_and_names_its_scale(subject, tmp_path, dark):
    told = caused(subject)
    found = shades(made("map", told, tmp_path / "a.png", width=800, height=600, size=30, colour_by="tilt", dark=dark))
    expected = {ramp_of((step + 0.5) / SHADES, dark) for step in range(SHADES)}
    assert len(expected & found) > 50
    assert UNLABELLED in found
    bare = shades(made("map", told, tmp_path / "b.png", colour_by="tilt", dark=dark, legend=False, size=1e-1))
    assert len(expected & bare) < 20
    text = made("map", told, tmp_path / "a.svg", colour_by="tilt").read_text()
    assert ">tilt (degrees)</text>" in text


def test_a_map_coloured_by_words_has_them_in_a_legend_under_their_name(subject, tmp_path):
    text = made("map", caused(subject), tmp_path / "a.svg", colour_by="glasses").read_text()
    assert {name for name in ("glasses", "none", "round") if f">{name}</text>" in text} == {"glasses", "none", "round"}
    found = shades(made("map", caused(subject), tmp_path / "a.png", colour_by="glasses", size=30))
    assert {color_of(0), color_of(1)} <= found
    assert color_of(2) not in found


def test_factors_that_nobody_has_are_told(subject, tmp_path):
    with pytest.raises(
        UserError, match=re.escape("no factor 'smile' to colour them by. There are: class, glasses, tilt.")
    ):
        made("map", caused(subject), tmp_path / "a.png", colour_by="smile")
    assert not list(tmp_path.iterdir())


def test_a_folder_finds_its_factors_in_its_data(tmp_path):
    settings = {"latent_dim": 2, "width": 16, "depth": 1}
    data = {"count": 100}
    job = Job(family="vae", preset="dense-2d", dataset="faces", dataset_settings=data, steps=2, settings=settings)
    events = list(train(job.changed(run=str(tmp_path / "faces")), Control(), live=True))
    held_out = next(event for event in events if isinstance(event, HeldOut))
    subject = Subject.of_run(tmp_path / "faces")
    assert subject.values is None
    names = {f"factor_{factor.name}" for factor in held_out.factors}
    rows = list(csv.DictReader(io.StringIO(made("codes", subject, tmp_path / "a.csv", factors=True).read_text())))
    assert names <= set(rows[0])
    smile = [factor.name for factor in held_out.factors].index("smile")
    kept = np.array([row["factor_smile"] for row in rows], np.float32)
    np.testing.assert_array_equal(kept, held_out.values[:, smile])
    assert ">smile</text>" in made("map", subject, tmp_path / "a.svg", colour_by="smile").read_text()


def test_factors_stand_in_every_table(subject, tmp_path):
    told = caused(subject)
    rows = list(csv.DictReader(io.StringIO(made("codes", told, tmp_path / "a.csv", factors=True).read_text())))
    assert list(rows[0])[:5] == ["index", "label", "class", "factor_glasses", "factor_tilt"]
    assert [row["factor_glasses"] for row in rows[:3]] == ["not known", "round", "none"]
    tilt = np.array([row["factor_tilt"] for row in rows], np.float32)
    np.testing.assert_array_equal(tilt, told.values[:, 1])
    with np.load(made("codes", told, tmp_path / "a.npz", factors=True), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["factor_tilt"], told.values[:, 1])
        assert arrays["factor_glasses"].tolist()[:3] == ["not known", "round", "none"]
    table = pq.read_table(made("codes", told, tmp_path / "a.parquet", factors=True))
    assert table.column_names == list(rows[0])
    assert "factor_tilt" not in made("codes", told, tmp_path / "b.csv").read_text()


def test_curves_show_every_loss(subject, tmp_path):
    text = made("curves", subject, tmp_path / "a.svg").read_text()
    for _, name in subject.curves:
        assert f">{name}</text>" in text
    assert ">train</text>" in text
    assert ">held-out</text>" in text
    assert ("train", "loss") in subject.curves
    assert subject.curves["train", "loss"].steps.tolist() == list(range(1, 31))
    assert pixels(made("curves", subject, tmp_path / "a.png", logarithmic=True, width=300, height=200)).size


@pytest.mark.parametrize("kind", ["map", "curves", "samples"])
def test_the_same_export_twice_is_the_same_file(kind, subject, tmp_path):
    for suffix in KINDS[kind].suffixes:
        once = made(kind, subject, tmp_path / f"a{suffix}").read_bytes()
        assert made(kind, subject, tmp_path / f"b{suffix}").read_bytes() == once
        assert once.startswith({".png": b"\x89PNG", ".svg": b"<", ".pdf": b"%PDF"}[suffix])


def test_codes_come_back_to_the_bit_from_every_format(subject, tmp_path):
    names = [subject.info.class_names[label] for label in subject.labels]

    rows = list(csv.DictReader(io.StringIO(made("codes", subject, tmp_path / "a.csv").read_text())))
    assert list(rows[0]) == ["index", "label", "class", "x", "y", "z0", "z1", "z2"]
    assert [row["class"] for row in rows] == names
    assert [int(row["index"]) for row in rows] == list(range(len(subject.codes)))
    for place in range(3):
        column = np.array([row[f"z{place}"] for row in rows], dtype=np.float32)
        np.testing.assert_array_equal(column, subject.codes[:, place])

    with np.load(made("codes", subject, tmp_path / "a.npz"), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["codes"], subject.codes)
        np.testing.assert_array_equal(arrays["points"], subject.points)
        np.testing.assert_array_equal(arrays["label"], subject.labels)
        assert arrays["class"].tolist() == names

    table = pq.read_table(made("codes", subject, tmp_path / "a.parquet"))
    assert table.column_names == list(rows[0])
    np.testing.assert_array_equal(table["z2"].to_numpy(), subject.codes[:, 2])
    np.testing.assert_array_equal(table["y"].to_numpy(), subject.points[:, 1])
    assert table["label"].to_pylist() == subject.labels.tolist()


def test_pictures_without_classes_have_a_map_and_codes_too(subject, tmp_path):
    nameless = replace(subject, labels=None, info=replace(subject.info, class_names=()))
    shown = pixels(made("map", nameless, tmp_path / "a.png", width=400, height=300))[..., :3].reshape(-1, 3)
    assert [int(UNLABELLED[at : at + 2], 16) for at in (1, 3, 5)] in shown.tolist()
    assert not any([int(color_of(0)[at : at + 2], 16) for at in (1, 3, 5)] == shade for shade in shown.tolist())
    with np.load(made("codes", nameless, tmp_path / "a.npz")) as arrays:
        assert set(arrays["label"].tolist()) == {-1}
        assert set(arrays["class"].tolist()) == {""}


def test_a_stop_ends_it_and_writes_nothing(subject, tmp_path):
    control = Control()
    events = export("samples", subject, tmp_path / "a.png", {"rows": 30, "columns": 30}, control)
    assert next(events).fraction == 0
    control.stop()
    with pytest.raises(Stopped):
        list(events)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("kind", "name", "options", "sentence"),
    [
        ("grit", "a.png", {}, "no export called 'grit'. There are: grid"),
        ("grid", "a.txt", {}, "files ending in .txt. Name a file that ends in .png, .svg, .pdf"),
        ("codes", "a.png", {}, ".csv, .npz, .parquet"),
        ("grid", "a.png", {"rows": 0}, "grid: rows must be a whole number from 1 to 200"),
        ("grid", "a.png", {"row": 3}, "grid has no setting 'row'"),
        ("grid", "no/a.png", {}, "The folder for it is not there"),
    ],
)
def test_bad_wishes_are_told_and_nothing_is_written(kind, name, options, sentence, subject, tmp_path):
    with pytest.raises(UserError, match=re.escape(sentence)):
        list(export(kind, subject, tmp_path / name, options, Control()))
    assert not list(tmp_path.iterdir())


def test_a_run_without_a_snapshot_says_what_it_lacks(subject, tmp_path):
    bare = Subject(info=subject.info, step=0)
    for kind, lack in (("grid", "map"), ("samples", "weights"), ("codes", "codes"), ("curves", "losses")):
        with pytest.raises(UserError, match=f"This run has no {lack} yet"):
            made(kind, bare, tmp_path / f"a{KINDS[kind].suffixes[0]}")
    with pytest.raises(UserError, match="nothing to export yet"):
        Subject.of_events(None, None, None, None, {})


def test_weights_that_do_not_fit_are_told(subject, tmp_path):
    other = replace(subject.info, settings={**subject.info.settings, "width": 64})
    with pytest.raises(UserError, match="These weights do not fit the model: size mismatch for encoder"):
        made("samples", replace(subject, weights=replace(subject.weights, info=other)), tmp_path / "a.png")


def test_every_kind_says_what_it_is():
    for kind in exports.KINDS.values():
        assert kind.title
        assert kind.summary.endswith(".")
        assert all(setting.help for setting in kind.options.declared())
