"""What a person takes away from a run: sample grids, reconstructions, the map, the codes, the curves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models import copy_sheet, desk_sheets, sheets, written
from models.bundles import not_one_file, write_bundle
from models.charted import ChartedOptions, charted
from models.coloring import Coloring, by_factor
from models.errors import UserError
from models.events import Exported, HeldOut, Working
from models.grids import PICTURE_SUFFIXES, known_suffix, picture_file, sheet
from models.layer_export import laid
from models.morphs import BoardOptions, MorphOptions, board, morph
from models.onnx_export import OnnxOptions, onnx_files
from models.params import Params, param
from models.projector import ProjectorOptions, projector_files
from models.recipe import recipe_of
from models.recipe_files import write_with_recipe
from models.scene import Scene
from models.selections import SUFFIXES as SELECTED
from models.selections import SelectionOptions, selection
from models.sheets import SheetOptions
from models.subject import Subject, needed
from models.video import FILM_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from pathlib import Path

    from models.bundles import Bundle
    from models.events import Event
    from models.job import Control

    File = Generator[Event, None, bytes]
    Make = Callable[[Subject, Any, str, Control], File]

__all__ = ["KINDS", "Kind", "SheetOptions", "Subject", "export", "sheet_kind"]

CLASS = "class"


class PairOptions(SheetOptions):
    """A sheet of pairs, one above the other."""

    rows: int = param(4, "Rows of originals, each above the row of its reconstructions.", low=1, high=200)


class FigureOptions(Params):
    """A drawn figure."""

    width: int = param(1600, "Width of the figure.", low=200, high=8000, unit="pixels")
    height: int = param(1200, "Height of the figure.", low=200, high=8000, unit="pixels")
    dark: bool = param(False, "Light lines on a dark ground instead of dark ones on white.")


class MapOptions(FigureOptions, ChartedOptions):
    """The map as a figure."""

    size: float = param(10.0, "Area of a point.", low=0.1, high=200.0)
    colour_by: str = param(CLASS, "What the colours tell: class, or the name of a known factor, as smile of faces.")
    legend: bool = param(True, "Say which colour is what.")
    layer: Literal["none", "density", "prior", "honesty", "stretch", "classes"] = param(
        "none",
        "What lies behind the points: how dense the data or the prior are, how far a round trip from code to picture "
        "and back leads, how much the decoder stretches the map, or which class is recognised.",
    )
    cells: int | None = param(
        None, "Cells of that layer along each side; without it as many as soon come.", low=4, high=512, advanced=True
    )


class CurveOptions(FigureOptions):
    """The curves as a figure."""

    logarithmic: bool = param(False, "Logarithmic losses; only for those that are above zero.")


class CodeOptions(ChartedOptions):
    """The codes as a table."""

    factors: bool = param(False, "With a column for each known factor of the pictures, for which the data are read.")


def export(kind: str, subject: Subject, out: Path, options: Mapping[str, Any], control: Control) -> Iterator[Event]:
    """Make one of `KINDS` of a run and write it to `out` as its suffix says, with its recipe; ends with `Exported`.

    Raises UserError for an unknown kind, option or suffix, a place that cannot be written, and what a run lacks;
    Stopped when `control` says so.
    """
    if kind not in KINDS:
        raise UserError(f"There is no export called {kind!r}.", mend=f"There are: {', '.join(KINDS)}.")
    chosen = KINDS[kind]
    wanted = chosen.options.read(dict(options), of=kind)
    suffix = known_suffix(out, chosen.suffixes) if chosen.suffixes else ""
    if chosen.bundle is not None:
        write_bundle(out, chosen.suffixes, (yield from chosen.bundle(subject, wanted, control)))
        yield Exported(subject.info.id, subject.step, str(out))
        return
    if chosen.prepare is not None:
        subject = yield from chosen.prepare(subject, wanted, control)
    scene = None if chosen.scene is None else chosen.scene(subject, wanted)
    if scene is None:
        file = yield from chosen.make(subject, wanted, suffix, control)
    else:
        file = yield from drawn(scene, subject, suffix, control)
    write_with_recipe(out, file, recipe_of(subject, kind, wanted.model_dump(), scene))
    yield Exported(subject.info.id, subject.step, str(out))


def drawn(scene: Scene, subject: Subject, suffix: str, control: Control) -> File:
    """The content of a file with the sheet of a scene."""
    pictures = yield from scene.drawn(subject, control)
    return picture_file(scene.page(pictures), suffix)


def _reconstructions(subject: Subject, options: PairOptions, suffix: str, control: Control) -> File:
    """Rows of held-out pictures, each above the row of what the model makes of them."""
    if "encode" not in subject.info.capabilities:
        what = "This model has no way from pictures to codes, so there is nothing to reconstruct."
        raise UserError(what, mend="Export samples instead.")
    originals = needed(subject.originals, "held-out pictures")[: options.rows * options.columns]
    made = subject.reconstructions
    if made is None:
        labels = None if subject.labels is None or (subject.labels < 0).any() else subject.labels[: len(originals)]
        made = yield from Scene(needed(subject.codes, "codes")[: len(originals)], labels).drawn(subject, control)
    columns = min(options.columns, len(originals))
    starts = range(0, len(originals) - columns + 1, columns)
    rows = [side[start : start + columns] for start in starts for side in (originals, made)]
    return picture_file(sheet(np.concatenate(rows), columns, options.spacing, options.scale), suffix)


def _map(subject: Subject, options: MapOptions, suffix: str, control: Control) -> File:
    """The points in the colours of their classes, or of a factor that is known of them."""
    yield Working(subject.info.id, subject.step, "Drawing the map")
    from models import figures

    points, title = needed(subject.points, "map"), ""
    labels = np.full(len(points), -1) if subject.labels is None else subject.labels
    coloring = Coloring(labels, subject.info.class_names)
    if options.colour_by != CLASS:
        subject, title = (yield from _with_factors(subject, control)), options.colour_by
        coloring = _by_factor(subject, title)
    paper = figures.Paper(options.width, options.height, options.dark)
    behind = None if options.layer == "none" else (yield from laid(subject, options.layer, options.cells, control))
    figure = figures.scatter(paper, points, coloring, options.size, title, options.legend, behind)
    return figures.rendered(figure, suffix)


def _by_factor(subject: Subject, name: str) -> Coloring:
    """The colours of the points by the factor `name`. Raises UserError when their pictures have none such."""
    for place, factor in enumerate(subject.factors):
        if factor.name == name and subject.values is not None:
            return by_factor(factor, subject.values[:, place])
    known = ", ".join((CLASS, *(factor.name for factor in subject.factors)))
    raise UserError(f"These pictures have no factor {name!r} to colour them by.", mend=f"There are: {known}.")


def _with_factors(subject: Subject, control: Control) -> Generator[Event, None, Subject]:
    """The subject with the factors of its points, read from its data where they are not known yet."""
    if subject.values is not None:
        return subject
    from models.replay import replay

    count = len(needed(subject.points, "map"))
    for event in replay(subject.info.folder, control):
        if isinstance(event, HeldOut) and event.values is not None and len(event.values) == count:
            return replace(subject, factors=event.factors, values=event.values)
        if isinstance(event, Working):
            yield event
    return subject


def _curves(subject: Subject, options: CurveOptions, suffix: str, control: Control) -> File:
    """Every loss by name, in training and held out."""
    yield Working(subject.info.id, subject.step, "Drawing the curves")
    from models import figures

    if not subject.curves:
        raise UserError("This run has no losses yet.", mend="Let it train for some steps first.")
    paper = figures.Paper(options.width, options.height, options.dark)
    return figures.rendered(figures.curves(paper, subject.curves, options.logarithmic), suffix)


def _codes(subject: Subject, options: CodeOptions, suffix: str, control: Control) -> File:
    """A row for each point of the map: its index, label, class, known factors, place on the map, and code."""
    yield Working(subject.info.id, subject.step, "Writing the codes")
    from models import tables

    codes, points = needed(subject.codes, "codes"), needed(subject.points, "map")
    labels = np.full(len(codes), -1) if subject.labels is None else subject.labels
    table = tables.Table(codes, points, labels, subject.info.class_names)
    if options.factors:
        subject = yield from _with_factors(subject, control)
        table = replace(table, factors=subject.factors, values=subject.values)
    return tables.WRITERS[suffix](table)


@dataclass(frozen=True)
class Kind:
    """One thing to export: the files it can become, or none for a folder, what can be set, and how it is made."""

    title: str
    summary: str
    suffixes: tuple[str, ...]
    options: type[Params]
    make: Make
    scene: Callable[[Subject, Any], Scene] | None = None  # of a sheet of pictures of codes
    prepare: Callable[[Subject, Any, Control], Generator[Event, None, Subject]] | None = None  # for its scene
    bundle: Bundle | None = None  # of several files, which are no pictures


def _kind(
    title: str, make: Callable[[Subject, Any, str, Control], File], options: type[Params], *suffixes: str
) -> Kind:
    return Kind(title, make.__doc__ or "", suffixes or PICTURE_SUFFIXES, options, make)


def sheet_kind(title: str, scene: Callable[[Subject, Any], Scene], options: type[Params]) -> Kind:
    """A sheet of pictures of codes, which a recipe can hold whole and a script can draw."""

    def make(subject: Subject, wanted: Any, suffix: str, control: Control) -> File:
        return drawn(scene(subject, wanted), subject, suffix, control)

    return Kind(title, scene.__doc__ or "", PICTURE_SUFFIXES, options, make, scene)


def _arithmetic_kind() -> Kind:
    """A sum, for which the factors of the points may have to be read first."""

    def make(subject: Subject, wanted: Any, suffix: str, control: Control) -> File:
        subject = yield from desk_sheets.with_factors(subject, wanted, control)
        return (yield from drawn(desk_sheets.arithmetic(subject, wanted), subject, suffix, control))

    sheet_of = sheet_kind("Sum of codes", desk_sheets.arithmetic, desk_sheets.ArithmeticOptions)
    return replace(sheet_of, make=make, prepare=desk_sheets.with_factors)


def _bundle_kind(title: str, bundle: Bundle, options: type[Params], *suffixes: str) -> Kind:
    return Kind(title, bundle.__doc__ or "", suffixes, options, not_one_file, bundle=bundle)


def _charted(kind: Kind) -> Kind:
    """The same of the map as its options want it laid."""

    def make(subject: Subject, wanted: Any, suffix: str, control: Control) -> File:
        subject = yield from charted(subject, wanted, control)
        return (yield from kind.make(subject, wanted, suffix, control))

    return replace(kind, make=make, prepare=None if kind.scene is None else charted)


KINDS: Mapping[str, Kind] = {
    "grid": _charted(sheet_kind("Grid over the map", sheets.grid, sheets.GridOptions)),
    "samples": sheet_kind("Samples", sheets.samples, sheets.SampleOptions),
    "probe": sheet_kind("Picture of the probe", sheets.probe, sheets.ProbeOptions),
    "written": sheet_kind("A text in pictures of classes", written.written, written.WrittenOptions),
    "morph": _kind("Morph", morph, MorphOptions, *FILM_SUFFIXES, *PICTURE_SUFFIXES),
    "board": sheet_kind("Board", board, BoardOptions),
    "mixing": sheet_kind("Mixed styles", sheets.mixing, sheets.MixingOptions),
    "arithmetic": _arithmetic_kind(),
    "traversal": sheet_kind("Traversals", desk_sheets.traversal, desk_sheets.TraversalOptions),
    "reconstructions": _kind("Reconstructions", _reconstructions, PairOptions),
    "copies": _kind("Nearest training pictures", copy_sheet.copies, copy_sheet.CopyOptions),
    "map": _charted(_kind("Map", _map, MapOptions)),
    "selection": _kind("Selected points", selection, SelectionOptions, *SELECTED),
    "codes": _charted(_kind("Codes", _codes, CodeOptions, ".csv", ".npz", ".parquet")),
    "curves": _kind("Curves", _curves, CurveOptions),
    "onnx": _bundle_kind("Model as ONNX", onnx_files, OnnxOptions, ".onnx"),
    "projector": _bundle_kind("Codes for TensorBoard's projector", projector_files, ProjectorOptions),
}
