"""Six classic sets in miniature, byte by byte as they are published."""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import tarfile
import zipfile

import numpy as np
import scipy.io

IDX = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")
LETTERS = tuple(
    f"emnist-letters-{half}-{kind}-ubyte" for half in ("train", "test") for kind in ("images-idx3", "labels-idx1")
)
BATCHES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def idx_files(names, counts=(30, 20), first=0, classes=10):
    """Four plain IDX files by name."""
    files = {}
    for half, count in enumerate(counts):
        images, labels = names[2 * half : 2 * half + 2]
        files[images] = struct.pack(">4I", 0x803, count, 28, 28) + noise(count, 28, 28).tobytes()
        files[labels] = struct.pack(">2I", 0x801, count) + bytes(first + place % classes for place in range(count))
    return files


def usps_files(counts=(12, 10)):
    """The two text files: pictures whose pixels run from paper to ink, in classes 1 to 10."""
    values = " ".join(f"{place}:{-1 + 2 * (place - 1) / 255:.6f}" for place in range(1, 257))
    texts = ["".join(f"{1 + place % 10} {values} \n" for place in range(count)).encode() for count in counts]
    return dict(zip(("usps", "usps.t"), texts, strict=True))


def cifar_files(count=3):
    records = noise(len(BATCHES), count, 3073)
    records[:, :, 0] %= 10
    return {name: part.tobytes() for name, part in zip(BATCHES, records, strict=True)}


def tarred(files, folder="cifar-10-batches-bin/"):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(folder + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def zipped(files, folder="gzip/"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{folder}{name}.gz", gzip.compress(content, mtime=0))
        archive.writestr(f"{folder}emnist-digits-train-images-idx3-ubyte.gz", b"not wanted")
    return packed.getvalue()


def mat(count=8, *, packed=True, dtype=np.uint8, **changed):
    """A file of SVHN: pictures [32, 32, 3, n] and labels [n, 1] from 1 to 10."""
    arrays = {"X": noise(32, 32, 3, count), "y": (1 + np.arange(count) % 10).astype(dtype)[:, None], **changed}
    file = io.BytesIO()
    scipy.io.savemat(file, {name: array for name, array in arrays.items() if array is not None}, do_compression=packed)
    return file.getvalue()


def lay(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def published(name):
    """The files of a set as they are downloaded, with tiny contents."""
    return {
        "fashion-mnist": lambda: {f"{name}.gz": gzip.compress(of) for name, of in idx_files(IDX).items()},
        "kmnist": lambda: {f"{name}.gz": gzip.compress(of) for name, of in idx_files(IDX).items()},
        "emnist-letters": lambda: {"gzip.zip": zipped(idx_files(LETTERS, (52, 26), 1, 26))},
        "usps": lambda: {f"{name}.bz2": bz2.compress(text) for name, text in usps_files().items()},
        "cifar10": lambda: {"cifar-10-binary.tar.gz": tarred(cifar_files())},
        "svhn": lambda: {"train_32x32.mat": mat(12), "test_32x32.mat": mat(10)},
    }[name]()


SETS = ("fashion-mnist", "kmnist", "emnist-letters", "usps", "cifar10", "svhn")


def doubles_as_bytes(count=4):
    """A file as MATLAB writes it: labels of the class double, stored as bytes where these suffice, inline if short."""

    def element(kind, data):
        if len(data) <= 4:
            return struct.pack("<HH", kind, len(data)) + data.ljust(4, b"\0")
        return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)

    def matrix(name, of, shape, data):
        head = element(6, struct.pack("<II", of, 0)) + element(5, struct.pack(f"<{len(shape)}i", *shape))
        content = head + element(1, name) + element(2, data)
        return struct.pack("<II", 14, len(content)) + content

    header = b"MATLAB 5.0 MAT-file, made by hand".ljust(124) + b"\0\1IM"
    pictures = matrix(b"X", 9, (32, 32, 3, count), noise(count, 3, 32, 32).tobytes())
    return header + pictures + matrix(b"y", 6, (count, 1), bytes(range(10, 10 - count, -1)))


PACKED = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in idx_files(IDX).items()}  # as they are sent
FIRST = "train-images-idx3-ubyte.gz"
