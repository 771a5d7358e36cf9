import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from stage import pictures, set_stage, told

from explorer.views.samples_view import SamplesView
from models import events as ev


@pytest.fixture
def view(session, qtbot):
    view = SamplesView(session)
    qtbot.addWidget(view)
    view.resize(600, 240)
    view.show()
    return view


def test_empty_halves_say_what_they_are_for(view):
    assert view.samples.count == view.pairs.count == 0
    assert "same codes" in view.samples.words
    assert "Held-out" in view.pairs.words


@pytest.mark.parametrize(
    ("capabilities", "words"), [(("prior",), "the prior"), (("encode",), "a normal distribution fitted")]
)
def test_samples_say_where_their_codes_come_from(view, session, capabilities, words):
    set_stage(session, capabilities=capabilities)
    told(session, ev.Sampled("run", 1200, pictures(16)))
    assert view.samples.count == 16
    assert words in view.about_samples.text()
    assert "step 1,200" in view.about_samples.text()


def test_samples_are_refreshed(view, session):
    set_stage(session)
    told(session, ev.Sampled("run", 1, pictures(16)))
    first = view.samples.grab().toImage()
    told(session, ev.Sampled("run", 2, 255 - pictures(16)))
    assert view.samples.grab().toImage() != first
    assert "step 2" in view.about_samples.text()


def test_a_family_that_cannot_encode_says_so(view, session):
    set_stage(session, capabilities=("prior",))
    assert "no way from pictures to codes" in view.pairs.words
    set_stage(session)
    assert "Held-out" in view.pairs.words


def test_a_click_on_a_pair_selects_its_point(view, session):
    set_stage(session)
    originals = session.state.data.pictures[[11, 3, 8, 20]]
    told(session, ev.Reconstructed("run", 5, originals, np.zeros_like(originals)))
    assert view.pairs.count == 4
    QTest.mouseClick(view.pairs, Qt.MouseButton.LeftButton, pos=view.pairs.cells()[2].center().toPoint())
    assert session.state.selection == 8


def test_a_new_run_empties_both(view, session):
    set_stage(session)
    told(session, ev.Sampled("run", 1, pictures(4)), ev.Reconstructed("run", 1, pictures(4), pictures(4)))
    set_stage(session)
    assert view.samples.count == view.pairs.count == 0
    assert view.about_samples.text() == view.about_pairs.text() == ""


def test_a_hidden_view_catches_up(view, session):
    set_stage(session)
    view.hide()
    told(session, ev.Sampled("run", 1, pictures(4)))
    assert view.samples.count == 0
    view.show()
    assert view.samples.count == 4


def test_halves_stand_beside_each_other_where_it_is_wide(view):
    assert view.samples.mapTo(view, view.samples.pos()).x() < view.pairs.mapTo(view, view.pairs.pos()).x()
    view.resize(240, 500)
    assert view.samples.mapTo(view, view.samples.pos()).y() < view.pairs.mapTo(view, view.pairs.pos()).y()
