"""The state moves on by pure steps, one kind of event at a time."""

from dataclasses import fields, replace

import numpy as np
import pytest
from stage import embedded, pictures, run_info

from explorer.curve_math import CURVE_LIMIT, Curve
from explorer.pins import Pin
from explorer.reducing import reduce
from explorer.state import Lattice, Phase, SessionState, noticed
from models import events as ev
from models.chart_events import Laid, Laying
from models.comparing_events import Compared, Pairing
from models.copy_events import Comparing, Copied, CopiesUnknown
from models.data_events import DataShown, Looking
from models.field_events import PlaneShown
from models.job import Job
from models.judging_events import Diagnosed, Judged, Judging, JudgingEnded
from models.layer_events import Surveyed
from models.own_events import Found, OwnPicture
from models.path_events import Shortened, ShorteningEnded
from models.reading_events import Checked, Effects, Leaked, Made, PointsRead, Reading, ReadingEnded
from models.recipe_events import Recalled, Scripted, Sought


def started(live=True, **changes):
    return reduce(SessionState(), ev.Started("run", 3, run_info(4), 100, live=live))


def changed(before, after):
    return {f.name for f in fields(before) if getattr(before, f.name) is not getattr(after, f.name)}


def losses(step, value=1.0, split="train"):
    return ev.Losses("run", step, split, np.array([step]), {"loss": np.array([value], np.float32)})


EVENTS = {
    ev.HeldOut: (ev.HeldOut("run", 4, pictures(2), np.zeros(2, np.int64)), {"data"}),
    ev.Working: (ev.Working("", 0, "Reading"), {"working"}),
    ev.Progress: (ev.Progress("run", 5, 0.5, 1.0, 2.0, 2.0, 100.0), {"progress", "step"}),
    ev.Losses: (losses(5), {"curves"}),
    ev.Embedded: (embedded(4), {"embedding", "home", "code"}),
    ev.Sampled: (ev.Sampled("run", 5, pictures(2)), {"samples"}),
    ev.Reconstructed: (ev.Reconstructed("run", 5, pictures(2), pictures(2)), {"reconstructions"}),
    PlaneShown: (PlaneShown("run", 5, np.zeros((2, 2), np.float32), np.zeros((3, 2), np.float32)), {"plane"}),
    ev.Weights: (ev.Weights("run", 5, run_info(4), {}), {"weights", "step"}),
    ev.Figures: (ev.Figures("run", 5, {"recon": 1.0}), {"figures"}),
    ev.Saved: (ev.Saved("run", 5, "/runs/run/snapshots/5"), set()),
    ev.Paused: (ev.Paused("run", 5), {"phase"}),
    ev.Resumed: (ev.Resumed("run", 5), set()),
    ev.Finished: (ev.Finished("run", 5, 2.0), {"phase", "live", "notice"}),
    ev.Cancelled: (ev.Cancelled("run", 5), {"phase", "live", "notice"}),
    ev.Failed: (ev.Failed("run", 5, "Broken.", "trace"), {"phase", "live", "notice"}),
    ev.Noticed: (ev.Noticed("run", 5, "Mind this.", "warning"), {"notice"}),
    ev.Exported: (ev.Exported("run", 5, "/tmp/grid.png"), {"notice"}),
    Judged: (Judged("run", 5, np.zeros(2, np.int64), np.ones(1, np.float32)), {"judged"}),
    Diagnosed: (Diagnosed("run", 5, "mode collapse", "The same again and again."), {"illnesses"}),
    Judging: (Judging("", 0, "Drawing pictures", folder="/runs/another"), {"judging"}),
    JudgingEnded: (JudgingEnded("", 0), set()),
    Found: (Found("run", 5, OwnPicture()), set()),  # of a picture that nobody asks for any more
    Looking: (Looking("", 0, "Reading"), {"look"}),
    DataShown: (DataShown("", 0, Job()), set()),
    ev.Listed: (ev.Listed("", 0, ()), set()),
    ev.Deleted: (ev.Deleted("", 0, "/runs/another"), {"notice"}),
    ev.Catalogued: (ev.Catalogued("", 0, (), (), ("auto", "cpu"), "A processor"), {"catalog"}),
    ev.Rendered: (
        ev.Rendered("run", 5, "probe", 1, np.zeros((1, 4), np.float32), pictures(1), 0.001),
        {"picture"},
    ),
}
NONE = np.zeros(0, np.float32)
CODES = np.zeros((2, 4), np.float32)
DESK = {
    Laying: (Laying("run", 5, "umap", {}, "Laying out"), set()),  # of a layout that nobody awaits
    Laid: (Laid("run", 5, "umap", {}), set()),
    Compared: (Compared("run", 5, "/runs/another"), set()),  # which nobody asked for
    Pairing: (Pairing("run", 5, "/runs/another", 0.5), set()),
    Comparing: (Comparing("run", 5, "Reading"), {"copying"}),
    Copied: (Copied("run", 5, "probe", pictures(1), pictures(1), *[NONE] * 6), {"copying"}),
    CopiesUnknown: (CopiesUnknown("run", 5, "There are no data."), {"copying"}),
    Surveyed: (Surveyed("run", 5, None, NONE), {"survey"}),
    Shortened: (Shortened("run", 5, (CODES[0], CODES[1]), CODES, 1.0, 1.0), set()),
    ShorteningEnded: (ShorteningEnded("run", 5, "It cannot be drawn."), set()),
    Checked: (Checked("run", 5, (), ()), {"seen"}),
    Effects: (Effects("run", 5, NONE), {"seen"}),
    Leaked: (Leaked("run", 5, None, {}), {"seen"}),
    Made: (Made("run", 5, ()), {"seen"}),
    PointsRead: (PointsRead("run", 5, (), np.zeros((2, 0), np.float32)), {"seen"}),
    Reading: (Reading("run", 5, "Reading"), {"seen"}),
    ReadingEnded: (ReadingEnded("run", 5), {"seen"}),
    Recalled: (Recalled("run", 5), {"recalled"}),
    Scripted: (Scripted("", 0, "print()"), {"scripted"}),
    Sought: (Sought("", 0, "/pictures/a.png"), {"sought"}),
}
EVENTS |= DESK


