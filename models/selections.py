"""Some points of the map to take away: their pictures as a sheet or one by one, or what is known of them as a table."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from models.errors import Stopped, UserError
from models.events import HeldOut, Working
from models.grids import PICTURE_SUFFIXES, picture_file, sheet
from models.indices import indices_of
from models.params import Params, param
from models.subject import Subject, needed
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from models.events import Event
    from models.indices import Indices
    from models.job import Control

    File = Generator[Event, None, bytes]

SUFFIXES = (*PICTURE_SUFFIXES, ".zip", ".csv", ".npz", ".parquet")
MOST_PIXELS = 100_000_000  # of a sheet
TOLD_EVERY = 250  # pictures


class SelectionOptions(Params):
    """Which points; those that are all of what is said."""

    indices: str = param("", "Numbers of held-out pictures and ranges of them, as 3,17,40-60.")
    classes: str = param("", "Names of classes by commas, as 3,8 or cat,dog.")
    box: str = param("", "Left, bottom, right and top of a box of the map, as -1,-1,0.5,2.")
    columns: int = param(0, "Pictures in a row of a sheet; 0 for as many as there are rows.", low=0, high=200)
    spacing: int = param(2, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(2, "How wide and high a pixel of a picture becomes.", low=1, high=32)


def selection(subject: Subject, options: SelectionOptions, suffix: str, control: Control) -> File:
    """Chosen points of the map: a sheet of their pictures, a ZIP of PNGs by index and class, or a table."""
    chosen = chosen_points(subject, options)
    subject = yield from _with_held_out(subject, control)
    if suffix in (".csv", ".npz", ".parquet"):
        yield Working(subject.info.id, subject.step, "Writing the table")
        return _table(subject, chosen, suffix)
    pictures = needed(subject.originals, "held-out pictures")
    if len(pictures) <= chosen[-1]:
        raise UserError("The pictures of these points are not known.", mend="Export them as a table.")
    if suffix == ".zip":
        return (yield from _zip(subject, chosen, control))
    _, height, width, _ = pictures.shape
    columns = options.columns or max(1, round((len(chosen) * height / width) ** 0.5))
    if len(chosen) * height * width * options.scale**2 > MOST_PIXELS:
        what = f"A sheet of {counted(len(chosen), 'picture')} at this scale has more pixels than programs can show."
        raise UserError(what, mend="Take a smaller scale, fewer points, or a .zip of single pictures.")
    return picture_file(sheet(pictures[chosen], columns, options.spacing, options.scale), suffix)


# ---- which points


def chosen_points(subject: Subject, options: SelectionOptions) -> Indices:
    """The rising indices of the points that all of `options` hold of. Raises UserError for none and for bad words."""
    points = needed(subject.points, "map")
    chosen = np.ones(len(points), np.bool_)
    if not (options.indices or options.classes or options.box):
        mend = "Name indices, classes or a box; in the window, gather points first."
        raise UserError("No points are selected, so there is nothing to export.", mend=mend)
    if options.indices:
        chosen &= np.isin(np.arange(len(points)), indices_of(options.indices, len(points)))
    if options.classes:
        labels = np.full(len(points), -1) if subject.labels is None else subject.labels
        chosen &= np.isin(labels, _classes_of(options.classes, subject.info.class_names))
    if options.box:
        left, bottom, right, top = _box_of(options.box)
        chosen &= ((points >= [left, bottom]) & (points <= [right, top])).all(axis=1)
    if not chosen.any():
        raise UserError("No point of the map is all of what was said.", mend="Say less, or look at the map first.")
    return np.flatnonzero(chosen).astype(np.int64)


def _classes_of(words: str, names: Sequence[str]) -> list[int]:
    """The labels of classes by name. Raises UserError for a name that none has."""
    known = {name.casefold(): label for label, name in enumerate(names)}
    wanted = [word.strip() for word in words.split(",") if word.strip()]
    for word in wanted:
        if word.casefold() not in known:
            there = f"There are: {', '.join(names)}." if names else "These pictures have no classes."
            raise UserError(f"No class is called {word!r}.", mend=there)
    return [known[word.casefold()] for word in wanted]


def _box_of(words: str) -> tuple[float, float, float, float]:
    """Left, bottom, right, top, whichever corners were named. Raises UserError for other words."""
    try:
        x0, y0, x1, y1 = (float(word) for word in words.split(","))
    except ValueError:
        raise UserError(f"{words!r} is no box.", mend="Write four numbers: left,bottom,right,top.") from None
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


# ---- files


def _with_held_out(subject: Subject, control: Control) -> Generator[Event, None, Subject]:
    """The subject with the pictures and factors of its points, read from its data where they are not known yet."""
    count = len(needed(subject.points, "map"))
    if subject.originals is not None and len(subject.originals) == count:
        return subject
    from models.replay import replay

    for event in replay(subject.info.folder, control):
        if control.stopping:
            raise Stopped
        if isinstance(event, HeldOut) and len(event.pictures) == count:
            return replace(
                subject, labels=event.labels, originals=event.pictures, factors=event.factors, values=event.values
            )
        if isinstance(event, Working):
            yield event
    return subject


def _table(subject: Subject, chosen: Indices, suffix: str) -> bytes:
    """A row for each chosen point: its index, label, class, known factors, place on the map, and code."""
    from models import tables

    codes, points = needed(subject.codes, "codes"), needed(subject.points, "map")
    labels = np.full(len(codes), -1) if subject.labels is None else subject.labels
    values = None if subject.values is None else subject.values[chosen]
    told = tables.Table(
        codes[chosen], points[chosen], labels[chosen], subject.info.class_names, subject.factors, values, chosen
    )
    return tables.WRITERS[suffix](told)


def _zip(subject: Subject, chosen: Indices, control: Control) -> File:
    """A PNG for each chosen point, called by its index and class; the same points give the same bytes."""
    pictures, names = needed(subject.originals, "held-out pictures"), subject.info.class_names
    target, digits = io.BytesIO(), len(str(int(chosen[-1])))
    told = _file_name(names)
    with zipfile.ZipFile(target, "w") as archive:  # PNGs are small already, so nothing is packed
        for done, index in enumerate(chosen.tolist()):
            if control.stopping:
                raise Stopped
            if done % TOLD_EVERY == 0:
                yield Working(subject.info.id, subject.step, "Writing pictures", done / len(chosen))
            label = -1 if subject.labels is None else int(subject.labels[index])
            entry = zipfile.ZipInfo(f"{index:0{digits}}{told(label)}.png")
            archive.writestr(entry, picture_file(pictures[index], ".png"))
    return target.getvalue()


def _file_name(names: Sequence[str]) -> Callable[[int], str]:
    """What a class adds to the name of a file: letters, figures and lines, whatever the class is called."""
    safe = ["_" + re.sub(r"[^\w-]+", "_", name).strip("_")[:60] for name in names]
    return lambda label: safe[label] if 0 <= label < len(safe) else ""
