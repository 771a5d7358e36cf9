"""One picture file, by one rule: upright, the largest square of its middle, resized smoothly, laid on white.

Formats are told by content, and only those of `FORMATS` are ever handed to a decoder.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image, UnidentifiedImageError

from models.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Mode = Literal["L", "RGB"]

SIGNATURE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|BM....\0\0\0\0|RIFF....WEBP|II\*\0|MM\0\*", re.DOTALL
)
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")
SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff"))
PIXEL_LIMIT = 64_000_000
ORIENTATION = 0x0112  # the EXIF tag
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# Our own limit is the lower one, and pictures with odd remarks in their EXIF block are shown all the same.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


def is_picture(path: Path) -> bool:
    """Whether a file is meant as a picture: by its name's ending, else by how its content begins."""
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return SIGNATURE.match(file.read(12)) is not None
    except OSError:  # gone or closed to us: nothing says that it was a picture
        return False


def read_picture(path: Path, side: int, mode: Mode) -> NDArray[np.uint8]:
    """The first picture in a file as [channels, side, side], by the rule of this module. Raises UserError."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            if image.width * image.height > PIXEL_LIMIT:
                raise Image.DecompressionBombError
            image.draft(image.mode, (2 * side, 2 * side))  # large JPEGs are decoded at a fraction of their size
            square = _flat(_square(_upright(image), side)).convert(mode)
    except Exception as error:  # decoders raise nearly every type there is on damaged files
        raise UserError(f"This picture cannot be read: {_reason(error)}.", path=path) from error
    return np.asarray(square).reshape(side, side, len(mode)).transpose(2, 0, 1)


def _upright(image: Image.Image) -> Image.Image:
    """The picture as it was seen, by the orientation that the camera wrote down."""
    image.load()  # TIFFs are turned by this, and then say so
    turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1))
    return image if turn is None else image.transpose(turn)


def _square(image: Image.Image, side: int) -> Image.Image:
    """The largest square of the middle, `side` pixels wide, in a mode that resizes smoothly."""
    extent = min(image.size)
    left, top = (image.width - extent) // 2, (image.height - extent) // 2
    square = image.crop((left, top, left + extent, top + extent))
    return _smooth(square).resize((side, side), Image.Resampling.LANCZOS)


def _smooth(image: Image.Image) -> Image.Image:
    """The picture in L, LA, RGB or RGBA: palettes looked up, 16 bits brought to 8, other colours converted."""
    if image.mode == "F":
        raise ValueError("it holds floating-point numbers")
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
        raise ValueError("it holds numbers of more than 16 bits")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))


def _flat(image: Image.Image) -> Image.Image:
    """What is transparent becomes white."""
    if image.mode not in ("LA", "RGBA"):
        return image
    colours = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours).convert("RGB")


def _reason(error: Exception) -> str:
    """Why a decoder gave up, in words."""
    if isinstance(error, Image.DecompressionBombError):
        return f"it has more than {PIXEL_LIMIT // 10**6} million pixels"
    if isinstance(error, UnidentifiedImageError):
        return f"its content is none of {', '.join(FORMATS)}, or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if "truncated" in str(error) or isinstance(error, EOFError):
        return "it ends early"
    return f"it cannot be decoded ({str(error) or type(error).__name__})"
