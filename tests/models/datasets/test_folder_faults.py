"""Whatever lies in a person's folder is read, or listed with its reason; nothing of it is run or waited for."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models import device
from models.datasets import cache, decoding, layout
from models.errors import UserError
from models.job import Control, finished
from models.registry import datasets

COLOURS = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def folder(tmp_path):
    """A flat folder of forty good pictures."""
    root = tmp_path / "pictures"
    root.mkdir()
    for number, colours in enumerate(COLOURS):
        Image.fromarray(colours).save(root / f"{number:02}.png")
    return root


def pictures_of(data):
    return {picture.numpy().tobytes() for picture in torch.cat([data.train_images, data.test_images])}


ALL = {colours.transpose(2, 0, 1).tobytes() for colours in COLOURS}


@pytest.fixture
def no_decoder(monkeypatch):
    """Whoever decodes a picture fails."""

    def refuse(*_):
        raise AssertionError("a picture is decoded again")

    return lambda: monkeypatch.setattr(decoding, "read_picture", refuse)


def test_the_second_opening_decodes_nothing_and_copies_nothing(load, folder, no_decoder):
    (folder / "bad.png").write_bytes(b"GIF8")
    first = load("folder", data_dir=str(folder))
    no_decoder()
    second = load("folder", data_dir=str(folder))
    assert second.content_hash() == first.content_hash()
    assert pictures_of(second) == ALL
    assert (second.warnings, second.skipped) == (first.warnings, first.skipped)
    assert len(second.skipped) == 1
    last = second.train_images[-1:].data_ptr()
    assert second.test_images.data_ptr() == last + 3 * 32 * 32
    folder.rename(folder.with_name("moved"))
    moved = load("folder", data_dir=str(folder.with_name("moved")))
    assert moved.skipped[0].path == str(folder.with_name("moved") / "bad.png")
    with pytest.raises(AssertionError, match="decoded again"):
        load("folder", data_dir=str(folder.with_name("moved")), size="28")


def test_a_changed_picture_is_decoded_again_even_with_its_old_date(load, folder):
    before = load("folder", data_dir=str(folder))
    path = folder / "07.png"
    old = path.stat()
    content = path.read_bytes()
    swapped = (folder / "08.png").read_bytes().ljust(len(content), b"\0")[: len(content)]
    path.write_bytes(swapped)
    os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert path.stat().st_size == old.st_size
    after = load("folder", data_dir=str(folder))
    assert after.content_hash() != before.content_hash()


def arrays():
    """The entries of the cache that hold pictures."""
    return [file.parent for file in cache.cache_root().glob("*/images.npy")]


def test_a_copied_folder_and_touched_files_are_found_by_their_content(load, folder, no_decoder):
    (folder / "bad.png").write_bytes(b"GIF8")
    first = load("folder", data_dir=str(folder))
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy, copy_function=shutil.copyfile)
    no_decoder()
    second = load("folder", data_dir=str(copy))
    assert second.content_hash() == first.content_hash()
    assert [skipped.path for skipped in second.skipped] == [str(copy / "bad.png")]
    assert len(arrays()) == 1
    for path in folder.iterdir():
        path.touch()
    assert load("folder", data_dir=str(folder)).content_hash() == first.content_hash()
    assert len(arrays()) == 1


def test_a_file_that_changes_while_it_is_read_is_not_remembered(load, folder, monkeypatch):
    read = decoding.read_picture

    def changing(path, *rule):
        if str(path).endswith("07.png"):
            Image.new("RGB", (9, 9), "red").save(folder / "07.png")
        return read(path, *rule)

    with monkeypatch.context() as patch:
        patch.setattr(decoding, "read_picture", changing)
        load("folder", data_dir=str(folder))
    assert arrays() == []
    Image.fromarray(COLOURS[7]).save(folder / "07.png")
    assert pictures_of(load("folder", data_dir=str(folder))) == ALL


def test_what_was_remembered_before_contents_were_compared_is_still_found(load, folder, no_decoder):
    first = load("folder", data_dir=str(folder)).content_hash()
    (entry,) = arrays()
    (listing,) = set(cache.cache_root().iterdir()) - {entry}
    shutil.rmtree(listing)
    entry.rename(listing)
    no_decoder()
    assert load("folder", data_dir=str(folder)).content_hash() == first


def test_a_damaged_memory_of_a_folder_is_made_anew(load, folder):
    first = load("folder", data_dir=str(folder)).content_hash()
    for content in (b"", b"not json"):
        (entry,) = arrays()
        np.save(entry / "told.npy", np.frombuffer(content + b" ", np.uint8))
        assert load("folder", data_dir=str(folder)).content_hash() == first
    np.save(entry / "images.npy", np.zeros((3, 3, 32, 32), np.uint8))
    assert load("folder", data_dir=str(folder)).content_hash() == first


@pytest.mark.parametrize(("background", "value"), [("white", 255), ("grey", 128), ("black", 0)])
def test_what_is_clear_shows_the_background(load, tmp_path, background, value):
    for number in range(4):
        Image.new("RGBA", (8, 8), (9, 9, 9, 0)).save(tmp_path / f"{number}.png")
    data = load("folder", data_dir=str(tmp_path), background=background)
    assert data.train_images.unique().tolist() == [value]


def test_the_share_that_may_be_damaged_is_a_setting_and_holds_the_second_time(load, folder):
    for number in range(3):
        (folder / f"bad{number}.png").write_bytes(b"")
    assert len(load("folder", data_dir=str(folder), damaged_share=0.07).skipped) == 3
    with pytest.raises(UserError, match=r"Damaged: 3 of 43 pictures.+allow a larger damaged share"):
        load("folder", data_dir=str(folder), damaged_share=0.06)


def test_pictures_of_several_sizes_are_told_with_the_rule(load, folder):
    Image.new("RGB", (90, 50)).save(folder / "wide.png")
    (words,) = load("folder", data_dir=str(folder)).notes
    assert words == (
        "The pictures have 2 sizes, from 32x32 to 90x50: each was cut to the square of its middle and resized to 32x32."
    )


def test_folders_beside_train_and_test_are_told(load, folder, tmp_path):
    for name in ("train", "test", "valid"):
        (tmp_path / name).mkdir()
        for path in sorted(folder.iterdir())[:3]:
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    assert load("folder", data_dir=str(tmp_path)).warnings == ("Beside train and test, left out: pictures, valid.",)


def spoil(folder):
    """One file for each way of being no picture: the reason that must be given, by name."""
    eps = io.BytesIO()
    Image.fromarray(COLOURS[0]).save(eps, format="EPS")
    jpeg = io.BytesIO()
    Image.fromarray(COLOURS[0]).save(jpeg, format="JPEG")
    none = "its content is none of PNG, JPEG, GIF, BMP, WEBP, TIFF, or damaged"
    contents = {
        "empty.png": (b"", "it is empty"),
        "drawing.png": (eps.getvalue(), none),
        "paper.jpg": (b"%PDF-1.7\n", none),
        "page.gif": (b"<html>404</html>", none),
        "cut.jpg": (jpeg.getvalue()[:-100], "it ends early"),
        "cut.png": ((folder / "00.png").read_bytes()[:-90], "it ends early"),
        "bomb.png": (bomb(), "it has more than 64 million pixels"),
    }
    for name, (content, _) in contents.items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.png")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(os.path.relpath(folder / "door.png"))
    (folder / "zero.png").symlink_to("/dev/zero")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    (folder / "loop").symlink_to(folder / "loop")
    (folder / "broken.png").symlink_to(folder / "nothing")
    read = {name: f"This picture cannot be read: {reason}." for name, (_, reason) in contents.items()}
    found = dict.fromkeys(("pipe.png", "door.png", "zero.png"), "This is no plain file.")
    return read | found | dict.fromkeys(("loop.png", "broken.png"), "This link leads nowhere.")


def bomb():
    """A PNG of some hundred bytes that claims 900 million pixels."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def test_each_is_listed_with_its_reason_and_none_is_waited_for_or_run(load, folder, tmp_path, monkeypatch):
    program = tmp_path / "bin" / "gs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    expected = spoil(folder)
    begun = time.monotonic()
    data = load("folder", data_dir=str(folder))
    assert time.monotonic() - begun < 2
    assert {skipped.path: skipped.reason for skipped in data.skipped} == {
        str(folder / name): reason for name, reason in expected.items()
    }
    assert pictures_of(data) == ALL
    assert not (tmp_path / "canary").exists()
    assert data.warnings[0] == "Left out, as they lead to no plain file: 5 named as pictures."
    assert data.warnings[1].startswith(f"Damaged: 7 of 47 pictures, the first: {folder / 'bomb.png'}: ")


