"""Pictures that know how they were made: dropped on the real window, they lead back; sessions stay with their runs."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QAction, QGuiApplication
from stage import set_stage, told
from test_main_window import drop

from explorer import keeping
from explorer.charts import Chart
from explorer.groups import Group, indices_of
from explorer.history import REMEMBERED
from explorer.mixing import Mixture
from explorer.own import Sketch
from explorer.pins import Pin
from explorer.recipe_works import session_file
from explorer.recipes import recalled
from explorer.session import Session
from explorer.state import SessionState, Visibility
from explorer.timeline import Board, KeyFrame, Timeline
from models import events as ev
from models.arithmetic import Term
from models.directions import Direction
from models.recipe import Numbers, Origin, Recipe
from models.recipe_files import read_recipe
from models.run import RunFolder

PATIENCE = 60_000  # ms; the machine may be busy, and torch is imported once


@pytest.fixture
def opened(qtbot, window, session, tiny_run):
    """The window on the tiny run."""
    session.start(tiny_run)
    settle(qtbot, session)
    return window


def settle(qtbot, session):
    """The run is there with all that was kept of it."""
    qtbot.waitUntil(lambda: session.state.recalled is not None and session.state.working is None, timeout=PATIENCE)


def taken_away(qtbot, session, path, kind="probe", **options):
    session.export(kind, path, options)
    qtbot.waitUntil(lambda: heard(session, "Saved"), timeout=PATIENCE)
    return path


def heard(session, words):
    return session.state.notice is not None and words in session.state.notice.message


def explored(session):
    """A person moves the code, pins it twice and dims a class."""
    session.set_code(np.array([0.25, -1.5], np.float32))
    session.pin(0)
    session.select(3)
    session.pin(2)
    session.set_visibility(4, Visibility.HIDDEN)
    session.set_code(np.array([0.75, 0.1], np.float32))
    return session.state


def same_desk(one, other):
    assert one.code.tolist() == other.code.tolist()
    assert [None if pin is None else (pin.code.tolist(), pin.index) for pin in one.pins] == [
        None if pin is None else (pin.code.tolist(), pin.index) for pin in other.pins
    ]
    assert one.classes == other.classes


def test_a_dropped_picture_brings_back_what_it_was_made_of_and_one_step_undoes_it(qtbot, opened, session, tmp_path):
    before = explored(session)
    path = taken_away(qtbot, session, tmp_path / "a.png", "grid", rows=3, columns=3)
    session.set_code(np.zeros(2, np.float32))
    session.unpin(0)
    session.isolate(1)
    drop(opened, path)
    qtbot.waitUntil(lambda: heard(session, "Here is all as it was"), timeout=PATIENCE)
    same_desk(session.state, before)
    session.undo()
    assert session.state.code.tolist() == [0, 0]


def test_a_file_leads_to_its_run_at_its_step(qtbot, opened, session, tiny_run, tmp_path):
    before = explored(session)
    path = taken_away(qtbot, session, tmp_path / "a.svg")
    other = tmp_path / "other"
    shutil.copytree(tiny_run, other)
    values = json.loads((other / "run.json").read_text())
    (other / "run.json").write_text(json.dumps({**values, "id": "other"}))
    session.open_run(other)
    qtbot.waitUntil(lambda: session.state.run.id == "other" and session.state.recalled is not None, timeout=PATIENCE)
    assert session.state.pins == (None, None)
    drop(opened, path)
    qtbot.waitUntil(lambda: heard(session, "Here is all as it was"), timeout=PATIENCE)
    assert Path(session.state.run.folder) == tiny_run
    same_desk(session.state, before)
    shown = opened.docks.view("probe")
    assert shown.isVisible()


def test_a_missing_model_is_named(qtbot, opened, session, tmp_path):
    path = taken_away(qtbot, session, tmp_path / "a.png")
    recipe = read_recipe(path)
    gone = recipe.origin.model_copy(update={"folder": "/gone", "id": "gone", "hash": "0" * 64, "title": "Evening"})
    (tmp_path / "b.session.json").write_text(recipe.model_copy(update={"origin": gone}).text())
    drop(opened, tmp_path / "b.session.json")
    qtbot.waitUntil(lambda: heard(session, 'is not here: vae dense-2d of digits "Evening" at step 4'), timeout=PATIENCE)


def test_an_ordinary_picture_stays_ones_own(qtbot, opened, session, tmp_path):
    Image.fromarray(np.eye(30, dtype=np.uint8) * 255).save(tmp_path / "mine.png")
    drop(opened, tmp_path / "mine.png")
    assert session.state.own.asked.path == str(tmp_path / "mine.png")
    (tmp_path / "bad.session.json").write_text("{")
    drop(opened, tmp_path / "bad.session.json")
    qtbot.waitUntil(lambda: heard(session, "cannot be used: it is cut or damaged"), timeout=PATIENCE)


def test_a_run_comes_back_as_it_was_left(qtbot, opened, session, tiny_run):
    before = explored(session)
    session.open_run(tiny_run)  # at once, and from what the window knows
    qtbot.waitUntil(lambda: session.state.code is not None and not session.state.history.deeds, timeout=PATIENCE)
    settle(qtbot, session)
    same_desk(session.state, before)
    assert session.close()
    again = Session()
    again.start(tiny_run)  # another day
    settle(qtbot, again)
    same_desk(again.state, before)
    for slot in (0, 2):
        again.unpin(slot)
    again._apply(replace(again.state, explored=False, classes={}))
    assert again.close()
    assert not session_file(RunFolder.open(tiny_run).manifest.id).exists()
    again.deleteLater()


def test_a_session_is_saved_with_the_window_and_opened(qtbot, opened, session, tmp_path):
    before = explored(session)
    opened.map_view.map.look(opened.map_view.map.camera.zoomed(3, 10, 10, (100, 100)))
    camera = opened.map_view.map.camera
    opened.docks.show("figures")
    opened.returning.save(str(tmp_path / "mine"))
    qtbot.waitUntil(lambda: heard(session, "Saved"), timeout=PATIENCE)
    session.set_code(np.zeros(2, np.float32))
    opened.map_view.map.fit()
    opened.docks._docks["figures"].hide()
    opened.returning.open(tmp_path / "mine.session.json")
    qtbot.waitUntil(lambda: heard(session, "Here is all as it was for the session"), timeout=PATIENCE)
    same_desk(session.state, before)
    assert opened.map_view.map.camera == camera
    assert not opened.docks._docks["figures"].isHidden()


def test_copy_as_python_puts_a_script_on_the_clipboard(qtbot, opened, session):
    session.set_code(np.array([0.25, -1.5], np.float32))
    opened.findChild(QAction, "action_copy_python").trigger()
    qtbot.waitUntil(lambda: heard(session, "The script is on the clipboard"), timeout=PATIENCE)
    text = QGuiApplication.clipboard().text()
    assert "codes = torch.tensor([[0.25, -1.5]], dtype=torch.float32)" in text
    compile(text, "script", "exec")


# ---- what is kept


def filled(state):
    """The state with something in every field that is kept."""
    codes = state.embedding.codes
    return replace(
        state,
        selection=3, locked=frozenset({1}), morph=0.5, spherical=True, classes={1: Visibility.HIDDEN}, factor="smile",
        layer="honesty", gathered=indices_of([4, 9]), others=Visibility.HIDDEN,
        groups=(Group("mine", 2, indices_of(np.arange(7))),), mixture=Mixture(codes[:2], codes[2:4], 1),
        bench=(Term(-2.0, "pin A", "the first"),),
        directions=(Direction("smile", codes[0], 0.5, 2.0, "difference", (0.0, 1.0), ("no", "yes"), "smile", None),),
        timeline=Timeline((KeyFrame(0, 0.0), KeyFrame(3, 2.5)), easing="in"), playhead=1.5,
        board=Board((0, 1, 2, 3), 5),
        asking=replace(state.asking, text="2026"), chart=Chart("tsne", {"perplexity": 5.0}),
        sketch=Sketch(np.full((8, 8, 1), 9, np.uint8), np.zeros(1, np.uint8), 2),
    )  # fmt: skip


def test_every_field_that_undo_restores_is_kept_or_follows_from_others():
    assert {*REMEMBERED} <= {*keeping.KEPT, *keeping.BESIDE, *keeping.DERIVED}


def test_all_that_is_kept_comes_back_through_text(qapp, session):
    set_stage(session)
    full = filled(session.state)
    desk = json.loads(json.dumps(keeping.desk_of(full)))
    assert {*desk} == {*keeping.KEPT}
    assert keeping.desk_of(SessionState()) == {}
    found, misfits = keeping.read_desk(desk, session.state)
    assert misfits == []
    again = replace(session.state, **found)
    assert keeping.desk_of(again) == desk
    assert again.groups[0].indices.tolist() == list(range(7))
    assert again.timeline == full.timeline
    assert again.sketch.pixels.dtype == np.uint8
    assert again.directions[0].ends == (0.0, 1.0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("morph", "x"), ("morph", float("nan")), ("classes", {"1": "GONE"}), ("groups", [{"name": 3}]),
        ("gathered", "!"), ("mixture", {"rows": 1}), ("bench", 7), ("timeline", {"easing": "wild"}),
        ("board", {"side": 10**9}), ("directions", [{"name": "a"}]), ("locked", [-1]), ("layer", None),
        ("chart", {"kind": "spiral", "settings": {}}),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_and_left_out(qapp, session, field, value):
    set_stage(session)
    found, misfits = keeping.read_desk({field: value, "unknown": 1, "factor": "smile"}, session.state)
    assert misfits == [field]
    assert found == {"factor": "smile"}


def recipe_of_other(latent_dim, **changes):
    origin = Origin(
        id="run", title="", folder="/runs/run", family="vae", preset="tiny", dataset="animals", latent_dim=latent_dim,
        step=1, seed=0, hash="",
    )  # fmt: skip
    return Recipe(gesture="session", origin=origin, **changes)


def test_codes_of_another_width_change_nothing(qapp, session):
    set_stage(session, latent_dim=4)
    state, misfits = recalled(session.state, recipe_of_other(7, code=Numbers.of(np.zeros(7))))
    assert state is session.state
    assert misfits == ["codes of 7 numbers, where those of this model have 4"]


def test_pins_of_points_follow_them_to_another_step(qapp, session):
    set_stage(session)
    session.pin(0, Pin(session.state.embedding.codes[3], 3))
    pins = [{"code": Numbers.of(np.ones(4)), "index": 3}, {"code": Numbers.of(np.ones(4))}]
    told(session, ev.Progress("run", 50, 0.5, 1, 1, None, 1))
    state, misfits = recalled(session.state, recipe_of_other(4, pins=pins))
    assert misfits == []
    np.testing.assert_array_equal(state.pins[0].code, state.embedding.codes[3])
    np.testing.assert_array_equal(state.pins[1].code, np.ones(4, np.float32))
