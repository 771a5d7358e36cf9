"""The dress of the window: Qt's Fusion in our palette, with a small style sheet made from the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from explorer.colors import Theme, mixed, set_theme

if TYPE_CHECKING:
    from explorer.colors import ThemeName


def dress(name: ThemeName) -> None:
    """Dress the whole application in a theme; widgets hear of it by `QEvent.Type.PaletteChange`."""
    app = cast("QApplication", QApplication.instance())
    if app.style().name() != "fusion":
        app.setStyle("Fusion")
        font = app.font()
        font.setFeature(QFont.Tag("tnum"), 1)  # figures of one width do not jump while they count
        app.setFont(font)
    app.setStyleSheet(sheet(set_theme(name)))


def sheet(theme: Theme) -> str:
    """The style sheet of a theme: only what the palette cannot say."""
    names = {
        "window": theme.window,
        "panel": theme.panel,
        "text": theme.text,
        "quiet": theme.quiet,
        "line": theme.line,
        "accent": theme.accent,
        "accent_text": theme.accent_text,
        "hover": mixed(theme.panel, theme.text, 0.07),
        "pressed": mixed(theme.panel, theme.text, 0.14),
        "thumb": mixed(theme.line, theme.quiet, 0.35),
        "accent_hover": mixed(theme.accent, theme.text, 0.15),
        "faint": mixed(theme.quiet, theme.window, 0.35),
    }
    text = _SHEET
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"${name}", names[name].name())
    return text


_SHEET = """
QMainWindow::separator { background: $window; width: 6px; height: 6px; }
QMainWindow::separator:hover { background: $accent; }

QMenuBar { background: $panel; padding: 1px 6px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $panel; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $accent; color: $accent_text; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }

QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 6px 6px; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px; background: transparent; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton:focus { border-color: $accent; }
QToolButton[popupMode="2"] { padding-right: 16px; }
QToolButton::menu-indicator { subcontrol-position: right center; right: 4px; }
QToolBar > QToolButton { padding: 4px 8px; }

QPushButton { background: $panel; border: 1px solid $line; border-radius: 5px; padding: 5px 14px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border-color: $accent; }
QPushButton:default { background: $accent; color: $accent_text; border-color: $accent; }
QPushButton:default:hover { background: $accent_hover; }
QPushButton:disabled { background: $window; color: $faint; border-color: $line; }

QDockWidget { color: $quiet; titlebar-close-icon: none; }
QDockWidget::title { background: $window; padding: 5px 8px; text-align: left; }
QMainWindow > QTabBar { background: $window; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $quiet; padding: 5px 12px 4px 12px; border: none;
               border-bottom: 2px solid transparent; }
QMainWindow > QTabBar::tab { padding: 5px 6px 4px 6px; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $line; }

QScrollArea { border: none; }
QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $thumb; border-radius: 3px; margin: 2px; }
QScrollBar::handle:hover { background: $quiet; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page
    { background: none; border: none; width: 0; height: 0; }

QProgressBar { background: $line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }

QSlider:horizontal { min-height: 18px; }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: $line; }
QSlider::sub-page:horizontal { height: 4px; border-radius: 2px; background: $accent; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $accent; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent_hover; }
QSlider::handle:horizontal:disabled { background: $thumb; }

QStatusBar { background: $panel; border-top: 1px solid $line; color: $quiet; }
QStatusBar::item { border: none; }
QToolTip { background: $text; color: $panel; border: none; padding: 4px 6px; }
"""
