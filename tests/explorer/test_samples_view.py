import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from stage import pictures, set_stage, told

from explorer.colors import class_color
from explorer.views.samples_view import SamplesView
from models import events as ev
from models.judging_events import Judged, Judging, JudgingEnded


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


def test_bars_show_which_classes_the_samples_have(view, session, light):
    set_stage(session, capabilities=("prior",))
    assert not view.bars.isVisible()
    recognised = np.array([0] * 15 + [1] * 5)
    told(session, Judged("run", 3, recognised, np.array([0.5, 0.5], np.float32)))
    assert view.bars.isVisible()
    assert not view.train_judge.isVisible()
    cat, dog = view.bars.bars()
    assert cat.height() == pytest.approx(3 * dog.height())
    assert view.bars.tip(0) == "cat: 15 of 20 samples, 10 expected"
    image = view.bars.grab().toImage()
    middle = image.pixelColor(int(cat.center().x() * image.devicePixelRatio()), int(cat.bottom() - 2))
    assert middle == class_color(0)
    told(session, Judged("run", 4, np.zeros(20, np.int64), np.array([0.5, 0.5], np.float32)))
    assert view.bars.bars()[1].height() == 1  # a class that is never drawn is still a line


def test_without_a_judge_its_training_is_offered_and_can_be_begun(view, session, monkeypatch):
    set_stage(session)
    told(session, Judged("run", 3, seconds=46.2))
    assert view.train_judge.text() == "Train the judge (45 s)"
    begun = []
    monkeypatch.setattr(session._judge, "renew", lambda work, before: begun.append(work))
    QTest.mouseClick(view.train_judge, Qt.MouseButton.LeftButton)
    assert len(begun) == 1
    assert session.state.judging is not None
    told(session, Judging("", 0, "Training a classifier", 0.5, 20.0, "/runs/run", False))
    assert view.train_judge.text() == "Judging… 50%"
    assert not view.train_judge.isEnabled()
    told(session, JudgingEnded("", 0))
    assert view.train_judge.isEnabled()
    set_stage(session)
    assert not view.train_judge.isVisible()
