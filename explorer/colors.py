"""Every colour of the window: the light and the dark theme, and the colours of classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from models.palette import color_of, ramp_of

ThemeName = Literal["light", "dark", "system"]


@dataclass(frozen=True)
class Theme:
    """The colours of one theme; texts reach 4.5:1 (WCAG AA) on `window`, `panel` and `map`."""

    name: str
    window: QColor  # behind the panels
    panel: QColor  # panels, fields, lists
    text: QColor
    quiet: QColor  # secondary text
    line: QColor  # borders and grids
    accent: QColor  # the one colour that asks for attention
    accent_text: QColor  # text on the accent
    map: QColor  # the ground of the map
    warning: QColor
    error: QColor
    done: QColor


def _theme(name: str, **colors: str) -> Theme:
    return Theme(name, **{role: QColor(color) for role, color in colors.items()})


LIGHT = _theme(
    "light",
    window="#F3F4F7",
    panel="#FFFFFF",
    text="#1C1F26",
    quiet="#5A6170",
    line="#D8DBE2",
    accent="#5446D6",
    accent_text="#FFFFFF",
    map="#FBFBFD",
    warning="#8A5800",
    error="#B3261E",
    done="#19744A",
)
DARK = _theme(
    "dark",
    window="#1A1C21",
    panel="#22252C",
    text="#E7E9EE",
    quiet="#A3A9B6",
    line="#383D48",
    accent="#A195FF",
    accent_text="#14121F",
    map="#15171B",
    warning="#E6B450",
    error="#FF8078",
    done="#5FCB8F",
)

_current = LIGHT


def theme() -> Theme:
    """The theme that is shown now; widgets hear of a change by `QEvent.Type.PaletteChange`."""
    return _current


def set_theme(name: ThemeName) -> Theme:
    """Show the light or the dark theme, or the one of the person's desktop ("system")."""
    global _current
    _current = {"light": LIGHT, "dark": DARK}.get(name) or _system_theme()
    if QGuiApplication.instance() is not None:
        QGuiApplication.setPalette(palette(_current))
    return _current


def _system_theme() -> Theme:
    if QGuiApplication.instance() is None:
        return LIGHT
    return DARK if QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


def palette(theme: Theme) -> QPalette:
    """The theme as Qt's standard controls understand it."""
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.panel,
        role.AlternateBase: theme.window,
        role.ToolTipBase: theme.text,
        role.ToolTipText: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.quiet,
        role.Button: theme.panel,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.Light: theme.panel,
        role.Midlight: theme.window,
        role.Mid: theme.line,
        role.Dark: theme.line,
        role.Shadow: theme.line,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
    }
    result = QPalette()
    for each, color in colors.items():
        result.setColor(each, color)
    faint = mixed(theme.quiet, theme.window, 0.35)
    for each in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, each, faint)
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, theme.line)
    return result


def mixed(color: QColor, other: QColor, share: float) -> QColor:
    """`color` with `share` (0 to 1) of `other` in it."""
    return QColor.fromRgbF(
        color.redF() * (1 - share) + other.redF() * share,
        color.greenF() * (1 - share) + other.greenF() * share,
        color.blueF() * (1 - share) + other.blueF() * share,
    )


def class_color(label: int) -> QColor:
    """The colour of class `label` in the theme that is shown now; grey for -1, the pictures without a label."""
    return QColor(color_of(label, _current is DARK))


def ramp_color(share: float) -> QColor:
    """The colour of a number `share` (0 to 1) of the way from low to high, in the theme that is shown now."""
    return QColor(ramp_of(share, _current is DARK))
