"""The map coloured by a known factor: labels, the key beside it, and the points themselves."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox
from stage import POINTS, embedded, pictures, run_info, set_stage, told

from explorer.coloring import chosen_factor, shade_color
from explorer.colors import class_color
from explorer.state import Visibility
from explorer.style import dress
from explorer.views.map_view import MapView
from models import events as ev
from models.coloring import SHADES, Coloring, by_factor, value_of
from models.datasets import Factor
from models.palette import _oklab, ramp_of

FACTORS = (Factor("glasses", ("none", "round", "square")), Factor("tilt", low=-30, high=30, unit="degrees"))


def held_out():
    values = np.stack([np.arange(POINTS) % 3, np.linspace(-30, 30, POINTS)], axis=1).astype(np.float32)
    values[0, 1] = np.nan
    return ev.HeldOut("run", 0, pictures(POINTS), np.arange(POINTS) % 2, FACTORS, values)


@pytest.fixture
def view(qtbot, session, light):
    view = MapView(session)
    qtbot.addWidget(view)
    view.resize(700, 500)
    view.show()
    told(session, ev.Started("run", 0, run_info(4), 100), held_out(), embedded(4))
    return view


def choose(qtbot, view, name):
    combo = view.findChild(QComboBox, "colour_by")
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    while combo.currentText() != name:
        before = combo.currentIndex()
        qtbot.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentIndex() > before


def inks(view):
    """The colours of the points, by their index."""
    layer = view.map.points
    found = {}
    for place, kind in zip(layer._order.tolist(), layer._kinds.tolist(), strict=True):
        found[place] = int(layer._inks[kind])
    return found


def test_values_with_names_are_labels_and_numbers_are_steps_of_the_ramp():
    data = held_out()
    assert Coloring(data.labels, ("cat", "dog")).counts == {0: 20, 1: 20}
    glasses, tilt = (by_factor(factor, data.values[:, place]) for place, factor in enumerate(FACTORS))
    assert glasses.labels.tolist() == [index % 3 for index in range(POINTS)]
    assert glasses.names == ("none", "round", "square")
    assert tilt.labels[0] == -1
    assert tilt.labels[-1] == SHADES - 1
    assert (np.diff(tilt.labels[1:]) >= 0).all()
    assert value_of(FACTORS[0], 1.0) == "round"
    assert value_of(FACTORS[1], float("nan")) == "not known"
    assert value_of(FACTORS[1], 30.0) == "30 degrees"


@pytest.mark.parametrize("dark", [False, True])
def test_the_ramp_grows_lighter_from_low_to_high(dark):
    lightness = [_oklab(ramp_of(share, dark))[0] for share in np.linspace(0, 1, 17)]
    assert np.diff(lightness).min() > 0.01
    assert ramp_of(-1, dark) == ramp_of(0, dark)
    assert ramp_of(2, dark) == ramp_of(1, dark)


def test_without_factors_there_is_nothing_to_choose(qtbot, session, view):
    assert view.findChild(QComboBox, "colour_by").isVisible()
    set_stage(session)
    assert not view.findChild(QComboBox, "colour_by").isVisible()
    assert view.key.legend.items()[0].accessibleName().startswith("cat")


def test_a_number_colours_the_points_by_the_ramp(qtbot, view):
    choose(qtbot, view, "tilt")
    found = inks(view)
    assert found[0] == class_color(-1).rgba()
    assert found[1] == shade_color(int(view._coloring.coloring.labels[1])).rgba()
    assert len(set(found.values())) > 30
    assert view.key._bar.isVisible()
    assert view.key._bar.accessibleName() == "tilt from -30 to 30 degrees"
    assert view.key.legend.items() == ()
    assert view._coloring.name_of(1).startswith("tilt -28.5 degrees")


def test_values_with_names_have_a_legend_that_filters(qtbot, session, view):
    choose(qtbot, view, "glasses")
    assert [item.accessibleName() for item in view.key.legend.items()] == [
        "none, 14 pictures, shown", "round, 13 pictures, shown", "square, 13 pictures, shown",
    ]  # fmt: skip
    assert inks(view)[1] == class_color(1).rgba()
    qtbot.mouseClick(view.key.legend.items()[1], Qt.MouseButton.LeftButton)
    assert {index % 3 for index in inks(view)} == {0, 2}
    assert session.state.classes == {}  # what is hidden is a value, no class
    view.key.legend.isolated.emit(2)
    assert view.key.legend.items()[0].visibility is Visibility.DIMMED
    view.key.legend.all_wanted.emit()
    assert len(inks(view)) == POINTS


def test_the_class_comes_back_as_it_was(qtbot, session, view):
    session.set_visibility(0, Visibility.HIDDEN)
    choose(qtbot, view, "tilt")
    assert len(inks(view)) == POINTS
    choose(qtbot, view, "class")
    assert {index % 2 for index in inks(view)} == {1}


def test_the_choice_is_kept_for_the_next_run_with_such_a_factor(qtbot, session, view):
    choose(qtbot, view, "glasses")
    set_stage(session)
    assert chosen_factor(session.state) is None
    told(session, held_out())
    assert chosen_factor(session.state) == 0
    assert len(view.key.legend.items()) == 3


def test_the_ramp_follows_the_theme(qtbot, view):
    choose(qtbot, view, "tilt")
    before = inks(view)[20]
    dress("dark")
    qtbot.wait(20)
    assert inks(view)[20] != before
    dress("light")
