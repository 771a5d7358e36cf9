"""Neighbours are sought once for all panels: at once for a new point, now and then while the points move."""

import numpy as np
from stage import embedded, set_stage, told

from explorer.views.map_view import MapView
from explorer.views.selection_view import SelectionView
from models import latent


def test_a_click_seeks_once_and_every_panel_shows_the_answer(qtbot, session, monkeypatch):
    sought, real = [], latent.nearest
    monkeypatch.setattr(latent, "nearest", lambda *given: sought.append(1) or real(*given))
    panels = SelectionView(session), MapView(session)
    for panel in panels:
        qtbot.addWidget(panel)
        panel.show()
    set_stage(session)
    session.select(4)
    assert len(sought) == 1
    found = session.state.neighbours.indices.tolist()
    assert panels[0].neighbour_indices == panels[1].map._neighbours == tuple(found)
    session.select(None)
    assert len(sought) == 1
    assert session.state.neighbours is None


def test_while_points_move_they_are_sought_now_and_then(qtbot, session):
    set_stage(session)
    session.select(4)
    heard, first = [], session.state.neighbours
    session.neighbours_changed.connect(lambda: heard.append(1))
    for shift in (0.1, 0.2, 0.3):
        told(session, embedded(4, shift=shift))
    assert session.state.neighbours is first
    qtbot.waitUntil(lambda: session.state.neighbours is not first, timeout=2000)
    assert np.array_equal(session.state.neighbours.indices, first.indices)
    assert heard == [1]


def test_who_lets_go_meanwhile_is_shown_none(qtbot, session):
    set_stage(session)
    session.select(4)
    told(session, embedded(4, shift=0.1))
    session.select(None)
    qtbot.wait(600)
    assert session.state.neighbours is None
