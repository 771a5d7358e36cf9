"""One picture file, by one rule: upright, the largest square of its middle, resized smoothly, laid on one colour.

Formats are told by content, and only those of `FORMATS` are ever handed to a decoder.
"""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
import warnings
from contextlib import nullcontext
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from models.errors import UserError

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

    from numpy.typing import NDArray

Mode = Literal["L", "RGB"]
Background = Literal["white", "black", "grey"]


class Decoded(NamedTuple):
    """A picture as [channels, side, side], and the width and height that it has in its file."""

    pixels: NDArray[np.uint8]
    size: tuple[int, int]


SIGNATURE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|BM....\0\0\0\0|RIFF....WEBP|II\*\0|MM\0\*", re.DOTALL
)
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"))
PIXEL_LIMIT = 64_000_000
PIXEL_LIMITS = {"WEBP": 16_000_000}  # its decoder holds five copies
GENEROUS = 8  # times the side that is wanted: what is larger is shrunk by whole numbers first
READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
ORIENTATION = 0x0112  # the EXIF tag
# The turn that sets a picture upright, and which of its own axes, right and down, are then reversed.
ORIENTATIONS = {
    2: (Image.Transpose.FLIP_LEFT_RIGHT, 1, 0),
    3: (Image.Transpose.ROTATE_180, 1, 1),
    4: (Image.Transpose.FLIP_TOP_BOTTOM, 0, 1),
    5: (Image.Transpose.TRANSPOSE, 0, 0),
    6: (Image.Transpose.ROTATE_270, 0, 1),
    7: (Image.Transpose.TRANSVERSE, 1, 1),
    8: (Image.Transpose.ROTATE_90, 1, 0),
}
_LARGE = threading.Lock()  # held while a large picture is decoded: one fills memory, four might be too many

# Blocks of this size go back to the system as soon as a large picture is let go, whatever thread held it.
Image.core.set_block_size(64 * 2**20)  # type: ignore[attr-defined]

# Our own limit is the lower one, and pictures with odd remarks in their EXIF block are shown all the same.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def is_picture(path: Path | str) -> bool:
    """Whether a plain file is meant as a picture: by its name's ending, else by how its content begins."""
    if named_as_picture(path):
        return True
    try:
        with opened(path) as file:
            return SIGNATURE.match(file.read(12)) is not None
    except OSError:  # gone or closed to us: nothing says that it was a picture
        return False


def named_as_picture(path: Path | str) -> bool:
    """Whether a file's name ends as those of pictures do."""
    return os.path.splitext(path)[1].lower() in SUFFIXES


def opened(path: Path | str) -> BufferedReader:
    """A plain file, open for reading; a pipe or a device, which might never answer, is an OSError at once."""
    _refuse_what_is_no_file(os.stat(path).st_mode)
    file = os.fdopen(os.open(path, READING), "rb")
    try:
        _refuse_what_is_no_file(os.fstat(file.fileno()).st_mode)  # it may be another by now
    except OSError:
        file.close()
        raise
    return file


def _refuse_what_is_no_file(mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is no plain file")


def read_picture(path: Path | str, side: int, mode: Mode, background: Background = "white") -> Decoded:
    """The first picture in a file, `side` pixels wide by the rule of this module. Raises UserError."""
    try:
        with opened(path) as file, Image.open(_not_empty(file), formats=FORMATS) as image:
            size = image.size
            limit = PIXEL_LIMITS.get(image.format or "", PIXEL_LIMIT)
            if image.width * image.height > limit:
                raise _Refused(f"it has more than {limit // 10**6} million pixels")
            image.draft(image.mode, (2 * side, 2 * side))  # large JPEGs are decoded at a fraction of their size
            with _LARGE if image.width * image.height > PIXEL_LIMIT // 16 else nullcontext():
                square = _upright_square(image, side)
                image.close()  # lets go of the pixels
            return Decoded(fitted(square, side, mode, background), size)
    except Exception as error:  # decoders raise nearly every type there is on damaged files
        raise UserError(f"This picture cannot be read: {_reason(error)}.", path=path) from error


def fitted(square: Image.Image, side: int, mode: Mode, background: Background = "white") -> NDArray[np.uint8]:
    """A square picture in a mode that resizes smoothly as [channels, side, side]."""
    resized = square.resize((side, side), Image.Resampling.LANCZOS)
    pixels = np.asarray(_flat(resized, background).convert(mode))
    return pixels.reshape(side, side, len(mode)).transpose(2, 0, 1)


def _upright_square(image: Image.Image, side: int) -> Image.Image:
    """The largest square of the middle as it was seen, in a mode that resizes smoothly.

    Of a large picture it has been shrunk to some multiple of `side`, so that no more than one copy of it is held.
    """
    image.load()  # TIFFs are turned by this, and then say so
    turn, right, down = ORIENTATIONS.get(image.getexif().get(ORIENTATION, 1), (None, 0, 0))
    extent = min(image.size)
    step = max(1, extent // (GENEROUS * side))
    extent -= extent % step
    # An odd margin is cut where it would be cut of the upright picture.
    left, top = (image.width - extent + right) // 2, (image.height - extent + down) // 2
    if step == 1:
        square = _smooth(image.crop((left, top, left + extent, top + extent)))
    else:
        strips = [
            _smooth(image.crop((left, row, left + extent, row + step))).reduce(step)
            for row in range(top, top + extent, step)
        ]
        square = Image.new(strips[0].mode, (extent // step, len(strips)))
        for row, strip in enumerate(strips):
            square.paste(strip, (0, row))
    return square if turn is None else square.transpose(turn)


def _smooth(image: Image.Image) -> Image.Image:
    """The picture in L, LA, RGB or RGBA: palettes looked up, 16 bits brought to 8, other colours converted."""
    if image.mode == "F":
        raise _Refused("it holds floating-point numbers")
    if image.mode.startswith("I"):
        return _eight_bits(image)
    if image.mode in ("PA", "RGBa", "La") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "LA", "RGB", "RGBA") else image.convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise _Refused("it holds numbers of more than 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _flat(image: Image.Image, background: Background) -> Image.Image:
    """What is transparent shows the background."""
    if image.mode not in ("LA", "RGBA"):
        return image
    colours = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, background), colours).convert("RGB")


def _not_empty(file: BufferedReader) -> BufferedReader:
    if not file.peek(1):
        raise _Refused("it is empty")
    return file


class _Refused(Exception):
    """Why a picture is not handed to a decoder, in words."""


def _reason(error: Exception) -> str:
    """Why a decoder gave up, in words."""
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {PIXEL_LIMIT // 10**6} million pixels"
    if isinstance(error, UnidentifiedImageError):
        return f"its content is none of {', '.join(FORMATS)}, or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "truncated" in str(error) or isinstance(error, EOFError):
        return "it ends early"
    return f"it cannot be decoded ({str(error) or type(error).__name__})"
