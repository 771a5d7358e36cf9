from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QProgressBar, QPushButton, QScrollArea, QToolButton, QWidget
from stage import run_info, told

from explorer.session import Session
from explorer.state import Phase
from explorer.views.train_view import REMEMBERED, TrainView
from explorer.widgets import flash
from models import events as ev
from models.catalog import catalog
from models.job import Job
from models.listings import FamilyInfo


class Listening(Session):
    """A session that writes down what it is asked to train instead of training."""

    def __init__(self):
        super().__init__()
        self.jobs, self.resumed = [], []

    def train(self, job):
        self.jobs.append(job)

    def resume_run(self, folder, **lengths):
        self.resumed.append(folder)


@pytest.fixture(scope="module")
def known():
    """The real catalogue, and a family whose file is broken."""
    real = catalog()
    broken = FamilyInfo("broken", "Broken", "", missing="ImportError: no module named nothing")
    return ev.Catalogued("", 0, (broken, *real.families), real.datasets, real.devices, real.device_name)


@pytest.fixture
def session(known):
    session = Listening()
    told(session, known)
    yield session
    session.close()


@pytest.fixture
def view(qtbot, session):
    return shown(qtbot, session)


def shown(qtbot, session):
    view = TrainView(session)
    qtbot.addWidget(view)
    view.show()
    return view


def type_into(qtbot, view, name, text):
    line = view.findChild(QLineEdit, name)
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)
    return line


def pick(qtbot, view, name, entry):
    """Choose an entry with the keyboard."""
    combo = view.findChild(QComboBox, name)
    assert combo.findData(entry) >= 0, [combo.itemData(row) for row in range(combo.count())]
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.count()):
        if combo.currentData() == entry:
            return combo
        qtbot.keyClick(combo, Qt.Key.Key_Down)
    raise AssertionError(f"{entry} cannot be chosen")


def press(qtbot, view, name):
    qtbot.mouseClick(view.findChild(QPushButton, f"button_{name}"), Qt.MouseButton.LeftButton)


def test_waits_quietly_for_the_catalogue(qtbot, known):
    session = Listening()
    view = shown(qtbot, session)
    assert not view.start_action.isEnabled()
    assert view.start_action.toolTip() == "Getting ready…"
    view.choose("folder", "/pictures")
    told(session, known)
    assert view.start_action.isEnabled()
    press(qtbot, view, "start")
    assert session.jobs[0].dataset == "folder"  # what was asked for before the catalogue came
    assert "/pictures" in session.jobs[0].dataset_settings.values()
    session.close()


def test_data_that_were_given_from_elsewhere_are_brought_into_sight_and_framed(qtbot, view, monkeypatch):
    monkeypatch.setattr(flash, "FADES", 300)
    view.resize(280, 420)
    scroll, frame = view.findChild(QScrollArea, "train_scroll"), view.findChild(QWidget, "flash")
    assert not frame.isVisible()
    view.hide()
    view.choose("folder", "/pictures")
    qtbot.wait(20)
    assert not frame.isVisible()  # who does not see it yet sees it when they come
    view.show()
    qtbot.waitUntil(frame.isVisible, timeout=2000)
    path = view.findChild(QLineEdit, "dataset_data_dir")
    for part in (view.findChild(QComboBox, "dataset"), path):
        seen = part.mapTo(frame.parentWidget(), part.rect().center())
        assert frame.geometry().contains(seen)
        assert scroll.viewport().rect().contains(part.mapTo(scroll.viewport(), part.rect().center()))
    qtbot.waitUntil(lambda: not frame.isVisible(), timeout=10_000)
    view.hide()
    view.show()
    qtbot.wait(50)
    assert not frame.isVisible()  # once is enough


def test_start_sends_the_job_that_was_chosen(qtbot, session, view):
    pick(qtbot, view, "family", "vae")
    pick(qtbot, view, "preset", "beta")
    pick(qtbot, view, "dataset", "mnist")
    type_into(qtbot, view, "family_learning_rate", "3e-4")
    type_into(qtbot, view, "dataset_data_dir", "/data")
    pick(qtbot, view, "training_length", "minutes")
    type_into(qtbot, view, "training_minutes", "2.5")
    type_into(qtbot, view, "training_seed", "7")
    pick(qtbot, view, "training_precision", "fp32")
    press(qtbot, view, "start")
    assert session.jobs == [
        Job(
            family="vae", preset="beta", settings={"learning_rate": 3e-4}, dataset="mnist",
            dataset_settings={"data_dir": "/data"}, minutes=2.5, seed=7, precision="fp32",
        )
    ]  # fmt: skip


