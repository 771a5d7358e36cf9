"""The cache of arrays: whole entries come back mapped, broken ones do not, and old ones go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.datasets import cache
from models.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_EXPLORER_HOME", str(tmp_path))


def some(count: int = 10) -> np.ndarray:
    return np.arange(count * 4, dtype=np.uint8).reshape(count, 4)


def test_what_was_kept_comes_back_mapped_and_read_only() -> None:
    key = cache.digest_of("faces", 3)
    assert cache.kept(key) is None
    made = cache.keep(key, {"images": some(), "labels": np.arange(10)})
    for found in (made, cache.kept(key)):
        assert found is not None
        assert isinstance(found["images"], np.memmap)
        assert not found["images"].flags.writeable
        np.testing.assert_array_equal(found["images"], some())
        np.testing.assert_array_equal(found["labels"], np.arange(10))


def test_a_tensor_lies_on_the_mapped_memory_itself() -> None:
    array = cache.keep("key", {"images": some()})["images"]
    address = array.ctypes.data
    tensor = cache.tensor_of(array)
    del array
    assert tensor.data_ptr() == address
    np.testing.assert_array_equal(tensor.numpy(), some())


def test_other_parts_have_another_key() -> None:
    assert len({cache.digest_of("faces", 3), cache.digest_of("faces", 4), cache.digest_of("faces", "3")}) == 3


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_damaged_entry_counts_as_none_and_is_made_anew(damage: bytes) -> None:
    cache.keep("key", {"images": some()})
    (cache.cache_root() / "key" / "images.npy").write_bytes(damage)
    assert cache.kept("key") is None
    cache.keep("key", {"images": some(3)})
    found = cache.kept("key")
    assert found is not None
    np.testing.assert_array_equal(found["images"], some(3))


def test_a_cut_entry_counts_as_none() -> None:
    cache.keep("key", {"images": some(1000)})
    path = cache.cache_root() / "key" / "images.npy"
    path.write_bytes(path.read_bytes()[:-100])
    assert cache.kept("key") is None


def test_the_entry_longest_unused_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 3 * 1000 * 4)
    for age, key in ((300, "old"), (200, "middle")):
        cache.keep(key, {"images": some(1000)})
        folder = cache.cache_root() / key
        os.utime(folder, (folder.stat().st_atime - age, folder.stat().st_mtime - age))
    assert cache.kept("old") is not None  # wanted again, it is the youngest now
    cache.keep("new", {"images": some(1000)})
    assert cache.kept("middle") is None
    assert cache.kept("old") is not None
    assert cache.kept("new") is not None


def test_no_room_on_the_disk_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    made = cache.keep("key", {"images": some()})
    np.testing.assert_array_equal(made["images"], some())


def test_large_entries_grow_row_by_row() -> None:
    with cache.growing("key", {"images": ((10, 4), np.uint8), "labels": ((10,), np.int64)}) as append:
        for start in (0, 4, 8):
            append("images", some()[start : start + 4])
        append("labels", np.arange(10))
        assert cache.kept("key") is None  # not before it is whole
    found = cache.kept("key")
    assert found is not None
    np.testing.assert_array_equal(found["images"], some())
    np.testing.assert_array_equal(found["labels"], np.arange(10))


def test_two_that_make_the_same_entry_do_not_disturb_each_other() -> None:
    plan = {"images": ((10, 4), np.uint8)}
    with cache.growing("key", plan) as mine:
        mine("images", some()[:5])
        with cache.growing("key", plan) as theirs:
            theirs("images", some())
        mine("images", some()[5:])
    found = cache.kept("key")
    assert found is not None
    np.testing.assert_array_equal(found["images"], some())
    assert [entry.name for entry in cache.cache_root().iterdir()] == ["key"]


def test_what_ends_early_leaves_nothing() -> None:
    def give_up() -> None:
        with cache.growing("key", {"images": ((10, 4), np.uint8)}) as append:
            append("images", some(5))
            raise UserError("enough")

    with pytest.raises(UserError, match="enough"):
        give_up()
    assert list(cache.cache_root().iterdir()) == []


def test_an_entry_that_went_again_at_once_is_told_in_words() -> None:
    with cache.growing("key", {"images": ((10, 4), np.uint8)}) as append:
        append("images", some())
    np.testing.assert_array_equal(cache.grown("key")["images"], some())
    cache.forget("key")
    with pytest.raises(UserError, match=r"cannot be read again\. Try again\."):
        cache.grown("key")
