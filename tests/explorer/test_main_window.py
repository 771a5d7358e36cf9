"""The real window: its menus, panels and sizes, and a real training started, paused, stopped and closed in it."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from conftest import tiny_job
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QScrollArea,
    QSlider,
    QTabBar,
    QWidget,
)
from stage import run_info, set_stage, told

from explorer.colors import theme
from explorer.layout import remember
from explorer.main_window import MainWindow
from explorer.session import Session
from explorer.state import Phase
from models import events as ev
from models.listings import RunSummary
from models.runs import WELCOME, examples

PATIENCE = 30_000  # ms; the machine may be busy, and torch is imported once
CONTROLS = QAbstractButton | QComboBox | QLineEdit | QSlider | QAbstractItemView | QScrollArea | QPlainTextEdit


@pytest.fixture
def training(qtbot, window, session):
    """The window while a real training runs and the map moves."""
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    session.train(tiny_job(steps=1_000_000))
    qtbot.waitUntil(lambda: session.state.live and session.state.embedding is not None, timeout=PATIENCE)
    return window


def drop(window, *paths):
    """A person drops files on the middle of the window; they lie there first, then fall."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), copy, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(9, 9), copy, data, left, none))


def question(window):
    """The box that asks whether to close, if it is there."""
    return next((box for box in window.findChildren(QMessageBox, "closing_box") if box.isVisible()), None)


def tab_bars(window):
    """The tabs of docks that a person sees."""
    bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [bar for bar in bars if bar.isVisible() and window.rect().intersects(bar.geometry())]


def inside_another(control):
    """Whether Qt made it as a part of another control: the list of a choice, the cross in a line."""
    parent = control.parent()
    return isinstance(parent, QLineEdit) or (parent is not None and isinstance(parent.parent(), QComboBox))


# ---- what stands in the window