def test_without_a_choice_the_presets_own_length_holds(qtbot, session, view):
    press(qtbot, view, "start")
    job = session.jobs[0]
    assert (job.family, job.dataset, job.settings) == (Job().family, Job().dataset, {})
    assert (job.epochs, job.steps, job.minutes) == (None, None, None)


@pytest.mark.parametrize("width", [184, 214, 240])
def test_what_is_wrong_is_told_whole_in_the_narrowest_panel(qtbot, view, width):
    view.resize(width, 380)
    for fold in view.findChildren(QToolButton):
        if fold.objectName().endswith("more_settings") and fold.isVisible():
            qtbot.mouseClick(fold, Qt.MouseButton.LeftButton)
    names = ["family_latent_dim", "family_warm_up", "dataset_test_share", "training_seed"]
    for name in names:
        type_into(qtbot, view, name, "-5")
        sentence = view.findChild(QLabel, f"{name}_problem")
        qtbot.waitUntil(lambda sentence=sentence: sentence.height() >= sentence.heightForWidth(sentence.width()))
    assert view.findChild(QLabel, "why_not").text().endswith("And 3 more.")


def test_the_panel_scrolls_to_what_is_wrong_with_the_words_just_typed(qtbot, view):
    view.resize(200, 420)
    view.activateWindow()
    line = view.findChild(QLineEdit, "training_seed")
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    type_into(qtbot, view, "training_seed", "-5")
    sentence = view.findChild(QLabel, "training_seed_problem")
    qtbot.waitUntil(lambda: sentence.visibleRegion().boundingRect().size() == sentence.size())


@pytest.mark.parametrize("length", ["epochs", "steps", "minutes"])
def test_only_the_chosen_length_is_seen_and_sent(qtbot, session, view, length):
    pick(qtbot, view, "training_length", length)
    seen = [
        name for name in ("epochs", "steps", "minutes") if view.findChild(QLineEdit, f"training_{name}").isVisible()
    ]
    assert seen == [length]
    press(qtbot, view, "start")
    given = {name for name in ("epochs", "steps", "minutes") if getattr(session.jobs[0], name) is not None}
    assert given == {length}


def test_what_is_out_of_range_is_said_and_stops_start(qtbot, session, view):
    type_into(qtbot, view, "family_latent_dim", "0")
    sentence = "Latent dim must be a whole number from 1 to 4096."
    assert view.findChild(QLabel, "family_latent_dim_problem").text() == sentence
    assert view.findChild(QLabel, "why_not").text() == sentence
    assert not view.start_action.isEnabled()
    assert view.start_action.toolTip() == sentence
    press(qtbot, view, "start")
    assert session.jobs == []
    type_into(qtbot, view, "family_latent_dim", "8")
    press(qtbot, view, "start")
    assert session.jobs[0].settings == {"latent_dim": 8}


def test_a_preset_fills_the_form_and_reset_goes_back_to_it(qtbot, session, view, known):
    vae = next(family for family in known.families if family.name == "vae")
    preset = next(preset for preset in vae.presets if preset.name == "conv-16")
    pick(qtbot, view, "family", "vae")
    pick(qtbot, view, "preset", "conv-16")
    line = view.findChild(QLineEdit, "family_latent_dim")
    assert line.text() == str(preset.values["latent_dim"])
    assert preset.summary in [label.text() for label in view.findChildren(QLabel)]
    type_into(qtbot, view, "family_latent_dim", "5")
    qtbot.mouseClick(view.findChild(QToolButton, "preset_reset"), Qt.MouseButton.LeftButton)
    assert view.findChild(QLineEdit, "family_latent_dim").text() == str(preset.values["latent_dim"])
    press(qtbot, view, "start")
    assert (session.jobs[0].preset, session.jobs[0].settings) == ("conv-16", {})


def test_a_family_that_cannot_be_used_is_grey_and_says_why(qtbot, view):
    combo = view.findChild(QComboBox, "family")
    place = combo.findData("broken")
    assert not combo.model().item(place).isEnabled()
    assert "no module named nothing" in combo.itemData(place, Qt.ItemDataRole.ToolTipRole)
    qtbot.keyClick(combo, Qt.Key.Key_Home)
    assert combo.currentData() != "broken"


