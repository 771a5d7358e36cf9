import errno
import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from tiny_runs import file_limit, manifest, snapshot

from models import atomic
from models.errors import UserError
from models.run import RunFolder, list_runs, rename_run


@pytest.fixture
def run(tmp_path):
    with RunFolder.create(tmp_path / "run", manifest()) as run:
        yield run


def entries(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# ---- what others may have put there


@pytest.mark.parametrize("text", [b"", b"[]", b"nope", b"[" * 100_000, b'{"schema_version": "x"}', b"\xff"])
def test_a_damaged_manifest_is_refused_with_its_name(run, text):
    (run.path / "run.json").write_bytes(text)
    with pytest.raises(UserError, match=r"run\.json"):
        RunFolder.open(run.path)


def test_a_manifest_beyond_all_bounds_is_not_read(run, monkeypatch):
    monkeypatch.setattr(atomic, "JSON_LIMIT", 64)
    with pytest.raises(UserError, match="larger than"):
        RunFolder.open(run.path)


def test_a_pipe_in_the_place_of_a_manifest_does_not_hang(run):
    (run.path / "run.json").unlink()
    os.mkfifo(run.path / "run.json")
    with pytest.raises(UserError, match="not a plain file"):
        RunFolder.open(run.path)


def test_a_run_of_a_newer_version_is_shown_but_not_changed(run):
    values = {**json.loads((run.path / "run.json").read_text()), "schema_version": 99, "program_version": "9.9"}
    (run.path / "run.json").write_text(json.dumps({**values, "colour": "blue"}))
    run.save(3, snapshot())
    run.close()
    newer = RunFolder.open(run.path)
    assert "newer version (9.9)" in newer.notice
    assert "colour" in newer.notice
    assert newer.load().weights["count"] == 0
    for change in (
        lambda: newer.update(step=3),
        lambda: newer.save(4, snapshot()),
        lambda: RunFolder.open(run.path, writing=True),
        lambda: rename_run(run.path, "Mine"),
    ):
        with pytest.raises(UserError, match="newer version"):
            change()
    assert json.loads((run.path / "run.json").read_text())["colour"] == "blue"
    assert "newer" in list_runs(run.path.parent)[0].problem


def test_a_version_that_nobody_knows_is_not_told(run):
    values = json.loads((run.path / "run.json").read_text())
    run.close()
    for unknown in ("unknown", "not installed"):
        told = {**values, "schema_version": 99, "program_version": unknown}
        (run.path / "run.json").write_text(json.dumps(told))
        assert RunFolder.open(run.path).notice.startswith("This run was made by a newer version; it is shown")
        (run.path / "run.json").write_text(json.dumps({**told, "step": "many"}))
        with pytest.raises(UserError, match="It was made by an unknown version; this is"):
            RunFolder.open(run.path)


class Canary:
    def __reduce__(self):
        return os.mkdir, ("canary-was-here",)


@pytest.mark.parametrize("name", ["model.pt", "model.safetensors"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_can_carry_code_is_never_loaded(run, name, zipped, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(run.path)
    folder = run.save(3, snapshot())
    (folder / "model.safetensors").unlink()
    torch.save({"weight": Canary()}, folder / name, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UserError, match=r"carry code.*\.safetensors") as caught:
        run.load()
    assert str(folder / name) in str(caught.value)
    assert not (run.path / "canary-was-here").exists()


@pytest.mark.parametrize("length", range(560, 720, 8))
def test_headers_of_any_length_are_told_from_pickles(run, length):
    """Safetensors begin with the header's length, whose first bytes may be those of a pickle: 0x80 0x02 is 640."""
    weights = {"w" * (length - 80): np.float32([1])}
    folder = run.save(length, type(snapshot())(weights, state={"seconds": 0}))
    assert run.load().weights.keys() == weights.keys()
    assert (folder / "model.safetensors").stat().st_size


def test_opening_a_code_carrying_file_as_a_run_is_refused(tmp_path):
    (tmp_path / "model.pt").write_bytes(b"PK\x03\x04")
    with pytest.raises(UserError, match="no run here"):
        RunFolder.open(tmp_path / "model.pt")


@pytest.mark.parametrize("name", ["model.safetensors", "training.safetensors", "map.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "huge header"])
def test_a_damaged_snapshot_is_refused_with_its_file(run, name, damage):
    file = run.save(3, snapshot()) / name
    whole = file.read_bytes()
    file.unlink()
    texts = {"empty": b"", "cut": whole[: len(whole) // 2], "text": b"hello", "huge header": b"\xff" * 8 + b"{}"}
    if damage != "missing":
        file.write_bytes(texts[damage])
    with pytest.raises(UserError, match=name):
        run.load()


@pytest.mark.parametrize(
    "chart",
    [
        {"codes": np.zeros((4, 2), np.float32)},
        {"codes": np.zeros((4, 2), np.float32), "points": np.zeros((5, 2), np.float32)},
        {"codes": np.zeros(4, np.float32)},
    ],
)
def test_a_map_that_does_not_fit_itself_is_refused(run, chart):
    folder = run.save(3, snapshot())
    whole = safetensors.numpy.load_file(folder / "map.safetensors")
    safetensors.numpy.save_file({**whole, **chart} if len(chart) > 1 else chart, folder / "map.safetensors")
    with pytest.raises(UserError, match=r"map\.safetensors"):
        run.load()


def test_snapshots_that_are_links_or_no_numbers_are_not_followed(run, tmp_path):
    outside = tmp_path / "5"
    outside.mkdir()
    (run.path / "snapshots" / "5").symlink_to(outside)
    for name in ("07", "-1", "..x", "٣", "9" * 30):
        (run.path / "snapshots" / name).mkdir()
    assert run.steps() == []


# ---- disks


def test_a_full_disk_keeps_the_old_snapshot_and_leaves_nothing_behind(run):
    run.save(1, snapshot(1))
    before = entries(run.path)
    with file_limit(4096), pytest.raises(UserError, match=r"full.*bytes are free") as caught:
        run.save(2, snapshot(2, size=10_000))
    assert str(run.path) in str(caught.value)
    assert entries(run.path) == before
    assert run.load().weights["count"] == 1
    run.save(2, snapshot(2))
    assert run.load().weights["count"] == 2


@pytest.mark.parametrize("size", [0, 100])
def test_a_run_that_finds_no_room_leaves_no_folder_behind(tmp_path, size):
    with file_limit(size), pytest.raises(UserError, match="full"):
        RunFolder.create(tmp_path / "new", manifest())
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("")
    with pytest.raises(UserError, match="not empty"):
        RunFolder.create(tmp_path / "mine", manifest())
    assert (tmp_path / "mine" / "letter").exists()


def test_a_full_disk_under_the_manifest_and_the_metrics_is_told(run):
    told = (run.path / "run.json").read_bytes()
    with file_limit(100), pytest.raises(UserError, match=r"bytes are needed and [\d,]+ bytes are free"):
        run.update(step=5)
    with file_limit(20), pytest.raises(UserError, match=r"metrics\.jsonl: .*full"):
        run.log("train", [1], {"loss": np.float32([1])})
    assert (run.path / "run.json").read_bytes() == told
    assert not list(run.path.glob(".writing-*"))


def test_every_call_of_a_save_may_fail_and_the_run_stays_whole(run, monkeypatch):
    """Each system call that a save makes fails once; the old snapshot opens, and the next save is as good as ever."""
    run.save(1, snapshot(1))
    names = ["open", "fsync", "rename", "mkdir"]
    calls = dict.fromkeys(names, 0)

    def failing(name, at):
        real = getattr(os, name)

        def call(*arguments, **options):
            calls[name] += 1
            if calls[name] == at:
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **options)

        return call

    for name in names:
        at = 0
        while True:
            at, calls[name] = at + 1, 0
            with monkeypatch.context() as patch:
                patch.setattr(os, name, failing(name, at))
                try:
                    run.save(2, snapshot(2))
                except UserError as error:
                    message = str(error)
                else:
                    break
            assert "full" in message
            whole = RunFolder.open(run.path)
            assert whole.load().weights["count"] in (1, 2)
            for step in set(whole.steps()) - {1}:
                (run.path / "snapshots" / str(step)).rename(run.path.parent / f"{name}-{at}")
        assert at > 1, f"a save never calls os.{name}"
        (run.path / "snapshots" / "2").rename(run.path.parent / f"{name}-done")


def test_a_place_that_cannot_be_written_is_told_with_its_free_space(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"file.*bytes are free"):
        RunFolder.create(tmp_path / "file" / "run", manifest())


def test_a_read_only_place_is_told(monkeypatch):
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o555)
        me = os.geteuid()
        if me == 0:
            os.seteuid(65534)  # nothing is read-only for root
        try:
            with pytest.raises(UserError, match=r"cannot be written to .*bytes are free"):
                RunFolder.create(Path(place) / "run", manifest())
        finally:
            os.seteuid(me)
            Path(place).chmod(0o755)


def test_a_run_whose_folder_was_taken_away_is_not_half_made_again(run):
    run.path.rename(run.path.parent / "elsewhere")
    with pytest.raises(UserError, match="is not there"):
        run.save(1, snapshot())
    with pytest.raises(UserError, match="is not there"):
        run.log("train", [1], {"loss": np.float32([1])})
    assert not run.path.exists()


def test_a_new_run_never_goes_into_a_folder_with_things_in_it(run, tmp_path):
    run.close()
    with pytest.raises(UserError, match="not empty"):
        RunFolder.create(run.path, manifest())
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").write_bytes(b"")
    with pytest.raises(UserError, match="not empty"):
        RunFolder.create(tmp_path / "photos", manifest())
    assert (tmp_path / "photos" / "a.png").exists()
