from pathlib import Path

import numpy as np
import pytest
from tiny_runs import child, manifest, snapshot

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
    sync, replace, rename = atomic.sync, Path.replace, Path.rename
    monkeypatch.setattr(atomic, "sync", lambda path: (done.append(("sync", path)), sync(path)))
    monkeypatch.setattr(Path, "replace", lambda path, to: (done.append(("move", path, to)), replace(path, to))[1])
    monkeypatch.setattr(Path, "rename", lambda path, to: (done.append(("move", path, to)), rename(path, to))[1])
    run.save(1, snapshot())
    run.update(step=1)
    moves = [place for place, act in enumerate(done) if act[0] == "move"]
    ours = [place for place in moves if not done[place][2].parent.name.startswith(atomic.LEFTOVER)]  # pictures move in
    assert len(ours) == 2
    for place in ours:
        _, beside, path = done[place]
        assert done[place - 1] == ("sync", beside)
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
        b"nonsense",
        b"[1, 2]",
        b'{"step": 1}',
        b'{"step": "1", "split": "train", "values": {"loss": 1}}',
        b'{"step": -1, "split": "train", "values": {"loss": 1}}',
        b'{"step": 1, "split": "train", "values": {}}',
        b'{"step": 1, "split": "train", "values": {"loss": "x"}}',
        b"[" * 60_000,
        b"\xff\xfe",
        b"x" * 200_000,
        b'{"step": 1e400, "split": "train", "values": {"loss": 1}}',
        b'{"step": ' + b"9" * 5000 + b', "split": "train", "values": {"loss": 1}}',
    ],
)
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
