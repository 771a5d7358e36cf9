"""Arrays in a file become a data set that says what was recognised, or one sentence; nothing in them is ever run."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from models import device
from models.datasets import room
from models.datasets.npy import Archive, Fault, read_npy
from models.datasets.values import form_of
from models.errors import Stopped, UserError
from models.job import Control, finished
from models.registry import datasets

COUNT = 20
LABELS = np.arange(COUNT) % 2
GREY = np.random.default_rng(0).integers(0, 256, (COUNT, 6, 8)).astype(np.uint8)
GREY[:, 0, :2] = (0, 255)
RGB = np.random.default_rng(1).integers(0, 256, (COUNT, 3, 6, 8)).astype(np.uint8)


@pytest.fixture
def save(tmp_path):
    """Arrays, or bytes, as a file: its path."""

    def write(content, name="data.npz"):
        path = tmp_path / name
        if isinstance(content, dict):
            np.savez_compressed(path, **content)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            np.save(path, content)
        return path

    return write


def in_order(data):
    """All pictures and labels as they were in the file, told by the corner pixels of GREY or RGB."""
    images = torch.cat([data.train_images, data.test_images]).numpy()
    labels = None if data.train_labels is None else torch.cat([data.train_labels, data.test_labels]).numpy()
    return {picture.tobytes(): None if labels is None else int(labels[at]) for at, picture in enumerate(images)}


@pytest.mark.parametrize("name", ["data.npz", "named.zip", "no_ending"])
def test_npz_with_labels_and_names(load, save, name):
    path = save({"images": GREY, "labels": LABELS, "class_names": np.array(["cat", "dog"])}).rename(
        save(b"", "x").with_name(name)
    )
    data = load("arrays", file=str(path))
    assert data.class_names == ("cat", "dog")
    assert data.train_images.shape == (16, 1, 6, 8)
    assert data.test_labels.bincount().tolist() == [2, 2]
    assert data.train_images.dtype == torch.uint8
    assert data.train_labels.dtype == torch.int64
    assert in_order(data) == {picture.tobytes(): at % 2 for at, picture in enumerate(GREY)}
    assert data.warnings == ()
    assert data.notes == (
        "Recognised 20 pictures of 8x6 grey (N x height x width), uint8 from 0 to 255, read as 0 to 255.",
    )


LAYOUTS = {
    "N x height x width x channels": (RGB.transpose(0, 2, 3, 1), RGB),
    "N x channels x height x width": (RGB, RGB),
    "N x height x width": (GREY, GREY),
    "N x height x width x channels, grey": (GREY[..., None], GREY),
    "N x channels x height x width, grey": (GREY[:, None], GREY),
    "fortran order": (np.asfortranarray(GREY), GREY),
    "big-endian": (GREY.astype(">i4"), GREY),
    "floats from 0 to 1": ((GREY / 255).astype(np.float32), GREY),
    "doubles from 0 to 1": (GREY / 255, GREY),
    "floats from -1 to 1": ((GREY / 127.5 - 1).astype(np.float32), GREY),
    "floats from 0 to 255": (GREY.astype(np.float16), GREY),
    "16 bits": (GREY.astype(np.uint16) * 257, GREY),
    "black and white": (GREY > 99, (GREY > 99) * np.uint8(255)),
    "ones": ((GREY > 99).astype(np.uint8), (GREY > 99) * np.uint8(255)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_and_ranges_are_recognised_and_stated(load, save, layout):
    stored, expected = LAYOUTS[layout]
    data = load("arrays", file=str(save(stored, "data.npy")))
    assert in_order(data) == {picture.tobytes(): None for picture in expected}
    assert data.spec.channels == (3 if expected is RGB else 1)
    assert data.class_names == ()
    assert data.train_labels is None
    words = data.notes[0]
    assert f"Recognised 20 pictures of 8x6 {'RGB' if expected is RGB else 'grey'} (N x" in words
    assert layout.split(",")[0] in words or not layout.startswith("N")
    assert str(stored.dtype) in words


def test_what_range_was_taken_is_said(load, save):
    for stored, words in (
        (GREY / 255, "float64 from 0 to 1, read as 0 to 1."),
        (GREY / 127.5 - 1, "from -1 to 1, read as -1 to 1."),
        (GREY.astype(float), "from 0 to 255, read as 0 to 255."),
        (GREY.astype(np.uint16) * 257, "from 0 to 6.554e+04, read as 0 to 65535."),
    ):
        assert load("arrays", file=str(save(stored, "data.npy"))).notes[0].endswith(words)


def idx(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("emnist-images.gz", "emnist-labels"),
        ("images-idx3", "labels-idx1.gz"),
    ],
)
def test_idx_pairs_plain_or_gzipped(load, save, pack, images, labels):
    save(idx(LABELS + 3), labels)
    data = load("arrays", file=str(save(pack(idx(GREY)), images)))
    assert in_order(data) == {picture.tobytes(): at % 2 for at, picture in enumerate(GREY)}
    assert data.class_names == ("3", "4")
    assert f"The labels of {labels} lie beside it." in data.notes


def test_idx_without_labels(load, save):
    data = load("arrays", file=str(save(idx(GREY), "pictures.idx")))
    assert data.train_labels is None
    assert data.notes[-1] == "No file of labels lies beside it."


def test_same_seed_same_data(load, save):
    path = str(save({"images": GREY, "labels": LABELS}))
    hashes = [load("arrays", file=path, split_seed=seed).content_hash() for seed in (4, 4, 5)]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("size", ["28", "32", "64", "128"])
def test_resized_by_the_rule_of_folders(load, save, size):
    wide = np.zeros((4, 60, 180, 3), np.uint8)
    wide[:, :, 60:120] = (200, 100, 50)
    wide[:, :, :60] = 9
    data = load("arrays", file=str(save(wide, "data.npy")), size=size)
    assert data.train_images.shape == (3, 3, int(size), int(size))
    assert data.train_images[0].flatten(1).float().mean(1).tolist() == [200, 100, 50]


def test_sizes_are_kept_up_to_a_limit(load, save):
    assert load("arrays", file=str(save(np.tile(GREY, (1, 5, 32)), "data.npy"))).spec.shape == (1, 30, 256)
    with pytest.raises(UserError, match=r"264x30, and 256 pixels a side is the most\. Have them resized"):
        load("arrays", file=str(save(np.tile(GREY, (1, 5, 33)), "data.npy")))


def test_labels_without_names_are_named_by_their_numbers(load, save):
    data = load("arrays", file=str(save({"images": GREY, "labels": (LABELS * 40 + 7)[:, None]})))
    assert data.class_names == ("7", "47")
    assert in_order(data) == {picture.tobytes(): at % 2 for at, picture in enumerate(GREY)}
    assert "The labels, 2 numbers from 7 to 47, are taken as the classes' names." in data.notes


def test_names_are_plain_text(load, save):
    names = np.array(["<b>", "two\nlines", "right\u202eleft", "", "n" * 500])
    data = load("arrays", file=str(save({"images": GREY, "labels": LABELS, "class_names": names})))
    assert data.class_names == ("<b>", "two\\nlines", "right\\u202eleft", "3", "n" * 60)


def test_arrays_that_have_no_use_are_told(load, save):
    data = load("arrays", file=str(save({"images": GREY, "ids": LABELS})))
    assert data.warnings == ("Arrays left out: ids.",)


def test_some_constant_pictures_are_told(load, save):
    some = GREY.copy()
    some[3:5] = 7
    data = load("arrays", file=str(save(some, "data.npy")))
    assert data.warnings == ("Of one single value: 2 of 20 pictures.",)


def with_value(value):
    floats = GREY / 255
    floats[13, 2, 2] = value
    return floats


WRONG = {
    "no images": ({"x_train": GREY, "y_train": LABELS}, "it has no array called images; it holds x_train, y_train."),
    "nothing": ({}, "it has no array called images; it holds no arrays"),
    "too few labels": ({"images": GREY, "labels": LABELS[:-1]}, "it holds 20 pictures, but 19 labels"),
    "float labels": ({"images": GREY, "labels": LABELS / 2}, "its labels are float64 instead of whole numbers"),
    "one-hot": ({"images": GREY, "labels": np.eye(20, dtype=int)}, "its labels have the shape 20 x 20 instead of one"),
    "negative": ({"images": GREY, "labels": LABELS - 1}, "it holds the label -1 at place 0; labels go from 0 up"),
    "beyond": (
        {"images": GREY, "labels": LABELS * 2, "class_names": ["a", "b"]},
        "it holds the label 2 at place 1; class_names has 2 names, so labels go from 0 to 1",
    ),
    "no classes": (
        {"images": np.tile(GREY, (60, 1, 1)), "labels": np.arange(1200)},
        "its labels have 1,200 different values, too many for classes (at most 1,000)",
    ),
    "names": ({"images": GREY, "class_names": np.arange(3)}, "its class_names are int64 of the shape 3 instead of"),
    "nan": (with_value(np.nan), "picture 13 holds values that are not a number or infinite"),
    "inf": (with_value(-np.inf), "picture 13 holds values that are not a number or infinite"),
    "standardised": (with_value(-3.5), "its values go from -3.5 to 1. Scale them to uint8"),
    "huge": (with_value(1e9), "its values go from 0 to 1e+09. Scale them"),
    "signed bytes": (GREY.astype(np.int8), "its values go from -128 to 127. Scale them"),
    "constant": (np.full_like(GREY, 7), "each of its pictures is of one single value"),
    "rows": (GREY.reshape(20, -1), "its pictures have the shape 20 x 48. Expected is N x height x width"),
    "one picture": (GREY[0], "its pictures have the shape 6 x 8. Expected"),
    "number": (np.array(3), "its pictures have the shape of a single number"),
    "five": (GREY[None, None], "its pictures have the shape 1 x 1 x 20 x 6 x 8"),
    "alpha": (np.zeros((20, 6, 8, 4)), "its pictures have the shape 20 x 6 x 8 x 4"),
    "slim": (GREY[:, :3], "its pictures are 8x3, too small"),
    "text": (np.full((20, 6, 8), "a"), "its pictures are <U1 instead of numbers"),
    "empty": (GREY[:0], "it declares nothing (0 x 6 x 8 of uint8)"),
    "one": (GREY[:1], "One whole picture is too few to train and to test on. Bring at least two"),
    "a class each": (
        {"images": GREY, "labels": np.arange(20)},
        "Each of the 20 pictures has a class of its own, so that none can be kept to test on. Bring at least two",
    ),
    "complex": (GREY * 1j, "it holds values of the type <c16 instead of plain numbers"),
    "times": (GREY.astype("M8[s]"), "its header does not tell one type, order and shape"),
    "fields": (np.zeros(20, [("a", int), ("b", float)]), "its header does not tell one type, order and shape"),
    "idx of labels": (idx(LABELS), "it has 1 dimension instead of 3. Expected is a .npz"),
    "idx cut": (idx(GREY)[:-1], "it ends early, after 959 of 960 bytes of data. Expected"),
    "page": (b"<!doctype html><h1>404</h1>", "it begins as none of .npz, .npy and IDX does. Expected is a .npz"),
    "no bytes": (b"", "it is empty. Expected is a .npz"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_each_fault_is_one_sentence(load, save, fault):
    content, reason = WRONG[fault]
    path = save(content, "data.npz" if isinstance(content, dict) else "data.npy")
    with pytest.raises(UserError) as caught:
        load("arrays", file=str(path))
    assert reason in str(caught.value)
    refuse_bad_advice(caught.value, path)


def refuse_bad_advice(error, path):
    sentence = str(error)
    assert sentence.startswith(f"{path}: ")
    assert "pickle" not in sentence.lower()
    assert "\n" not in sentence


class Canary:
    """Whoever unpickles it leaves a file behind."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("kind", ["npy", "npz", "labels", "class_names"])
