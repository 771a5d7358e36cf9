"""What the window remembers from one day to the next lies in one file of QSettings; a bad one is put aside."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSettings

if TYPE_CHECKING:
    from explorer.colors import ThemeName

VERSION = 1
NAME = "latent-explorer"
RECENT, MOST_RECENT = "data/recent", 8


def remember_in(folder: Path) -> str:
    """Let every `QSettings()` of the program read and write a file in `folder`; returns what was wrong with it."""
    QCoreApplication.setOrganizationName(NAME)
    QCoreApplication.setApplicationName(NAME)
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
    settings = QSettings()
    fresh = not settings.allKeys()
    damaged = settings.status() is not QSettings.Status.NoError or (fresh and _file_size(settings) > 0)
    if damaged or (not fresh and str(settings.value("version")) != str(VERSION)):
        return put_aside("they are damaged" if damaged else "another version of the program made them")
    settings.setValue("version", VERSION)
    return ""


def remembered_theme() -> ThemeName:
    """The theme that was chosen last, else the desktop's."""
    known: tuple[ThemeName, ...] = ("light", "dark", "system")
    chosen = QSettings().value("theme")
    return next((name for name in known if name == chosen), "system")


def recent_data() -> list[tuple[str, str]]:
    """Data sets that were read from a folder or file of a person's own, with its path; the newest first."""
    try:
        told = json.loads(str(QSettings().value(RECENT, "[]")))
        return [(str(dataset), str(path)) for dataset, path in told][:MOST_RECENT]
    except (ValueError, TypeError):  # a convenience only
        return []


def remember_data(dataset: str, path: str) -> None:
    """Put this folder or file before all others that were used."""
    others = [each for each in recent_data() if each != (dataset, path)]
    QSettings().setValue(RECENT, json.dumps([(dataset, path), *others][:MOST_RECENT]))


def put_aside(why: str) -> str:
    """Start anew from the defaults and keep the file that was as a backup; returns a sentence for the person."""
    settings = QSettings()
    path = Path(settings.fileName())
    told = f"The window's settings were not used: {why}."
    try:
        shutil.copyfile(path, path.with_suffix(".bak"))
        told += f" They are kept as {path.with_suffix('.bak')}."
    except OSError as error:
        told += f" They could not be kept: {error.strerror}."
    settings.clear()
    settings.setValue("version", VERSION)
    return told


def _file_size(settings: QSettings) -> int:
    path = Path(settings.fileName())
    return path.stat().st_size if path.is_file() else 0
