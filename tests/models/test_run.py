import errno
import json
import os
import random
import signal
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from tiny_runs import child, file_limit, manifest, snapshot

from models import atomic
from models.errors import UserError
from models.run import KEPT, RunFolder, delete_run, list_runs, rename_run, runs_root
from models.runs import free_folder, run_id


@pytest.fixture
def run(tmp_path):
    with RunFolder.create(tmp_path / "run", manifest()) as run:
        yield run


def entries(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


# ---- what is written comes back


def test_a_snapshot_comes_back_as_it_was(run):
    saved = snapshot()
    folder = run.save(7, saved)
    loaded = RunFolder.open(run.path).load()
    for name, array in saved.weights.items():
        assert array.dtype == loaded.weights[name].dtype
        np.testing.assert_array_equal(array, loaded.weights[name])
    np.testing.assert_array_equal(saved.training["rng/cpu"], loaded.training["rng/cpu"])
    for name in ("codes", "points", "labels", "samples", "originals", "reconstructions"):
        np.testing.assert_array_equal(getattr(saved, name), getattr(loaded, name))
    assert loaded.projection.name == "identity"
    np.testing.assert_array_equal(loaded.projection.axes, np.eye(2))
    assert loaded.seconds == 1.5
    assert {"sheet.png", "reconstructions.png"} <= {file.name for file in folder.iterdir()}


def test_arrays_in_any_memory_order_come_back(run):
    turned = np.arange(12, dtype=np.float32).reshape(3, 4).T
    run.save(1, type(snapshot())({"turned": turned, "scalar": np.float32(3)}, state={"seconds": 0}))
    loaded = run.load().weights
    np.testing.assert_array_equal(loaded["turned"], turned)
    assert loaded["scalar"].shape == ()


def test_the_manifest_is_there_before_anything_else_and_changes_atomically(run):
    assert entries(run.path) == ["owner.lock", "run.json", "snapshots"]
    run.update(status="finished", step=9, figures={"kl": 1.5})
    told = RunFolder.open(run.path).manifest
    assert (told.status, told.step, told.figures) == ("finished", 9, {"kl": 1.5})
    assert told == run.manifest


def test_the_newest_snapshots_are_kept(run):
    for step in range(1, 7):
        run.save(step, snapshot(step))
    assert run.steps() == [4, 5, 6][-KEPT:]
    assert run.load().weights["count"] == 6
    assert run.load(5).weights["count"] == 5


def test_an_unknown_step_is_refused_with_those_there_are(run):
    run.save(3, snapshot())
    with pytest.raises(UserError, match=r"no snapshot of step 8.*It has: 3"):
        run.load(8)


def test_every_rename_follows_the_sync_of_its_file_and_is_followed_by_its_folders(run, monkeypatch):
    done = []
    sync, replace, rename = atomic._sync, Path.replace, Path.rename
    monkeypatch.setattr(atomic, "_sync", lambda path: (done.append(("sync", path)), sync(path)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (done.append(("move", path, to)), replace(path, to))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append(("move", path, to)), rename(path, to))[1])
    run.save(1, snapshot())
    run.update(step=1)
    moves = [place for place, act in enumerate(done) if act[0] == "move"]
    ours = [place for place in moves if not done[place][2].parent.name.startswith(atomic.LEFTOVER)]  # pictures move in
    assert len(ours) == 2
    for place in ours:
        _, beside, path = done[place]
        assert ("sync", beside) in done[:place]
        assert ("sync", path.parent) in done[place:]
    held = {act[1].name for act in done[: ours[0]] if act[0] == "sync"}
    assert {"model.safetensors", "training.safetensors", "state.json", "map.safetensors", "sheet.png"} <= held


# ---- metrics


def test_metrics_come_back_by_split_and_names(run):
    run.log("train", [1, 2], {"loss": np.float32([0.1, 0.2]), "kl": np.float32([1, np.nan])})
    run.log("test", [2], {"loss": np.float32([0.3])})
    run.log("train", [3], {"loss": np.float32([1 / 3]), "kl": np.float32([2])})
    train, test = RunFolder.open(run.path).metrics()
    assert (train.split, test.split) == ("train", "test")
    np.testing.assert_array_equal(train.steps, [1, 2, 3])
    np.testing.assert_array_equal(train.values["loss"], np.float32([0.1, 0.2, 1 / 3]))
    np.testing.assert_array_equal(train.values["kl"], np.float32([1, np.nan, 2]))
    assert train.steps.dtype == np.int64
    assert train.values["loss"].dtype == np.float32


def test_metrics_cut_at_any_byte_lose_one_line_at_most(run):
    run.log("train", range(1, 5), {"loss": np.arange(4, dtype=np.float32), "kl": np.arange(4, dtype=np.float32)})
    path = run.path / "metrics.jsonl"
    whole = path.read_bytes()
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        reader = RunFolder.open(run.path)
        steps = [step for part in reader.metrics() for step in part.steps.tolist()]
        assert steps == list(range(1, whole[:size].count(b"\n") + 1))
        assert reader.bad_lines == 0


def test_any_byte_of_metrics_flipped_costs_two_lines_at_most_and_never_fails(run):
    run.log("train", range(1, 5), {"loss": np.arange(4, dtype=np.float32)})
    path = run.path / "metrics.jsonl"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        reader = RunFolder.open(run.path)
        assert sum(len(part.steps) for part in reader.metrics()) >= 2


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense", b"[1, 2]", b'{"step": 1}', b'{"step": "1", "split": "train", "values": {"loss": 1}}',
        b'{"step": -1, "split": "train", "values": {"loss": 1}}', b'{"step": 1, "split": "train", "values": {}}',
        b'{"step": 1, "split": "train", "values": {"loss": "x"}}', b"[" * 60_000, b"\xff\xfe", b"x" * 200_000,
        b'{"step": 1e400, "split": "train", "values": {"loss": 1}}',
        b'{"step": ' + b"9" * 5000 + b', "split": "train", "values": {"loss": 1}}',
    ],
)  # fmt: skip
def test_a_bad_line_of_metrics_is_skipped_and_counted(run, line):
    run.log("train", [1], {"loss": np.float32([1])})
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(line + b"\n")
    run.log("train", [2], {"loss": np.float32([2])})
    reader = RunFolder.open(run.path)
    (part,) = reader.metrics()
    assert part.steps.tolist() == [1, 2]
    assert reader.bad_lines >= 1