def test_objects_are_never_brought_to_life(load, save, tmp_path, kind):
    objects = np.array([Canary(tmp_path / "canary")] * COUNT, dtype=object)
    contents = {"npy": objects, "npz": {"images": objects}}.get(kind, {"images": GREY, kind: objects})
    path = save(contents, f"data.{'npy' if kind == 'npy' else 'npz'}")
    with pytest.raises(UserError, match="Python objects instead of plain numbers") as caught:
        load("arrays", file=str(path))
    assert not (tmp_path / "canary").exists()
    refuse_bad_advice(caught.value, path)


def npy(array, **changes):
    """The bytes of a `.npy` file whose header says something else."""
    head = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape} | changes
    words = f"{head}\n".encode("latin-1")
    return b"\x93NUMPY\x01\0" + struct.pack("<H", len(words)) + words + array.tobytes()


HEADERS = {
    "cut": (npy(GREY)[:-1], "it ends early: 20 x 6 x 8 uint8 take 960 bytes, of which it has 959"),
    "longer": (npy(GREY) + b"x", "it goes on after the 960 bytes that it declares"),
    "vast": (npy(GREY, shape=(10**17, 28, 28)), "it ends early: 100000000000000000 x 28 x 28 uint8 take"),
    "negative": (npy(GREY, shape=(-20, 6, 8)), "its header does not tell one type, order and shape"),
    "more digits than numbers have": (npy(GREY, shape=(10**100,)), "its header does not tell one"),
    "deep": (npy(GREY, shape="(" * 3000), "its header does not tell one"),
    "many digits": (npy(GREY, shape="(" + "1" * 150 + "x)"), "its header does not tell one"),
    "code": (npy(GREY).replace(b"False", b"exit"), "its header does not tell one"),
    "no such type": (npy(GREY, descr="<f3"), "it holds values of the type <f3, which does not exist"),
    "wide text": (npy(GREY, descr="<U999999999"), "which does not exist"),
    "header cut": (npy(GREY)[:30], "it ends within its header"),
    "magic cut": (npy(GREY)[:7], "it does not begin as an array does"),
    "version": (npy(GREY).replace(b"\x01\0", b"\x09\0", 1), "it does not begin as an array does"),
    "header of gigabytes": (b"\x93NUMPY\x02\0\xff\xff\xff\x7f", "its header claims 2,147,483,647 bytes"),
}


