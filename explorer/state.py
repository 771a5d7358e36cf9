"""Everything the window knows, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING

from explorer.asking import Asking
from explorer.charts import Chart
from explorer.comparing import Comparison
from explorer.copying import Copying
from explorer.groups import NOTHING
from explorer.history import History
from explorer.layers import Surveying
from explorer.looks import Look
from explorer.own import Own, Sketch
from explorer.seen import Seen
from explorer.timeline import Board, Shortest, Timeline
from explorer.traversing import Traversal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from explorer.asked import Label
    from explorer.charts import Place
    from explorer.curve_math import Curve
    from explorer.groups import Group, Indices
    from explorer.mixing import Mixture
    from explorer.pins import Pin
    from models import events as ev
    from models import latent
    from models.arithmetic import Term
    from models.chart_events import Laying
    from models.directions import Direction
    from models.field_events import PlaneShown
    from models.judging_events import Diagnosed, Judged, Judging
    from models.listings import RunSummary
    from models.params import Value
    from models.recipe_events import Recalled, Scripted, Sought


class Phase(Enum):
    """What the training lane is doing."""

    IDLE = "idle"
    OPENING = "opening"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"

    @property
    def busy(self) -> bool:
        """Whether a training holds the lane."""
        return self in (Phase.TRAINING, Phase.PAUSED, Phase.STOPPING)


class Visibility(Enum):
    """How the map shows a class."""

    SHOWN = "shown"
    DIMMED = "dimmed"
    HIDDEN = "hidden"


@dataclass(frozen=True)
class Notice:
    """One line for the person; `level` is "info", "done", "warning" or "error"; `serial` tells repeats apart.

    `lane` names the work that failed, if it was one: what went wrong there is past when the next work begins in it.
    """

    message: str
    level: str = "info"
    details: str = ""
    serial: int = 0
    lane: str = ""


@dataclass(frozen=True)
class Lattice:
    """A rectangle of the map whose decoded pictures lie behind the points; bounds are x0, y0, x1, y1."""

    bounds: tuple[float, float, float, float]
    columns: int
    rows: int
    generation: int = -1
    pictures: ev.Pictures | None = None  # row by row from the top left


@dataclass(frozen=True)
class SessionState:
    """The whole of what the panels draw; a field that changes becomes a signal of the session."""

    catalog: ev.Catalogued | None = None
    phase: Phase = Phase.OPENING
    run: ev.RunInfo | None = None
    live: bool = False
    step: int = 0
    total_steps: int | None = None
    pace: float | None = None  # steps a second that a training may make to be watched; None for all it can
    data: ev.HeldOut | None = None
    progress: ev.Progress | None = None
    working: ev.Working | None = None
    curves: Mapping[tuple[str, str], Curve] = field(default_factory=dict)  # by split and name
    home: ev.Embedded | None = None  # the points as the run itself lays them
    chart: Chart = field(default_factory=Chart)  # by what the map shows them
    laying: Laying | None = None  # how far the work on such a map is
    embedding: ev.Embedded | None = None  # the points as the map shows them
    samples: ev.Sampled | None = None
    reconstructions: ev.Reconstructed | None = None
    plane: PlaneShown | None = None  # of a model of points
    weights: ev.Weights | None = None
    figures: ev.Figures | None = None
    judged: Judged | None = None  # what is recognised in the samples
    judging: Judging | None = None  # of this run or another, while it goes on
    illnesses: tuple[Diagnosed, ...] = ()  # that the training had, in their order
    selection: int | None = None  # index of the selected held-out point
    neighbours: latent.Nearest | None = None  # of the selected point
    explored: bool = False  # whether a person has moved the code of this run
    code: NDArray[np.float32] | None = None  # [latent_dim], what the probe shows
    place: Place | None = None  # of the map, where a code was found that the probe shows
    label: Label = None  # the class that the code is drawn as, or shares [classes]
    knobs: Mapping[str, Value] = field(default_factory=dict)  # of the drawing, those that were turned
    locked: frozenset[int] = frozenset()
    pins: tuple[Pin | None, ...] = (None, None)  # A, B and further ones; a slot without one is None
    morph: float | None = None  # 0 at pin A, 1 at pin B, None off the way between them
    spherical: bool = False  # whether that way is an arc around the origin
    timeline: Timeline = field(default_factory=Timeline)  # the pins as key frames of a longer morph
    playhead: float | None = None  # seconds that are gone of it, None off its way
    film: ev.Rendered | None = None  # pictures along it
    shortest: Shortest = field(default_factory=Shortest)  # ways between key frames
    board: Board = field(default_factory=Board)  # blended from four pins
    board_pictures: ev.Rendered | None = None  # row by row
    pointed: NDArray[np.float32] | None = None  # [latent_dim], the code of the picture that is pointed at somewhere
    way: str = ""  # what the map draws: the way of the "morph", the outline of the "board", else the way from A to B
    picture: ev.Rendered | None = None  # of `code`
    pin_pictures: ev.Rendered | None = None  # of the pins that are set, A first
    lattice: Lattice | None = None
    layer: str = ""  # that lies behind the points of the map, for every run that has it; empty for none
    survey: Surveying = field(default_factory=Surveying)  # of that layer
    turned: ev.Rendered | None = None  # the samples with the knobs as they are turned
    sheet: ev.Rendered | None = None  # the codes of the first samples in the class of the probe
    class_row: ev.Rendered | None = None  # the probe's code in each class
    mixture: Mixture | None = None  # of styles, by layer
    mixed: ev.Rendered | None = None  # its pictures, columns first, then row by row
    watching: bool = False  # whether the probe's picture is drawn to be watched as it comes
    steps: ev.Rendered | None = None  # how far it has come
    drawing: ev.Rendered | None = None  # what an export would write, as one picture
    classes: Mapping[int, Visibility] = field(default_factory=dict)  # absent means shown
    gathered: Indices = field(default_factory=lambda: NOTHING)  # points, by a lasso or otherwise
    others: Visibility = Visibility.DIMMED  # how those show that are not gathered, while any are
    groups: tuple[Group, ...] = ()  # of points, kept under a name
    group_picture: ev.Rendered | None = None  # of the mean code of the gathered points
    bench: tuple[Term, ...] = ()  # of the sum that is laid out
    bench_pictures: ev.Rendered | None = None  # of its terms that have a code, and last of their sum
    directions: tuple[Direction, ...] = ()
    strips: ev.Rendered | None = None  # pictures along each of them, one after the other
    traversal: Traversal = field(default_factory=Traversal)
    walked: ev.Rendered | None = None  # its page, row by row
    seen: Seen = field(default_factory=Seen)  # in pictures, by readers of the data
    factor: str = ""  # the name of the one that colours the map, for every run that has it; empty for the class
    own: Own = field(default_factory=Own)  # the picture that a person brought to the model
    sketch: Sketch | None = None  # what a person draws for it
    asking: Asking = field(default_factory=Asking)  # how the classes are looked at
    written: ev.Rendered | None = None  # its text, in pictures of classes
    copying: Copying = field(default_factory=Copying)  # of training pictures, by the model
    look: Look = field(default_factory=Look)  # at the data that the form chooses
    runs: tuple[RunSummary, ...] = ()
    comparison: Comparison = field(default_factory=Comparison)  # with another model
    twin_picture: ev.Rendered | None = None  # by that model
    history: History = field(default_factory=History)  # of what a person did with this run
    sought: Sought | None = None  # what was found in the file with a recipe that was opened last
    recalled: Recalled | None = None  # of the desk, once the run on the stage is ready for it
    scripted: Scripted | None = None  # what was chosen, as a script
    notice: Notice | None = None


def noticed(state: SessionState, message: str, level: str = "info", details: str = "", lane: str = "") -> SessionState:
    """The state with a new line for the person."""
    return replace(state, notice=Notice(message, level, details, state.notice.serial + 1 if state.notice else 1, lane))
