"""Colours can be read by everybody, and widgets hear when they change."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel

from explorer.colors import DARK, LIGHT, class_color, mixed, set_theme, theme
from explorer.icons import FOLDER, app_icon, icon
from explorer.style import dress, sheet
from models.palette import CLASS_COLORS, DARK_CLASS_COLORS, UNLABELLED


def contrast(one, other):
    """The ratio of WCAG 2: 1 for equal colours, 21 for black on white."""

    def luminance(color):
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("shown", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_words_stand_out_from_every_ground(shown):
    for ground in (shown.window, shown.panel, shown.map):
        for words in (shown.text, shown.quiet, shown.accent, shown.warning, shown.error, shown.done):
            assert contrast(words, ground) >= 4.5, (words.name(), ground.name())
    assert contrast(shown.accent_text, shown.accent) >= 4.5


@pytest.mark.parametrize("shown", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_points_of_every_class_stand_out_from_the_map_and_from_the_panels(light, shown):
    set_theme(shown.name)
    for label in range(-1, len(CLASS_COLORS)):
        for ground in (shown.map, shown.panel):
            assert contrast(class_color(label), ground) >= 3, (label, ground.name())


def test_classes_keep_their_colours(light):
    assert class_color(0) == QColor(CLASS_COLORS[0])
    set_theme("dark")
    assert class_color(0) == QColor(DARK_CLASS_COLORS[0])
    set_theme("light")
    assert class_color(-1) == QColor(UNLABELLED)
    assert class_color(len(CLASS_COLORS)) == class_color(0)


def test_mixing_goes_from_one_colour_to_the_other():
    black, white = QColor("black"), QColor("white")
    assert mixed(black, white, 0) == black
    assert mixed(black, white, 1) == white


def test_widgets_hear_of_a_new_theme(qtbot, light):
    heard = []

    class Listening(QLabel):
        def changeEvent(self, event):
            if event.type() == QEvent.Type.PaletteChange:
                heard.append(theme().name)
            super().changeEvent(event)

    label = Listening("Hello")
    qtbot.addWidget(label)
    label.show()
    heard.clear()
    dress("dark")
    assert "dark" in heard
    assert label.palette().color(QPalette.ColorRole.WindowText) == DARK.text


def test_the_desktop_decides_where_nobody_chose(qapp, light):
    assert set_theme("system") in (LIGHT, DARK)


def test_the_sheet_has_every_colour_it_names():
    assert "$" not in sheet(LIGHT)
    assert DARK.accent.name() in sheet(DARK)


def test_icons_follow_the_theme_and_all_are_drawn(qapp, light):
    drawings = sorted(file.stem for file in FOLDER.glob("*.svg") if file.stem != "latent-explorer")
    assert {"start", "pause", "stop", "fit", "lattice", "pin", "lock", "unlock", "dice", "reset"} <= set(drawings)

    def ink(name):
        image = icon(name).pixmap(24, 24).toImage()
        colors = [image.pixelColor(x, y) for x in range(24) for y in range(24)]
        return max(colors, key=QColor.alpha)

    for name in drawings:
        assert ink(name).alpha() > 150, name
    shape = icon("stop")
    assert shape.pixmap(24, 24).toImage().pixelColor(12, 12) == LIGHT.text
    set_theme("dark")
    assert shape.pixmap(24, 24).toImage().pixelColor(12, 12) == DARK.text
    assert not app_icon().pixmap(64, 64).isNull()