def test_choices_are_remembered(qtbot, session, view):
    pick(qtbot, view, "family", "autoencoder")
    pick(qtbot, view, "preset", "deep")
    type_into(qtbot, view, "family_latent_dim", "12")
    pick(qtbot, view, "dataset", "mnist")
    pick(qtbot, view, "training_length", "epochs")
    type_into(qtbot, view, "training_epochs", "3")
    later = shown(qtbot, session)
    press(qtbot, later, "start")
    job = session.jobs[0]
    assert (job.family, job.preset, job.settings) == ("autoencoder", "deep", {"latent_dim": 12})
    assert (job.dataset, job.epochs) == ("mnist", 3)


@pytest.mark.parametrize("damage", ["", "no json", "[]", json.dumps({"family": 3}), json.dumps({"family": "gone"})])
def test_damaged_memory_is_forgotten(qtbot, session, damage):
    QSettings().setValue(REMEMBERED, damage)
    view = shown(qtbot, session)
    press(qtbot, view, "start")
    assert session.jobs[0].dataset == Job().dataset


def test_every_family_and_data_set_can_be_started(qtbot, session, view, known):
    able = [family.name for family in known.families if family.trains and not family.missing]
    for name in able:
        pick(qtbot, view, "family", name)
        press(qtbot, view, "start")
    assert [job.family for job in session.jobs] == able
    offered = view.findChild(QComboBox, "family")
    assert not {family.name for family in known.families if not family.trains} & {
        offered.itemData(place) for place in range(offered.count())
    }
    for dataset in known.datasets:
        pick(qtbot, view, "dataset", dataset.name)
        assert view.start_action.isEnabled()


def enabled(view):
    return tuple(action.isEnabled() for action in (view.start_action, view.pause_action, view.stop_action))


def test_actions_follow_the_phase(session, view):
    assert enabled(view) == (True, False, False)
    told(session, ev.Started("run", 0, run_info(2), 100))
    assert enabled(view) == (False, True, True)
    assert view.pause_action.text() == "Pause"
    told(session, ev.Paused("run", 5))
    assert enabled(view) == (False, True, True)
    assert view.pause_action.text() == "Go on"
    told(session, ev.Resumed("run", 5))
    assert view.pause_action.text() == "Pause"
    told(session, ev.Finished("run", 100, 12.0))
    assert enabled(view) == (True, False, False)


def test_buttons_are_their_actions(qtbot, session, view):
    told(session, ev.Started("run", 0, run_info(2), 100), ev.Paused("run", 1))
    button = view.findChild(QPushButton, "button_pause")
    assert (button.text(), button.isEnabled()) == ("Go on", True)
    assert button.accessibleName() == "Go on"


def test_shortcuts_are_those_of_the_house(view):
    keys = {action.objectName(): action.shortcut().toString() for action in view.actions()}
    assert keys == {
        "action_start": "Ctrl+Return",
        "action_pause": "Ctrl+P",
        "action_step": "Ctrl+Shift+P",
        "action_stop": "Ctrl+.",
        "action_resume": "Ctrl+Shift+Return",
    }


def test_progress_is_told_in_words(qtbot, session, view):
    told(session, ev.Started("run", 0, run_info(2), 4000))
    told(session, ev.Progress("run", 1234, 0.31, 2.6, 36.0, 80.0, 5321.4))

    def words(name):
        return view.findChild(QLabel, f"progress_{name}").text()

    qtbot.waitUntil(lambda: words("time") == "31%, 1 min 20 s left")
    assert words("speed") == "5,321 img/s"
    assert words("epoch") == "Epoch 2.6"
    assert words("step") == "Step 1,234 of 4,000"
    bar = view.findChild(QProgressBar, "training_progress")
    assert bar.value() / bar.maximum() == pytest.approx(0.31)


def test_an_unfinished_run_offers_to_go_on(qtbot, session, view):
    assert not view.findChild(QPushButton, "button_resume").isVisible()
    told(session, ev.Started("run", 0, run_info(2), 100), ev.Progress("run", 40, 0.4, 1, 1, 1, 1))
    assert not view.resume_action.isEnabled()
    told(session, ev.Cancelled("run", 40))
    assert view.findChild(QPushButton, "button_resume").isVisible()
    press(qtbot, view, "resume")
    assert session.resumed == ["/runs/run"]
    told(session, ev.Started("run", 40, run_info(2), 100), ev.Progress("run", 100, 1.0, 2, 2, 0, 1))
    told(session, ev.Finished("run", 100, 2.0))
    assert not view.resume_action.isEnabled()


