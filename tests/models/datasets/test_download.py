"""Every way in which a download goes wrong ends in the whole file, or in one sentence that says why and what to do."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import torchvision

from models.datasets import answer, download
from models.errors import Stopped, UserError
from models.job import Control
from models.registry import datasets
from tests.models.datasets.classic_files import IDX, idx_files, published
from tests.models.datasets.serving import serving

FILES = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in idx_files(IDX).items()}
FIRST = "train-images-idx3-ubyte.gz"


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Short patience: what waits 10 seconds for people waits a third of one here."""
    monkeypatch.setattr(answer, "TIMEOUT", 0.3)
    monkeypatch.setattr(download, "PAUSES", (0.05, 0.1))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with serving(FILES) as running:
        yield running


@pytest.fixture
def from_here(monkeypatch):
    """Have torchvision say that Fashion-MNIST is at these addresses."""

    def use(*addresses):
        sums = [(name, hashlib.md5(content).hexdigest()) for name, content in FILES.items()]
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "resources", sums)
        monkeypatch.setattr(torchvision.datasets.FashionMNIST, "mirrors", list(addresses))

    return use


@pytest.fixture
def kept(home):
    """The files that are there now, by name, without the lock."""

    def look():
        return {
            path.name: path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and path.name != "owner.lock"
        }  # fmt: skip

    return look


def loading(control=None):
    source = datasets.get("fashion-mnist")
    return source(source.params_type()).load(control or Control())


REASONS = {
    "403": "127.0.0.1: answered 403 Forbidden",
    "404": "127.0.0.1: answered 404 Not Found",
    "503": "127.0.0.1: answered 503 Service Unavailable",
    "page": "127.0.0.1: sent a web page instead of the file",
    "changed": "127.0.0.1: sent something else than this file: the checksum is wrong",
    "mute": "127.0.0.1: was silent for 0.3 seconds",
    "stall": "127.0.0.1: was silent for 0.3 seconds",
    "drip": "127.0.0.1: was silent for 0.3 seconds",
    "endless": "127.0.0.1: sends without end",
    "huge": "127.0.0.1: offers 1,000,000.0 MB where there are at most",
}


@pytest.mark.parametrize("mood", [*REASONS, "cut"])
def test_the_next_mirror_gives_good_data(load, kept, server, from_here, mood):
    from_here(server.url(mood), server.url("good"))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == FILES


@pytest.mark.parametrize("mood", ["good", "unmeasured", "moved", "slow", "503-once", "cut-once"])
def test_one_address_is_enough_when_it_answers_in_the_end(load, kept, server, from_here, mood):
    from_here(server.url(mood))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == FILES


@pytest.mark.parametrize("mood", REASONS)
def test_one_sentence_names_host_reason_and_mend(load, home, kept, server, from_here, mood):
    from_here(server.url(mood))
    with pytest.raises(UserError) as caught:
        load("fashion-mnist")
    told = str(caught.value)
    assert told.startswith(f"Fashion-MNIST could not be downloaded: {FIRST} did not arrive ({REASONS[mood]}")
    assert told.endswith(f"from {server.url(mood)} into {home / 'data' / 'FashionMNIST' / 'raw'} by hand.")
    assert told.count("\n") == 0
    assert kept() == {}


def test_what_passes_is_asked_again_and_what_lasts_is_not(load, server, from_here):
    for mood, times in (("503", 3), ("404", 1), ("page", 1), ("changed", 1), ("stall", 3)):
        server.asked.clear()
        from_here(server.url(mood))
        with pytest.raises(UserError):
            load("fashion-mnist")
        assert [asked[0] for asked in server.asked] == [mood] * times


def test_a_cut_file_goes_on_where_it_was_cut(load, server, from_here):
    from_here(server.url("cut-once"))
    load("fashion-mnist")
    half = len(FILES[FIRST]) // 2
    assert [of for _, name, of in server.asked if name == FIRST] == [None, f"bytes={half}-"]


def test_a_server_that_cannot_go_on_gives_all_again(load, kept, server, from_here):
    from_here(server.url("stall"), server.url("good"))
    load("fashion-mnist")
    assert ("good", FIRST, f"bytes={len(FILES[FIRST]) // 2}-") in server.asked
    assert kept() == FILES


def test_nobody_there(load, kept, from_here):
    from_here("http://127.0.0.1:9/", "http://no.such.invalid/")
    with pytest.raises(UserError, match=r"127\.0\.0\.1: Connection refused; no\.such\.invalid: \S+"):
        load("fashion-mnist")
    assert kept() == {}


def test_a_certificate_that_nobody_vouches_for(load, kept, from_here):
    with serving(FILES, secure=True) as server:
        from_here(server.url("good"))
        with pytest.raises(UserError, match=r"127\.0\.0\.1: its certificate is not trusted here \(.+\)\)"):
            load("fashion-mnist")
    assert kept() == {}


