"""Damaged files of the classic sets are refused with the file's name and the reason, and stay as they are."""

from __future__ import annotations

import bz2
import io
import random
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from models.errors import UserError
from tests.models.datasets.classic_files import (
    BATCHES,
    LETTERS,
    cifar_files,
    doubles_as_bytes,
    idx_files,
    lay,
    mat,
    noise,
    published,
    tarred,
    usps_files,
    zipped,
)


def cifar_changed(change):
    files = cifar_files()
    files["data_batch_3.bin"] = change(files["data_batch_3.bin"])
    return {"cifar-10-binary.tar.gz": tarred(files)}


def letters_changed(name, content, **options):
    files = idx_files(LETTERS, (52, 26), 1, 26)
    files[name] = content(files[name])
    return {"gzip.zip": zipped(files, **options)}


def many(kind):
    """An archive of 2,000 empty files."""
    packed = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(packed, "w") as archive:
            for number in range(2000):
                archive.writestr(f"gzip/{number}", b"")
    else:
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            for number in range(2000):
                archive.addfile(tarfile.TarInfo(str(number)))
    return packed.getvalue()


def linked():
    """A tar whose batches are links out of it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in BATCHES:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(member)
    return packed.getvalue()


def lying():
    """A file that declares more numbers than there are atoms."""
    return doubles_as_bytes().replace(struct.pack("<4i", 32, 32, 3, 4), struct.pack("<4i", *[2**31 - 1] * 4))


TRAIN, TEST = "train_32x32.mat", "test_32x32.mat"
DAMAGED = {
    "letters cut": (
        "emnist-letters",
        lambda: {"gzip.zip": published("emnist-letters")["gzip.zip"][:-30]},
        "no zip file, or ends early",
    ),
    "letters a page": ("emnist-letters", lambda: {"gzip.zip": b"<html>"}, "no zip file"),
    "letters of class 0": (
        "emnist-letters",
        lambda: letters_changed(LETTERS[1], lambda old: old[:-1] + b"\0"),
        "the label 0 at place 51; labels go from 1 to 26",
    ),
    "letters of class 27": (
        "emnist-letters",
        lambda: letters_changed(LETTERS[3], lambda old: old[:-1] + b"\x1b"),
        "the label 27 at place 25",
    ),
    "letters cut inside": (
        "emnist-letters",
        lambda: letters_changed(LETTERS[0], lambda old: old[:-9]),
        "it ends early",
    ),
    "letters too many files": ("emnist-letters", lambda: {"gzip.zip": many("zip")}, "lists more than 1,000 files"),
    "letters without letters": (
        "emnist-letters",
        lambda: {"gzip.zip": zipped({})},
        "holds no emnist-letters-train-images",
    ),
    "digits cut": (
        "usps",
        lambda: {**published("usps"), "usps.bz2": published("usps")["usps.bz2"][:-30]},
        "usps.bz2: ",
    ),
    "digits a page": ("usps", lambda: {**usps_files(), "usps": b"<!doctype html>\n"}, "it is a web page"),
    "digits empty": ("usps", lambda: {**usps_files(), "usps": b""}, "This file is empty"),
    "digits of class 11": (
        "usps",
        lambda: {**usps_files(), "usps": b"11" + usps_files()["usps"][1:]},
        "line 1 begins with the class 11",
    ),
    "digits without a value": (
        "usps",
        lambda: {**usps_files(), "usps": usps_files()["usps"].replace(b" 9:", b" 10:", 1)},
        "line 1 does not hold 256",
    ),
    "digits of words": (
        "usps",
        lambda: {**usps_files(), "usps.t": b"one 1:two\n"},
        "usps.t: .* line 1 holds something else than numbers",
    ),
    "digits too bright": (
        "usps",
        lambda: {**usps_files(), "usps": usps_files()["usps"].replace(b" 256:1.0", b" 256:1.5", 1)},
        "not from -1 to 1",
    ),
    "digits not a number": (
        "usps",
        lambda: {**usps_files(), "usps": usps_files()["usps"].replace(b"1:-1.000000", b"1:nan", 1)},
        "not from -1 to 1",
    ),
    "digits of one line": (
        "usps",
        lambda: {**usps_files(), "usps.bz2": b"", "usps": b"1 " * 10**6},
        "one too many, or too long",
    ),
    "digits a bomb": ("usps", lambda: {"usps.bz2": bz2.compress(b"\n" * 10**7), "usps.t": b""}, "line 1 "),
    "photographs cut": (
        "cifar10",
        lambda: {"cifar-10-binary.tar.gz": tarred(cifar_files())[:-3000]},
        "damaged or ends early",
    ),
    "photographs half a record": (
        "cifar10",
        lambda: cifar_changed(lambda old: old[:-5]),
        "data_batch_3.bin: .* records of 3,073",
    ),
    "photographs of class 10": (
        "cifar10",
        lambda: cifar_changed(lambda old: b"\n" + old[1:]),
        "the label 10 at place 0",
    ),
    "photographs missing": (
        "cifar10",
        lambda: {"cifar-10-binary.tar.gz": tarred({"../test_batch.bin": b""})},
        "holds no data_batch_1.bin",
    ),
    "photographs linked": ("cifar10", lambda: {"cifar-10-binary.tar.gz": linked()}, "holds no data_batch_1.bin"),
    "photographs too many files": (
        "cifar10",
        lambda: {"cifar-10-binary.tar.gz": many("tar")},
        "it holds more than 1,000 files",
    ),
    "photographs a bomb": (
        "cifar10",
        lambda: cifar_changed(lambda old: bytes(40_000_000)),
        "declares 40,000,000 bytes, more than",
    ),
    "numbers a page": ("svhn", lambda: {TRAIN: b" <html>", TEST: mat()}, "it is a web page"),
    "numbers empty": ("svhn", lambda: {TRAIN: b"", TEST: mat()}, "does not begin as a MAT file"),
    "numbers cut": ("svhn", lambda: {TRAIN: mat()[:-300], TEST: mat()}, "it ends early"),
    "numbers without labels": ("svhn", lambda: {TRAIN: mat(y=None), TEST: mat()}, "no array called y"),
    "numbers of class 0": (
        "svhn",
        lambda: {TRAIN: mat(y=np.zeros((8, 1), np.uint8)), TEST: mat()},
        "the label 0 at place 0",
    ),
    "numbers of no class": (
        "svhn",
        lambda: {TRAIN: mat(y=np.full((8, 1), np.nan)), TEST: mat()},
        "the label nan at place 0",
    ),
    "numbers without a partner": (
        "svhn",
        lambda: {TRAIN: mat(y=np.ones((7, 1))), TEST: mat()},
        "8 pictures, but 7 labels",
    ),
    "numbers of another size": (
        "svhn",
        lambda: {TRAIN: mat(X=noise(16, 16, 3, 8)), TEST: mat()},
        "pictures of 16 x 16 x 3 x 8 as uint8",
    ),
    "numbers in floats": ("svhn", lambda: {TRAIN: mat(X=np.ones((32, 32, 3, 8))), TEST: mat()}, "as float64, not of"),
    "numbers in a cell": (
        "svhn",
        lambda: {TRAIN: mat(X=np.array([[1, "a"]], dtype=object)), TEST: mat()},
        "no array of real numbers",
    ),
    "numbers in words": ("svhn", lambda: {TRAIN: mat(y="ten"), TEST: mat()}, "its y is no array of real numbers"),
    "numbers lying": ("svhn", lambda: {TRAIN: lying(), TEST: mat()}, "declares .* numbers, more than there can be"),
}


@pytest.mark.parametrize("fault", DAMAGED)
def test_each_damage_names_the_file_and_the_reason(load, tmp_path, fault):
    name, files, reason = DAMAGED[fault]
    lay(tmp_path, files())
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(UserError, match=reason) as caught:
        load(name, data_dir=str(tmp_path))
    assert str(caught.value).startswith(str(tmp_path))
    assert "pickle" not in str(caught.value)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["emnist-letters", "usps", "cifar10", "svhn"])
def test_mutated_files_are_read_or_refused(load, tmp_path, name):
    """200 files a set, damaged at random with a seed: only our own error leaves the door."""
    files = published(name)
    lay(tmp_path, files)
    lot = random.Random(7)
    target, content = next(iter(files.items()))
    for _ in range(200):
        damaged = bytearray(content)
        for _ in range(lot.choice((1, 1, 8))):
            damaged[lot.randrange(len(damaged))] = lot.randrange(256)
        if lot.random() < 0.3:
            del damaged[lot.randrange(len(damaged)) :]
        (tmp_path / target).write_bytes(damaged)
        try:
            told = f"{tmp_path} is read" if load(name, data_dir=str(tmp_path)) else ""
        except UserError as error:
            told = str(error)
        assert told.startswith(str(tmp_path))
