"""The ways to see codes on a flat map: their names, what can be set for each, and the work that lays the points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from models import projection
from models.errors import UserError
from models.layout import Ground, Layout
from models.params import Params, param

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from models.events import Codes, Points, Projection
    from models.job import Control
    from models.params import Value

    Laying = Generator[tuple[str, float | None, Points | None], None, Points]  # what, share done, places by now

FEWEST = 4  # points of which a layout by neighbours says anything
SEED = "Start of the random numbers: same seed, same codes, same map."


class Moment(NamedTuple):
    """What a layout in the making is doing, how far it is (None if nobody knows), and the map as it is by now."""

    what: str
    share: float | None = None
    projection: Projection | None = None


class DimensionParams(Params):
    """Which two numbers of the code are seen."""

    across: int = param(1, "The number of the code that lies across, counted from 1.", low=1, high=4096)
    up: int = param(2, "The number of the code that points up, counted from 1.", low=1, high=4096)


class SpaceParams(Params):
    """From where a map in space is seen."""

    yaw: float = param(0.0, "How far it is turned to the right.", low=-180, high=180, unit="degrees")
    pitch: float = param(0.0, "How far it is tilted up.", low=-90, high=90, unit="degrees")


class TsneParams(Params):
    """What decides a t-SNE."""

    perplexity: float = param(30.0, "About how many neighbours a point wants to be near to.", low=2, high=500)
    rounds: int = param(500, "Rounds of moving all points, after 250 that gather them.", low=50, high=5000)
    seed: int = param(0, SEED, low=0, high=2**31 - 1)


class UmapParams(Params):
    """What decides a UMAP."""

    neighbours: int = param(15, "How many neighbours a point wants to be near to.", low=2, high=200)
    least_distance: float = param(0.1, "How close to each other points may come.", low=0.0, high=0.99)
    rounds: int = param(300, "Rounds of moving all points.", low=50, high=5000)
    seed: int = param(0, SEED, low=0, high=2**31 - 1)


@dataclass(frozen=True)
class ChartKind:
    """One way to see codes: `title` in menus, `short` on the map, `summary` for who has not met it yet.

    It is possible for codes of `narrowest` numbers or more, up to `widest`. One that `lays` points is work; others
    answer at once. `library` is what the work stands on, and `package` what brings it.
    """

    title: str
    short: str
    summary: str
    params: type[Params] = Params
    narrowest: int = 2
    widest: int | None = None
    library: str = ""
    package: str = ""

    @property
    def lays(self) -> bool:
        """Whether each point is laid by its neighbours, so that no formula leads from a code to its place."""
        return bool(self.library)


KINDS: Mapping[str, ChartKind] = {
    "identity": ChartKind(
        "The code itself", "code", "The two numbers of the code, as they are.", narrowest=1, widest=2
    ),
    "pca": ChartKind(
        "Principal components (PCA)", "PCA",
        "The plane on which the codes are spread most. It keeps straight lines and shows large distances truly, but "
        "what lies off the plane falls together.",
    ),
    "pca-3d": ChartKind(
        "PCA in space", "PCA in 3-D",
        "The three directions in which the codes are spread most. Turn it with the right mouse button: points that "
        "are near to you are stronger.",
        SpaceParams, narrowest=3,
    ),
    "dimensions": ChartKind(
        "Two numbers of the code", "two numbers", "Any two numbers of the code against each other, all others unseen.",
        DimensionParams,
    ),
    "plane": ChartKind(
        "Plane through A, B and C", "plane A B C",
        "The flat sheet that holds the three pinned codes: A in its middle, B to the right of it, C above. All that "
        "can be mixed of the three lies on it.",
    ),
    "tsne": ChartKind(
        "t-SNE", "t-SNE",
        "Every point lies beside its nearest neighbours. Clusters show well; how large they are and how far apart "
        "means little (van der Maaten, Hinton 2008).",
        TsneParams, narrowest=1, library="openTSNE", package="openTSNE",
    ),
    "umap": ChartKind(
        "UMAP", "UMAP",
        "Every point lies beside its nearest neighbours, with more of the whole kept than t-SNE keeps; distances "
        "between clusters still mean little (McInnes, Healy, Melville 2018).",
        UmapParams, narrowest=1, library="umap", package="umap-learn",
    ),
}  # fmt: skip


def home(width: int) -> str:
    """The kind by which the map of codes of so many numbers is laid while nobody asks for another."""
    return "identity" if width <= 2 else "pca"


def refused(kind: str, width: int, corners: int = 3) -> str:
    """Why codes of so many numbers, with so many of A, B and C pinned, cannot be seen so; empty where they can."""
    wanted = KINDS[kind]
    if width < wanted.narrowest:
        return f"{wanted.title} needs codes of at least {wanted.narrowest} numbers; this model's have {width}."
    if wanted.widest is not None and width > wanted.widest:
        return f"Only codes of one or two numbers can be seen as they are; this model's have {width}."
    if kind == "plane" and corners < 3:
        return "Pin three codes first, as A, B and C: the plane goes through them."
    if wanted.library and find_spec(wanted.library) is None:
        return f"{wanted.title} needs the library {wanted.library}. Run `python -m pip install {wanted.package}`."
    return ""


def require(kind: str, codes: Codes, corners: int = 3) -> None:
    """Raise UserError where codes [n, d] cannot be seen so."""
    problem = refused(kind, codes.shape[1], corners)
    if problem:
        raise UserError(problem)
    wrong = int((~np.isfinite(codes)).any(axis=1).sum())
    if wrong:
        what = f"{wrong:,} of the {len(codes):,} codes are not finite numbers, so they have no place on a map."
        raise UserError(what, mend="The training has gone astray: open an earlier snapshot, or train anew.")
    if not KINDS[kind].lays:
        return
    if len(codes) < FEWEST:
        raise UserError(f"{KINDS[kind].title} needs at least {FEWEST} points; there are {len(codes)}.")
    if (codes == codes[0]).all():
        what = f"All {len(codes):,} codes are the same, so none has neighbours of its own."
        raise UserError(what, mend="Let the model train until its codes differ.")


def made(
    kind: str,
    settings: Mapping[str, Value],
    codes: Codes,
    corners: Codes | None = None,
    flat: Projection | None = None,
) -> Projection:
    """The projection of codes [n, d] that needs no work; `corners` [3, d] are A, B and C. Raises UserError.

    A map in space lies as the map `flat` when it is seen from the front.
    """
    require(kind, codes, 0 if corners is None else len(corners))
    wanted = KINDS[kind].params.read(dict(settings), of=KINDS[kind].title)
    if isinstance(wanted, DimensionParams):
        return replace(_two_numbers(codes, wanted), settings=wanted.model_dump())
    if isinstance(wanted, SpaceParams):
        return projection.seen_from(projection.space(codes, flat), wanted.yaw, wanted.pitch)
    if kind == "plane" and corners is not None:
        return projection.plane_through(codes, corners)
    return projection.principal(codes) if kind == "pca" else projection.fit(codes)


def _two_numbers(codes: Codes, wanted: DimensionParams) -> Projection:
    width = codes.shape[1]
    if max(wanted.across, wanted.up) > width:
        raise UserError(f"The codes have {width} numbers.", mend=f"Choose two from 1 to {width}.")
    if wanted.across == wanted.up:
        raise UserError("Both sides of the map would show the same number.", mend="Choose two different ones.")
    return projection.dimensions(codes, wanted.across - 1, wanted.up - 1)


def laid(
    kind: str,
    settings: Mapping[str, Value],
    codes: Codes,
    step: int,
    control: Control,
    flat: Projection | None = None,
) -> Generator[Moment, None, Projection]:
    """Lay codes [n, d] of training step `step` by their neighbours, telling how far it is.

    The points start as their principal components, which keeps the whole in shape (Kobak, Linderman 2021), and are
    shown as widely spread and as much the same way round as in the map `flat`. Raises UserError where it is not
    possible, Stopped when `control` says so.
    """
    require(kind, codes)
    wanted = KINDS[kind].params.read(dict(settings), of=KINDS[kind].title)
    plane = projection.fit(codes)
    start = projection.project(codes, plane)
    like = start if flat is None else projection.project(codes, flat)
    told = {**wanted.model_dump(), "step": step}

    def grounded(points: Points) -> Projection:
        layout = Layout(codes, Ground(_lying_as(like, points)), step)
        return replace(plane, name=kind, layout=layout, settings=told)

    work = _layer(kind)(codes, start, wanted, control)
    while True:
        try:
            what, share, points = next(work)
        except StopIteration as end:
            return grounded(end.value)
        yield Moment(what, share, None if points is None else grounded(points))


def _layer(kind: str) -> Callable[[Codes, Points, Any, Control], Laying]:
    """What lays points from where they start, by kind; its library is fetched here and now."""
    if kind == "tsne":
        from models import tsne_layout

        return tsne_layout.lay
    from models import umap_layout

    return umap_layout.lay


def _lying_as(others: Points, points: Points) -> Points:
    """Points [n, 2] moved, turned, mirrored and scaled as a whole to lie like `others`.

    A layout has no unit and no direction of its own (orthogonal Procrustes).
    """
    middle = others.mean(axis=0)
    away, wanted = (np.asarray(each - each.mean(axis=0), np.float64) for each in (points, others))
    left, _, right = np.linalg.svd(away.T @ wanted)
    reach, goal = (float(np.sqrt(np.square(part).sum(axis=1).mean())) for part in (away, wanted))
    return np.asarray(away @ (left @ right) * (goal / max(reach, 1e-30)) + middle, np.float32)
