"""Two models side by side in the real window: linked points, colours and pictures, and an earlier step of one run."""

import numpy as np
import pytest
from conftest import tiny_job
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from models.job import Control

PATIENCE = 20_000


@pytest.fixture
def two_runs(home):
    """Two runs of the same digits among the person's runs; the first was kept at two steps."""
    from models.runs import runs_root
    from models.trainer import resume, train

    first, second = runs_root() / "one", runs_root() / "two"
    list(train(tiny_job(steps=4, run=str(first)), Control()))
    list(resume(first, Control(), steps=40))
    list(train(tiny_job(steps=6, run=str(second), seed=0), Control()))
    return first, second


@pytest.fixture
def compared(qtbot, window, session, two_runs):
    """The window on the first run, with the second beside it."""
    session.start(two_runs[0])
    qtbot.waitUntil(lambda: session.state.data is not None and len(session.state.data.pictures) > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.state.weights is not None, timeout=PATIENCE)
    view = window.compare_view
    view.compare_action.trigger()
    qtbot.waitUntil(lambda: view.choice.count() >= 4, timeout=PATIENCE)
    return view


def choose(qtbot, view, session, words):
    place = next(row for row in range(view.choice.count()) if words in view.choice.itemText(row))
    view.choice.setCurrentIndex(place)
    view.choice.activated.emit(place)
    qtbot.waitUntil(lambda: session.state.comparison.found is not None, timeout=PATIENCE)
    return session.state.comparison.found


def test_another_run_of_the_same_data_is_linked_point_by_point(qtbot, window, session, compared):
    other = next(run for run in session.state.runs if run.folder.endswith("two"))
    found = choose(qtbot, compared, session, other.title)
    assert found.paired
    assert not found.akin
    assert found.values.shape == (len(session.state.embedding.codes), 2)
    session.select(5)
    qtbot.waitUntil(lambda: session.state.twin_picture is not None, timeout=PATIENCE)
    np.testing.assert_array_equal(session.state.twin_picture.codes[0], found.codes[5])
    assert compared.map._selection == 5
    assert all(picture.image is not None for picture in compared.pictures)
    names = [factor.name for factor in session.state.data.factors]
    assert names == ["neighbours kept", "drift"]
    session.color_by("drift")
    assert compared.caption.text().count("neighbours kept") == 1
    QTest.mouseClick(compared.map, Qt.MouseButton.LeftButton, pos=compared.map.place_of(9).toPoint())
    assert session.state.selection == 9


def test_an_earlier_step_draws_the_same_code(qtbot, session, compared):
    found = choose(qtbot, compared, session, "This run at step 4")
    assert (found.at, found.akin, found.paired) == (4, True, True)
    session.set_code(np.array([0.5, -0.5], np.float32))
    qtbot.waitUntil(
        lambda: session.state.twin_picture is not None and session.state.twin_picture.codes[0].tolist() == [0.5, -0.5],
        timeout=PATIENCE,
    )
    assert not np.array_equal(session.state.twin_picture.pictures, session.state.picture.pictures)


def test_a_place_of_the_other_map_is_drawn_by_the_other_model(qtbot, session, compared):
    choose(qtbot, compared, session, "This run at step 4")
    session.comparisons.move_to(0.25, 0.75)
    qtbot.waitUntil(
        lambda: session.state.twin_picture is not None and session.state.twin_picture.codes[0].tolist() == [0.25, 0.75],
        timeout=PATIENCE,
    )
    assert session.state.code.tolist() != [0.25, 0.75]
    assert compared.map.probe is not None
    session.select(3)  # the stage counts again
    assert session.state.comparison.place is None


def test_letting_go_ends_the_comparison_and_another_run_too(qtbot, session, compared, two_runs):
    choose(qtbot, compared, session, "This run at step 4")
    compared.compare_action.trigger()
    assert not compared.isVisible()
    assert session.state.comparison.found is None
    session.open_run(two_runs[1])
    qtbot.waitUntil(lambda: session.state.run.folder.endswith("two"), timeout=PATIENCE)
    assert session.state.comparison.folder == ""


def test_a_run_that_cannot_be_read_is_told_in_the_caption(qtbot, session, compared, tmp_path):
    session.comparisons.begin(str(tmp_path / "gone"))
    qtbot.waitUntil(lambda: session.state.comparison.found is not None, timeout=PATIENCE)
    assert "gone" in compared.caption.text()