def test_an_opened_run_is_resumed_only_if_it_did_not_end(session, view):
    told(session, ev.Started("run", 100, run_info(2), 100, live=False))
    assert not view.resume_action.isEnabled()
    told(session, ev.Started("run", 60, run_info(2), 100, live=False))
    assert view.resume_action.isEnabled()


def test_a_real_training_starts_pauses_goes_on_and_stops(qtbot, known):
    session = Session()
    told(session, known)
    view = shown(qtbot, session)
    pick(qtbot, view, "family", "vae")
    type_into(qtbot, view, "family_width", "16")
    pick(qtbot, view, "training_length", "minutes")
    type_into(qtbot, view, "training_minutes", "5")
    press(qtbot, view, "start")
    assert session.state.phase is Phase.TRAINING
    qtbot.waitUntil(lambda: session.state.step > 0, timeout=60_000)
    press(qtbot, view, "pause")
    qtbot.waitUntil(lambda: session.state.phase is Phase.PAUSED, timeout=20_000)
    press(qtbot, view, "pause")
    qtbot.waitUntil(lambda: session.state.phase is Phase.TRAINING, timeout=20_000)
    press(qtbot, view, "stop")
    qtbot.waitUntil(lambda: session.state.phase is Phase.IDLE, timeout=20_000)
    assert view.resume_action.isEnabled()
    assert session.close()


def test_a_part_of_the_data_is_chosen_for_each_data_set(qtbot, session, view):
    type_into(qtbot, view, "part_classes", "3, 7")
    type_into(qtbot, view, "part_limit", "500")
    press(qtbot, view, "start")
    assert (session.jobs[0].classes, session.jobs[0].limit) == ("3, 7", 500)
    pick(qtbot, view, "dataset", "mnist")
    press(qtbot, view, "start")
    assert (session.jobs[1].classes, session.jobs[1].limit) == ("", None)
    pick(qtbot, view, "dataset", "digits")
    press(qtbot, view, "start")
    assert session.jobs[2].limit == 500
    type_into(qtbot, view, "part_limit", "0")
    assert not view.start_action.isEnabled()


def look_told(session, view, *names):
    """A look at the chosen data finds these classes."""
    from dataclasses import replace

    from models.data_events import DataShown
    from models.portrait import ClassCount, Portrait

    classes = tuple(ClassCount(label, name, 4, 1) for label, name in enumerate(names)) or (ClassCount(-1, "", 4, 1),)
    seen = Portrait("tiny", "Tiny", (1, 8, 8), 4, 1, classes, 0, 255, 9.0, (), (), ())
    told(session, replace(DataShown("", 0, session.state.look.job), portrait=seen))


@pytest.fixture
def choosy(known):
    """The catalogue with a family that learns from labelled pictures only."""
    from dataclasses import replace

    needy = FamilyInfo("needy", "Needy", "Draws classes.", presets=known.families[1].presets, needs_labels=True)
    return replace(known, families=(*known.families, needy))


def test_a_model_that_needs_labels_is_grey_where_there_are_none(qtbot, session, choosy):
    told(session, choosy)
    view = shown(qtbot, session)
    combo = view.findChild(QComboBox, "family")
    item = combo.model().item(combo.findData("needy"))
    assert item.isEnabled()  # while nothing is known of the data
    look_told(session, view)
    assert not item.isEnabled()
    assert "no labels" in item.toolTip()
    look_told(session, view, "cat", "dog")
    assert item.isEnabled()
    assert item.toolTip() == "Draws classes."


def test_a_chosen_model_without_its_labels_says_so_and_other_data_set_it_free(qtbot, session, choosy):
    told(session, choosy)
    view = shown(qtbot, session)
    combo = view.findChild(QComboBox, "family")
    combo.setCurrentIndex(combo.findData("needy"))
    combo.activated.emit(combo.currentIndex())
    look_told(session, view)
    assert "learns from labelled pictures only" in view._why.text()
    assert not view.start_action.isEnabled()
    data = view.findChild(QComboBox, "dataset")
    other = next(place for place in range(data.count()) if data.itemData(place) == "toy2d")
    data.setCurrentIndex(other)
    data.activated.emit(other)
    assert view.start_action.isEnabled()
    assert session.state.look.job.dataset == "toy2d"
