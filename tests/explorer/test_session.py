"""The session with the real engine behind it: events become signals, intents become pictures."""

import shutil
import threading
from dataclasses import fields

import numpy as np
import pytest
from conftest import tiny_job
from stage import pictures, run_info, set_stage, told

from explorer.state import Phase, SessionState
from models import events as ev
from models import replay

PATIENCE = 30_000  # ms; the machine may be busy, and torch is imported once


def heard(session):
    """A list that fills with the names of the signals that are emitted from now on."""
    names = []
    for field in fields(SessionState):
        getattr(session, f"{field.name}_changed").connect(lambda name=field.name: names.append(name))
    return names


@pytest.fixture
def opened(qtbot, session, tiny_run):
    """A session with the tiny run on its stage, everything there."""
    session.start(tiny_run)
    qtbot.waitUntil(lambda: session.state.picture is not None and session.state.working is None, timeout=PATIENCE)
    return session


def test_only_fields_that_changed_are_told(session):
    set_stage(session)
    names = heard(session)
    told(session, ev.Progress("run", 5, 0.5, 1.0, 2.0, 2.0, 100.0))
    assert sorted(names) == ["progress", "step"]
    names.clear()
    told(session, ev.Listed("", 0, ()))
    session.morph(0.5)  # without pins nothing moves
    assert names == []


def test_no_line_is_lost_among_others_that_come_with_it(session):
    lines = []
    session.notice_changed.connect(lambda: lines.append(session.state.notice.message))
    told(session, ev.Noticed("", 0, "a"), ev.Failed("tasks", 0, "b"), ev.Noticed("", 0, "c"))
    assert lines == ["a", "b", "c"]


def test_each_field_has_its_signal(session):
    for field in fields(SessionState):
        assert hasattr(session, f"{field.name}_changed")


def test_events_come_through_the_timer(qtbot, session):
    with qtbot.waitSignal(session.notice_changed, timeout=2000):
        session._mailbox.put(ev.Noticed("", 0, "Hello."))
    assert session.state.notice.message == "Hello."


def test_what_was_going_on_ends_with_its_lane(qtbot, session):
    told(session, ev.Working("", 0, "Reading", 0.5))
    qtbot.waitUntil(lambda: session.state.working is None, timeout=2000)


def test_a_training_stopped_before_it_began_leaves_the_window_ready(qtbot, session):
    session.start()
    ready = threading.Event()

    def hold(control):
        ready.wait(5)
        yield from ()

    session._train.start(hold)
    session.train(tiny_job(steps=1))
    session.stop()
    assert session.state.phase is Phase.STOPPING
    ready.set()
    qtbot.waitUntil(lambda: session.state.phase is Phase.IDLE, timeout=PATIENCE)
    assert session.state.run is None


def test_nothing_else_begins_while_a_training_runs(session):
    set_stage(session)
    session.open_run("/runs/another")
    session.train(tiny_job(steps=1))
    session.resume_run("/runs/another")
    assert session.state.phase is Phase.TRAINING
    assert session.state.notice.serial == 3
    assert "Stop it first" in session.state.notice.message


def test_a_run_that_is_opened_comes_with_all_that_was_kept(opened, tiny_run):
    state = opened.state
    assert state.phase is Phase.IDLE
    assert state.run.folder == str(tiny_run)
    assert len(state.data.pictures) == len(state.data.labels) == len(state.embedding.points)
    assert state.samples is not None
    assert state.reconstructions is not None
    assert ("train", "loss") in state.curves
    assert {family.name for family in state.catalog.families} >= {"vae", "autoencoder", "pca"}


def test_a_place_on_the_map_becomes_a_picture(qtbot, opened):
    with qtbot.waitSignal(opened.picture_changed, timeout=PATIENCE):
        opened.move_to(0.5, -0.5)
    shown = opened.state.picture
    assert np.array_equal(shown.codes[0], opened.state.code)
    assert shown.pictures.shape == (1, 28, 28, 1)


def test_pins_are_drawn_and_the_way_between_them(qtbot, opened):
    opened.select(3)
    opened.pin(0)
    opened.select(8)
    with qtbot.waitSignal(opened.pin_pictures_changed, timeout=PATIENCE):
        opened.pin(1)
    qtbot.waitUntil(lambda: len(opened.state.pin_pictures.pictures) == 2, timeout=PATIENCE)
    opened.morph(0.25)
    a, b = opened.state.embedding.codes[3], opened.state.embedding.codes[8]
    assert opened.state.code.tolist() == pytest.approx((a + 0.25 * (b - a)).tolist(), abs=1e-5)


def test_the_lattice_is_filled_and_lifted(qtbot, opened):
    opened.drawings.lay_lattice((-1, -1, 1, 1), 4, 3)
    qtbot.waitUntil(lambda: opened.state.lattice.pictures is not None, timeout=PATIENCE)
    assert opened.state.lattice.pictures.shape == (12, 28, 28, 1)
    opened.drawings.lift_lattice()
    assert opened.state.lattice is None


def test_randomise_draws_and_reset_returns(opened):
    before = opened.state.code
    opened.lock(0, True)
    opened.randomise()
    assert opened.state.code[0] == before[0]
    assert opened.state.code[1] != before[1]
    opened.reset_code()
    assert opened.state.code[1] == pytest.approx(opened.state.embedding.codes[:, 1].mean(), abs=1e-6)