def test_every_event_has_its_case_here():
    assert set(EVENTS) | {ev.Started} == {*ev.Event.__subclasses__(), *ev.Working.__subclasses__()}


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_an_event_changes_its_own_fields_only(kind):
    event, names = EVENTS[kind]
    before = started()
    kept = replace(before)
    after = reduce(before, event)
    assert changed(before, after) == names
    assert before == kept  # nothing was written into the old state


def test_a_run_that_starts_clears_the_stage_and_keeps_the_program():
    state = reduce(started(), EVENTS[ev.Catalogued][0])
    state = noticed(reduce(state, embedded(4)), "Shown without its pictures.")
    state = reduce(state, ev.Started("other", 0, run_info(4, run="other"), None))
    assert state.run.id == "other"
    assert state.embedding is None
    assert state.code is None
    assert state.catalog is not None
    assert state.notice is None
    assert state.phase is Phase.TRAINING
    assert started(live=False).phase is Phase.IDLE


@pytest.mark.parametrize("kind", [kind for kind in EVENTS if kind not in (ev.Noticed, ev.Failed, ev.Exported)])
def test_events_of_another_run_change_nothing(kind):
    event = replace(EVENTS[kind][0], run="another")
    before = started()
    assert changed(before, reduce(before, event)) == set()


def test_selected_and_pinned_points_take_their_codes_along():
    state = reduce(started(), embedded(4))
    state = replace(state, selection=7, pins=(Pin(state.embedding.codes[2], 2), Pin(np.ones(4, np.float32))))
    moved = reduce(state, embedded(4, shift=2.0))
    assert moved.code.tolist() == moved.embedding.codes[7].tolist()
    assert moved.pins[0].code.tolist() == moved.embedding.codes[2].tolist()
    assert moved.pins[1].code.tolist() == [1, 1, 1, 1]


def test_points_that_the_new_map_does_not_have_are_let_go():
    state = reduce(started(), embedded(4))
    state = replace(state, selection=39, pins=(Pin(state.embedding.codes[39], 39), None))
    fewer = reduce(state, embedded(4, points=10))
    assert fewer.selection is None
    assert fewer.pins[0].index is None
    assert fewer.pins[0].code.tolist() == state.pins[0].code.tolist()
    assert fewer.code is state.code


