"""Mixed styles on their way to a person: pairs of codes, the painter, the renderer, the sheet as a file."""

from __future__ import annotations

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from main import main
from models import latent
from models.errors import UserError
from models.events import Rendered
from models.export import Subject, export
from models.grids import to_uint8
from models.job import Control, Job
from models.mixing import Fine, mixed_pictures
from models.painter import Painter
from models.render import Renderer
from models.run import RunFolder
from models.trainer import train

SETTINGS = {"width": 16, "channels": 4, "latent_dim": 5, "batch_size": 8}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a model with styles, trained for a moment."""
    folder = tmp_path_factory.mktemp("runs") / "styled"
    job = Job(family="stylegan", preset="faces", dataset="digits", settings=SETTINGS, steps=3, device="cpu",
              precision="fp32", run=str(folder))  # fmt: skip
    list(train(job, Control()))
    return folder


@pytest.fixture(scope="module")
def subject(run):
    return Subject.of_run(run)


def codes(count, seed=0):
    return np.random.default_rng(seed).standard_normal((count, 5), np.float32)


def test_a_run_tells_its_layers(run):
    folder = RunFolder.open(run)
    assert folder.info.layers == folder.manifest.layers == ("4x4", "7x7", "14x14", "28x28")
    assert "synthesize" in folder.info.capabilities


def test_pairs_of_a_sheet_fill_its_places():
    rows, columns = codes(2), codes(3, seed=1)
    coarse, fine = latent.crossed(rows, columns)
    assert len(coarse) == len(fine) == 3 * 4 - 1
    cells = {divmod(place, 4): pair for place, pair in enumerate(zip(coarse, fine, strict=True), 1)}
    for (row, column), (one, other) in cells.items():
        np.testing.assert_array_equal(one, rows[row - 1] if row else columns[column - 1])
        np.testing.assert_array_equal(other, columns[column - 1] if column else rows[row - 1])


def test_the_painter_mixes_as_the_model_does_and_heeds_the_knobs(subject):
    painter = Painter.of(subject.weights)
    one, other = codes(12), codes(12, seed=1)
    with torch.inference_mode():
        expected = mixed_pictures(painter.family, torch.tensor(one), torch.tensor(other), 2)
    np.testing.assert_array_equal(painter.draw(one, None, Fine(other, 2)), to_uint8(expected.numpy()))
    np.testing.assert_array_equal(painter.draw(one, None, Fine(other, 4)), painter.draw(one))
    painter.turn({"truncation": 0.0})
    drawn = painter.draw(one, None, Fine(other, 2))
    np.testing.assert_array_equal(drawn, np.broadcast_to(drawn[:1], drawn.shape))


def test_the_renderer_draws_pairs_in_chunks_and_in_order(subject, monkeypatch):
    monkeypatch.setattr("models.painter.CHUNK", 4)
    one, other = codes(10), codes(10, seed=1)
    renderer, control, said = Renderer(), Control(), []
    renderer.use(subject.weights)
    thread = threading.Thread(target=lambda: said.extend(_until_answered(renderer, control)))
    thread.start()
    renderer.ask("mixing", one, fine=other, crossing=1)
    thread.join(20)
    (answer,) = said
    expected = Painter.of(subject.weights).draw(one, None, Fine(other, 1))
    np.testing.assert_array_equal(answer.pictures, expected)
    np.testing.assert_array_equal(answer.codes, one)


def _until_answered(renderer, control):
    for event in renderer.serve(control):
        if isinstance(event, Rendered):
            control.stop()
        yield event


def test_the_sheet_as_a_file(subject, tmp_path):
    out = tmp_path / "mixed.png"
    options = {"rows": 2, "columns": 3, "crossing": 2, "spacing": 0, "scale": 1, "seed": 7}
    list(export("mixing", subject, out, options, Control()))
    with Image.open(out) as opened:
        page = np.asarray(opened)
    assert page.shape == (3 * 28, 4 * 28)
    assert (page[:28, :28] == 255).all()
    painter = Painter.of(subject.weights)
    drawn = painter.prior(5, 7)
    middle = painter.draw(drawn[1:2], None, Fine(drawn[4:5], 2))[0, :, :, 0]
    np.testing.assert_allclose(page[56:84, 84:112].astype(int), middle, atol=1)
    own = painter.draw(drawn[1:2])[0, :, :, 0]
    np.testing.assert_allclose(page[56:84, :28].astype(int), own, atol=1)


def test_the_command_line_writes_it_and_refuses_models_without_styles(run, tmp_path, capsys):
    out = tmp_path / "mixed.png"
    assert main(["export", "mixing", str(run), str(out), "--rows", "1", "--columns", "1", "--crossing", "3"]) == 0
    assert out.is_file()
    job = Job(family="pca", dataset="digits", device="cpu", run=str(tmp_path / "plain"))
    list(train(job, Control()))
    with pytest.raises(UserError, match="no styles"):
        list(export("mixing", Subject.of_run(tmp_path / "plain"), out, {}, Control()))