def test_rewinding_forgets_later_steps_and_a_torn_tail(run):
    run.log("train", [1, 2, 3], {"loss": np.float32([1, 2, 3])})
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "spl')
    run.rewind(2)
    run.log("train", [3], {"loss": np.float32([30])})
    (part,) = run.metrics()
    assert part.steps.tolist() == [1, 2, 3]
    assert part.values["loss"].tolist() == [1, 2, 30]


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
    with pytest.raises(UserError, match="gone"):
        run.save(1, snapshot())
    with pytest.raises(UserError, match="gone"):
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


# ---- killed, and two at once

SAVING = """
import sys
from tiny_runs import manifest, snapshot
from models.run import RunFolder
run = RunFolder.create(sys.argv[1], manifest())
print("ready", flush=True)
step = 0
while True:
    step += 1
    run.save(step, snapshot(step, size=20_000))
    run.update(step=step)
    print(step, flush=True)
"""


def test_twenty_kills_at_random_moments_leave_the_newest_whole_snapshot(tmp_path):
    moments = random.Random(20)
    inside = 0
    for number in range(20):
        folder = tmp_path / str(number)
        process = child(SAVING, folder)
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.12))
        process.send_signal(signal.SIGKILL)
        announced = [int(line) for line in process.communicate()[0].split()]
        inside += bool(list(folder.rglob(".writing-*")))
        with RunFolder.open(folder, writing=True) as run:
            assert not list(folder.rglob(".writing-*"))
            assert (run.steps() or [0])[-1] >= (announced or [0])[-1]
            if run.steps():
                newest = run.steps()[-1]
                assert run.load().weights["count"] == newest
                run.save(newest + 1, snapshot(newest + 1))
                assert run.load().weights["count"] == newest + 1
    assert inside > 3, "hardly a kill hit a save"


