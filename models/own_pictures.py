"""A person's own picture, brought to the size and colours of a model by the rule of folders, and sought in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import torch
from PIL import Image

from models.datasets.picture import Background, fitted, read_picture
from models.errors import Stopped, UserError
from models.family import TakesLabels
from models.grids import to_uint8
from models.inversion import Known, invert
from models.lens import as_float
from models.own_events import Found
from models.painter import Painter
from models.plan import Plan
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from models.datasets.picture import Mode
    from models.events import RunInfo, Weights
    from models.inversion import Inverting
    from models.job import Control
    from models.own_events import MapPictures, OwnPicture
    from models.params import Value

EVERY = 0.06  # seconds between two tellings
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
    image, label = brought(own, weights, control)
    original = to_uint8(image)[0]
    yield Found(weights.run, weights.step, own, original)
    label = label if own.label is None else own.label
    labels = None if label is None else torch.tensor([label], device=painter.device)
    wanted = as_float(torch.tensor(image, device=painter.device), torch.contiguous_format)
    generator = torch.Generator(painter.device).manual_seed(SEED)
    errors: list[float] = []
    last, told = None, 0.0
    try:
        for last in invert(painter.family, wanted, labels, control, generator, _known(known, painter)):
            errors.append(float(last.errors[0]))
            if time.perf_counter() - told > EVERY:
                told = time.perf_counter()
                yield Found(weights.run, weights.step, own, original, **_told(last, errors))
    except Stopped:
        if last is None:
            raise
    assert last is not None
    yield Found(weights.run, weights.step, own, original, **_told(last, errors), done=True)


def _told(now: Inverting, errors: list[float]) -> dict[str, Any]:
    return {
        "picture": to_uint8(now.pictures.cpu().numpy())[0],
        "code": now.codes[0].cpu().numpy().copy(),
        "label": None if now.labels is None else int(now.labels[0]),
        "errors": np.array(errors, np.float32),
        "share": now.share,
    }


def _known(known: MapPictures | None, painter: Painter) -> Known | None:
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
        image, label = _fitted(own, info.folder, info.image_shape)[None], None
        if image.min() == image.max():
            what = "The picture has one colour all over, so there is nothing in it to be found."
            raise UserError(what, path=own.path or None, mend="Bring one that shows something.")
    return (255 - image if own.negative and image.dtype.kind == "u" else image), label


def _fitted(own: OwnPicture, folder: str, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A file or pixels [c, h, w] by the rule of folders: the square of the middle; less of it for oblong models."""
    channels, height, width = shape
    mode, side = MODES.get(channels), max(height, width)
    if mode is None or side == 1:
        raise UserError(f"This model draws values of shape {channels}x{height}x{width}, and no pictures like yours.")
    if own.pixels is None:
        square = read_picture(own.path, side, mode, _background(folder)).pixels
    else:
        square = fitted(_middle(own.pixels), side, mode, _background(folder))
    top, left = (side - height) // 2, (side - width) // 2
    return square[:, top : top + height, left : left + width]


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
    plan = Plan.again(RunFolder.open(info.folder).manifest, {})
    if not plan.source.at_hand():
        mend = "Choose them in Train and load them in the panel Data first."
        raise UserError("The data of this run are not on this machine.", mend=mend)
    loading = plan.load(control)
    try:
        while True:
            next(loading)
    except StopIteration as end:
        data = end.value
    if data.spec.shape != info.image_shape or not len(data.test_images):
        raise UserError(f"The data set {plan.source.name} has changed since this run was made.")
    index = number % len(data.test_images)
    label = -1 if data.test_labels is None else int(data.test_labels[index])
    return data.test_images[index : index + 1].numpy().copy(), label if label >= 0 else None
