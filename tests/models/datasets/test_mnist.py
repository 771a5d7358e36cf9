"""MNIST is found wherever it lies, read whole, and downloaded through every kind of bad network."""

from __future__ import annotations

import gzip
import hashlib
import struct

import numpy as np
import pytest
import torch
import torchvision

from models.errors import UserError
from tests.models.datasets.serving import serving

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def contents():
    """A small MNIST by file name: 30 training and 10 test pictures."""
    rng = np.random.default_rng(0)
    files = {}
    for part, count in (("train", 30), ("t10k", 10)):
        pictures = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        files[f"{part}-images-idx3-ubyte"] = struct.pack(">4I", 0x803, count, 28, 28) + pictures.tobytes()
        labels = (np.arange(count) % 10).astype(np.uint8)
        files[f"{part}-labels-idx1-ubyte"] = struct.pack(">2I", 0x801, count) + labels.tobytes()
    return files


def lay(folder, packed=False, **changed):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents().items():
        content = changed.get(name.split("-ubyte")[0].replace("-", "_"), content)
        if content is not None and packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(content))
        elif content is not None:
            (folder / name).write_bytes(content)


@pytest.mark.parametrize("place", [".", "raw", "MNIST/raw"])
@pytest.mark.parametrize("packed", [False, True])
def test_found_plain_or_gzipped_in_every_usual_place(load, tmp_path, place, packed):
    lay(tmp_path / place, packed)
    data = load("mnist", data_dir=str(tmp_path))
    assert data.train_images.shape == (30, 1, 28, 28)
    assert data.test_images.shape == (10, 1, 28, 28)
    assert data.train_images.dtype == torch.uint8
    assert data.train_labels.tolist() == [*range(10)] * 3
    assert data.train_labels.dtype == torch.int64
    assert data.class_names == tuple("0123456789")


def test_plain_and_gzipped_may_stand_side_by_side(load, tmp_path):
    lay(tmp_path, train_images_idx3=None, t10k_labels_idx1=None)
    files = contents()
    for name in (NAMES[0], NAMES[3]):
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(files[name]))
    assert len(load("mnist", data_dir=str(tmp_path)).train_images) == 30


def test_own_folder_of_the_program_is_the_default(load, home):
    lay(home / "data" / "MNIST" / "raw")
    assert len(load("mnist").train_images) == 30


FAULTS = {
    "cut": ({"train_images_idx3": contents()[NAMES[0]][:-7]}, "it ends early"),
    "web page": ({"train_labels_idx1": b"<!doctype html>"}, "it is a web page"),
    "other sizes": (
        {"train_images_idx3": struct.pack(">4I", 0x803, 30, 1, 4) + bytes(120)},
        "This file holds pictures of 1x4, not the 28x28 of MNIST",
    ),
    "counts": ({"t10k_labels_idx1": struct.pack(">2I", 0x801, 9) + bytes(9)}, "holds 10 pictures, but"),
    "labels": ({"t10k_labels_idx1": struct.pack(">2I", 0x801, 10) + bytes([77] * 10)}, "holds the label 77 at place 0"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("packed", [False, True])
def test_faults_on_disk_name_the_file(load, tmp_path, fault, packed):
    changed, reason = FAULTS[fault]
    lay(tmp_path, packed, **changed)
    before = sorted((path.name, path.stat().st_size) for path in tmp_path.iterdir())
    with pytest.raises(UserError, match=reason) as caught:
        load("mnist", data_dir=str(tmp_path))
    assert str(caught.value).startswith(str(tmp_path))
    assert sorted((path.name, path.stat().st_size) for path in tmp_path.iterdir() if path.is_file()) == before


def test_no_such_folder_is_not_made(load, tmp_path):
    with pytest.raises(UserError, match="There is no such folder"):
        load("mnist", data_dir=str(tmp_path / "typo"))
    assert not (tmp_path / "typo").exists()


@pytest.fixture
def mirrors(monkeypatch):
    """Make torchvision's addresses those of a server of ours, one mirror a mood."""
    files = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in contents().items()}
    with serving(files) as server:

        def use(*moods):
            sums = [(f"{name}.gz", hashlib.md5(files[f"{name}.gz"]).hexdigest()) for name in NAMES]
            monkeypatch.setattr(torchvision.datasets.MNIST, "resources", sums)
            monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [server.url(mood) for mood in moods])

        yield use


def files_in(folder):
    """All files but the lock, which stays."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "owner.lock")


def test_download_goes_to_the_next_mirror_and_happens_once(load, home, mirrors):
    mirrors("403", "page", "good")
    data = load("mnist")
    assert data.train_images.shape == (30, 1, 28, 28)
    assert files_in(home) == sorted(f"{name}.gz" for name in NAMES)
    mirrors("403")
    assert load("mnist").content_hash() == data.content_hash()


def test_failed_download_says_why_and_where_the_files_may_be_put(load, home, mirrors):
    mirrors("404")
    with pytest.raises(UserError) as caught:
        load("mnist")
    told = (
        "MNIST could not be downloaded: train-images-idx3-ubyte.gz did not arrive (127.0.0.1: answered 404 Not Found)."
    )
    assert str(caught.value).startswith(told)
    assert str(caught.value).endswith(f"into {home / 'data' / 'MNIST' / 'raw'} by hand.")
    assert files_in(home) == []


def test_what_is_missing_is_downloaded_beside_the_rest(load, tmp_path, mirrors):
    mirrors("good")
    lay(tmp_path / "raw", t10k_labels_idx1=None)
    assert len(load("mnist", data_dir=str(tmp_path)).test_labels) == 10
    assert files_in(tmp_path / "raw") == sorted([*NAMES[:3], f"{NAMES[3]}.gz"])


def test_missing_files_go_to_the_folder_a_person_named(load, tmp_path, mirrors):
    mirrors("good")
    mine = tmp_path / "mine"
    mine.mkdir()
    assert len(load("mnist", data_dir=str(mine)).train_images) == 30
    assert files_in(mine / "MNIST" / "raw") == sorted(f"{name}.gz" for name in NAMES)


@pytest.mark.parametrize(("labels", "title"), [([9, 2, 1, 1, 6, 1, 4, 6, 5, 7], "Fashion-MNIST")])
def test_files_of_another_set_with_the_same_names_are_refused(load, tmp_path, labels, title):
    lay(tmp_path, t10k_labels_idx1=struct.pack(">2I", 0x801, 10) + bytes(labels))
    with pytest.raises(UserError, match=f"These are the files of {title}, not those of MNIST"):
        load("mnist", data_dir=str(tmp_path))
    assert load("fashion-mnist", data_dir=str(tmp_path)).class_names[9] == "Ankle boot"


def test_the_real_thing(load, shared_data):
    data = load("mnist", data_dir=str(shared_data))
    assert data.train_images.shape == (60000, 1, 28, 28)
    assert data.test_images.shape == (10000, 1, 28, 28)
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert round(data.train_images.sum(dtype=torch.int64).item() / data.train_images.numel() / 255, 4) == 0.1307
    assert data.content_hash() == "35914650c8beaeed4429263376775b71ac05b224ab7d958a603bb5feac95afaf"