NAMES = ["Ünïcode ☃", "right\u202eleft", "two\nlines", "%s%n", "<b>bold<b>", "n" * 251, "caf\udce9", "-rf", "a\x1bb"]


@pytest.mark.parametrize("name", NAMES)
def test_strange_names_are_opened_and_shown_as_plain_text(load, folder, name):
    (folder / "00.png").rename(folder / f"{name}.png")
    assert pictures_of(load("folder", data_dir=str(folder))) == ALL
    (folder / f"{name}.png").write_bytes(b"hello")
    data = load("folder", data_dir=str(folder))
    for words in (data.skipped[0].path, data.warnings[0]):
        assert words.isprintable()
        assert words.encode().decode() == words


def test_a_file_that_becomes_a_pipe_after_it_was_found_is_not_waited_for(folder):
    source_type = datasets.get("folder")
    real = layout.survey

    def survey_and_change(root, control):
        found = real(root, control)
        for name in ("03.png", "04.png"):
            (folder / name).unlink()
        os.mkfifo(folder / "03.png")
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.datasets.folder.survey", survey_and_change)
        begun = time.monotonic()
        data = finished(source_type(source_type.params_type(data_dir=str(folder))).load(Control()))
    assert time.monotonic() - begun < 2
    assert [Path(skipped.path).name for skipped in data.skipped] == ["03.png", "04.png"]
    assert "it is no plain file" in data.skipped[0].reason
    assert "No such file or directory" in data.skipped[1].reason
    assert not cache.cache_root().exists(), "what may be mended by tomorrow is not remembered"