@pytest.mark.parametrize("fault", HEADERS)
@pytest.mark.parametrize("packed", [False, True])
def test_headers_that_lie(load, save, fault, packed):
    content, reason = HEADERS[fault]
    path = save(archive({"images.npy": content}) if packed else content, "data")
    with pytest.raises(UserError) as caught:
        load("arrays", file=str(path))
    assert reason in str(caught.value)
    refuse_bad_advice(caught.value, path)


def archive(members, packing=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return buffer.getvalue()


def test_headers_of_other_writers_are_read(load, save):
    head = b'{"shape": (20,6,8) , "descr": "|u1","fortran_order":False}'
    content = b"\x93NUMPY\x03\0" + struct.pack("<I", len(head)) + head + GREY.tobytes()
    assert load("arrays", file=str(save(content, "data.npy"))).train_images.shape == (16, 1, 6, 8)


def zipped(**patches):
    """A good archive with some bytes of its first entry in the table of contents replaced."""
    content = bytearray(archive({"images.npy": npy(GREY)}))
    entry = content.index(b"PK\x01\x02")
    for place, value in patches.items():
        at = entry + int(place[1:])
        content[at : at + len(value)] = value
    return bytes(content)


ARCHIVES = {
    "bomb": (zipped(_24=struct.pack("<I", 2**31 - 1)), "declares 2,147,483,647 bytes, more than it can hold"),
    "encrypted": (zipped(_8=b"\1\0"), "is packed in a way that NumPy does not use"),
    "packed otherwise": (archive({"images.npy": npy(GREY)}, zipfile.ZIP_LZMA), "is packed in a way"),
    "bad checksum": (zipped(_16=b"\1\2\3\4"), "is damaged (Bad CRC-32"),
    "elsewhere": (zipped(_42=b"\xff\xff\xff\x7f"), "damaged"),
    "cut": (zipped()[:-30], "its table of contents is damaged (File is not a zip file)"),
    "only its first bytes": (b"PK\x03\x04", "its table of contents is damaged"),
    "text inside": (archive({"images.npy": b"hello there"}), "images: it does not begin as an array does"),
    "nothing inside": (archive({"images.npy": b""}), "images: it is empty"),
    "other files": (archive({"archive/data.bin": b"", "../evil": b""}), "it holds no arrays"),
    "ways out": (archive({"../../images.npy": npy(GREY)}), "no array called images; it holds ../../images"),
}


@pytest.mark.parametrize("fault", ARCHIVES)
def test_archives_that_lie(load, save, fault, tmp_path):
    content, reason = ARCHIVES[fault]
    path = save(content)
    with pytest.raises(UserError) as caught:
        load("arrays", file=str(path))
    assert reason in str(caught.value)
    refuse_bad_advice(caught.value, path)
    assert sorted(tmp_path.iterdir()) == [path]
    assert not (tmp_path.parent / "evil").exists()


def test_a_million_members_are_refused_at_once(load, save):
    entry = b"PK\x01\x02" + b"\0" * 24 + struct.pack("<HHH", 1, 0, 0) + b"\0" * 12 + b"x"
    table = entry * 1_000_000
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 65535, 65535, len(table), 4, 0)
    path = save(b"PK\x03\x04" + table + end)
    begun = time.process_time()
    with pytest.raises(UserError, match="its table of contents is larger than that of any file of arrays"):
        load("arrays", file=str(path))
    assert time.process_time() - begun < 1


