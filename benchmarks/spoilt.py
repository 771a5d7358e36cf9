"""Files of every kind that can be read here, and the ways in which they are spoilt."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = ("png", "jpeg", "gif", "bmp", "webp", "tiff")
KINDS = (*PICTURES, "npy", "npz", "idx", "idx.gz")
HEADER = 64  # bytes at the beginning that are mostly numbers which decide on sizes
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


class Original:
    """A good file: its bytes, and how they are packed once they have been spoilt."""

    def __init__(self, content: bytes, pack: Callable[[bytes], bytes] = bytes) -> None:
        self.content = content
        self.pack = pack

    def packed(self) -> bytes:
        """The whole file."""
        return self.pack(self.content)


def originals(kind: str) -> list[Original]:
    """Good files of that kind, as different as its programs make them."""
    if kind in PICTURES:
        files = [_encoded(image, kind, options) for image, options in _pictures(kind)]
        mended = [Original(file, _with_checksums) for file in files] if kind == "png" else []
        return [Original(file) for file in files] + mended
    arrays = [_npy(array) for array in (PIXELS, PIXELS[..., 0] / 255, PIXELS.transpose(0, 3, 1, 2) > 99)]
    if kind == "npy":
        return [Original(array) for array in arrays]
    if kind == "npz":
        packed = [Original(_zip(images=array, labels=_npy(LABELS), class_names=_npy(NAMES))) for array in arrays]
        inside = [Original(array, lambda images: _zip(images=images)) for array in arrays]
        labels = Original(_npy(LABELS), lambda labels: _zip(images=arrays[0], labels=labels))
        return [*packed, *inside, labels]
    grey = PIXELS[..., 0]
    idx = struct.pack(">BBBB3I", 0, 0, 8, 3, *grey.shape) + grey.tobytes()
    return [Original(idx)] if kind == "idx" else [Original(gzip.compress(idx)), Original(idx, gzip.compress)]


def spoilt(original: Original, rng: np.random.Generator) -> bytes:
    """The file with one to three mutations: bits flipped, bytes cut or put in, parts moved, numbers made extreme."""
    content = bytearray(original.content)
    for _ in range(rng.integers(1, 4)):
        if content:
            MUTATIONS[rng.integers(len(MUTATIONS))](content, rng)
    return original.pack(bytes(content))


def _flip(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(0, len(content), rng.integers(1, 9)):
        content[place] ^= 1 << rng.integers(8)


def _flip_header(content: bytearray, rng: np.random.Generator) -> None:
    for place in rng.integers(0, min(len(content), HEADER), rng.integers(1, 4)):
        content[place] = rng.integers(256)


def _cut_end(content: bytearray, rng: np.random.Generator) -> None:
    del content[rng.integers(len(content)) :]


def _cut_middle(content: bytearray, rng: np.random.Generator) -> None:
    place = rng.integers(len(content))
    del content[place : place + rng.integers(1, 64)]


def _put_in(content: bytearray, rng: np.random.Generator) -> None:
    place = rng.integers(len(content))
    content[place:place] = rng.bytes(int(rng.integers(1, 64)))


def _double(content: bytearray, rng: np.random.Generator) -> None:
    first, place = rng.integers(0, len(content), 2)
    content[place:place] = content[first : first + rng.integers(1, 256)]


def _overstate(content: bytearray, rng: np.random.Generator) -> None:
    """An extreme number of two or four bytes, either way round, somewhere: mostly in the header."""
    size = int(rng.choice([2, 4]))
    span = min(len(content), HEADER) if rng.random() < 0.7 else len(content)
    place = rng.integers(span)
    number = EXTREMES[rng.integers(len(EXTREMES))] % 256**size
    content[place : place + size] = number.to_bytes(size, "big" if rng.random() < 0.5 else "little")


MUTATIONS = (_flip, _flip_header, _cut_end, _cut_middle, _put_in, _double, _overstate, _overstate)

PIXELS = np.random.default_rng(7).integers(0, 256, (12, 10, 14, 3), dtype=np.uint8)
PIXELS[:, :5] = 200  # something to compress
LABELS = np.arange(12) % 3
NAMES = np.array(["cat", "dog", "frog"])


def _pictures(kind: str) -> list[tuple[Image.Image, dict[str, Any]]]:
    """Pictures in the modes that the kind has, each with its options."""
    colour = Image.fromarray(np.kron(PIXELS[0], np.ones((3, 3, 1), np.uint8)))
    grey, palette, clear = colour.convert("L"), colour.convert("P"), colour.convert("RGBA")
    clear.putalpha(grey)
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112] = 6
    moving = {"save_all": True, "append_images": [colour.transpose(Image.Transpose.ROTATE_180)] * 2}
    made: dict[str, list[tuple[Image.Image, dict[str, Any]]]] = {
        "png": [(grey, {}), (clear, {"exif": exif}), (palette, {"transparency": 3}), (deep, {}), (colour, moving)],
        "jpeg": [(colour, {"exif": exif}), (colour, {"progressive": True}), (grey, {}), (colour.convert("CMYK"), {})],
        "gif": [(palette, {}), (palette, {"transparency": 3}), (colour, moving)],
        "bmp": [(colour, {}), (palette, {}), (colour.convert("1"), {}), (clear, {})],
        "webp": [(colour, {"exif": exif}), (clear, {"lossless": True}), (clear, {}), (colour, moving)],
        "tiff": [
            (colour, {"exif": exif}), (clear, {"compression": "tiff_lzw"}), (deep, {"compression": "tiff_deflate"}),
            (colour, {"compression": "jpeg"}), (colour.convert("1"), {"compression": "group4"}),
            (palette, {"compression": "packbits"}), (colour.convert("CMYK"), {}), (colour, moving),
        ],
    }  # fmt: skip
    return made[kind]


def _encoded(image: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **options)
    return buffer.getvalue()


def _with_checksums(content: bytes) -> bytes:
    """A PNG whose chunks have the checksums of what they now hold, as far as there are chunks."""
    mended, place = bytearray(content), 8
    while place + 12 <= len(mended):
        end = place + 8 + int.from_bytes(mended[place : place + 4], "big")
        if end + 4 <= len(mended):
            mended[end : end + 4] = zlib.crc32(mended[place + 4 : end]).to_bytes(4, "big")
        place = end + 4
    return bytes(mended)


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()
