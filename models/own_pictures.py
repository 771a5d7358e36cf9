"""A person's own picture, brought to the size and colours of a model by the rule of folders, and sought in it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, get_args

import numpy as np
import torch
from PIL import Image

from models.datasets.picture import Background, fitted, read_picture
from models.errors import Stopped, UserError
from models.family import LearnsToClean, TakesLabels
from models.grids import to_uint8
from models.inversion import Known, invert
from models.job import finished
from models.lens import as_float
from models.own_events import Found
from models.painter import Painter
from models.run import RunFolder
from models.run_data import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from torch import Tensor

    from models.datasets.picture import Mode
    from models.events import Pictures, RunInfo, Weights
    from models.inversion import Inverting, Rounds
    from models.job import Control
    from models.own_events import MapPictures, OwnPicture
    from models.params import Value

EVERY = 0.03  # seconds between two tellings
SEED = 0

MODES: Mapping[int, Mode] = {1: "L", 3: "RGB"}


def find(
    own: OwnPicture,
    weights: Weights,
    control: Control,
    known: MapPictures | None = None,
    knobs: Mapping[str, Value] | None = None,
) -> Iterator[Found]:
    """Seek the code of a picture in a copy of the weights; a stop ends it with the best that was found by then.

    `known` are pictures that the model drew already, where the search can begin. The same each time, whatever was done
    before. Raises UserError; Stopped where nothing was found yet.
    """
    painter = Painter.of(weights)
    painter.turn(knobs or {})
    yield from sought(Wanted.of(own, weights, painter, control), painter, control, known_to(painter, known))


@dataclass(frozen=True)
class Wanted:
    """A picture as a model sees it: `original` uint8 [h, w, c], `image` float32 [1, c, h, w], its class if known."""

    own: OwnPicture
    run: str
    step: int
    original: Pictures
    image: Tensor
    label: int | None
    spoiling: str

    @classmethod
    def of(cls, own: OwnPicture, weights: Weights, painter: Painter, control: Control) -> Self:
        """Read the picture, bring it to the model's size, and spoil it if that is wished. Raises UserError, Stopped."""
        brought_image, label = brought(own, weights, control)
        image = as_float(torch.tensor(brought_image, device=painter.device), torch.contiguous_format)
        spoiling = ""
        if isinstance(painter.family, LearnsToClean):
            spoiling = painter.family.spoiling
            if own.spoilt and spoiling:
                image = painter.family.spoil(image, torch.Generator(painter.device).manual_seed(SEED))
        original = to_uint8(image.cpu().numpy())[0]
        return cls(own, weights.run, weights.step, original, image, label if own.label is None else own.label, spoiling)

    def found(self, **told: Any) -> Found:
        """What is told of it."""
        return Found(self.run, self.step, self.own, self.original, spoiling=self.spoiling, **told)


def sought(
    wanted: Wanted, painter: Painter, control: Control, known: Known | None, rounds: Rounds | None = None
) -> Iterator[Found]:
    """Seek the code of a picture with a model that is nobody else's, as `find`; `rounds` as of `invert`.

    Raises UserError; Stopped where nothing was found yet.
    """
    if not wanted.own.drawn:  # a drawing is seen already
        yield wanted.found()
    labels = None if wanted.label is None else torch.tensor([wanted.label], device=painter.device)
    generator = torch.Generator(painter.device).manual_seed(SEED)
    errors: list[float] = []
    last, told = None, 0.0
    try:
        for last in invert(painter.family, wanted.image, labels, control, generator, known, rounds):
            errors.append(float(last.errors[0]))
            if last.share < 1 and time.perf_counter() - told > EVERY:
                told = time.perf_counter()
                yield wanted.found(**_told(last, errors))
    except Stopped:
        if last is None:
            raise
    assert last is not None
    yield wanted.found(**_told(last, errors), done=True)


def _told(now: Inverting, errors: list[float]) -> dict[str, Any]:
    return {
        "picture": to_uint8(now.pictures.cpu().numpy())[0],
        "code": now.codes[0].cpu().numpy().copy(),
        "label": None if now.labels is None else int(now.labels[0]),
        "errors": np.array(errors, np.float32),
        "share": now.share,
    }