BOUNDED = """
import os, resource, sys
import models.catalog
from models.errors import UserError
from models.job import Control, finished
from models.registry import source
def load(folder):
    return source("folder", {"data_dir": folder, "damaged_share": 1.0}).load(Control())
list(load(sys.argv[3]))  # so that all is imported: who has no special rights may not look into our libraries
open("/proc/self/clear_refs", "w").write("5")  # forget how much the imports took at their highest
highest = lambda: int(next(line for line in open("/proc/self/status") if "VmHWM" in line).split()[1])
begun = highest()
taken = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (taken + int(sys.argv[2]) * 2**20,) * 2)
if os.geteuid() == 0:
    os.setuid(65534)
work = load(sys.argv[1])
try:
    print([skipped.reason for skipped in finished(work).skipped])
except UserError as error:
    print(error)
print((highest() - begun) // 1024)
"""


@pytest.fixture
def in_child(tmp_path):
    """Load a folder as a person without special rights, with so many MB of addresses more: words, and MB taken."""

    calls = itertools.count()

    def run(folder, megabytes=2048):
        call = next(calls)  # other pictures each time: those known from the cache would not be decoded
        for number, ending in enumerate(("png", "jpg", "webp", "gif")):
            Image.new("RGB", (8, 8), (number, 90, call)).save(tmp_path / f"{number}.{ending}")
        command = [sys.executable, "-c", BOUNDED, folder, str(megabytes), tmp_path]
        place = {"cwd": Path(__file__).parents[3], "env": {**os.environ, "OMP_NUM_THREADS": "4"}}
        done = subprocess.run(command, capture_output=True, text=True, check=True, **place)
        words, taken = done.stdout.splitlines()[-2:]
        return words, int(taken)

    return run


@pytest.fixture
def open_place():
    """A folder that everybody may enter, with some pictures."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        for number, colours in enumerate(COLOURS[:10]):
            Image.fromarray(colours).save(Path(place, f"{number}.png"))
        yield Path(place)


linux = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set by what Linux tells")


@linux
def test_a_picture_or_folder_closed_to_us_is_named_with_the_right_it_needs(in_child, open_place):
    (open_place / "3.png").chmod(0)
    assert in_child(open_place)[0] == "['This picture cannot be read: Permission denied.']"
    (open_place / "cats").mkdir(mode=0)
    closed = "This folder cannot be looked into: Permission denied."
    assert in_child(open_place)[0] == f"['{closed}', 'This picture cannot be read: Permission denied.']"
    for picture in open_place.glob("*.png"):
        picture.unlink()
    words = in_child(open_place)[0]
    assert words.startswith(f"{open_place / 'cats'}: This folder cannot be looked into: Permission denied.")
    assert words.endswith("Give yourself the right to read it.")


@linux
def test_bombs_and_large_pictures_side_by_side_keep_within_memory(in_child, open_place):
    for number in range(6):
        (open_place / f"bomb{number}.png").write_bytes(bomb())
        Image.new("RGBA", (6000, 6000)).save(open_place / f"large{number}.png", compress_level=1)
    Image.new("RGBA", (4100, 4100)).save(open_place / "many.webp", lossless=True, method=0)
    words, taken = in_child(open_place)
    assert words.count("million pixels") == 7
    assert "more than 16 million" in words
    assert taken < 250, "a large picture takes 144 MB, and two are never held at once"


def test_many_pictures_on_a_small_machine_are_gathered_on_disk(load, folder, monkeypatch):
    monkeypatch.setattr(device, "memory", lambda _: 1000)
    assert pictures_of(load("folder", data_dir=str(folder))) == ALL
