"""A model as ONNX files that other programs run: the generator and, where there is one, the encoder."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from models.bringing import MAKER
from models.child import in_child
from models.errors import UserError
from models.events import Working
from models.params import Params

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from models.events import Event
    from models.job import Control
    from models.painter import Painter
    from models.subject import Subject

PATIENCE = 900.0  # seconds
DRAWN = 2000  # codes of the prior that tell where codes lie
STANDARD = 0.1  # a prior whose middle and spread differ less from N(0, I) is called so


class OnnxOptions(Params):
    """A model as ONNX: nothing to be set; the knobs are as they are turned."""


def onnx_files(subject: Subject, options: OnnxOptions, control: Control) -> Generator[Event, None, Mapping[str, bytes]]:
    """The generator as an ONNX graph, checked to draw the same; its encoder, if it has one, in a second file beside."""
    yield Working(subject.info.id, subject.step, "Making the model ready")
    _require_one_pass(subject)
    from models.family import HoldsFiles
    from models.painter import Painter

    assert subject.weights is not None
    painter = Painter.of(subject.weights)
    painter.turn(subject.knobs or {})
    if isinstance(painter.family, HoldsFiles):
        return painter.family.files()
    with tempfile.TemporaryDirectory(prefix="latent-explorer-") as place:
        folder = Path(place)
        ask(folder, subject, painter)
        yield from in_child("models.translating", folder, control, PATIENCE, subject.info.id, subject.step)
        return answered(folder)


def ask(folder: Path, subject: Subject, painter: Painter) -> None:
    """Write into `folder` what `models.translating` must know: the weights, and a question."""
    from models.snapshot import Snapshot
    from models.translating import QUESTION

    arrays = {name: tensor.cpu().contiguous().numpy() for name, tensor in painter.family.state_dict().items()}
    Snapshot(arrays).write(folder)
    (folder / QUESTION).write_text(json.dumps(_question(subject, painter, arrays)), encoding="utf-8")


def answered(folder: Path) -> dict[str, bytes]:
    """The graphs that were written there: the generator, and the encoder if there is one."""
    from models.translating import ENCODER, GENERATOR

    files = {"": folder / GENERATOR, "-encoder": folder / ENCODER}
    return {name: path.read_bytes() for name, path in files.items() if path.exists()}


def _require_one_pass(subject: Subject) -> None:
    """Refuse a model without weights, and one that draws in steps."""
    if subject.weights is None:
        raise UserError("This run has no weights yet.", mend="Let it train up to its first snapshot.")
    if "sample_steps" in subject.info.capabilities:
        what = "This model draws in many steps, each from the one before, so no one graph leads from code to picture."
        raise UserError(what, mend="Export samples or codes instead, or a model that draws in one go.")


def _question(subject: Subject, painter: Painter, arrays: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """What the one who translates must know of the model, and what is written beside the graphs."""
    info, family = subject.info, painter.family
    middle, spread = _codes_of(subject, painter)
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    told = {
        "run": info.id, "title": info.title, "step": str(subject.step), "family": info.family, "preset": info.preset,
        "weights": digest.hexdigest(), "class_names": list(info.class_names), "values": "unit", "layout": "nchw",
        "knobs": family.knobs.model_dump(mode="json"), "code_middle": middle, "code_spread": spread,
    }  # fmt: skip
    doc = f"{info.title or info.id}, step {subject.step}: code [batch, {info.latent_dim}] to image in [0, 1]"
    return {
        "family": info.family,
        "settings": dict(info.settings),
        "shape": list(info.image_shape),
        "classes": len(info.class_names),
        "knobs": family.knobs.model_dump(mode="json"),
        "told": told,
        "doc": doc,
        "maker": MAKER,
    }


def _codes_of(subject: Subject, painter: Painter) -> tuple[list[float], list[float]]:
    """Middle and spread of the codes it draws, of every number: of its prior, else of the data's codes."""
    width = subject.info.latent_dim
    standard = [0.0] * width, [1.0] * width
    if "prior" in subject.info.capabilities:
        codes = painter.prior(DRAWN, 0)
    elif subject.codes is not None and len(subject.codes) > 1:
        codes = subject.codes
    else:
        return standard
    middle, spread = codes.mean(0), codes.std(0)
    if np.abs(middle).max() < STANDARD and np.abs(spread - 1).max() < STANDARD:
        return standard
    return middle.tolist(), spread.tolist()
