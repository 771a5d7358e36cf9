"""The map of an export as it is asked to be: as it is shown, or by another projection of the same codes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from models import charts, projection
from models.errors import UserError
from models.events import Working
from models.indices import indices_of
from models.params import Params, param
from models.subject import needed

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from models.events import Codes, Event, Projection
    from models.job import Control
    from models.params import Value
    from models.subject import Subject

AS_SHOWN = "as_shown"
NEIGHBOURS = ("projection", ("tsne", "umap"))


class ChartedOptions(Params):
    """By which projection the codes are seen."""

    projection: Literal["as_shown", "identity", "pca", "pca-3d", "dimensions", "plane", "tsne", "umap"] = param(
        AS_SHOWN, "How the map shows the codes: as it is, or by another projection."
    )
    across: int = param(
        1, "The number of the code that lies across, from 1.", low=1, high=4096, when=("projection", ("dimensions",))
    )
    up: int = param(
        2, "The number of the code that points up, from 1.", low=1, high=4096, when=("projection", ("dimensions",))
    )
    yaw: float = param(
        0.0, "How far it is turned to the right.", low=-180, high=180, unit="degrees", when=("projection", ("pca-3d",))
    )
    pitch: float = param(
        0.0, "How far it is tilted up.", low=-90, high=90, unit="degrees", when=("projection", ("pca-3d",))
    )
    corners: str = param(
        "", "Three points of the map by index, as 3,17,42; without them the pins A, B and C.",
        when=("projection", ("plane",)),
    )  # fmt: skip
    perplexity: float = param(
        30.0, "About how many neighbours a point wants to be near to.", low=2, high=500, when=("projection", ("tsne",))
    )
    neighbours: int = param(
        15, "How many neighbours a point wants to be near to.", low=2, high=200, when=("projection", ("umap",))
    )
    least_distance: float = param(
        0.1, "How close to each other points may come.", low=0.0, high=0.99, when=("projection", ("umap",))
    )
    rounds: int | None = param(
        None,
        "Rounds of moving all points; without it 500 of t-SNE and 300 of UMAP.",
        low=50,
        high=5000,
        when=NEIGHBOURS,
    )
    chance: int = param(0, charts.SEED, low=0, high=2**31 - 1, when=NEIGHBOURS)


def told(shown: Projection) -> dict[str, Value]:
    """The options with which `charted` makes a projection of the same codes again."""
    names = {"seed": "chance"}
    known = {names.get(name, name): value for name, value in shown.settings.items() if name != "step"}
    return {"projection": shown.name, **known}


def charted(subject: Subject, options: Any, control: Control) -> Generator[Event, None, Subject]:
    """The subject with its points as the options want them. Raises UserError and Stopped."""
    kind = options.projection
    if kind == AS_SHOWN or (subject.projection is not None and _shows(subject.projection, options)):
        return subject
    codes = needed(subject.codes, "codes")
    wanted = options.model_dump(exclude_none=True) | {"seed": options.chance}
    settings = {name: wanted[name] for name in charts.KINDS[kind].params.model_fields if name in wanted}
    if charts.KINDS[kind].lays:
        made = yield from _laid(kind, settings, subject, control)
    else:
        corners = _corners(subject, options.corners) if kind == "plane" else None
        made = charts.made(kind, settings, codes, corners, subject.projection)
    points = projection.project(codes, made) if made.layout is None else made.layout.ground.points
    return replace(subject, projection=made, points=points)


def _shows(shown: Projection, options: ChartedOptions) -> bool:
    """Whether the subject lies so already."""
    wanted = options.model_dump()
    return shown.name == options.projection and all(wanted.get(name) == value for name, value in told(shown).items())


def _laid(
    kind: str, settings: Mapping[str, Value], subject: Subject, control: Control
) -> Generator[Event, None, Projection]:
    """Lay the points by their neighbours, telling how far it is."""
    shown = subject.projection
    flat = shown if shown is not None and shown.name in ("identity", "pca") else None
    work = charts.laid(kind, settings, needed(subject.codes, "codes"), subject.step, control, flat)
    while True:
        try:
            moment = next(work)
        except StopIteration as end:
            made: Projection = end.value
            return made
        yield Working(subject.info.id, subject.step, moment.what, moment.share)


def _corners(subject: Subject, indices: str) -> Codes | None:
    """The codes [3, d] of three points, or of the pins A, B and C where there are three."""
    if not indices.strip():
        pinned = [kept.code for kept in subject.pins[:3] if kept is not None]
        return np.stack(pinned) if len(pinned) == 3 else None
    codes = needed(subject.codes, "codes")
    chosen = [int(indices_of(part, len(codes))[0]) for part in indices.split(",") if part.strip()]
    if len(chosen) != 3:
        raise UserError("A plane goes through three points.", mend="Name three by index, as 3,17,42.")
    return codes[chosen]
