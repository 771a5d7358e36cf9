"""Every fault an IDX file can have is named, quickly and without taking memory."""

from __future__ import annotations

import gzip
import os
import struct
import time
import tracemalloc

import numpy as np
import pytest

from models.datasets import room
from models.datasets.cache import cache_root
from models.datasets.idx import read_idx, read_pair
from models.datasets.room import Room
from models.errors import Stopped, UserError


def idx(shape=(2, 3, 4), data=None, kind=8, magic=b"\0\0", dimensions=None):
    """The bytes of an IDX file, wrong in the ways asked for."""
    data = bytes(range(int(np.prod(shape)))) if data is None else data
    head = magic + bytes([kind, len(shape) if dimensions is None else dimensions])
    return head + struct.pack(f">{len(shape)}I", *shape) + data


@pytest.fixture
def file(tmp_path):
    def write(content, name="some-idx"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("name", ["some-idx", "some-idx.gz"])
def test_good_files_plain_or_gzipped_whatever_their_name(file, pack, name):
    assert np.array_equal(read_idx(file(pack(idx()), name), 3), np.arange(24, dtype=np.uint8).reshape(2, 3, 4))


FAULTS = {
    "empty": (b"", "it is empty"),
    "short magic": (b"\0\0", "it begins with the bytes 00 00."),
    "wrong magic": (idx(magic=b"\1\2"), "it begins with the bytes 01 02 08"),
    "web page": (b"<!DOCTYPE html><html>Not found</html>", "it is a web page"),
    "indented web page": (b"\n  <html>", "it is a web page"),
    "floats": (idx(kind=13), "it holds floats instead of bytes"),
    "signed bytes, as of negative labels": (idx(kind=9), "it holds signed bytes"),
    "labels for pictures": (idx(shape=(5,)), "it has 1 dimension instead of 3"),
    "header cut": (idx()[:10], "it ends within its header"),
    "no pictures": (idx(shape=(0, 28, 28)), "it declares nothing: 0 x 28 x 28"),
    "data cut": (idx()[:-5], "it ends early, after 19 of 24 bytes"),
    "data too long": (idx() + b"x", "it goes on after the 24 bytes"),
    "overflow": (idx(shape=(2**32 - 1,) * 3, data=b"abc"), "more than it can hold"),
    "past 32 bits": (idx(shape=(65536, 65536, 1), data=b""), "more than it can hold"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_each_fault_has_its_sentence(file, fault, pack):
    content, reason = FAULTS[fault]
    path = file(pack(content))
    with pytest.raises(UserError) as caught:
        read_idx(path, 3)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"{path}: This is not the IDX file it should be")
    assert str(caught.value).endswith("Fetch the file again, or take it away so that it is downloaded.")


@pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b[:12] + b"\xff" * 9 + b[21:], lambda b: b[:4]])
def test_damaged_gzip(file, damage):
    content = damage(gzip.compress(idx(shape=(1, 50, 50), data=os.urandom(2500))))
    with pytest.raises(UserError, match="This file is damaged: its gzip data"):
        read_idx(file(content), 3)


def test_bombs_are_refused_before_memory_is_taken(file):
    lying = gzip.compress(idx(shape=(1000, 1000, 1000), data=b"\0" * 1000))
    growing = gzip.compress(idx(shape=(1, 28, 28), data=b"\0" * 50_000_000))
    tracemalloc.start()
    begun = time.monotonic()
    for content in (lying, growing):
        with pytest.raises(UserError):
            read_idx(file(content), 3)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_is_too_much_for_memory_is_mapped_from_the_disk(file, pack, monkeypatch):
    monkeypatch.setattr(room, "SHARE", 0.0)
    pictures = read_idx(file(pack(idx())), 3)
    assert isinstance(pictures, np.memmap)
    assert np.array_equal(pictures, np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    assert not list(cache_root().iterdir())  # the file has no name, so nobody else sees it


def test_an_honest_file_may_be_as_large_as_it_says(tmp_path, monkeypatch):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(idx(shape=(3, 2**15, 2**15), data=b""))
        file.truncate(3 * 2**30 - 1)  # a few bytes short, and all holes
    with pytest.raises(UserError, match=r"it declares 3,221,225,472 bytes of data, more than it can hold"):
        read_idx(path, 3)
    with path.open("r+b") as file:
        file.truncate(16 + 3 * 2**30)
    monkeypatch.setattr(Room, "add", lambda *_: (_ for _ in ()).throw(Stopped))
    with pytest.raises(Stopped):  # it is read, which here ends with the first piece
        read_idx(path, 3)


def test_every_truncation_and_every_flipped_byte_is_named_or_read(file):
    content = gzip.compress(idx(), mtime=0)
    for length in range(len(content)):
        with pytest.raises(UserError):
            read_idx(file(content[:length]), 3)
    for place in range(len(content)):
        flipped = bytearray(content)
        flipped[place] ^= 0x55
        path = file(bytes(flipped))
        try:
            outcome = str(read_idx(path, 3).size)
        except UserError as error:
            outcome = str(error)
        assert outcome == "24" or outcome.startswith(f"{path}: This ")  # a flip in gzip's own remarks does no harm


def test_things_that_are_no_files_are_never_opened(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name in ("fifo", "loop", "zero", "missing", "."):
        with pytest.raises(UserError, match="missing or not a plain file"):
            read_idx(tmp_path / name, 3)


def test_pairs_must_fit(file):
    images = file(idx(shape=(3, 2, 2)), "images")
    pictures, labels = read_pair(images, file(idx(shape=(3,), data=bytes([0, 9, 5])), "labels"), 10)
    assert pictures.shape == (3, 2, 2)
    assert labels.tolist() == [0, 9, 5]
    with pytest.raises(UserError, match="images: This file holds 3 pictures, but fewer holds 2 labels"):
        read_pair(images, file(idx(shape=(2,)), "fewer"), 10)
    with pytest.raises(UserError, match="minus: This file holds the label 255 at place 1; labels go from 0 to 9"):
        read_pair(images, file(idx(shape=(3,), data=bytes([0, 255, 5])), "minus"), 10)
