"""A menu of all that can be named: single things, then a menu for each kind of group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from models.errors import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtWidgets import QWidget


def fill_names(
    menu: QMenu,
    single: Iterable[tuple[str, Callable[[], object]]],
    groups: Iterable[tuple[str, Sequence[str]]],
    chosen: Callable[[str], object],
) -> None:
    """Make `menu` anew: `single` entries with what they do, then `groups` of words by heading, told to `chosen`."""
    menu.clear()
    for title, do in single:
        menu.addAction(printable(title).replace("&", "&&")).triggered.connect(lambda _=False, do=do: do())
    menu.addSeparator()
    for heading, named in groups:
        below = menu.addMenu(printable(heading).replace("&", "&&"))
        for what in named:
            entry = below.addAction(short(what).replace("&", "&&"))
            entry.setObjectName(f"name_{what}")
            entry.triggered.connect(partial(lambda what, _=False: chosen(what), what))
    if menu.isEmpty():
        menu.addAction("Nothing to choose yet: open a run, or pin a code.").setEnabled(False)


def short(what: str) -> str:
    """Words as they stand under their heading: `class 3` as `3`, `smile=high` as `high`."""
    name, equals, value = what.partition("=")
    if equals:
        return printable(f"not {value}" if name.endswith("!") else value)
    return printable(what.partition(" ")[2] or what)


def menu_of(owner: QWidget, name: str) -> QMenu:
    """An empty menu called `name`."""
    menu = QMenu(owner)
    menu.setObjectName(name)
    menu.setToolTipsVisible(True)
    return menu