def test_a_proxy_that_is_not_there_is_named_without_its_password(load, server, from_here, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://me:secret@localhost:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    from_here("http://data.example/")
    with pytest.raises(UserError, match=r"data\.example: Connection refused, through the proxy localhost\)") as caught:
        load("fashion-mnist")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("mood", ["mute", "stall", "drip", "slow", "503"])
def test_a_stop_is_heard_within_a_second_and_leaves_nothing_half(kept, server, from_here, monkeypatch, mood):
    monkeypatch.setattr(answer, "TIMEOUT", 10.0)
    monkeypatch.setattr(download, "PAUSES", (10.0, 10.0))
    from_here(server.url(mood))
    control = Control()
    asked = []

    def stop():
        asked.append(time.monotonic())
        control.stop()

    timer = threading.Timer(0.7, stop)
    timer.start()
    with pytest.raises(Stopped):
        list(loading(control))
    assert time.monotonic() - asked[0] < 1
    assert not [name for name in kept() if name.endswith(".part")]
    timer.join()


def test_a_stop_is_heard_while_a_name_is_looked_up(from_here, monkeypatch):
    """The one call that no timeout reaches."""
    held = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *arguments, **options: held.wait(20) and [])
    monkeypatch.setattr(answer, "TIMEOUT", 10.0)
    from_here("http://slow.example/")
    control = Control()
    work = loading(control)
    told = [next(work) for _ in range(5)]
    control.stop()
    begun = time.monotonic()
    with pytest.raises(Stopped):
        list(work)
    held.set()
    assert time.monotonic() - begun < 1
    assert told[-1].what.startswith(f"Downloading {FIRST}")


def test_progress_is_told_in_bytes_with_the_time_left(server, from_here, monkeypatch):
    files = {**FILES, FIRST: random.Random(0).randbytes(3_000_000)}
    monkeypatch.setattr(answer, "TIMEOUT", 10.0)
    server.files = files
    from_here(server.url("slow"))
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
    monkeypatch.setattr(torchvision.datasets.FashionMNIST, "resources", sums)
    told = []
    with pytest.raises(UserError, match="not the IDX file it should be"):
        told.extend(event for event in iter_into(told, loading()))
    mine = [event for event in told if event.what.startswith(f"Downloading {FIRST}")]
    assert mine[0].what == f"Downloading {FIRST}, 0.0 kB"
    assert any(event.what.endswith(" of 3.0 MB") and 0 < event.fraction < 1 for event in mine)
    assert any(0 < event.seconds_left < 5 for event in mine if event.seconds_left is not None)
    fractions = [event.fraction for event in mine if event.fraction is not None]
    assert fractions == sorted(fractions)


def iter_into(told, work):
    for event in work:
        told.append(event)
        yield from ()


def test_a_part_from_a_killed_program_is_never_used(load, home, kept, server, from_here):
    folder = home / "data" / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / f"{name}.part").write_bytes(b"half of something else")
    from_here(server.url("good"))
    assert len(load("fashion-mnist").train_images) == 30
    assert kept() == FILES
    assert all(of is None for _, _, of in server.asked)


def test_data_that_are_there_are_kept_when_the_rest_does_not_come(load, home, kept, server, from_here):
    folder = home / "data" / "FashionMNIST" / "raw"
    folder.mkdir(parents=True)
    (folder / FIRST).write_bytes(FILES[FIRST])
    from_here(server.url("cut"), server.url("404"))
    server.files = {}
    with pytest.raises(UserError, match=r"train-labels-idx1-ubyte\.gz did not arrive"):
        load("fashion-mnist")
    assert kept() == {FIRST: FILES[FIRST]}


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
        sums = ",".join(f"{name}={hashlib.md5(content).hexdigest()}" for name, content in FILES.items())
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
    both = [program(server.url("slow")) for _ in range(2)]
    told = [child.communicate(timeout=60)[0].splitlines() for child in both]
    assert told[0][-1] == told[1][-1]
    assert len(told[0][-1]) == 64
    assert sorted(name for _, name, _ in server.asked) == sorted(FILES)
    waited = [line for line in (*told[0], *told[1]) if line.startswith("Waiting for ")]
    assert any("another program downloads here (process " in line for line in waited)
    assert kept() == FILES


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
    assert kept() == FILES


def test_a_full_disk(kept, server, program):
    size = len(FILES[FIRST])
    told = program(server.url("unmeasured"), size // 2).communicate(timeout=60)[0].splitlines()[-1]
    assert f"{FIRST}.part: The disk or your share of it is full: " in told
    assert told.endswith("Free some space, or choose another folder.")
    assert kept() == {}


def test_too_little_room_is_told_before_the_first_byte(load, kept, server, from_here, monkeypatch):
    free = type(__import__("shutil").disk_usage("."))(10**9, 10**9 - 1000, 1000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: free)
    from_here(server.url("good"))
    with pytest.raises(UserError, match=f"full: {len(FILES[FIRST]):,} bytes are needed and 1,000 bytes are free"):
        load("fashion-mnist")
    assert kept() == {}


def test_a_folder_that_cannot_be_written(load, tmp_path, server, from_here):
    from_here(server.url("good"))
    (tmp_path / "FashionMNIST").write_bytes(b"a file where the folder should be")
    with pytest.raises(UserError, match=r"Writing failed: |The folder for it is not there") as caught:
        load("fashion-mnist", data_dir=str(tmp_path))
    assert str(caught.value).startswith(str(tmp_path / "FashionMNIST"))


def test_a_damaged_archive_is_not_kept_as_if_it_were_whole(load, home, monkeypatch):
    """What torchvision vouches for may still hold nothing for us: the next try fetches it again."""
    content = published("cifar10")["cifar-10-binary.tar.gz"]
    with serving({"gzip.zip": content}) as server:
        monkeypatch.setattr(torchvision.datasets.EMNIST, "url", server.url("good") + "gzip.zip")
        monkeypatch.setattr(torchvision.datasets.EMNIST, "md5", hashlib.md5(content).hexdigest())
        with pytest.raises(UserError, match=r"gzip\.zip: This archive cannot be used: it is no zip file"):
            load("emnist-letters")
