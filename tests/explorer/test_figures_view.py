"""The panel that judges a run: what it offers and when, what it shows, and how runs are compared."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from conftest import tiny_job
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget, QWidget
from stage import run_info, told

from explorer.scores import best, columns, rows, title
from explorer.state import Phase
from explorer.views import figures_view
from explorer.views.figures_view import FiguresView
from models import events as ev
from models.evaluate import classifier
from models.judging_events import Judging, JudgingEnded
from models.listings import RunSummary
from models.run import RunFolder

HOW = {"samples": 2000, "seeds": 3, "codes": 100, "likelihood_pictures": 0, "binarise": True}
VALUES = {"neg_elbo": 101.2, "conditional_accuracy": 0.9853, "class_kl": 0.0061, "nll_k100": 93.21}
SPREADS = {"conditional_accuracy": 0.0021, "class_kl": 0.0012, "nll_k100": 0.03}
JUDGED = dict.fromkeys(SPREADS, HOW)


@pytest.fixture
def view(session, qtbot, light):
    view = FiguresView(session)
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    return view


def put_on_stage(session, live=False, names=("cat", "dog")):
    info = replace(run_info(4, ("prior", "condition")), class_names=names)
    told(session, ev.Started("run", 0, info, 100, live=live))
    told(session, ev.Weights("run", 5, info, {}))


def summary(folder, name, figures=VALUES, data="same", judged=JUDGED):
    return RunSummary(
        folder, folder, name, "cgan", "stable", "mnist", "finished", "2026-11-20T20:35:12+00:00", 10, 1.0, figures, "",
        1, data_hash=data, spreads=SPREADS, judged=judged,
    )  # fmt: skip


def table(view):
    """The words of the table, row by row, with its head."""
    found = view.findChild(QTableWidget, "figures_table")
    head = [found.horizontalHeaderItem(place).text() for place in range(found.columnCount())]
    body = [[found.item(row, place).text() for place in range(found.columnCount())] for row in range(found.rowCount())]
    return [head, *body]


def item(view, row, place):
    return view.findChild(QTableWidget, "figures_table").item(row, place)


def button(view):
    return view.findChild(QPushButton, "judge_run")


def test_an_empty_panel_says_what_it_is_for(view, session):
    assert any("How good a model is" in label.text() for label in view.findChildren(QLabel))
    assert not button(view).isEnabled()
    put_on_stage(session)
    assert any("not judged yet" in label.text() for label in view.findChildren(QLabel))
    assert button(view).isEnabled()


def test_figures_stand_with_error_bars_meaning_protocol_and_direction(view, session):
    put_on_stage(session)
    told(session, ev.Figures("run", 5, VALUES, SPREADS, JUDGED))
    assert table(view) == [
        ["Figure", "This run"],
        ["accuracy  ↑", "0.9853 ± 0.0021"],
        ["KL of the classes  ↓", "0.0061 ± 0.0012"],
        ["NLL (k = 100)  ↓", "93.21 ± 0.03"],
    ]
    tip = item(view, 0, 1).toolTip()
    for words in ("higher is better", "recognised", "3 times", "2,000 drawn pictures"):
        assert words in tip
    assert "all test pictures, their pixels tossed" in item(view, 2, 1).toolTip()


def test_runs_of_the_same_data_stand_beside_it_and_the_best_is_bold(view, session):
    put_on_stage(session)
    told(session, ev.Figures("run", 5, VALUES, SPREADS, JUDGED))
    better = {**VALUES, "conditional_accuracy": 0.991, "class_kl": 0.0065, "nll_k100": 99.0}
    told(session, ev.Listed("", 0, (
        summary("/runs/run", "mine"), summary("/runs/b", "second", better), summary("/runs/c", "other data", data="x"),
        summary("/runs/d", "not judged", judged={}),
    )))  # fmt: skip
    head, accuracy, *_ = table(view)
    assert head == ["Figure", "This run", "second"]
    assert accuracy[2] == "0.9910 ± 0.0021"
    bold = [[item(view, row, place).font().bold() for place in (1, 2)] for row in range(3)]
    assert bold == [[False, True], [False, False], [True, False]]  # 0.0061 and 0.0065 are one within their bars


def test_figures_that_were_measured_otherwise_are_not_ranked(session):
    put_on_stage(session)
    told(session, ev.Figures("run", 5, VALUES, SPREADS, JUDGED))
    how = {**HOW, "samples": 100, "binarise": False}
    fewer = dict.fromkeys(SPREADS, how)
    worse = {**VALUES, "conditional_accuracy": 0.5}
    told(session, ev.Listed("", 0, (summary("/runs/run", "mine"), summary("/runs/b", "b", worse, judged=fewer))))
    both = columns(session.state)
    assert len(both) == 2
    assert best("conditional_accuracy", both) is None
    assert rows(both) == ["conditional_accuracy", "class_kl", "nll_k100"]
    assert title("unheard_of") == "unheard of"


def test_cheap_figures_of_the_samples_are_shown_while_it_trains(view, session):
    put_on_stage(session, live=True)
    steps = np.array([200, 400])
    told(session, ev.Losses("run", 400, "test", steps, {"class_kl": np.array([0.5, 0.25], np.float32)}))
    view._show_figures()
    assert table(view)[1] == ["KL of the classes  ↓", "~ 0.25"]
    assert "samples at step 400 only" in item(view, 0, 1).toolTip()
    assert not button(view).isEnabled()
    assert "when its training has ended" in button(view).toolTip()


def test_a_training_that_ends_offers_judging_and_does_not_force_it(view, session):
    put_on_stage(session, live=True)
    assert session.state.phase is Phase.TRAINING
    assert not button(view).isDefault()
    told(session, ev.Figures("run", 9, {"neg_elbo": 3.0}), ev.Finished("run", 9, 1.0))
    assert button(view).isEnabled()
    assert button(view).isDefault()
    assert session.state.judging is None
    told(session, ev.Figures("run", 9, VALUES, SPREADS, JUDGED))
    assert not button(view).isDefault()


def test_an_opened_run_does_not_ask_for_attention(view, session):
    put_on_stage(session)
    assert button(view).isEnabled()
    assert not button(view).isDefault()


def test_judging_shows_how_far_it_is_even_for_a_run_that_left_the_stage(view, session):
    put_on_stage(session)
    work = view.findChild(QPushButton, "stop_judging")
    assert not work.isVisible()
    told(session, Judging("", 0, "Drawing pictures", 0.34, 80.0, "/runs/run"))
    words = view.findChild(QWidget, "judging_words")
    assert words.text() == "Drawing pictures 34%, 1 min 20 s left"
    assert work.isVisible()
    assert not button(view).isEnabled()
    put_on_stage(session)
    assert session.state.judging is not None
    told(session, Judging("", 0, "Drawing pictures", 0.5, 60.0, "/runs/elsewhere"))
    assert "another run" in words.text()
    told(session, JudgingEnded("", 0))
    assert not work.isVisible()
    assert button(view).isEnabled()


def test_a_judging_that_fails_is_told_and_can_be_begun_again(view, session):
    put_on_stage(session)
    told(session, Judging("", 0, "Loading", folder="/runs/run"), ev.Failed("judge", 0, "The data set has changed."))
    assert session.state.judging is None
    assert session.state.notice.message == "The data set has changed."
    assert session.state.phase is Phase.IDLE


@pytest.fixture
def opened(view, session, tiny_run, tmp_path, qtbot, monkeypatch):
    folder = shutil.copytree(tiny_run, tmp_path / "run")
    monkeypatch.setattr(classifier, "LEAST", 2000)
    monkeypatch.setitem(
        figures_view.WAYS, "Thorough", {"samples": 60, "seeds": 2, "codes": 3, "likelihood_pictures": 40}
    )
    session.start(folder)
    qtbot.waitUntil(lambda: button(view).isEnabled(), timeout=60_000)
    return folder


def test_a_real_run_is_judged_by_a_click_and_shown_so_when_it_is_opened_again(view, session, opened, qtbot):
    qtbot.mouseClick(button(view), Qt.MouseButton.LeftButton)
    assert session.state.judging is not None
    qtbot.waitUntil(lambda: session.state.judging is None, timeout=120_000)
    assert [row[0] for row in table(view)[1:3]] == ["classes drawn  ↑", "KL of the classes  ↓"]
    shown = table(view)
    assert all(" ± " in row[1] for row in shown[1:])
    assert RunFolder.open(opened).manifest.judged
    session.open_run(opened)
    qtbot.waitUntil(lambda: session.state.weights is not None and table(view) == shown, timeout=60_000)


def test_a_judging_can_be_cancelled_and_a_training_goes_on_beside_it(view, session, opened, qtbot):
    before = RunFolder.open(opened).manifest
    qtbot.mouseClick(button(view), Qt.MouseButton.LeftButton)
    session.train(tiny_job(steps=20))
    qtbot.waitUntil(
        lambda: session.state.judging is not None and session.state.judging.fraction is not None, timeout=60_000
    )
    qtbot.mouseClick(view.findChild(QPushButton, "stop_judging"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.state.judging is None and not session.state.phase.busy, timeout=60_000)
    assert session.state.figures is not None
    assert RunFolder.open(opened).manifest == before