HOLDING = """
import sys
from tiny_runs import manifest
from models.run import RunFolder
run = RunFolder.create(sys.argv[1], manifest())
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def held(tmp_path):
    """A run held by another process, and that process."""
    process = child(HOLDING, tmp_path / "held")
    assert process.stdout.readline() == "held\n"
    yield tmp_path / "held", process
    process.kill()
    process.communicate()


def test_a_run_in_use_is_refused_with_who_and_since_when(held):
    folder, process = held
    who = rf"in use by process {process.pid} on .+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"
    for use in (
        lambda: RunFolder.open(folder, writing=True),
        lambda: RunFolder.create(folder, manifest()),
        lambda: rename_run(folder, "Mine"),
        lambda: delete_run(folder),
    ):
        with pytest.raises(UserError, match=who):
            use()
    assert RunFolder.open(folder).manifest.status == "running"
    assert list_runs(folder.parent)[0].status == "running"


def test_the_lock_of_a_dead_process_is_taken_over_and_its_run_was_interrupted(held):
    folder, process = held
    process.kill()
    process.wait()
    assert list_runs(folder.parent)[0].status == "interrupted"
    with RunFolder.open(folder, writing=True) as run:
        run.update(step=1)
        assert list_runs(folder.parent)[0].status == "running"


def test_a_number_that_another_process_has_now_does_not_keep_a_run(held):
    folder, process = held
    process.kill()
    process.wait()
    told = json.loads((folder / "owner.lock").read_text())
    (folder / "owner.lock").write_text(json.dumps({**told, "pid": os.getpid()}))
    assert list_runs(folder.parent)[0].status == "interrupted"
    RunFolder.open(folder, writing=True).close()


def test_one_process_cannot_hold_a_run_twice(run):
    with pytest.raises(UserError, match=f"process {os.getpid()}"):
        RunFolder.open(run.path, writing=True)
    run.close()
    RunFolder.open(run.path, writing=True).close()


RACING = """
import sys
from models.errors import UserError
from models.run import RunFolder
print("ready", flush=True)
sys.stdin.readline()
try:
    run = RunFolder.open(sys.argv[1], writing=True)
    print("won", flush=True)
except UserError:
    print("lost", flush=True)
sys.stdin.readline()
"""


def test_of_four_that_want_a_dead_runs_folder_one_gets_it(run):
    run.close()
    racers = [child(RACING, run.path) for _ in range(4)]
    for racer in racers:
        racer.stdout.readline()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.stdout.readline().strip() for racer in racers]
    for racer in racers:
        racer.communicate("end\n")
    assert sorted(answers) == ["lost", "lost", "lost", "won"]


# ---- many runs


def test_runs_live_in_the_home_that_is_asked_for(home):
    assert runs_root() == home / "runs"


def test_folders_of_runs_are_named_by_time_and_content_and_never_twice(tmp_path):
    name = run_id("vae", "conv-2d", "mnist")
    assert name[8] == "-"
    assert name.endswith("-vae-conv-2d-mnist")
    assert [free_folder(tmp_path / "runs", "a").name for _ in range(3)] == ["a", "a-2", "a-3"]


def test_the_list_is_newest_first_and_shows_what_cannot_be_read(tmp_path):
    for day in ("19", "21", "20"):
        with RunFolder.create(tmp_path / day, manifest(id=day, created=f"2026-11-{day}T10:00:00+00:00")) as run:
            run.save(4, snapshot())
            run.update(status="finished", step=4, figures={"kl": 2.0})
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    (tmp_path / "no-run").mkdir()
    (tmp_path / "file").write_text("")
    runs = list_runs(tmp_path)
    assert [one.id for one in runs if not one.problem] == ["21", "20", "19"]
    assert [one.id for one in runs if one.problem] == ["broken"]
    good = next(one for one in runs if one.id == "21")
    assert good.figures == {"kl": 2.0}
    assert good.thumbnail == str(tmp_path / "21" / "snapshots" / "4" / "sheet.png")
    assert good.size > Path(good.thumbnail).stat().st_size
    assert list_runs(tmp_path / "nowhere") == []


def test_a_run_gets_another_title_and_keeps_its_folder(run):
    run.close()
    rename_run(run.path, "  The\nbest  one ")
    assert list_runs(run.path.parent)[0].title == "The best one"
    with pytest.raises(UserError, match="title"):
        rename_run(run.path, "  ")


DELETING = "import sys; from models.run import delete_run; delete_run(__import__('pathlib').Path(sys.argv[1]))"


def test_a_deleted_run_goes_to_the_bin(run, monkeypatch, tmp_path):
    for name in ("HOME", "XDG_DATA_HOME"):  # a bin of its own, looked up when the child imports
        monkeypatch.setenv(name, str(tmp_path / "share"))
    (tmp_path / "share").mkdir()
    run.close()
    process = child(DELETING, run.path)
    process.communicate()
    assert process.returncode == 0
    assert not run.path.exists()
    assert not (tmp_path / ".trash").exists()
    assert list(tmp_path.rglob("run.json")), "the run is nowhere"


def test_without_a_bin_a_deleted_run_stays_beside_in_a_hidden_folder(run, monkeypatch):
    def no_bin(path):
        raise OSError("there is no bin here")

    monkeypatch.setattr("send2trash.send2trash", no_bin)
    run.close()
    root = run.path.parent
    delete_run(run.path)
    assert list_runs(root) == []
    assert list((root / ".trash").rglob("run.json"))


def test_a_folder_that_is_no_run_is_never_deleted(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(UserError, match="no run here"):
        delete_run(tmp_path / "photos")
    assert entries(tmp_path) == ["photos"]
