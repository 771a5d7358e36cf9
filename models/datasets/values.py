"""What the numbers of an array mean as pictures and labels: recognised, stated in words, and brought to one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.datasets.npy import Fault
from models.datasets.picture import fitted
from models.errors import Stopped, printable
from models.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.datasets.npy import Stored
    from models.job import Control

SHAPES = "N x height x width, N x height x width x channels or N x channels x height x width, with 1 or 3 channels"
SIDES = (4, 256)  # pixels a side that models here can make something of
CLASSES = 1000  # at most; more different labels are hardly classes
NAME = 60  # characters of a class's name that are shown
SLACK = 1e-3  # by which rounding may carry a share of white beyond 0 or 1
SPAN = 1024  # pictures looked at in one go


@dataclass(frozen=True)
class Form:
    """How stored pictures are to be read: where their channels are, their size, which values are black and white.

    `axes` are those of a stored batch in the order n, channels, height, width; three where there are no channels.
    """

    axes: tuple[int, ...]
    channels: int
    height: int
    width: int
    black: float = 0.0
    white: float = 255.0

    def pixels(self, stored: NDArray[Any], side: int | None) -> NDArray[np.uint8]:
        """Pictures as uint8 [n, channels, height, width]; the square of their middle at `side` pixels, if given."""
        batch = stored.transpose(self.axes).reshape(-1, self.channels, self.height, self.width)
        if (self.black, self.white) != (0.0, 255.0):
            scaled = (batch.astype(np.float32) - self.black) * (255.0 / (self.white - self.black))
            batch = np.rint(scaled.clip(0.0, 255.0))
        elif batch.dtype.kind == "f":
            batch = np.rint(batch)
        whole: NDArray[np.uint8] = batch.astype(np.uint8)
        if side is None or (self.height, self.width) == (side, side):
            return whole
        return np.stack([_resized(picture, side) for picture in whole])


def form_of(stored: Stored, control: Control) -> tuple[Form, str, list[str]]:
    """How to read these pictures, and in words what was recognised, and what is odd about it. Raises Fault, Stopped."""
    axes, layout = _axes(stored.shape)
    if stored.dtype.kind not in "biuf":
        raise Fault(f"its pictures are {stored.dtype} instead of numbers")
    sides = [stored.shape[axis] for axis in axes]
    height, width = sides[-2:]
    channels = sides[1] if len(sides) == 4 else 1
    low, high, constant = _look_at(stored, control)
    black, white, meaning = _range(stored.dtype, low, high)
    colour = "grey" if channels == 1 else "RGB"
    pictures = counted(stored.shape[0], "picture")
    recognised = f"Recognised {pictures} of {width}x{height} {colour} ({layout}), {stored.dtype} {meaning}."
    if constant == stored.shape[0]:
        raise Fault("each of its pictures is of one single value", "Bring pictures that show something.")
    odd = [f"Of one single value: {constant:,} of {pictures}."] if constant else []
    return Form(axes, channels, height, width, black, white), recognised, odd


def labels_of(
    stored: NDArray[Any], count: int, names: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[str, ...], list[str]]:
    """Labels int64 [count] that number the classes, the names of these, and in words where from. Raises Fault."""
    if stored.dtype.kind not in "biu":
        what = f"its labels are {stored.dtype} instead of whole numbers"
        raise Fault(what, "Save them as whole numbers, with the names of the classes in class_names.")
    if stored.ndim == 2 and stored.shape[1] == 1:
        stored = stored[:, 0]
    if stored.ndim != 1:
        raise Fault(f"its labels have the shape {_shape(stored.shape)} instead of one number a picture")
    if len(stored) != count:
        raise Fault(f"it holds {counted(count, 'picture')}, but {counted(len(stored), 'label')}")
    least, most = int(stored.min()), int(stored.max())
    if least < 0:
        place = int(np.flatnonzero(stored < 0)[0])
        raise Fault(f"it holds the label {stored[place]} at place {place:,}; labels go from 0 up")
    if names and most >= len(names):
        place = int(np.flatnonzero(stored >= len(names))[0])
        raise Fault(
            f"it holds the label {stored[place]} at place {place:,}; class_names has {counted(len(names), 'name')}, "
            f"so labels go from 0 to {len(names) - 1}"
        )
    if names:
        return stored.astype(np.int64), names, []
    values, numbers = np.unique(stored, return_inverse=True)
    if len(values) > CLASSES:
        raise Fault(f"its labels have {len(values):,} different values, too many for classes (at most {CLASSES:,})")
    found = tuple(str(int(value)) for value in values)
    words = f"The labels, {counted(len(found), 'number')} from {least} to {most}, are taken as the classes' names."
    return numbers.astype(np.int64), found, [words] if most >= len(found) else []


def names_of(stored: NDArray[Any]) -> tuple[str, ...]:
    """The names of classes, as text on one line each. Raises Fault."""
    if stored.dtype.kind not in "SU" or stored.ndim != 1 or len(stored) > CLASSES:
        what = f"its class_names are {stored.dtype} of the shape {_shape(stored.shape)}"
        raise Fault(f"{what} instead of at most {CLASSES:,} names")
    try:
        names = [name.decode(errors="replace") if isinstance(name, bytes) else str(name) for name in stored.tolist()]
    except ValueError:
        raise Fault("its class_names hold characters that do not exist") from None
    return tuple(printable(name)[:NAME] or str(number) for number, name in enumerate(names))


def _axes(shape: tuple[int, ...]) -> tuple[tuple[int, ...], str]:
    """Where n, channels, height and width are in that shape, and the words for it."""
    axes: tuple[int, ...]
    if len(shape) == 3:
        axes, layout = (0, 1, 2), "N x height x width"
    elif len(shape) == 4 and shape[3] in (1, 3):
        axes, layout = (0, 3, 1, 2), "N x height x width x channels"
    elif len(shape) == 4 and shape[1] in (1, 3):
        axes, layout = (0, 1, 2, 3), "N x channels x height x width"
    else:
        raise Fault(f"its pictures have the shape {_shape(shape)}", f"Expected is {SHAPES}.")
    height, width = (shape[axis] for axis in axes[-2:])
    if min(height, width) < SIDES[0]:
        raise Fault(f"its pictures are {width}x{height}, too small to learn from", f"Expected is {SHAPES}.")
    return axes, layout


def _look_at(stored: Stored, control: Control) -> tuple[float, float, int]:
    """The least and the greatest value, how many pictures are of one single value. Fault for NaN and inf; Stopped."""
    low, high, constant = np.inf, -np.inf, 0
    for first in range(0, stored.shape[0], SPAN):
        if control.stopping:
            raise Stopped
        flat = stored[first : first + SPAN].reshape(-1, int(np.prod(stored.shape[1:])))
        least, most = flat.min(1), flat.max(1)
        if flat.dtype.kind == "f" and not (np.isfinite(least) & np.isfinite(most)).all():
            place = int(np.flatnonzero(~(np.isfinite(least) & np.isfinite(most)))[0])
            raise Fault(
                f"picture {first + place:,} holds values that are not a number or infinite",
                "Replace them, as with numpy.nan_to_num, and save it again.",
            )
        low, high = min(low, float(least.min())), max(high, float(most.max()))
        constant += int((least == most).sum())
    return low, high, constant


def _range(dtype: np.dtype[Any], low: float, high: float) -> tuple[float, float, str]:
    """The values of black and white, and the words for them. Raises Fault."""
    span = f"from {low:.4g} to {high:.4g}"
    if dtype.kind == "b":
        return 0.0, 1.0, "of false for black and true for white"
    if low >= 0.0 and dtype.kind in "iu" and high <= 255.0:
        return (0.0, 1.0, f"{span}, read as 0 to 1") if high <= 1.0 else (0.0, 255.0, f"{span}, read as 0 to 255")
    if dtype == np.dtype(np.uint16) or dtype == np.dtype(">u2"):
        return 0.0, 65535.0, f"{span}, read as 0 to 65535"
    if dtype.kind == "f" and low >= -SLACK and high <= 1.0 + SLACK:
        return 0.0, 1.0, f"{span}, read as 0 to 1"
    if dtype.kind == "f" and low >= -1.0 - SLACK and high <= 1.0 + SLACK:
        return -1.0, 1.0, f"{span}, read as -1 to 1"
    if dtype.kind == "f" and low >= 0.0 and high <= 255.0:
        return 0.0, 255.0, f"{span}, read as 0 to 255"
    raise Fault(f"its values go {span}", "Scale them to uint8 from 0 to 255 or to floats from 0 to 1.")


def _resized(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The square of the middle of [channels, height, width], as [channels, side, side]."""
    channels, height, width = picture.shape
    extent = min(height, width)
    top, left = (height - extent) // 2, (width - extent) // 2
    square = picture[:, top : top + extent, left : left + extent].transpose(1, 2, 0)
    image = Image.fromarray(np.ascontiguousarray(square[:, :, 0] if channels == 1 else square))
    return fitted(image, side, "L" if channels == 1 else "RGB")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "of a single number"
