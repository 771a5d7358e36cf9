"""MNIST is found wherever it lies, read whole, and downloaded through every kind of bad network."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import struct
import threading

import numpy as np
import pytest
import torch
import torchvision

from models.datasets import Stopped
from models.errors import UserError
from models.job import Control
from models.registry import datasets

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
    "a part is missing": ({"t10k_labels_idx1": None}, "only a part of MNIST: t10k-labels-idx1-ubyte.gz is missing"),
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


class Mirror(http.server.BaseHTTPRequestHandler):
    """Serves the small MNIST, in the way its path begins with."""

    def do_GET(self):
        _, mood, name = self.path.split("/")
        content = gzip.compress(contents()[name.removesuffix(".gz")], mtime=0)
        if mood == "busy":
            self.send_error(503)
            return
        self.send_response(200)
        if mood == "page":
            content = b"<html>please log in</html>"
        if mood != "unmeasured":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if mood == "cut":
            content = content[: len(content) // 2]
        if mood == "changed":
            content = content[:-20] + bytes(20)
        if mood == "silent":
            self.server.closing.wait(20)
            return
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def mirrors(monkeypatch):
    """Make torchvision's addresses those of a server of ours, one mirror a mood."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Mirror)
    server.closing = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def use(*moods):
        files = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in contents().items()}
        sums = [(f"{name}.gz", hashlib.md5(files[f"{name}.gz"]).hexdigest()) for name in NAMES]
        monkeypatch.setattr(torchvision.datasets.MNIST, "resources", sums)
        addresses = [f"http://127.0.0.1:{server.server_port}/{mood}/" for mood in moods]
        monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", addresses)

    yield use
    server.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("moods", [["good"], ["unmeasured"], ["busy", "page", "cut", "changed", "good"]])
def test_download_goes_to_the_next_mirror_and_happens_once(load, home, mirrors, moods):
    mirrors(*moods)
    data = load("mnist")
    assert data.train_images.shape == (30, 1, 28, 28)
    assert files_in(home) == sorted(f"{name}.gz" for name in NAMES)
    mirrors("busy")
    assert load("mnist").content_hash() == data.content_hash()


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("busy", "127.0.0.1: answered 503 Service Unavailable"),
        ("page", "127.0.0.1: sent something else, or only a part"),
        ("cut", "127.0.0.1: "),
        ("changed", "127.0.0.1: sent something else, or only a part"),
        ("silent", "127.0.0.1: was silent for 0.3 seconds"),
    ],
)
def test_failed_download_says_why_and_where_the_files_may_be_put(load, home, mirrors, monkeypatch, mood, reason):
    monkeypatch.setattr("models.datasets.download.TIMEOUT", 0.3)
    mirrors(mood)
    with pytest.raises(UserError) as caught:
        load("mnist")
    assert f"MNIST could not be downloaded. train-images-idx3-ubyte.gz did not arrive ({reason}" in str(caught.value)
    assert f"into {home / 'data' / 'MNIST' / 'raw'}, or name their folder with --data-dir." in str(caught.value)
    assert files_in(home) == []


def test_offline(load, home, mirrors, monkeypatch):
    mirrors("good")
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", ["http://127.0.0.1:9/", "http://no.such.invalid/"])
    with pytest.raises(UserError, match=r"127\.0\.0\.1: .*refused.*; no\.such\.invalid: "):
        load("mnist")
    assert not home.exists()


def test_missing_files_go_to_the_folder_a_person_named(load, tmp_path, mirrors):
    mirrors("good")
    mine = tmp_path / "mine"
    mine.mkdir()
    assert len(load("mnist", data_dir=str(mine)).train_images) == 30
    assert files_in(mine / "MNIST" / "raw") == sorted(f"{name}.gz" for name in NAMES)


def test_download_can_be_stopped_and_leaves_nothing_half(home, mirrors):
    mirrors("good")
    source_type = datasets.get("mnist")
    control = Control()
    work = source_type(source_type.params_type()).load(control)
    assert next(work).what == "Looking up where MNIST is"
    assert next(work).what.startswith("Downloading train-images-idx3-ubyte.gz")
    control.stop()
    with pytest.raises(Stopped):
        list(work)
    assert not [name for name in files_in(home) if name.endswith(".part")]


def test_the_real_thing(load, shared_data):
    data = load("mnist", data_dir=str(shared_data))
    assert data.train_images.shape == (60000, 1, 28, 28)
    assert data.test_images.shape == (10000, 1, 28, 28)
    assert data.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert round(data.train_images.sum(dtype=torch.int64).item() / data.train_images.numel() / 255, 4) == 0.1307
    assert data.content_hash() == "35914650c8beaeed4429263376775b71ac05b224ab7d958a603bb5feac95afaf"
