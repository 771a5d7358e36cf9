"""What the window remembers from one day to the next lies in one file of QSettings; a bad one is put aside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QSettings

if TYPE_CHECKING:
    from explorer.colors import ThemeName

VERSION = 1
NAME = "latent-explorer"


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