def known_to(painter: Painter, known: MapPictures | None) -> Known | None:
    """The pictures of the map as the search wants them; None where it had better draw its own."""
    channels, height, width = painter.family.data.shape
    asked = isinstance(painter.family, TakesLabels) and painter.family.data.classes > 0
    if known is None or known.pictures.shape[1:] != (height, width, channels) or (asked and known.labels is None):
        return None
    pictures = np.ascontiguousarray(known.pictures.transpose(0, 3, 1, 2))
    labels = None if known.labels is None or not asked else torch.tensor(known.labels, device=painter.device)
    codes, drawn = (torch.tensor(part, device=painter.device) for part in (known.codes, pictures))
    return Known(codes, drawn, labels)


# ---- reading


def brought(own: OwnPicture, weights: Weights, control: Control) -> tuple[NDArray[Any], int | None]:
    """The picture [1, c, h, w] at the model's size, uint8 or points float32, and its class if that is known.

    Raises UserError, and Stopped.
    """
    info = weights.info
    if own.held_out:
        image, label = _held_out(own.number, info, control)
    else:
        shape, label = info.image_shape, None
        image = _as_drawn(own, shape) if own.drawn else _fitted(own, info.folder, shape)
        if image.min() == image.max():
            what = "The picture has one colour all over, so there is nothing in it to be found."
            raise UserError(what, path=own.path or None, mend="Bring one that shows something.")
    return (255 - image if own.negative and image.dtype.kind == "u" else image), label


def _as_drawn(own: OwnPicture, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Pixels [1, c, h, w] of the model's own size, as they are. Raises UserError for others."""
    channels, height, width = shape
    assert own.pixels is not None
    if own.pixels.shape != (height, width, channels):
        found = "x".join(map(str, own.pixels.shape))
        mend = "Begin a new drawing."
        raise UserError(f"The drawing is {found} and the model draws {height}x{width}x{channels}.", mend=mend)
    return own.pixels.transpose(2, 0, 1)[None]


def _fitted(own: OwnPicture, folder: str, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A file or pixels [1, c, h, w] by the rule of folders: the square of the middle; less of it for oblong models."""
    channels, height, width = shape
    mode, side = MODES.get(channels), max(height, width)
    if mode is None or side == 1:
        raise UserError(f"This model draws values of shape {channels}x{height}x{width}, and no pictures like yours.")
    if own.pixels is None:
        square = read_picture(own.path, side, mode, _background(folder)).pixels
    else:
        square = fitted(_middle(own.pixels), side, mode, _background(folder))
    top, left = (side - height) // 2, (side - width) // 2
    return square[None, :, top : top + height, left : left + width]


def _middle(pixels: NDArray[np.uint8]) -> Image.Image:
    """The largest square in the middle of pixels [h, w, 1, 3 or 4]."""
    if pixels.ndim != 3 or pixels.shape[2] not in (1, 3, 4) or 0 in pixels.shape:
        raise UserError("What was pasted is no picture.", mend="Copy a picture, then paste again.")
    side = min(pixels.shape[:2])
    top, left = ((extent - side) // 2 for extent in pixels.shape[:2])
    square = pixels[top : top + side, left : left + side]
    return Image.fromarray(np.ascontiguousarray(square[:, :, 0] if square.shape[2] == 1 else square))


def _background(folder: str) -> Background:
    """What shows where a picture is transparent: as in the pictures that the run learned from."""
    chosen: Background = "white"
    told = RunFolder.open(folder).manifest.data.settings.get("background", chosen) if folder else chosen
    return told if told in get_args(Background) else chosen


def _held_out(number: int, info: RunInfo, control: Control) -> tuple[NDArray[Any], int | None]:
    """Test picture `number` of the run's data, counted around, [1, c, h, w], and its class if it has one."""
    data = finished(data_of(info, control))
    index = number % len(data.test_images)
    label = -1 if data.test_labels is None else int(data.test_labels[index])
    return data.test_images[index : index + 1].numpy().copy(), label if label >= 0 else None