def test_losses_lengthen_a_curve_and_long_ones_are_thinned():
    state = reduce(reduce(started(), losses(1, 1.0)), losses(2, 3.0))
    state = reduce(state, losses(2, 9.0, split="test"))
    assert state.curves["train", "loss"].values.tolist() == [1.0, 3.0]
    assert state.curves["test", "loss"].values.tolist() == [9.0]
    steps = np.arange(2 * CURVE_LIMIT + 1)
    long = Curve(steps, steps.astype(np.float32)).extended(steps[:0], np.empty(0, np.float32))
    assert len(long.steps) <= CURVE_LIMIT
    assert long.values[0] == pytest.approx(np.mean([0, 1, 2, 3][: len(steps) // len(long.steps)]))


def test_only_the_newest_lattice_is_filled():
    lattice = Lattice((0, 0, 1, 1), 1, 1, generation=4)
    state = replace(started(), lattice=lattice)

    def answer(generation):
        return ev.Rendered("run", 5, "lattice", generation, np.zeros((1, 4), np.float32), pictures(1), 0.001)

    assert reduce(state, answer(3)).lattice is lattice
    assert reduce(state, answer(4)).lattice.pictures is not None
    assert reduce(started(), answer(4)).lattice is None


@pytest.mark.parametrize(("key", "field"), [("pins", "pin_pictures"), ("export", "drawing")])
def test_answers_go_to_the_field_of_their_key(key, field):
    answer = ev.Rendered("run", 5, key, 1, np.zeros((1, 4), np.float32), pictures(1), 0.001)
    assert getattr(reduce(started(), answer), field) is answer


def test_work_beside_the_training_does_not_end_it():
    training = started()
    assert reduce(training, ev.Cancelled("", 0)).phase is Phase.TRAINING
    assert reduce(training, ev.Failed("tasks", 0, "The disk is full.")).phase is Phase.TRAINING
    assert reduce(training, ev.Failed("train", 0, "Out of memory.")).phase is Phase.IDLE


def test_opening_that_fails_leaves_the_window_ready():
    opening = SessionState(phase=Phase.OPENING)
    assert reduce(opening, ev.Failed("train", 0, "This is no run.")).phase is Phase.IDLE
    assert reduce(opening, ev.Cancelled("", 0)).phase is Phase.IDLE


def test_a_run_that_was_still_opening_does_not_end_the_wait_of_a_training():
    waiting = SessionState(phase=Phase.TRAINING)
    assert reduce(waiting, ev.Started("run", 3, run_info(4), 100, live=False)).phase is Phase.TRAINING


def test_a_file_of_a_run_that_left_the_stage_is_told_all_the_same():
    assert "/tmp/grid.png" in reduce(started(), replace(EVENTS[ev.Exported][0], run="another")).notice.message


def test_equal_lines_are_told_apart_by_their_serial():
    once = reduce(started(), ev.Noticed("run", 0, "Again."))
    twice = reduce(once, ev.Noticed("run", 0, "Again."))
    assert (once.notice.serial, twice.notice.serial) == (1, 2)


def test_a_shown_run_that_is_deleted_leaves_the_stage():
    before = reduce(started(live=False), ev.Listed("", 0, ()))
    after = reduce(replace(before, selection=2, locked=frozenset({1})), ev.Deleted("", 0, before.run.folder))
    assert "was shown" in after.notice.message
    fresh = SessionState(runs=before.runs, phase=Phase.IDLE, notice=after.notice)
    assert {name for name in changed(after, fresh) if repr(getattr(after, name)) != repr(getattr(fresh, name))} == set()
    late = reduce(after, ev.HeldOut("run", 4, pictures(2), np.zeros(2, np.int64)))
    assert late is after


def test_the_pace_of_training_outlasts_its_run():
    state = replace(started(), pace=5.0)
    assert reduce(state, ev.Started("other", 0, run_info(4, run="other"), None)).pace == 5.0
    assert reduce(state, ev.Deleted("", 0, "/runs/run")).pace == 5.0
