"""Sheets by content, and files as other programs read them."""

from __future__ import annotations

import base64
import re
import zlib

import numpy as np
import pytest
from PIL import Image

from models import grids
from models.errors import UserError


def pictures(count: int = 5, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 4, 6, channels), dtype=np.uint8)


def test_shades_are_rounded_and_clipped():
    shades = np.array([-1, 0, 0.5 / 255, 0.4999, 1, 7, np.nan, np.inf], dtype=np.float32).reshape(1, 1, 1, -1)
    found = grids.to_uint8(shades)
    assert found.shape == (1, 1, 8, 1)
    assert found.ravel().tolist() == [0, 0, 1, 127, 255, 255, 0, 255]


def test_sheet_places_pictures_row_by_row():
    given = pictures()
    page = grids.sheet(given, columns=3, spacing=2, scale=2, ground=7)
    assert page.shape == (2 + 2 * (8 + 2), 2 + 3 * (12 + 2), 3)
    np.testing.assert_array_equal(page[2:10:2, 2:14:2], given[0])
    np.testing.assert_array_equal(page[13:20:2, 17:28:2], page[12:20:2, 16:28:2])
    np.testing.assert_array_equal(page[12:20:2, 16:28:2], given[4])
    assert (page[12:20, 30:] == 7).all()  # the place that is left over
    assert (page[:, :2] == 7).all()


def test_sheet_without_spacing_is_as_wide_as_its_pictures():
    assert grids.sheet(pictures(2, 1), columns=8, spacing=0).shape == (4, 12, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_files_hold_the_very_pixels(tmp_path, channels):
    page = grids.sheet(pictures(channels=channels), columns=2)
    grids.write_picture(page, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as opened:
        np.testing.assert_array_equal(np.asarray(opened).reshape(page.shape), page)

    text = grids.write_picture(page, tmp_path / "a.SVG").read_text()
    (tmp_path / "b.png").write_bytes(base64.b64decode(re.search(r"base64,([^\"]+)", text)[1]))
    with Image.open(tmp_path / "b.png") as opened:
        np.testing.assert_array_equal(np.asarray(opened).reshape(page.shape), page)
    assert "pixelated" in text

    document = grids.write_picture(page, tmp_path / "a.pdf").read_bytes()
    stream = re.search(rb"FlateDecode/Length (\d+)>>stream\n", document)
    pixels = zlib.decompress(document[stream.end() : stream.end() + int(stream[1])])
    assert pixels == page.tobytes()
    for number, place in enumerate(re.findall(rb"(\d{10}) 00000 n", document), start=1):
        assert document[int(place) :].startswith(b"%d 0 obj" % number)
    assert document[int(re.search(rb"startxref\n(\d+)", document)[1]) :].startswith(b"xref")


@pytest.mark.parametrize("name", ["a.bmp", "a", "a.png.txt"])
def test_other_suffixes_are_refused(tmp_path, name):
    with pytest.raises(UserError, match=r"ends in \.png, \.svg, \.pdf"):
        grids.write_picture(pictures()[0], tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_is_told_and_left_alone(tmp_path):
    with pytest.raises(UserError, match=r"nowhere.*The folder for it is not there"):
        grids.write_picture(pictures()[0], tmp_path / "nowhere" / "a.png")
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(UserError, match=r"taken\.png.*Writing failed"):
        grids.write_picture(pictures()[0], tmp_path / "taken.png")
    assert [path.name for path in tmp_path.iterdir()] == ["taken.png"]
