"""The codes of a run as a folder for TensorBoard's Embedding Projector: numbers, words, and a sheet of small pictures.

The format is that of `tensorboard --logdir FOLDER` and of projector.tensorflow.org: tables with tabs, one square sheet
of square pictures, row by row, no side of it longer than 8,192 pixels, and a file that names them all.
"""

from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.coloring import value_of
from models.errors import Stopped, UserError
from models.events import HeldOut, Noticed, Working
from models.params import Params

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from models.events import Event, Pictures
    from models.grids import Sheet
    from models.job import Control
    from models.subject import Subject

LONGEST = 8192  # pixels of the sheet's side, which is what browsers take as one texture
AHEAD = 2000  # rows written between two looks at whether to stop


class ProjectorOptions(Params):
    """The codes for the Embedding Projector: nothing to be set."""


def projector_files(
    subject: Subject, options: ProjectorOptions, control: Control
) -> Generator[Event, None, Mapping[str, bytes]]:
    """A folder for TensorBoard's Embedding Projector: codes, their classes and factors, and their pictures."""
    if subject.codes is None or not len(subject.codes):
        raise UserError("This run has no codes yet.", mend="Let it train up to its first snapshot.")
    shown = yield from _with_pictures(subject, control)
    files = {"metadata.tsv": _words(subject, shown)}
    rows: list[str] = []
    for first in range(0, len(subject.codes), AHEAD):
        if control.stopping:
            raise Stopped
        yield Working(subject.info.id, subject.step, "Writing the codes", first / len(subject.codes))
        rows += ["\t".join(f"{number:.6g}" for number in code) for code in subject.codes[first : first + AHEAD]]
    files["tensors.tsv"] = ("\n".join(rows) + "\n").encode()
    side = 0
    if shown is not None and len(shown.pictures) == len(subject.codes):
        yield Working(subject.info.id, subject.step, "Laying out the pictures")
        files["sprite.png"], side = _sprite(shown.pictures)
    else:
        yield Noticed(subject.info.id, subject.step, "The pictures of the codes are not at hand: no sprite.", "warning")
    files["projector_config.pbtxt"] = _config(subject, side)
    return files


def _with_pictures(subject: Subject, control: Control) -> Generator[Event, None, HeldOut | None]:
    """The pictures of the codes with what is known of them, read or drawn again where the subject lacks them."""
    assert subject.codes is not None
    labels = subject.labels if subject.labels is not None else np.full(len(subject.codes), -1, np.int64)
    if subject.originals is not None and len(subject.originals) == len(subject.codes):
        of = subject.info.id, subject.step
        return HeldOut(*of, subject.originals, labels, subject.factors, subject.values)
    from models.replay import replay

    for event in replay(subject.info.folder, control):
        if isinstance(event, HeldOut) and len(event.pictures) == len(subject.codes):
            return event
        if isinstance(event, Working | Noticed):
            yield event
    if control.stopping:
        raise Stopped
    return None


def _words(subject: Subject, shown: HeldOut | None) -> bytes:
    """A row for every code, under the names of the columns: its index, label, class, and known factors."""
    assert subject.codes is not None
    count = len(subject.codes)
    labels = subject.labels if subject.labels is not None else np.full(count, -1, np.int64)
    names = dict(enumerate(subject.info.class_names))
    columns: dict[str, list[str]] = {
        "index": [str(index) for index in range(count)],
        "label": [str(int(label)) if label >= 0 else "" for label in labels],
        "class": [names.get(int(label), "") for label in labels],
    }
    if shown is not None and shown.values is not None and len(shown.values) == count:
        for factor, numbers in zip(shown.factors, shown.values.T, strict=True):
            columns[factor.name] = [value_of(factor, float(number)) for number in numbers]
    table = [list(columns), *map(list, zip(*columns.values(), strict=True))]
    return ("\n".join("\t".join(map(_plain, row)) for row in table) + "\n").encode()


def _plain(text: str) -> str:
    """The text without what separates columns and rows."""
    return " ".join(text.split())


def _sprite(pictures: Pictures) -> tuple[bytes, int]:
    """A square PNG of pictures [n, h, w, c] row by row, each made square and small enough, and the side of each."""
    count, height, width, channels = pictures.shape
    columns = math.ceil(math.sqrt(count))
    side = max(height, width)
    square = np.zeros((count, side, side, channels), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[:, top : top + height, left : left + width] = pictures
    fitting = min(side, LONGEST // columns)
    if not fitting:
        raise UserError(f"{count:,} pictures are more than the Embedding Projector can show at once.")
    if fitting < side:
        resized = [Image.fromarray(_grey_or_colour(each)).resize((fitting, fitting)) for each in square]
        square = np.stack([np.asarray(each) for each in resized]).reshape(count, fitting, fitting, channels)
    sheet = np.zeros((columns * columns, fitting, fitting, channels), np.uint8)
    sheet[:count] = square
    page = sheet.reshape(columns, columns, fitting, fitting, channels).transpose(0, 2, 1, 3, 4)
    file = io.BytesIO()
    whole = page.reshape(columns * fitting, columns * fitting, channels)
    Image.fromarray(_grey_or_colour(whole)).save(file, "PNG")
    return file.getvalue(), fitting


def _grey_or_colour(picture: Sheet) -> Sheet:
    return picture[:, :, 0] if picture.shape[2] == 1 else picture


def _config(subject: Subject, side: int) -> bytes:
    """The file by which TensorBoard finds the others; `side` is that of a picture, 0 without any."""
    name = json.dumps(_plain(subject.info.title or subject.info.id))
    lines = [f"  tensor_name: {name}", '  tensor_path: "tensors.tsv"', '  metadata_path: "metadata.tsv"']
    if side:
        dims = f"    single_image_dim: {side}\n    single_image_dim: {side}\n"
        lines.append(f'  sprite {{\n    image_path: "sprite.png"\n{dims}  }}')
    return ("embeddings {\n" + "\n".join(lines) + "\n}\n").encode()
