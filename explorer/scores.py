"""The figures of judged runs side by side: which rows and columns there are, what they say, and which is best."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.words import figure, measured
from models.errors import printable
from models.evaluate.measures import MEASURES, judges, measure_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.state import SessionState

OTHERS = 6  # judged runs of the same data that stand beside the one on the stage
CHEAP = ("conditional_accuracy", "classes_covered", "class_kl")  # measured of a few samples while a training goes on
ARROWS = {"higher": "↑", "lower": "↓", "near one": "→ 1"}


@dataclass(frozen=True)
class Column:
    """One run: the figures that judge it, their spreads, how each was measured; `passing` ones are of a few samples."""

    title: str
    about: str
    figures: Mapping[str, float]
    spreads: Mapping[str, float] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    passing: Mapping[str, tuple[int, float]] = field(default_factory=dict)  # step and value, while nothing better is

    def words(self, name: str) -> str:
        """The figure with its error bar; one of the samples in training with a tilde."""
        if name in self.figures:
            return measured(self.figures[name], self.spreads.get(name))
        return f"~ {self.passing[name][1]:.3g}" if name in self.passing else ""

    def how(self, name: str) -> str:
        """How the figure was measured."""
        if name in self.figures:
            return protocol(self.judged.get(name, {}), name)
        return f"Of the samples at step {self.passing[name][0]:,} only." if name in self.passing else ""


def columns(state: SessionState) -> list[Column]:
    """The run on the stage, and other judged runs of the same data, newest first."""
    if state.run is None:
        return []
    here = next((run for run in state.runs if run.folder == state.run.folder), None)
    told = state.figures
    figures = {} if told is None else {name: value for name, value in told.values.items() if judges(name)}
    passing = {}
    for name in CHEAP:
        curve = state.curves.get(("test", name))
        if curve is not None and len(curve.steps) and name not in figures:
            passing[name] = (int(curve.steps[-1]), float(curve.values[-1]))
    spreads, judged = ({}, {}) if told is None else (told.spreads, told.judged)
    first = Column("This run", _about(judged), figures, spreads, judged, passing)
    others = [
        Column(printable(run.title), _about(run.judged), run.figures, run.spreads, run.judged)
        for run in state.runs
        if here is not None and run is not here and run.judged and run.data_hash == here.data_hash
    ]
    return [first, *others[:OTHERS]]


def rows(columns: list[Column]) -> list[str]:
    """The names of all figures that any of the runs has, in the order of their declaration."""
    known = {name for column in columns for name in (*column.figures, *column.passing) if judges(name)}
    places = {measure.name: place for place, measure in enumerate(MEASURES)}

    def place(name: str) -> tuple[int, str]:
        measure = measure_of(name)
        return (places[measure.name] if measure is not None else len(places), name)

    return sorted(known, key=place) if columns and (columns[0].figures or columns[0].passing) else []


def best(name: str, columns: list[Column]) -> Column | None:
    """The run with the best figure, of several that were measured alike; None where error bars leave it open."""
    measure = measure_of(name)
    rivals = [column for column in columns if name in column.figures]
    alike = len({protocol(column.judged.get(name, {}), name) for column in rivals}) == 1
    if measure is None or len(rivals) < 2 or not alike:
        return None
    first, second, *_ = sorted(rivals, key=lambda column: measure.distance(column.figures[name]))
    apart = measure.distance(second.figures[name]) - measure.distance(first.figures[name])
    return first if apart > max(first.spreads.get(name, 0.0), second.spreads.get(name, 0.0)) else None


def is_judged(state: SessionState) -> bool:
    """Whether the run on the stage has figures that judge it."""
    return state.figures is not None and any(judges(name) for name in state.figures.values)


def title(name: str) -> str:
    """The figure as a row begins with it: its name, and an arrow to the better side."""
    measure = measure_of(name)
    if measure is None:
        return figure(name)
    k = name.removeprefix(f"{measure.name}_k")
    return f"{measure.title}{f' (k = {k})' if k != name else ''}  {ARROWS[measure.better]}"


def told(name: str) -> str:
    """What the figure means."""
    measure = measure_of(name)
    return "" if measure is None else measure.told


def protocol(how: Mapping[str, Any], name: str) -> str:
    """How a figure was measured: how often, and on how many pictures."""
    if not how:
        return ""
    seeds = how.get("seeds", 1)
    times = f"{seeds} times" if seeds != 1 else "once, so without an error bar"
    if not name.startswith("nll"):
        return f"Measured {times}, of {how.get('samples', 0):,} drawn pictures each; ± is the standard deviation."
    count = how.get("likelihood_pictures") or 0
    of = f"the first {count:,} test pictures" if count else "all test pictures"
    tossed = ", their pixels tossed to black or white" if how.get("binarise") else ""
    return f"Measured {times}, of {of}{tossed}; ± is the standard deviation."


def _about(judged: Mapping[str, Mapping[str, Any]]) -> str:
    """How a run was judged, in one line."""
    hows = {(how.get("seeds", 1), how.get("samples", 0)) for name, how in judged.items() if not name.startswith("nll")}
    return ", ".join(f"{seeds} x {samples:,} drawn pictures" for seeds, samples in sorted(hows))
