"""What a download finds and leaves on the disk, where another program may download too, and where room may end."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from models.errors import UserError
from tests.models.datasets.classic_files import FIRST, PACKED


def test_a_part_from_a_killed_program_is_never_used(load, home, kept, server, from_here):
    folder = home / "data" / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    for name in PACKED:
        (folder / f"{name}.part").write_bytes(b"half of something else")
    from_here(server.url("good"))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == PACKED
    assert all(of is None for _, _, of in server.asked)


def test_data_that_are_there_are_kept_when_the_rest_does_not_come(load, home, kept, server, from_here):
    folder = home / "data" / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / FIRST).write_bytes(PACKED[FIRST])
    from_here(server.url("cut"), server.url("404"))
    server.files = {}
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte\.gz did not arrive"):
        load("fashion-mnist")
    assert kept() == {FIRST: PACKED[FIRST]}


CHILD = """
import hashlib, resource, sys
import torchvision
from models.errors import UserError
from models.job import Control
from models.registry import datasets

names, url, limit = sys.argv[1].split(","), sys.argv[2], int(sys.argv[3])
sums = [tuple(name.split("=")) for name in names]
torchvision.datasets.FashionMNIST.resources = sums
torchvision.datasets.FashionMNIST.mirrors = [url]
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
source = datasets.get("fashion-mnist")
work = source(source.params_type()).load(Control())
try:
    while True:
        print(next(work).what, flush=True)
except StopIteration as end:
    print(end.value.content_hash(), flush=True)
except UserError as error:
    print(error, flush=True)
"""


@pytest.fixture
def program():
    """Start another program that loads Fashion-MNIST from that address."""
    started = []

    def start(url, limit=0):
        sums = ",".join(f"{name}={hashlib.md5(content).hexdigest()}" for name, content in PACKED.items())
        line = [sys.executable, "-c", textwrap.dedent(CHILD), sums, url, str(limit)]
        child = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=os.environ)
        started.append(child)
        return child

    yield start
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


def test_two_programs_share_one_download(kept, server, program):
    first = program(server.url("held"))
    next(line for line in first.stdout if line.startswith("Downloading "))
    second = program(server.url("held"))
    waited = next(line for line in second.stdout if line.startswith("Waiting for "))
    assert f"another program downloads here (process {first.pid}" in waited
    server.released.set()
    hashes = [child.communicate(timeout=60)[0].splitlines()[-1] for child in (first, second)]
    assert hashes[0] == hashes[1]
    assert len(hashes[0]) == 64
    assert sorted(name for _, name, _ in server.asked) == sorted(PACKED)
    assert kept() == PACKED


def test_the_lock_of_a_dead_program_is_taken_over(load, kept, server, program, from_here):
    child = program(server.url("stall"))
    for line in child.stdout:
        if line.startswith(f"Downloading {FIRST}, 1"):
            break
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert f"{FIRST}.part" in kept()
    from_here(server.url("good"))
    begun = time.monotonic()
    assert len(load("fashion-mnist").train_images) == 30
    assert time.monotonic() - begun < 5
    assert kept() == PACKED


def test_a_full_disk(kept, server, program):
    size = len(PACKED[FIRST])
    told = program(server.url("unmeasured"), size // 2).communicate(timeout=60)[0].splitlines()[-1]
    assert f"{FIRST}.part: The disk or your share of it is full: " in told
    assert told.endswith("Free some space, or choose another folder.")
    assert kept() == {}


def test_too_little_room_is_told_before_the_first_byte(load, kept, server, from_here, monkeypatch):
    free = type(shutil.disk_usage("."))(10**9, 10**9 - 1000, 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    from_here(server.url("good"))
    with pytest.raises(UserError, match=f"full: {len(PACKED[FIRST]):,} bytes are needed and 1,000 bytes are free"):
        load("fashion-mnist")
    assert kept() == {}


def test_a_folder_that_cannot_be_written(load, tmp_path, server, from_here):
    from_here(server.url("good"))
    (tmp_path / "FashionMNIST").write_bytes(b"a file where the folder should be")
    with pytest.raises(UserError, match=r"Writing failed: |The folder for it is not there") as caught:
        load("fashion-mnist", data_dir=str(tmp_path))
    assert str(caught.value).startswith(str(tmp_path / "FashionMNIST"))
