"""Odd but good pictures come out right to the pixel; bad ones are one sentence and never hold anything up."""

from __future__ import annotations

import io
import os
import socket
import struct
import time
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image

from models.datasets.picture import is_picture, read_picture
from models.errors import UserError

RAMP = np.add.outer(np.arange(16), 16 * np.arange(16)).astype(np.uint8)  # [16, 16], every value once, no symmetry
COLOURS = np.stack([RAMP, RAMP.T, 255 - RAMP], axis=2)


@pytest.fixture
def file(tmp_path):
    """A picture, or bytes, as a file."""

    def write(content, name="picture", **options):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path, **{"format": "PNG"} | options)
        return path

    return write


def read(path, side, mode, **options):
    return read_picture(path, side, mode, **options).pixels


def encoded(image, **options):
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "TIFF", "WEBP"])
def test_formats_are_told_by_content_and_kept_to_the_pixel(file, kind):
    path = file(Image.fromarray(RAMP), "named.jpg", format=kind, **({"lossless": True} if kind == "WEBP" else {}))
    assert np.array_equal(read(path, 16, "L"), RAMP[None])
    assert np.array_equal(read(path, 16, "RGB"), np.stack([RAMP] * 3))


def test_channels_come_first(file):
    assert np.array_equal(read(file(Image.fromarray(COLOURS)), 16, "RGB"), COLOURS.transpose(2, 0, 1))


def test_jpeg_large_and_small_shows_the_same(file):
    smooth = Image.fromarray(COLOURS).resize((512, 512), Image.Resampling.BICUBIC)
    large = read(file(smooth, format="JPEG", quality=95), 32, "RGB").astype(int)
    exact = np.asarray(smooth.resize((32, 32), Image.Resampling.LANCZOS)).transpose(2, 0, 1).astype(int)
    assert np.abs(large - exact).mean() < 3


def turned_back(image, orientation):
    """The picture as a camera stores it that was held so that `orientation` mends it."""
    mended_by = {2: [0], 3: [3], 4: [1], 5: [5], 6: [2], 7: [6], 8: [4]}  # numbers of Image.Transpose: the inverse turn
    for turn in mended_by.get(orientation, []):
        image = image.transpose(Image.Transpose(turn))
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_all_eight_orientations_look_the_same(file, orientation, kind):
    upright = Image.fromarray(np.kron(COLOURS[:10, :14], np.ones((8, 8, 1), dtype=np.uint8)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    path = file(turned_back(upright, orientation), format=kind, exif=exif, **options)
    expected = np.asarray(upright.crop((16, 0, 96, 80)).resize((16, 16), Image.Resampling.LANCZOS)).transpose(2, 0, 1)
    found = read(path, 16, "RGB").astype(int)
    assert np.abs(found - expected).max() <= (40 if kind == "JPEG" else 0)
    assert np.abs(found - expected).mean() < 3


MODES = {
    "1": (Image.fromarray(RAMP).convert("1"), None),
    "P": (Image.fromarray(RAMP).convert("P"), RAMP),
    "I;16": (Image.fromarray(RAMP.astype(np.uint16) * 257), RAMP),
    "dark I;16": (Image.fromarray(RAMP.astype(np.uint16)), (RAMP.astype(int) + 128) // 257),
    "RGB": (Image.fromarray(RAMP).convert("RGB"), RAMP),
    "LA, clear": (Image.merge("LA", [Image.fromarray(RAMP), Image.new("L", (16, 16), 0)]), np.full_like(RAMP, 255)),
    "LA, solid": (Image.merge("LA", [Image.fromarray(RAMP), Image.new("L", (16, 16), 255)]), RAMP),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(17, 22), (1030, 777)])
def test_an_odd_margin_is_cut_alike_from_all_eight(file, orientation, size):
    upright = Image.fromarray(np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = file(turned_back(upright, orientation), exif=exif)
    assert np.array_equal(read(path, 16, "RGB"), read(file(upright, "upright"), 16, "RGB"))


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "I;16", "CMYK"])
def test_a_large_picture_shrunk_first_shows_the_same(file, mode):
    smooth = Image.fromarray(COLOURS).resize((1100, 900), Image.Resampling.BICUBIC)
    image = Image.fromarray(np.asarray(smooth.convert("L")).astype(np.uint16) * 257)
    image = image if mode == "I;16" else smooth.convert(mode)
    expected = smooth.convert("L").crop((100, 0, 1000, 900)).resize((32, 32), Image.Resampling.LANCZOS)
    found = read(file(image, format="TIFF"), 32, "L")[0].astype(int)
    assert np.abs(found - np.asarray(expected)).mean() < (6 if mode in "P1" else 1)


@pytest.mark.parametrize("mode", MODES)
def test_odd_modes(file, mode):
    image, expected = MODES[mode]
    found = read(file(image), 16, "L")
    assert np.array_equal(found[0], np.asarray(image.convert("L")) if expected is None else expected)


def test_sixteen_bit_tiff_is_not_white(file):
    path = file(Image.fromarray(RAMP.astype(np.uint16) * 257), format="TIFF")
    assert np.array_equal(read(path, 16, "L")[0], RAMP)


def test_cmyk(file):
    red = file(Image.new("CMYK", (20, 20), (0, 255, 255, 0)), format="JPEG", quality=100)
    pixel = read(red, 4, "RGB")[:, 2, 2].astype(int)
    assert np.abs(pixel - [255, 0, 0]).max() < 12


def test_half_clear_lies_on_white(file):
    half = file(Image.new("RGBA", (8, 8), (200, 0, 0, 127)))
    assert np.abs(read(half, 8, "RGB")[:, 0, 0].astype(int) - [227, 128, 128]).max() <= 1


def test_clear_colour_of_a_palette_is_white(file):
    image = Image.fromarray(np.tile(np.array([[0, 1]], dtype=np.uint8), (4, 2)), "P")
    image.putpalette([255, 0, 0, 0, 0, 255])
    for options in ({"format": "PNG"}, {"format": "GIF"}):
        found = read(file(image, transparency=0, **options), 4, "RGB")
        assert found[:, 0, 0].tolist() == [255, 255, 255]
        assert found[:, 0, 1].tolist() == [0, 0, 255]


def test_first_frame_of_an_animation(file):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG", "TIFF"):
        path = file(frames[0], format=kind, save_all=True, append_images=frames[1:])
        assert read(path, 4, "RGB")[:, 0, 0].tolist()[0] > 240


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (3, 2)])
def test_tiny_and_thin(file, size):
    assert (read(file(Image.new("L", size, 77)), 28, "L") == 77).all()


