"""Pictures that are drawn here: a stop is heard, a full disk is told, and many of them never fill the memory."""

from __future__ import annotations

import time

import pytest

from models.datasets import cache, drawn, faces, sprites
from models.errors import Stopped, UserError
from models.events import Working
from models.job import Control
from models.registry import source
from tests.models.tiny_runs import file_limit

CHUNKS = {"faces": faces.CHUNK // 32**2, "sprites": sprites.CHUNK}  # pictures of 32 pixels a side


@pytest.mark.parametrize("limit", [drawn.IN_MEMORY, 0])
@pytest.mark.parametrize("name", CHUNKS)
def test_a_stop_in_the_middle_ends_it_and_leaves_nothing(monkeypatch, name, limit):
    monkeypatch.setattr(drawn, "IN_MEMORY", limit)
    control = Control()
    loading = source(name, {"count": 20_000}).load(control)
    told = [next(loading) for _ in range(2)]
    assert all(isinstance(event, Working) for event in told)
    assert told[-1].what == f"Drawing {name}, {CHUNKS[name]:,} of 20,000"
    assert told[-1].fraction == pytest.approx(CHUNKS[name] / 20_000)
    assert told[-1].seconds_left is None  # the first ones foretell nothing
    control.stop()
    start = time.perf_counter()
    with pytest.raises(Stopped):
        list(loading)
    assert time.perf_counter() - start < 0.2
    assert list(cache.cache_root().glob("*")) == []


@pytest.mark.parametrize("name", CHUNKS)
def test_a_full_disk_costs_only_the_cache_or_is_one_sentence(load, monkeypatch, name):
    with file_limit(2**18):
        assert len(load(name, count=500).train_images) == 400
        monkeypatch.setattr(drawn, "IN_MEMORY", 0)
        with pytest.raises(UserError, match="The disk or your share of it is full"):
            load(name, count=500)
    assert list(cache.cache_root().iterdir()) == []


def test_only_what_was_dear_to_draw_is_kept_where_memory_has_room(load, monkeypatch):
    load("sprites", count=200)
    assert not cache.cache_root().exists()
    load("faces", count=200)
    (entry,) = cache.cache_root().iterdir()
    assert [file.name for file in entry.iterdir()] == ["images.npy"]
    monkeypatch.setattr(drawn, "IN_MEMORY", 0)
    load("sprites", count=200)
    assert len(list(cache.cache_root().iterdir())) == 2
