"""A download under way tells how far it is in bytes, and hears a stop within a second."""

from __future__ import annotations

import hashlib
import random
import threading
import time

import pytest
import torchvision

from models.datasets import answer, download
from models.errors import Stopped, UserError
from models.job import Control
from models.registry import datasets
from tests.models.datasets.classic_files import FIRST, PACKED


def loading(control=None):
    source = datasets.get("fashion-mnist")
    return source(source.params_type()).load(control or Control())


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
    files = {**PACKED, FIRST: random.Random(0).randbytes(3_000_000)}
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
