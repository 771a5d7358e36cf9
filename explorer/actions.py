"""The window's menus: every action stands in one of them and has a shortcut."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from explorer.icons import icon
from models.runs import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtWidgets import QWidget

    from explorer.colors import ThemeName
    from explorer.main_window import MainWindow
    from explorer.views.desk_view import DeskView
    from explorer.views.morph_view import MorphView
    from explorer.views.runs_view import RunsView

THEMES: tuple[tuple[ThemeName, str, str], ...] = (
    ("light", "&Light", "Ctrl+Alt+L"),
    ("dark", "&Dark", "Ctrl+Alt+D"),
    ("system", "&As the desktop", "Ctrl+Alt+S"),
)


def make_action(
    parent: QWidget,
    name: str,
    text: str,
    keys: str,
    do: Callable[[], object] = lambda: None,
    drawing: str = "",
    tip: str = "",
) -> QAction:
    """An action of `parent` called `action_<name>` that does `do` when a person asks for it; others may hear it too."""
    action = QAction(text, parent)
    action.setObjectName(f"action_{name}")
    action.setShortcut(QKeySequence(keys))
    native = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{tip or text.replace('&', '').rstrip('…')} ({native})")
    if drawing:
        action.setIcon(icon(drawing))
    action.triggered.connect(lambda: do())
    parent.addAction(action)
    return action


def numbered(number: int) -> QKeySequence:
    """The shortcut of the panel that comes so late, from 1 on: Ctrl with its digit, with Shift for the second nine."""
    return QKeySequence(f"Ctrl+{number}" if number < 10 else f"Ctrl+Shift+{number - 9}")


def fill_menus(window: MainWindow) -> None:
    """Build all menus of the window."""
    train, desk = window.train_view, cast("DeskView", window.docks.view("desk"))
    training = [train.start_action, train.pause_action, train.step_action, train.stop_action]
    _add_menu(window, "&File", _file_actions(window))
    morphs = _morph_actions(window, desk)
    _add_menu(window, "&Edit", (desk.desk_actions()[:2], desk.desk_actions()[2:], desk.page_actions, morphs))
    for action in desk.page_actions:
        action.triggered.connect(lambda: window.docks.show("desk"))
    _add_menu(window, "&Train", (training, [train.resume_action]))
    _add_menu(window, "&Runs", (window.docks.view("runs").actions()[:-1], _example_actions(window)))
    stage = (window.map_view.actions(), window.points_view.actions(), window.compare_view.actions())
    _add_menu(window, "&Map", (*stage, window.docks.view("probe").actions(), window.own_view.actions()[2:]))
    _add_menu(window, "&Projection", window.map_view.charts.button.groups())
    _add_menu(window, "&Layers", window.map_view.layers.groups())
    _add_menu(window, "&View", _view_actions(window))
    _add_menu(window, "&Help", _help_actions(window))


def _file_actions(window: MainWindow) -> Sequence[Sequence[QAction]]:
    return (
        (
            cast("RunsView", window.docks.view("runs")).open_folder_action,
            make_action(window, "open_images", "Open &images folder…", "Ctrl+I", window.ask_for_images, "data"),
            make_action(
                window, "open_generator", "Open &generator…", "Ctrl+Shift+N", window.generators.ask, "generator",
                "Open a generator of your own, an ONNX file, and explore it like every other model",
            ),
            *window.own_view.actions()[:2],
        ),
        window.returning.actions(),
        (
            make_action(window, "export", "&Export…", "Ctrl+E", window.taking_away.export, "export"),
            make_action(
                window, "cancel_export", "Ca&ncel export", "Ctrl+Shift+E", window.taking_away.cancel_export, "stop",
                "End an export that takes too long; no file is written",
            ),
            make_action(
                window, "copy_sheet", "&Copy sheet", "Ctrl+Shift+C", window.taking_away.copy_sheet, "copy",
                "Copy the sheet of samples to the clipboard",
            ),
        ),
        (make_action(window, "quit", "&Quit", "Ctrl+Q", window.close),),
    )  # fmt: skip


def _morph_actions(window: MainWindow, desk: DeskView) -> Sequence[QAction]:
    """What a person does with morphs and boards from wherever they are."""

    def play() -> None:
        window.docks.show("desk")
        desk.show_page("morph")
        cast("MorphView", desk.page("morph")).toggle()

    away = window.taking_away
    return (
        make_action(window, "play_timeline", "&Play key frames", "Ctrl+M", play, "start", "Play the whole morph"),
        make_action(window, "export_morph", "Export &morph…", "Ctrl+Shift+M", partial(away.export, "morph"), "export"),
        make_action(window, "export_board", "Export &board…", "Ctrl+Shift+B", partial(away.export, "board"), "export"),
        make_action(
            window, "compare_models", "Morph in &several models…", "Ctrl+Alt+M", away.compare_models, "runs",
            "Morph from the first key frame to the last by several models, as one sheet",
        ),
    )  # fmt: skip


def _example_actions(window: MainWindow) -> Sequence[QAction]:
    """An action for each run that comes with the program."""
    return [
        make_action(
            window, f"example_{folder.name}", f"Example: {folder.name}", f"Ctrl+Alt+{number}",
            partial(window.open_run, folder), tip=f"Open {folder.name}, a trained run that comes with the program",
        )
        for number, folder in enumerate(examples(), start=1)
    ]  # fmt: skip


def _view_actions(window: MainWindow) -> Sequence[Sequence[QAction]]:
    themes = QActionGroup(window)
    for name, text, keys in THEMES:
        action = make_action(window, f"theme_{name}", text, keys, partial(window.set_theme, name))
        action.setCheckable(True)
        action.setChecked(name == window.theme_name)
        themes.addAction(action)
    full_screen = make_action(window, "full_screen", "&Full screen", "F11", window.toggle_full_screen)
    full_screen.setCheckable(True)
    bar = window.top_bar.toggleViewAction()
    bar.setObjectName("action_toolbar")
    bar.setShortcut(numbered(len(window.docks.actions()) + 1))
    panels = (
        make_action(window, "next_panel", "Ne&xt panel", "F6", partial(window.docks.step, 1)),
        make_action(window, "previous_panel", "Pre&vious panel", "Shift+F6", partial(window.docks.step, -1)),
    )
    return (
        (*window.docks.actions(), bar),
        panels,
        (make_action(window, "reset_layout", "&Reset layout", "Ctrl+0", window.docks.arrange, "reset"), full_screen),
        (window.theme_action, *themes.actions()),
    )


def _help_actions(window: MainWindow) -> Sequence[Sequence[QAction]]:
    return (
        (make_action(window, "shortcuts", "&Shortcuts", "F1", window.help.show_shortcuts, "info"),),
        (
            make_action(window, "open_log", "Open &log", "Ctrl+Shift+L", window.help.open_log),
            make_action(window, "about", "&About", "Shift+F1", window.help.about),
        ),
    )


def _add_menu(window: MainWindow, title: str, groups: Iterable[Iterable[QAction]]) -> None:
    menu = window.menuBar().addMenu(title)
    menu.setObjectName(f"menu_{title.replace('&', '').lower()}")
    menu.setAccessibleName(title.replace("&", ""))
    menu.setToolTipsVisible(True)
    for actions in groups:
        menu.addSeparator()
        menu.addActions(list(actions))
