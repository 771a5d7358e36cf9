"""Six classic sets are read wherever and however they lie, and downloaded from where torchvision says."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import scipy.io
import torchvision

from models.datasets import cifar10
from models.errors import UserError
from models.events import Embedded, Finished
from models.job import Control, Job
from models.trainer import train
from tests.models.datasets.classic_files import (
    BATCHES,
    IDX,
    LETTERS,
    SETS,
    cifar_files,
    doubles_as_bytes,
    idx_files,
    lay,
    mat,
    noise,
    published,
    tarred,
    usps_files,
)
from tests.models.datasets.serving import serving

SHAPES = {
    "fashion-mnist": ((30, 1, 28, 28), (20, 1, 28, 28), 10),
    "kmnist": ((30, 1, 28, 28), (20, 1, 28, 28), 10),
    "emnist-letters": ((52, 1, 28, 28), (26, 1, 28, 28), 26),
    "usps": ((12, 1, 16, 16), (10, 1, 16, 16), 10),
    "cifar10": ((15, 3, 32, 32), (3, 3, 32, 32), 10),
    "svhn": ((12, 3, 32, 32), (10, 3, 32, 32), 10),
}
FOLDERS = {
    "fashion-mnist": "FashionMNIST/raw", "kmnist": "KMNIST/raw", "emnist-letters": "EMNIST/raw",
    "usps": ".", "cifar10": ".", "svhn": ".",
}  # fmt: skip


def check(name, data):
    train, test, classes = SHAPES[name]
    assert (tuple(data.train_images.shape), tuple(data.test_images.shape)) == (train, test)
    assert len(data.class_names) == classes
    assert set(data.train_labels.tolist()) | set(data.test_labels.tolist()) <= set(range(classes))
    assert len(data.train_labels) == train[0]
    assert len(data.test_labels) == test[0]


@pytest.mark.parametrize("name", SETS)
def test_found_as_published_where_torchvision_keeps_it_or_loose(load, tmp_path, home, name):
    hashes = []
    for number, place in enumerate((FOLDERS[name], ".")):
        root = tmp_path / str(number)
        lay(root / place, published(name))
        before = sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*"))
        data = load(name, data_dir=str(root))
        check(name, data)
        hashes.append(data.content_hash())
        assert sorted((path, path.stat().st_mtime_ns) for path in root.rglob("*")) == before
    assert hashes[0] == hashes[1]
    assert not home.exists()


UNPACKED = {
    "fashion-mnist": lambda: idx_files(IDX),
    "kmnist": lambda: idx_files(IDX),
    "emnist-letters": lambda: idx_files(LETTERS, (52, 26), 1, 26),
    "usps": usps_files,
    "cifar10": lambda: {f"cifar-10-batches-bin/{name}": content for name, content in cifar_files().items()},
    "svhn": lambda: {"train_32x32.mat": mat(12, packed=False), "test_32x32.mat": mat(10, packed=False)},
}


@pytest.mark.parametrize("name", SETS)
def test_unpacked_is_the_same(load, tmp_path, name):
    lay(tmp_path / "packed", published(name))
    lay(tmp_path / "plain", UNPACKED[name]())
    packed, plain = (load(name, data_dir=str(tmp_path / folder)) for folder in ("packed", "plain"))
    assert packed.content_hash() == plain.content_hash()


@pytest.fixture
def from_here(monkeypatch):
    """Have torchvision say that a set may be downloaded from this machine."""

    def use(name, files, *addresses):
        sums = {file: hashlib.md5(content).hexdigest() for file, content in files.items()}
        known = torchvision.datasets
        if name in ("fashion-mnist", "kmnist"):
            of = known.FashionMNIST if name == "fashion-mnist" else known.KMNIST
            monkeypatch.setattr(of, "resources", [(f"{file}.gz", sums[f"{file}.gz"]) for file in IDX])
            monkeypatch.setattr(of, "mirrors", list(addresses))
        elif name == "emnist-letters":
            monkeypatch.setattr(known.EMNIST, "url", addresses[0] + "gzip.zip")
            monkeypatch.setattr(known.EMNIST, "md5", sums["gzip.zip"])
        elif name == "cifar10":
            monkeypatch.setattr(known.CIFAR10, "url", addresses[0] + "cifar-10-python.tar.gz")
            monkeypatch.setattr(cifar10, "MD5", sums["cifar-10-binary.tar.gz"])
        else:
            told = {
                half: [addresses[0] + file, file, sums[file]]
                for half, file in zip(("train", "test"), files, strict=True)
            }
            monkeypatch.setattr(known.USPS if name == "usps" else known.SVHN, "split_list", told)

    return use


@pytest.mark.parametrize("name", SETS)
def test_downloaded_once_to_the_own_folder(load, home, from_here, name):
    files = published(name)
    with serving(files) as server:
        from_here(name, files, server.url("good"))
        data = load(name)
        check(name, data)
        asked = len(server.asked)
        assert load(name).content_hash() == data.content_hash()
        assert len(server.asked) == asked == len(files)
    kept = {path.name for path in (home / "data").rglob("*") if path.is_file()} - {"owner.lock"}
    assert kept == ({f"{stem}.gz" for stem in LETTERS} if name == "emnist-letters" else set(files))


@pytest.mark.parametrize("name", SETS)
def test_a_set_that_cannot_be_downloaded_says_what_to_do_by_hand(load, home, from_here, name):
    files = published(name)
    with serving(files) as server:
        from_here(name, files, server.url("404"))
        with pytest.raises(UserError) as caught:
            load(name)
        told = str(caught.value)
    assert "could not be downloaded: " in told
    assert "did not arrive (127.0.0.1: answered 404 Not Found). Try again later, or put " in told
    assert next(iter(files)) in told
    assert f"from {server.url('404')} into {home / 'data'}" in told
    assert not (home / "data").exists(), "what was made for a download that failed is taken back"
    assert told.endswith(" by hand.")


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("family", ["vae", "autoencoder"])
def test_models_train_on_every_set(tmp_path, name, family):
    lay(tmp_path / "data", published(name))
    job = Job(
        family=family, preset={"vae": "conv-2d", "autoencoder": "conv"}[family], dataset=name, steps=2,
        dataset_settings={"data_dir": str(tmp_path / "data")}, run=str(tmp_path / "run"), settings={"channels": 8},
    )  # fmt: skip
    events = list(train(job, Control()))
    assert isinstance(events[-1], Finished)
    assert [event for event in events if isinstance(event, Embedded)]


def test_what_torchvision_knows_is_used_as_it_stands():
    """The shapes of what torchvision tells, since no test may ask the real addresses."""
    from models.registry import datasets

    for name in SETS:
        source = datasets.get(name)
        for remote in source(source.params_type()).remotes():
            assert len(remote.md5) == 32
            assert all(
                address.startswith("http") and address.endswith(f"/{remote.name}") for address in remote.addresses
            )


def test_pictures_stand_upright_and_labels_mean_what_they_say(load, tmp_path):
    lay(tmp_path, published("emnist-letters") | published("usps") | published("cifar10") | published("svhn"))
    letters = load("emnist-letters", data_dir=str(tmp_path))
    assert np.array_equal(letters.train_images[:, 0].numpy().transpose(0, 2, 1), noise(52, 28, 28))
    assert letters.train_labels[:3].tolist() == [0, 1, 2]
    assert (letters.class_names[0], letters.class_names[25]) == ("A", "Z")
    usps = load("usps", data_dir=str(tmp_path))
    assert (usps.train_images[0, 0, 0, 0], usps.train_images[0, 0, 15, 15]) == (0, 255)
    assert (usps.train_images[0].ravel().diff().int() >= 0).all()  # row by row
    assert usps.train_labels[:11].tolist() == [*range(10), 0]
    photographs = load("cifar10", data_dir=str(tmp_path))
    stored = np.frombuffer(cifar_files()["data_batch_2.bin"], np.uint8).reshape(3, 3073)
    assert np.array_equal(photographs.train_images[4].numpy().ravel(), stored[1, 1:])
    assert photographs.train_labels[4] == stored[1, 0]
    assert photographs.class_names[stored[0, 0]]
    numbers = load("svhn", data_dir=str(tmp_path))
    assert np.array_equal(numbers.train_images.numpy(), noise(32, 32, 3, 12).transpose(3, 2, 0, 1))
    assert numbers.train_labels[:11].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_cifar10_in_its_full_size_keeps_the_limits(load, tmp_path):
    lay(tmp_path, {"cifar-10-binary.tar.gz": tarred(dict.fromkeys(BATCHES, bytes(10_000 * 3073)))})
    data = load("cifar10", data_dir=str(tmp_path))
    assert (len(data.train_images), len(data.test_images)) == (50_000, 10_000)


def test_usps_equals_what_torchvision_reads(load, tmp_path):
    lay(tmp_path, published("usps"))
    theirs = torchvision.datasets.USPS(str(tmp_path), train=True)
    ours = load("usps", data_dir=str(tmp_path))
    assert np.array_equal(ours.train_images[:, 0].numpy(), theirs.data)
    assert ours.train_labels.tolist() == theirs.targets


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.float64, np.int16])
def test_svhn_equals_what_torchvision_reads(load, tmp_path, monkeypatch, packed, dtype):
    files = {"train_32x32.mat": mat(12, packed=packed, dtype=dtype), "test_32x32.mat": mat(10, packed=packed)}
    lay(tmp_path, files)
    sums = {
        half: ["", file, hashlib.md5(files[file]).hexdigest()]
        for half, file in zip(("train", "test"), files, strict=True)
    }
    monkeypatch.setattr(torchvision.datasets.SVHN, "split_list", sums)
    theirs = torchvision.datasets.SVHN(str(tmp_path), "train")
    ours = load("svhn", data_dir=str(tmp_path))
    assert np.array_equal(ours.train_images.numpy(), theirs.data)
    assert ours.train_labels.tolist() == theirs.labels.tolist()


def test_svhn_as_matlab_writes_it(load, tmp_path):
    lay(tmp_path, {"train_32x32.mat": doubles_as_bytes(), "test_32x32.mat": doubles_as_bytes(2)})
    theirs = scipy.io.loadmat(tmp_path / "train_32x32.mat")
    ours = load("svhn", data_dir=str(tmp_path))
    assert ours.train_labels.tolist() == [0, 9, 8, 7] == [label % 10 for label in theirs["y"].ravel().tolist()]
    assert np.array_equal(ours.train_images.numpy(), theirs["X"].transpose(3, 2, 0, 1))


def test_cifar10_in_pythons_own_format_is_never_opened(load, tmp_path):
    for number, name in enumerate(("cifar-10-batches-py/data_batch_1", "cifar-10-python.tar.gz")):
        root = tmp_path / str(number)
        lay(root, {name: b"cos\nsystem\n(S'touch canary'\ntR."})
        with pytest.raises(
            UserError, match=r"can carry programs and is therefore never opened\. Put the binary"
        ) as caught:
            load("cifar10", data_dir=str(root))
        assert str(caught.value).startswith(str(root / name))
        assert "pickle" not in str(caught.value)
        lay(root, published("cifar10"))
        check("cifar10", load("cifar10", data_dir=str(root)))
