"""Pictures to sheets, and sheets to files: PNG, SVG with crisp pixels, or PDF."""

from __future__ import annotations

import base64
import io
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from models.atomic import write
from models.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.events import Pictures
    from models.recipe import Recipe

    Sheet = NDArray[np.uint8]  # [height, width, channels], channels 1 or 3

POINT = (2, 1, 1)  # what a point has in place of channels, height and width: x rising to the right, y rising upwards
DOT_SIDE = 28  # pixels of the picture that shows a point
DOT_SIZE = 1.2  # pixels from the middle of its dot to where it is a third darker
LINES = slice(3, None, 7)  # of the grid behind it, a quarter of the box apart
FAINT = 40
PICTURE_SUFFIXES = (".png", ".svg", ".pdf")
SPACING = 2  # pixels between the pictures of a sheet and around them, unless told otherwise


def kind_of(shape: tuple[int, int, int]) -> Literal["pictures", "points"]:
    """What data of so many channels, rows and columns are."""
    return "points" if shape == POINT else "pictures"


def to_uint8(pictures: NDArray[np.float32] | NDArray[np.uint8]) -> Pictures:
    """Pictures [n, c, h, w], in [0, 1] or uint8, as uint8 [n, h, w, c]; points [n, 2, 1, 1] as pictures of a dot.

    Values outside [0, 1] are clipped, not-a-numbers are black.
    """
    if pictures.shape[1:] == POINT:
        return _dots(pictures[:, :, 0, 0])
    return np.ascontiguousarray(as_uint8(pictures).transpose(0, 2, 3, 1))


def as_uint8(values: NDArray[np.float32] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Values in [0, 1] as whole numbers from 0 to 255, shape kept; whole numbers as they are."""
    shades = values if values.dtype == np.uint8 else np.nan_to_num(np.clip(values, 0, 1)) * 255 + 0.5
    return shades.astype(np.uint8, copy=False)


def _dots(points: NDArray[np.generic]) -> Pictures:
    """Points [n, 2] of the unit square as pictures [n, 28, 28, 1]: a white dot at its place on a faint grid."""
    paper = np.zeros((DOT_SIDE, DOT_SIDE), np.float32)
    paper[LINES], paper[:, LINES] = FAINT, FAINT
    x, y = np.clip(points.T, 0, 1)
    pixels = np.arange(DOT_SIDE, dtype=np.float32)
    # The bell of a dot is the product of one across and one down.
    across, down = (np.exp(-0.5 * ((pixels - place[:, None] * DOT_SIDE + 0.5) / DOT_SIZE) ** 2) for place in (x, 1 - y))
    bells = np.nan_to_num(down[:, :, None] * across[:, None, :]) * 255
    shades: Pictures = (np.maximum(bells, paper) + 0.5).astype(np.uint8)
    return shades[..., None]


def sheet(pictures: Pictures, columns: int, spacing: int = SPACING, scale: int = 1, ground: int = 255) -> Sheet:
    """Pictures [n, h, w, c], row by row, as one [height, width, c]; each pixel enlarged `scale` times, unsmoothed.

    `spacing` pixels of shade `ground` lie between the pictures and around them; places left over stay empty.
    """
    count, height, width, channels = pictures.shape
    columns = max(1, min(columns, count))
    rows = -(-count // columns)
    tall, wide = height * scale + spacing, width * scale + spacing
    page = np.full((rows * tall + spacing, columns * wide + spacing, channels), ground, dtype=np.uint8)
    enlarged = pictures.repeat(scale, axis=1).repeat(scale, axis=2)
    for index, picture in enumerate(enlarged):
        top, left = spacing + index // columns * tall, spacing + index % columns * wide
        page[top : top + height * scale, left : left + width * scale] = picture
    return page


def write_picture(page: Sheet, path: Path | str, recipe: Recipe | None = None) -> Path:
    """Write a sheet, with its recipe if there is one, as the suffix says, whole or not at all.

    Raises UserError for other suffixes and bad places.
    """
    path = Path(path)
    suffix = known_suffix(path, PICTURE_SUFFIXES)
    file = picture_file(page, suffix)
    if recipe is not None:
        from models.recipe_files import with_recipe

        file = with_recipe(file, suffix, recipe)
    write(path, file)
    return path


def picture_file(page: Sheet, suffix: str) -> bytes:
    """A sheet as the content of a file with one of `PICTURE_SUFFIXES`."""
    return {".png": _png, ".svg": _svg, ".pdf": _pdf}[suffix](page)


def known_suffix(path: Path, suffixes: tuple[str, ...]) -> str:
    """The suffix of `path` in lower case. Raises UserError when it is none of `suffixes`."""
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        found = f"files ending in {suffix}" if suffix else "a file without an ending"
        mend = f"Name a file that ends in {', '.join(suffixes)}."
        raise UserError(f"This export cannot write {found}.", path=path, mend=mend)
    return suffix


def _image(page: Sheet) -> Image.Image:
    return Image.fromarray(page[:, :, 0] if page.shape[2] == 1 else page)


def _png(page: Sheet) -> bytes:
    target = io.BytesIO()
    _image(page).save(target, "PNG")
    return target.getvalue()


def _svg(page: Sheet) -> bytes:
    """A picture element around the PNG, told not to smooth it at any size."""
    height, width = page.shape[:2]
    picture = base64.b64encode(_png(page)).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" style="image-rendering:pixelated" image-rendering="optimizeSpeed" '
        f'href="data:image/png;base64,{picture}"/></svg>\n'
    ).encode()


def _pdf(page: Sheet) -> bytes:
    """One page of 72 pixels an inch; written here because Pillow's PDFs hold lossy JPEGs."""
    height, width, channels = page.shape
    space = "Gray" if channels == 1 else "RGB"
    pixels = zlib.compress(page.tobytes())
    drawing = f"{width} 0 0 {height} 0 0 cm /Sheet Do".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents 4 0 R"
        "/Resources<</XObject<</Sheet 5 0 R>>>>>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawing), drawing),
        f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/Device{space}/BitsPerComponent 8"
        f"/Interpolate false/Filter/FlateDecode/Length {len(pixels)}>>stream\n".encode()
        + pixels
        + b"\nendstream",
    ]
    text = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(text))
        text += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    tail = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(text)}\n%%EOF\n"
    return text + tail.encode()