def test_the_middle_is_kept(file):
    wide = np.zeros((4, 12), dtype=np.uint8)
    wide[:, 4:8] = 200
    for image in (wide, wide.T):
        assert (read(file(Image.fromarray(image)), 4, "L") == 200).all()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_garbage_in_the_exif_block_does_no_harm(file):
    content = encoded(Image.fromarray(RAMP), format="JPEG", quality=100)
    for block in (b"Exif\0\0garbage!", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0"):
        segment = b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block
        assert read(file(content[:2] + segment + content[2:]), 16, "L").shape == (1, 16, 16)


def bomb(side):
    """A PNG of a few bytes that claims side x side pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


PHOTO = encoded(Image.fromarray(COLOURS).resize((64, 64)), format="JPEG")
DRAWING = encoded(Image.fromarray(COLOURS).resize((64, 64)), format="PNG")
BAD = {
    "empty": (b"", "it is empty"),
    "text": (b"hello", "none of PNG"),
    "pdf": (b"%PDF-1.4 something", "none of PNG"),
    "cut jpeg": (PHOTO[:-200], "it ends early"),
    "cut png": (DRAWING[:-200], "it ends early"),
    "broken png": (DRAWING[:60] + b"\0" * 40 + DRAWING[100:], "it "),
    "floats": (encoded(Image.fromarray(RAMP.astype(np.float32)), format="TIFF"), "floating-point numbers"),
    "bomb": (bomb(9000), "more than 64 million pixels"),
    "vast bomb": (bomb(30_000), "more than 64 million pixels"),
}


@pytest.mark.parametrize("fault", BAD)
def test_bad_files_are_one_sentence(file, fault):
    content, reason = BAD[fault]
    path = file(content, "odd\nname.png")
    begun = time.monotonic()
    tracemalloc.start()
    with pytest.raises(UserError) as caught:
        read(path, 32, "RGB")
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert time.monotonic() - begun < 1
    sentence = str(caught.value)
    assert reason in sentence
    assert "odd\\nname.png: This picture cannot be read: " in sentence
    assert "\n" not in sentence


def test_no_ghostscript_is_ever_run(file, tmp_path, monkeypatch):
    canary = tmp_path / "canary"
    for name in ("gs", "gswin64c"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\ntouch {canary}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    eps = encoded(Image.fromarray(COLOURS), format="EPS")
    with pytest.raises(UserError, match="none of PNG"):
        read(file(eps, "drawing.png"), 16, "RGB")
    assert not canary.exists()


@pytest.mark.parametrize("content", [PHOTO, DRAWING])
def test_any_damage_ends_in_a_picture_or_a_sentence(file, content):
    rng = np.random.default_rng(0)
    for _ in range(150):
        spoilt = bytearray(content)
        for place in rng.integers(0, len(content), 6):
            spoilt[place] = rng.integers(256)
        path = file(bytes(spoilt[: rng.integers(10, len(content))]))
        try:
            outcome = str(read(path, 8, "RGB").shape)
        except UserError as error:
            outcome = str(error)
        assert outcome == "(3, 8, 8)" or "This picture cannot be read: it" in outcome


@pytest.mark.parametrize("name", ["fifo", "folder", "zero", "loop", "missing", "socket"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    os.mkfifo("fifo")
    os.mkdir("folder")
    os.symlink("/dev/zero", "zero")
    os.symlink("loop", "loop")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("socket")
    begun = time.monotonic()
    with pytest.raises(UserError, match=r"it is no plain file|No such file|Too many levels"):
        read(tmp_path / name, 8, "RGB")
    assert not is_picture(tmp_path / name)
    assert time.monotonic() - begun < 2


def test_what_is_meant_as_a_picture(file):
    assert is_picture(file(DRAWING, "no_ending"))
    assert is_picture(file(b"", "empty.JPG"))
    assert not is_picture(file(b"BMW is a car", "car.txt"))
    assert not is_picture(file(b"RIFF\0\0\0\0WAVEfmt ", "sound"))
    assert is_picture(file(encoded(Image.fromarray(RAMP), format="BMP"), "b"))
    assert is_picture(file(encoded(Image.fromarray(RAMP), format="WEBP"), "w"))