BOMB = """
import resource, sys
from models.registry import source
from models.errors import UserError
from models.job import Control
work = source("arrays", {"file": sys.argv[1]}).load(Control())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
taken = int(open("/proc/self/statm").read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (taken + 512 * 2**20,) * 2)
try:
    list(work)
except UserError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024, error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set by what Linux tells")
def test_a_bomb_of_zeros_takes_no_memory(save):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made, made.open("images.npy", "w") as stream:
        stream.write(npy(GREY, shape=(10**6, 28, 28))[:-960])
        for _ in range(1000):
            stream.write(bytes(2**20))
    path = save(packed.getvalue())
    done = subprocess.run([sys.executable, "-c", BOMB, path], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"True {path}: This file cannot be used: its array images: it goes on after")


@pytest.mark.parametrize("name", ["", "missing", "a\0b", "n" * 300, "folder", "fifo", "loop", "zero"])
def test_what_is_no_file_is_never_opened(load, tmp_path, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    begun = time.monotonic()
    with pytest.raises(UserError, match=r"No file of arrays is given|This file is missing or not a plain file"):
        load("arrays", file=str(tmp_path / name) if name else "")
    assert time.monotonic() - begun < 2


@pytest.fixture
def small_memory(monkeypatch):
    """A machine on which hardly anything fits."""
    monkeypatch.setattr(device, "memory", lambda _: 400)
    assert not room.fits(len(GREY.tobytes()))


@pytest.mark.usefixtures("small_memory")
def test_large_arrays_stay_in_their_file(load, save):
    data = load("arrays", file=str(save(RGB / 255, "data.npy")))
    assert in_order(data) == {picture.tobytes(): None for picture in RGB}
    assert data.train_images.untyped_storage().data_ptr() == data.test_images.untyped_storage().data_ptr()
    assert "(deleted)" in next(line for line in Path("/proc/self/maps").read_text().splitlines() if holds(line, data))
    with pytest.raises(UserError, match=r"large and lies in Fortran order\. Save it again after"):
        load("arrays", file=str(save(np.asfortranarray(GREY), "data.npy")))
    with pytest.raises(UserError, match=r"too much for this machine's memory\. Save it as a \.npy file"):
        load("arrays", file=str(save({"images": GREY})))


def holds(line, data):
    first, last = (int(end, 16) for end in line.split()[0].split("-"))
    return first <= data.train_images.data_ptr() < last


@pytest.mark.usefixtures("small_memory")
def test_a_large_file_that_shrinks_while_it_is_read_is_one_sentence(save):
    path = save(np.tile(GREY, (200, 1, 1)), "data.npy")
    source_type = datasets.get("arrays")
    work = source_type(source_type.params_type(file=str(path))).load(Control())
    next(work)
    next(work)
    os.truncate(path, 9000)
    with pytest.raises(UserError, match="it ends early, after"):
        finished(work)


def test_stopping(save):
    source_type = datasets.get("arrays")
    control = Control()
    work = source_type(source_type.params_type(file=str(save(GREY, "data.npy")))).load(control)
    next(work)
    control.stop()
    with pytest.raises(Stopped):
        list(work)


def test_a_stop_is_heard_while_the_values_are_looked_through(save):
    control = Control()
    control.stop()
    with save(GREY, "data.npy").open("rb") as file:
        stored = read_npy(file)
        with pytest.raises(Stopped):
            form_of(stored, control)
        assert form_of(stored, Control())[0].channels == 1


def test_every_cut_and_every_flipped_byte_is_named_or_read(save):
    for content, read in ((npy(GREY[:2]), read_npy), (archive({"images.npy": npy(GREY[:2])}), of_archive)):
        for place in range(len(content)):
            flipped = bytearray(content)
            flipped[place] ^= 0x55
            for spoilt in (content[:place], bytes(flipped)):
                with save(spoilt).open("rb") as file:
                    try:
                        outcome = read(file).shape
                    except Fault as fault:
                        outcome = str(fault)
                assert outcome
                assert outcome == (2, 6, 8) or "it" in outcome or spoilt != content[:place]


def of_archive(file):
    found = Archive(file)
    if "images" not in found.keys:
        raise Fault("it has lost its images")
    return found.read("images")
