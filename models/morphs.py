"""Morphs and boards to take away: a film or a strip through key frames, and a sheet blended from four corners."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from models import paths
from models.errors import UserError
from models.events import Working
from models.grids import picture_file
from models.params import Params, param
from models.paths import Easing, Loop, Mode, Path
from models.scene import Scene
from models.subject import needed
from models.video import FILM_SUFFIXES, film

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.events import Codes, Event, Shares
    from models.job import Control
    from models.latent import Code
    from models.subject import Subject

STRIP = 12  # pictures of a strip, unless told otherwise
POINTS = "its number, or a pin's letter; with @ and a class as that class: 17, A, 17@3"


class MorphOptions(Params):
    """A film or a strip from picture to picture."""

    points: str = param("", f"The key frames, with commas between them; a point of the map is {POINTS}.")
    from_: str = param("", f"The first key frame, where there are two: {POINTS}.", advanced=True)
    to: str = param("", "The last of two key frames.", advanced=True)
    mode: Mode = param("linear", "Straight, along an arc around the origin, or as the pictures change least.")
    easing: Easing = param("smooth", "How fast it goes at the key frames and between them.")
    loop: Loop = param("to-and-fro", "What comes after the last key frame; a strip ends there.")
    seconds: str = param("2", "Seconds from key frame to key frame: one number, or one for each leg, with commas.")
    fps: int = param(30, "Pictures a second of a film.", low=1, high=60)
    frames: int | None = param(
        None, "Pictures altogether; else as many as seconds and fps make, and 12 in a strip.", low=2, high=3600
    )
    spacing: int = param(2, "White space between the pictures of a strip.", low=0, high=100, unit="pixels")
    scale: int = param(8, "How wide and high a pixel of a picture becomes.", low=1, high=32)


class BoardOptions(Params):
    """A square sheet of pictures between four."""

    points: str = param("", f"The corners, top left, top right, bottom left, bottom right; each is {POINTS}.")
    mode: Mode = param("linear", "Straight, or spherical: along arcs around the origin.")
    side: int = param(7, "Rows and columns.", low=2, high=64)
    spacing: int = param(2, "White space between the pictures.", low=0, high=100, unit="pixels")
    scale: int = param(4, "How wide and high a pixel of a picture becomes.", low=1, high=32)


class Pose(NamedTuple):
    """A code [d] and the shares [classes] as which it is drawn."""

    code: Code
    shares: Shares | None


def morph(subject: Subject, options: MorphOptions, suffix: str, control: Control) -> Generator[Event, None, bytes]:
    """A film from key frame to key frame, or a strip of some of its pictures."""
    path = way(subject, options)
    if options.mode == "geodesic":
        path = yield from _shortened(path, subject, control)
    if suffix not in FILM_SUFFIXES:
        path = path if path.loop == "once" else replace(path, loop="once", seconds=path.seconds[: len(path.codes) - 1])
        count = options.frames or STRIP
        scene = Scene(*path.sampled(path.moments(count)), columns=count, spacing=options.spacing, scale=options.scale)
        return picture_file(scene.page((yield from scene.drawn(subject, control))), suffix)
    times = path.times(options.fps) if options.frames is None else path.moments(options.frames)
    if len(times) > 3600:
        raise UserError(f"This film would have {len(times):,} pictures.", mend="Choose fewer seconds, or fewer fps.")
    pictures = yield from Scene(*path.sampled(times)).drawn(subject, control)
    return (yield from film(pictures, options.scale, options.fps, suffix, path.loop != "once", control))


def board(subject: Subject, options: BoardOptions) -> Scene:
    """Pictures between four corners: points of the map, or pins."""
    poses = [pose(subject, each) for each in _named(options.points)] or _pinned(subject)[:4]
    if len(poses) != 4:
        mend = "Name four, as --points 3,17,42,8, or pin four codes."
        raise UserError(f"A board has four corners, and here are {len(poses)}.", mend=mend)
    if options.mode == "geodesic":
        raise UserError("A board is blended straight or along arcs.", mend="Choose the mode linear or spherical.")
    codes = paths.board(_whole(poses), options.side, options.mode)
    shares = None if not subject.classes else paths.board(_shares(poses, subject), options.side, "linear")
    return Scene(codes, shares, columns=options.side, spacing=options.spacing, scale=options.scale)


def way(subject: Subject, options: MorphOptions) -> Path:
    """The way that the options ask for. Raises UserError."""
    ends = [name.strip() for name in (options.from_, options.to) if name.strip()]
    if ends and (len(ends) < 2 or options.points):
        raise UserError("Two key frames need both --from and --to, and more of them --points alone.")
    poses = [pose(subject, each) for each in ends or _named(options.points)] or _pinned(subject)
    if len(poses) < 2:
        mend = "Name them, as --points 3,17,42, or pin two codes."
        raise UserError(f"A morph needs two key frames at least, and here are {len(poses)}.", mend=mend)
    shares = _shares(poses, subject) if subject.classes else None
    legs = len(poses) - (options.loop != "around")
    return Path(_whole(poses), _seconds(options, legs), shares, options.mode, options.easing, options.loop)


def _seconds(options: MorphOptions, legs: int) -> tuple[float, ...]:
    try:
        given = [float(each) for each in _named(options.seconds)]
    except ValueError:
        given = []
    if not given or not all(0 < each <= 600 for each in given) or len(given) not in (1, legs):
        mend = f"Write one, as 2, or {legs} with commas between them."
        raise UserError(f"The seconds {options.seconds!r} are not those of {legs} legs, each up to 600.", mend=mend)
    return tuple(given * legs if len(given) == 1 else given)


def _named(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def pose(subject: Subject, name: str) -> Pose:
    """The code that a person names, as 17, A or 17@3. Raises UserError."""
    what, _, wanted = name.partition("@")
    letter = what.strip().upper()
    code, label = _pin(subject, letter) if letter in [*ascii_uppercase] else _point(subject, what.strip())
    label = subject.class_called(wanted.strip()) if wanted else label
    return Pose(code, _as_shares(label, subject.classes))


def _pin(subject: Subject, letter: str) -> tuple[Code, int | Shares | None]:
    slot = ascii_uppercase.index(letter)
    pin = subject.pins[slot] if slot < len(subject.pins) else None
    if pin is None:
        raise UserError(f"No code is pinned as {letter}.", mend="Name points of the map by their numbers.")
    return pin.code, pin.label


def _point(subject: Subject, name: str) -> tuple[Code, int | None]:
    codes = needed(subject.codes, "codes")
    if not name.isdecimal() or int(name) >= len(codes):
        mend = f"Name one by its number, from 0 to {len(codes) - 1:,}."
        raise UserError(f"There is no point {name!r} on the map.", mend=mend)
    known = -1 if subject.labels is None else int(subject.labels[int(name)])
    return codes[int(name)], known if known >= 0 else None


def _pinned(subject: Subject) -> list[Pose]:
    return [Pose(pin.code, _as_shares(pin.label, subject.classes)) for pin in subject.pins if pin is not None]


def _as_shares(label: int | Shares | None, classes: int) -> Shares | None:
    if not classes:
        return None
    if label is None:
        return np.full(classes, 1 / classes, np.float32)
    return np.eye(classes, dtype=np.float32)[label] if isinstance(label, int) else label


def _whole(poses: list[Pose]) -> Codes:
    """The codes [k, d]. Raises UserError for one that is no number."""
    codes = np.stack([each.code for each in poses])
    if not np.isfinite(codes).all():
        raise UserError("A code holds values that are not numbers.", mend="Choose other points.")
    return codes


def _shares(poses: list[Pose], subject: Subject) -> Codes:
    return np.stack([np.zeros(subject.classes, np.float32) if each.shares is None else each.shares for each in poses])


def _shortened(path: Path, subject: Subject, control: Control) -> Generator[Event, None, Path]:
    """The path with the shortest way of every leg, telling how far the search is."""
    from models import device
    from models.geodesic import shortest
    from models.painter import Painter

    device.take_threads(1)
    weights = needed(subject.weights, "weights")
    painter = Painter.of(weights)
    painter.turn(subject.knobs or {})
    nodes = {}
    for number, ends in enumerate(path.ends):
        for now in shortest(painter, ends, weights.run, weights.step, control):
            share = (number + now.share) / len(path.legs)
            yield Working(weights.run, weights.step, f"Seeking the shortest way, {now.length:.1f} long", share)
            nodes[number] = now.nodes
    return replace(path, nodes=nodes)