def test_every_control_has_a_name_and_says_it(qtbot, window, session):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    set_stage(session)
    controls = [widget for widget in window.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    own = [it for it in controls if not it.objectName().startswith("qt_") and not inside_another(it)]
    assert len(own) > 40
    nameless = [f"{type(it).__name__} in {it.parent().objectName()}" for it in own if not it.objectName()]
    assert nameless == []
    dumb = [it.objectName() for it in own if not (it.accessibleName() or getattr(it, "text", str)())]
    assert dumb == []


def test_every_action_stands_in_a_menu_and_has_its_own_shortcut(window):
    menus = [menu.menuAction() for menu in window.findChildren(QMenu)]
    in_menus = [action for menu in window.menuBar().findChildren(QMenu) for action in menu.actions()]
    actions = [it for it in window.findChildren(QAction) if it.text() and not it.isSeparator() and it not in menus]
    own = [it for it in actions if not it.objectName().startswith("qt_") and isinstance(it.parent(), QWidget)]
    assert len(own) > 25
    assert [it.text() for it in own if not it.objectName()] == []
    assert [it.objectName() for it in own if it not in in_menus] == []
    shortcuts = [it.shortcut().toString() for it in own]
    assert [it.objectName() for it in own if it.shortcut().isEmpty()] == []
    assert sorted(shortcuts) == sorted(set(shortcuts))


def test_the_map_has_at_least_half_of_the_window(qtbot, window):
    window.resize(1440, 900)
    window.docks.arrange()
    qtbot.wait(50)
    assert window.map_view.width() >= 720
    assert window.map_view.height() >= 450


def test_everything_fits_into_a_small_window(qtbot, window, session):
    set_stage(session)
    window.resize(1024, 600)
    window.docks.arrange()
    qtbot.wait(50)
    assert (window.width(), window.height()) == (1024, 600)
    assert window.map_view.width() >= 480
    for dock in window.findChildren(QDockWidget):
        window.docks.show(dock.objectName().removeprefix("dock_"))
        qtbot.wait(1)
        view = dock.widget()
        assert window.rect().contains(view.mapTo(window, view.rect().bottomRight())), dock.objectName()
        assert view.width() >= view.minimumSizeHint().width(), dock.objectName()
        assert view.height() >= view.minimumSizeHint().height(), dock.objectName()
    for bar in tab_bars(window):
        assert all(bar.rect().contains(bar.tabRect(place)) for place in range(bar.count())), bar.tabText(0)


def test_putting_the_docks_back_leaves_no_tabs_of_groups_that_were(qtbot, window):
    for size in ((780, 780), (1024, 600), (1440, 900), (1440, 900)):
        window.resize(*size)
        window.docks.arrange()
        qtbot.wait(20)
        assert len(tab_bars(window)) == 3
    probe = window.findChild(QDockWidget, "dock_probe")
    right = [bar for bar in tab_bars(window) if bar.geometry().right() >= probe.x()]
    assert [[bar.tabText(place) for place in range(bar.count())] for bar in right] == [["Selection", "Classes"]]


def test_what_is_told_lies_in_the_corner_of_the_map(qtbot, window, session):
    for size in ((1440, 900), (1024, 600), (720, 500)):
        window.resize(*size)
        window.docks.arrange()
        for number in range(4):
            session.tell(f"{number}: a sentence that is long enough to need more than one line of a toast", "error")
        qtbot.wait(50)
        place = window.map_view.map
        room = place.rect().translated(place.mapTo(window, QPoint()))
        shown = [toast for toast in window.toasts.toasts if toast.isVisible()]
        assert shown[-1].geometry().bottom() == room.bottom() - 8
        assert all(room.contains(toast.geometry()) for toast in shown)


def test_the_view_menu_shows_which_panels_are_there(window):
    for action in window.docks.actions():
        assert action.isCheckable()
        assert action.icon().isNull()  # it would take the place of the tick


def test_the_shortcut_of_a_panel_brings_it_before_it_hides_it(qtbot, window):
    dock = window.findChild(QDockWidget, "dock_runs")
    action = dock.toggleViewAction()
    window.docks.show("train")
    qtbot.wait(1)
    seen = []
    for _ in range(3):
        action.trigger()
        qtbot.wait(1)
        seen.append((not dock.visibleRegion().isEmpty(), action.isChecked()))
    assert seen == [(True, True), (False, False), (True, True)]


def test_the_keyboard_goes_from_panel_to_panel_and_back(qtbot, window, session):
    set_stage(session)
    window.docks.show("data")
    qtbot.wait(1)

    def go(name, times):
        places = []
        for _ in range(times):
            window.findChild(QAction, f"action_{name}").trigger()
            focused = QApplication.focusWidget()
            docks = [dock for dock in window.findChildren(QDockWidget) if dock.isAncestorOf(focused)]
            places.append(docks[0].objectName().removeprefix("dock_") if docks else "map")
        return places

    window.map_view.map.setFocus()
    forward = go("next_panel", 5)
    assert forward == ["samples", "probe", "data", "map", "samples"]  # nothing is selected: that panel has no controls
    assert go("previous_panel", 4) == forward[3::-1]


def test_going_from_panel_to_panel_ties_no_control_to_another(qtbot, window):
    bar_actions = window.top_bar.actions()
    window.docks.show("train")
    qtbot.wait(1)
    for _ in range(6):
        window.docks.step(1)
    shiboken6.delete(window.train_view.findChild(QScrollArea, "train_scroll").takeWidget())  # as when the form comes
    assert all(shiboken6.isValid(action) for action in bar_actions)


def test_the_title_of_the_window_is_that_of_its_run(window, session):
    told(session, ev.Started("run", 0, replace(run_info(2), title="Sharp digits"), 100, live=False))
    assert window.windowTitle() == "Sharp digits · Latent Explorer"
    listed = RunSummary(
        "run", "/runs/run", "Sharper\ndigits", "vae", "tiny", "animals", "finished", "", 9, 1.0, {}, "", 0
    )
    told(session, ev.Listed("", 0, (listed,)))
    assert window.windowTitle() == "Sharper\\ndigits · Latent Explorer"
    told(session, ev.Deleted("", 0, "/runs/run"))
    assert window.windowTitle() == "Latent Explorer"


def test_the_theme_reaches_every_corner(window):
    window.findChild(QAction, "action_theme_dark").trigger()
    assert theme().name == "dark"
    assert QSettings().value("theme") == "dark"
    assert window.palette().window().color() == theme().window
    assert window.grab().toImage().pixelColor(2, window.menuBar().height() + 60).lightness() < 60
    window.theme_action.trigger()
    assert theme().name == "light"
    assert window.findChild(QAction, "action_theme_light").isChecked()


def test_shortcuts_and_about_open_and_close(qtbot, window):
    window.findChild(QAction, "action_shortcuts").trigger()
    shortcuts = window.findChild(QWidget, "shortcut_list")
    words = {label.text() for label in shortcuts.findChildren(QWidget) if hasattr(label, "text")}
    assert {"Start", "Ctrl+Return", "Export", "Reset layout"} <= words
    shortcuts.close()
    window.findChild(QAction, "action_about").trigger()
    window.findChild(QMessageBox, "about_box").close()


def test_copied_samples_are_a_sheet_on_the_clipboard(window, session):
    action = window.findChild(QAction, "action_copy_sheet")
    action.trigger()
    assert session.state.notice.level == "warning"
    from stage import pictures

    set_stage(session)
    told(session, ev.Sampled("run", 1, pictures(9)))
    action.trigger()
    assert QGuiApplication.clipboard().image().width() == 3 * 8 * 2 + 4 * 2


# ---- what is remembered


def test_a_layout_is_remembered_and_can_be_reset(qtbot, session, light):
    def open_window():
        window = MainWindow(session)
        window.show()
        qtbot.waitExposed(window)
        return window

    first = open_window()
    first.findChild(QDockWidget, "dock_runs").hide()
    first.resize(760, 500)
    first.resizeDocks([first.findChild(QDockWidget, "dock_probe")], [240], Qt.Orientation.Horizontal)
    qtbot.wait(20)
    width = first.map_view.width()
    remember(first)
    first.deleteLater()
    second = open_window()
    runs = second.findChild(QDockWidget, "dock_runs")
    assert (second.width(), second.height()) == (760, 500)
    assert runs.isHidden()
    qtbot.waitUntil(lambda: second.map_view.width() == width)
    assert len(tab_bars(second)) == 3  # of train with data, of curves with samples, on the right
    second.findChild(QAction, "action_reset_layout").trigger()
    assert not runs.isHidden()
    second.close_unasked()
    second.deleteLater()


def test_a_panel_that_a_remembered_layout_does_not_know_finds_its_place(qtbot, session, light):
    first = MainWindow(session)
    first.resize(760, 500)
    first.show()
    qtbot.waitExposed(first)
    first.findChild(QDockWidget, "dock_runs").hide()
    first.removeDockWidget(first.findChild(QDockWidget, "dock_data"))
    first.findChild(QDockWidget, "dock_data").setObjectName("dock_of_another_version")
    remember(first)
    first.deleteLater()
    second = MainWindow(session)
    assert second.findChild(QDockWidget, "dock_runs").isHidden()  # the rest is as it was left
    dock = second.findChild(QDockWidget, "dock_data")
    assert second.dockWidgetArea(dock) is Qt.DockWidgetArea.LeftDockWidgetArea
    assert dock in second.tabifiedDockWidgets(second.findChild(QDockWidget, "dock_train"))
    second.deleteLater()


def test_a_damaged_layout_is_put_aside(qtbot, session, light):
    settings = QSettings()
    settings.setValue("geometry", b"no geometry")
    settings.setValue("docks", b"no docks")
    settings.sync()
    window = MainWindow(session)
    assert "damaged" in session.state.notice.message
    assert "no docks" in Path(settings.fileName()).with_suffix(".bak").read_text()
    assert not QSettings().contains("docks")
    assert not window.findChild(QDockWidget, "dock_probe").isHidden()
    window.deleteLater()


def test_on_a_screen_of_another_size_the_window_begins_anew_and_nothing_is_damaged(session, light, monkeypatch):
    first = MainWindow(session)
    first.findChild(QDockWidget, "dock_runs").hide()
    remember(first)
    first.deleteLater()
    monkeypatch.setattr(MainWindow, "restoreGeometry", lambda *_: False)  # as Qt says it there
    second = MainWindow(session)
    assert session.state.notice is None
    assert QSettings().contains("docks")
    assert not second.findChild(QDockWidget, "dock_runs").isHidden()
    second.deleteLater()


def test_a_panel_that_a_remembered_layout_does_not_know_has_its_place(session, light):
    first = MainWindow(session)
    first.findChild(QDockWidget, "dock_runs").setObjectName("dock_of_another_time")
    remember(first)
    first.deleteLater()
    second = MainWindow(session)
    assert session.state.notice is None
    train, runs = (second.findChild(QDockWidget, f"dock_{name}") for name in ("train", "runs"))
    assert runs in second.tabifiedDockWidgets(train)
    second.deleteLater()


# ---- what is dropped


def test_a_run_that_is_dropped_opens(qtbot, window, session, tiny_run):
    session.start()
    drop(window, tiny_run / "run.json")
    qtbot.waitUntil(lambda: session.state.picture is not None, timeout=PATIENCE)
    assert session.state.run.folder == str(tiny_run)
    assert "vae" in window.windowTitle()


def test_a_folder_of_pictures_is_chosen_and_shown(qtbot, window, session, photos):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    drop(window, photos)
    chosen = window.train_view._form.job()
    assert (chosen.dataset, chosen.dataset_settings) == ("folder", {"data_dir": str(photos)})
    qtbot.waitUntil(lambda: session.state.look.current is not None, timeout=PATIENCE)
    assert [each.name for each in session.state.look.current.portrait.classes] == ["cat", "dog"]
    assert window.docks.view("data").isVisible()


def test_a_picture_stands_for_its_folder_and_arrays_for_themselves(qtbot, window, session, photos):
    session.start()
    qtbot.waitUntil(lambda: session.state.catalog is not None, timeout=PATIENCE)
    drop(window, photos / "cat" / "0.png", photos / "cat" / "1.png")
    assert window.train_view._form.job().dataset_settings == {"data_dir": str(photos / "cat")}
    np.save(photos / "all.npy", np.zeros((20, 8, 8), np.uint8))
    drop(window, photos / "all.npy")
    chosen = window.train_view._form.job()
    assert (chosen.dataset, chosen.dataset_settings) == ("arrays", {"file": str(photos / "all.npy")})
    assert window.train_view._form.problems() == []


@pytest.mark.parametrize("count", [0, 2])
def test_other_things_are_answered_with_a_sentence(window, session, tmp_path, count):
    files = [tmp_path / f"{number}.txt" for number in range(max(count, 1))]
    for file in files:
        file.write_text("text")
    drop(window, *files)
    assert session.state.notice.level == "warning"
    assert "Drop one folder" in session.state.notice.message


# ---- training


def test_start_pause_go_on_and_stop_by_the_actions(qtbot, window, session):
    session.start()
    view = window.train_view
    qtbot.waitUntil(view.start_action.isEnabled, timeout=PATIENCE)
    view.start_action.trigger()
    qtbot.waitUntil(lambda: session.state.phase is Phase.TRAINING and session.state.live, timeout=PATIENCE)
    assert not view.start_action.isEnabled()
    view.pause_action.trigger()
    qtbot.waitUntil(lambda: session.state.phase is Phase.PAUSED, timeout=PATIENCE)
    view.pause_action.trigger()
    qtbot.waitUntil(lambda: session.state.phase is Phase.TRAINING, timeout=PATIENCE)
    view.stop_action.trigger()
    qtbot.waitUntil(lambda: session.state.phase is Phase.IDLE, timeout=PATIENCE)
    assert view.start_action.isEnabled()


def test_closing_during_training_asks_once_and_cancel_goes_on(qtbot, training, session):
    training.close()
    training.close()
    assert len(training.findChildren(QMessageBox, "closing_box")) == 1
    box = question(training)
    assert box.width() >= 360
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert question(training) is None
    assert training.isVisible()
    assert session.state.phase is Phase.TRAINING


def test_a_training_that_ends_behind_the_question_closes_the_window(qtbot, training, session):
    training.close()
    assert training.isVisible()
    session.stop()  # as at the last step
    qtbot.waitUntil(lambda: not training.isVisible(), timeout=PATIENCE)
    assert question(training) is None
    assert training.ended


def test_a_training_that_fails_behind_the_question_leaves_the_window_to_be_read(training, session):
    training.close()
    told(session, ev.Failed(session.state.run.id, 9, "The disk is full."))
    assert question(training) is None
    assert training.isVisible()


def test_closing_during_training_stops_it_soon_and_keeps_it(qtbot, training, session):
    began = time.monotonic()
    training.close()
    qtbot.keyClick(question(training), Qt.Key.Key_Return)
    assert time.monotonic() - began < 2.0
    assert not training.isVisible()
    assert training.ended
    folder = session.state.run.folder
    from models.run import RunFolder

    run = RunFolder.open(folder)
    assert run.manifest.status == "stopped"
    assert run.steps()
    assert QSettings().value("last_run") == folder


def test_opening_training_and_closing_leave_nothing_behind(qtbot, light):
    before = None
    for _ in range(10):
        session = Session()
        window = MainWindow(session)
        window.show()
        session.start()
        session.train(tiny_job(steps=2))
        qtbot.waitUntil(lambda session=session: session.state.samples is not None, timeout=PATIENCE)
        qtbot.waitUntil(lambda session=session: session.state.phase is Phase.IDLE, timeout=PATIENCE)
        window.close()
        assert window.ended
        window.deleteLater()
        session.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = (threading.active_count(), len(QApplication.allWidgets()))
        assert before in (None, left)
        before = left


def test_an_example_that_comes_along_is_opened_from_the_menu(qtbot, window, session):
    action = next(action for action in window.findChildren(QAction) if action.objectName().startswith("action_example"))
    session.start()
    action.trigger()
    qtbot.waitUntil(lambda: session.state.picture is not None and session.state.working is None, timeout=PATIENCE)
    assert session.state.run.folder == str(examples()[0])
    assert examples()[0] == WELCOME