def test_an_export_is_written_and_drawn(qtbot, opened, tmp_path):
    options = {"rows": 2, "columns": 3, "scale": 1}
    opened.export("samples", tmp_path / "sheet.png", options)
    qtbot.waitUntil(lambda: (tmp_path / "sheet.png").exists(), timeout=PATIENCE)
    opened.draw("samples", {"rows": 1, "columns": 1})
    opened.draw("samples", options)
    qtbot.waitUntil(lambda: opened.state.drawing is not None, timeout=PATIENCE)
    from PIL import Image

    written = np.asarray(Image.open(tmp_path / "sheet.png"))
    assert np.array_equal(opened.state.drawing.pictures[0, :, :, 0], written)


def test_an_export_that_is_cancelled_leaves_no_file(qtbot, opened, tmp_path):
    opened.export("grid", tmp_path / "grid.png", {"rows": 200, "columns": 200, "scale": 1})
    qtbot.waitUntil(lambda: opened.state.working is not None, timeout=PATIENCE)
    opened.cancel_tasks()
    qtbot.waitUntil(lambda: opened.state.working is None, timeout=PATIENCE)
    assert opened.state.notice.message == "Cancelled."
    assert list(tmp_path.iterdir()) == []


def test_an_export_to_a_bad_place_is_told(qtbot, opened, tmp_path):
    with qtbot.waitSignal(opened.notice_changed, timeout=PATIENCE):
        opened.export("samples", tmp_path / "nowhere" / "sheet.png", {})
    assert opened.state.notice.level == "error"
    assert "nowhere" in opened.state.notice.message
    assert opened.state.phase is Phase.IDLE


def test_a_run_that_takes_long_to_open_makes_room_for_another(qtbot, session, tiny_run, tmp_path, monkeypatch):
    slow, second = tmp_path / "slow", shutil.copytree(tiny_run, tmp_path / "second")
    shutil.copytree(tiny_run, slow)
    read = replay._beside_data

    def reading(run, step, snapshot, family, control):
        while run.path == slow and not control.stopping:
            control.wait(0.01)
            yield ev.Working("", 0, "Reading for ever")
        yield from read(run, step, snapshot, family, control)

    monkeypatch.setattr(replay, "_beside_data", reading)
    session.start(slow)
    qtbot.waitUntil(lambda: session.state.run is not None and session.state.working is not None, timeout=PATIENCE)
    assert session.state.run.folder == str(slow)
    session.open_run(second)
    qtbot.waitUntil(lambda: session.state.data is not None and len(session.state.data.pictures) > 0, timeout=PATIENCE)
    assert session.state.run.folder == str(second)
    assert session.state.phase is Phase.IDLE
    assert session.state.notice is None


def test_the_run_on_the_stage_is_deleted_and_the_stage_is_empty(qtbot, session, tiny_run, tmp_path, monkeypatch):
    monkeypatch.setattr("send2trash.send2trash", lambda path: shutil.rmtree(path))
    folder = shutil.copytree(tiny_run, tmp_path / "run")
    session.start(folder)
    qtbot.waitUntil(lambda: session.state.picture is not None and session.state.working is None, timeout=PATIENCE)
    session.delete_run(str(folder))
    qtbot.waitUntil(lambda: session.state.run is None, timeout=PATIENCE)
    assert session.state.picture is session.state.embedding is session.state.weights is None
    assert "was shown is in the bin" in session.state.notice.message


def test_what_is_no_run_leaves_the_stage_as_it_was(qtbot, opened, tmp_path):
    run = opened.state.run
    with qtbot.waitSignal(opened.notice_changed, timeout=PATIENCE):
        opened.open_run(tmp_path)
    assert opened.state.notice.level == "error"
    assert str(tmp_path) in opened.state.notice.message
    assert opened.state.run is run
    assert opened.state.phase is Phase.IDLE


def test_a_training_is_paused_goes_on_and_stops(qtbot, opened):
    opened.train(tiny_job(steps=1_000_000))
    qtbot.waitUntil(lambda: opened.state.live and opened.state.embedding is not None, timeout=PATIENCE)
    opened.pause()
    qtbot.waitUntil(lambda: opened.state.phase is Phase.PAUSED, timeout=PATIENCE)
    step = opened.state.step
    opened.go_on()
    qtbot.waitUntil(lambda: opened.state.phase is Phase.TRAINING and opened.state.step > step, timeout=PATIENCE)
    opened.stop()
    assert opened.state.phase is Phase.STOPPING
    qtbot.waitUntil(lambda: opened.state.phase is Phase.IDLE, timeout=PATIENCE)
    assert "kept" in opened.state.notice.message


def test_runs_are_listed_renamed_and_thrown_away(qtbot, session):
    session.train(tiny_job(steps=2))
    qtbot.waitUntil(lambda: session.state.run is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.state.phase is Phase.IDLE, timeout=PATIENCE)
    folder = session.state.run.folder
    session.rename_run(folder, "My first")
    qtbot.waitUntil(lambda: [run.title for run in session.state.runs] == ["My first"], timeout=PATIENCE)
    session.delete_run(folder)
    qtbot.waitUntil(lambda: session.state.runs == (), timeout=PATIENCE)


def test_a_late_answer_for_old_weights_is_not_shown_on_another_run(session):
    set_stage(session)
    told(session, ev.Started("other", 0, run_info(4, run="other"), 100))
    told(session, ev.Rendered("run", 1, "probe", 1, np.zeros((1, 4), np.float32), pictures(1), 0.001))
    assert session.state.picture is None
