"""The points of the map: where they are, where they glide to, how each class shows, and which lies under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer import colors
from explorer.groups import NOTHING
from explorer.state import Visibility
from explorer.widgets import map_depth
from explorer.widgets.map_camera import bounds_of
from explorer.widgets.map_raster import PointRaster

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor

    from explorer.groups import Indices
    from explorer.widgets.map_camera import Bounds, Camera, Size
    from models.events import Labels, Points

GLIDE = 0.07  # seconds in which a point goes two thirds of its way: all but arrived after 0.2
MOST_GLIDING = 100_000  # beyond so many points they jump
DIM = 0x38  # alpha of points of a dimmed class
RIM = 2.0  # pixels by which the rim of a gathered point is wider, where the others show as they are


class PointLayer:
    """Up to a million points, and all that decides how they look."""

    def __init__(self) -> None:
        self.places: Points = np.empty((0, 2), np.float32)  # where the points are shown now
        self.targets = self.places  # where they are going
        self._labels: Labels = np.empty(0, np.int64)
        self._classes: Mapping[int, Visibility] = {}
        self._color: Callable[[int], QColor] = colors.class_color
        self._gathered, self._others = NOTHING, Visibility.SHOWN
        self.bright = np.empty(0, np.bool_)  # whether a point is neither hidden nor dimmed by its class
        self.vivid = np.empty(0, np.intp)  # points that are neither hidden nor dimmed for any reason, in a mixed order
        self._rimmed = np.empty(0, np.intp)  # points that have a rim
        self._order = np.empty(0, np.intp)  # of the points that are drawn, the undermost first
        self._kinds = np.empty(0, np.intp)  # index of the ink of each of them
        self._inks = np.empty(0, np.uint32)
        self._nearness: NDArray[np.float32] | None = None  # [n], from 0 to 1, in a map in space
        self._ball: Bounds | None = None  # that holds this map however it is turned
        self._turned = False  # whether the next places are the same points seen from elsewhere
        self.version = 0  # another one after every change that can be seen

    def __len__(self) -> int:
        return len(self.places)

    # ---- what is shown

    def set_points(self, points: Points, glide: bool) -> bool:
        """Points [n, 2] at new places; true if they will glide there by `step`, false if they jumped."""
        known = len(points) == len(self.places) and not self._turned
        glide = glide and known and 0 < len(points) <= MOST_GLIDING
        self.targets = np.asarray(points, np.float32)
        if not glide:
            self.version += 1
            resized = len(points) != len(self.places)
            self.places = self.targets.copy()
            if resized:
                self._arrange()
        return glide

    def set_classes(
        self,
        labels: Labels,
        classes: Mapping[int, Visibility],
        color: Callable[[int], QColor] = colors.class_color,
    ) -> None:
        """The label of each point, -1 for none, how classes show, absent ones as usual, and the colour of a label."""
        self._labels, self._classes, self._color = labels, classes, color
        self._arrange()

    def set_gathered(self, gathered: Indices, others: Visibility) -> None:
        """Which points are gathered, and how the others show while any are."""
        self._gathered, self._others = gathered, others
        self._arrange()

    def color_of(self, index: int) -> QColor:
        """The colour of a point that is not dimmed."""
        return self._color(int(self._labels[index]) if index < len(self._labels) else -1)

    def set_depth(self, nearness: NDArray[np.float32] | None, reach: float = 0.0, turned: bool = False) -> None:
        """How near the points are whose places come next, and in which ball around 0; None for a flat map.

        `turned` says that they are the same points seen from elsewhere: such do not glide.
        """
        self._nearness, self._turned = nearness, turned
        self._ball = None if nearness is None else (-reach, -reach, reach, reach)
        self.version += 1

    @property
    def bounds(self) -> Bounds:
        """What a view has to show: where most points are going, or the ball of a map in space."""
        return bounds_of(self.targets) if self._ball is None else self._ball

    def refresh(self) -> None:
        """Take the colours of the present theme."""
        self._arrange()

    def _arrange(self) -> None:
        """Decide which points are drawn, in which order and ink: dimmed ones undermost, no class above another."""
        count = len(self.places)
        labels = self._labels if len(self._labels) == count else np.full(count, -1, np.int64)
        rows = int(labels.max(initial=-1)) + 2  # one more for points without a label
        faint, hidden = (
            np.array([self._classes.get(label) is how for label in range(-1, rows - 1)])[labels + 1]
            for how in (Visibility.DIMMED, Visibility.HIDDEN)
        )
        self.bright = ~(faint | hidden)
        known = self._gathered[self._gathered < count]
        if len(known):
            apart = np.ones(count, np.bool_)
            apart[known] = False
            faint = faint | apart if self._others is Visibility.DIMMED else faint
            hidden = hidden | apart if self._others is Visibility.HIDDEN else hidden
        self._rimmed = known[~hidden[known]] if self._others is Visibility.SHOWN else known[:0]
        order = np.random.default_rng(0).permutation(count)  # the last class of a sorted data set must not cover all
        order = order[~hidden[order]]
        dimmed = faint[order]
        self.vivid = order[~dimmed]
        self._order = np.concatenate([order[dimmed], self.vivid])
        self._kinds = labels[self._order] + 1 + rows * faint[self._order]
        self._inks = _inks(rows, self._color)
        self.version += 1

    # ---- motion

    def step(self, seconds: float, scale: float) -> bool:
        """Go on gliding for so long; false once all points have arrived, to a third of a pixel at `scale`."""
        rest = self.targets - self.places
        still_far = bool(len(rest)) and float(np.abs(rest).max()) * scale > 0.3
        if still_far:
            self.places += rest * np.float32(1 - np.exp(-seconds / GLIDE))
        else:
            self.places = self.targets.copy()
        self.version += 1
        return still_far

    # ---- pixels

    def draw(self, raster: PointRaster, camera: Camera, size: Size, radius: float) -> None:
        """Draw the points as seen by `camera`, whose view of `size` is stretched over the raster."""
        ratio = raster.width / size[0]
        paper = colors.theme().map.rgb() & 0xFFFFFF
        if len(self._rimmed):
            rims, ink = self._seen(self._rimmed, camera, size, ratio), np.array([colors.theme().text.rgba()], np.uint32)
            kinds = np.zeros(len(rims), np.intp)
            raster.draw(rims, kinds, ink, paper, min((radius + RIM) * ratio, PointRaster.LARGEST))
        seen, over = self._seen(self._order, camera, size, ratio), bool(len(self._rimmed))
        if self._nearness is not None and len(self._nearness) == len(self.places):
            near = self._nearness[self._order]
            map_depth.draw(raster, seen, self._kinds, self._inks, paper, radius * ratio, near, over)
            return
        raster.draw(seen, self._kinds, self._inks, paper, min(radius * ratio, PointRaster.LARGEST), over)

    def _seen(self, indices: NDArray[np.intp], camera: Camera, size: Size, ratio: float) -> Points:
        """The places of points on the screen."""
        seen = camera.to_view(np.take(self.places, indices, axis=0), size)  # several times faster than by brackets
        return seen if ratio == 1 else seen * np.float32(ratio)

    def pick(self, camera: Camera, size: Size, across: float, down: float, reach: float) -> int | None:
        """Index of the drawn point nearest to the pixel (across, down), none if all are farther than `reach`."""
        if not len(self._order):
            return None
        x, y = camera.to_map(across, down, size)
        offsets = self.places - np.array([x, y], np.float32)
        distances = np.einsum("nd,nd->n", offsets, offsets)[self._order]
        nearest = int(distances.argmin())
        return int(self._order[nearest]) if distances[nearest] * camera.scale**2 <= reach**2 else None


def _inks(rows: int, color: Callable[[int], QColor]) -> NDArray[np.uint32]:
    """Colours 0xAARRGGBB [2 * rows] of no label and the classes, as they are and then dimmed."""
    shown = [color(label).rgba() for label in range(-1, rows - 1)]
    faint = DIM << 24 | (colors.theme().quiet.rgb() & 0xFFFFFF)
    return np.array(shown + [faint] * rows, np.uint32)


def radius_of(count: int, zoom: float, size: Size) -> float:
    """Radius in pixels of each of `count` points: smaller the more there are, larger the closer one looks.

    `zoom` is 1 where all points fit into the view. The answer is one of few, since discs are kept for reuse.
    """
    crowd = 2.7 * (10_000 / max(count, 1)) ** 0.25
    room = np.clip(min(size) / 600, 0.5, 1.5) ** 0.4
    radius = np.clip(crowd, 0.5, 4.0) * room * np.clip(zoom, 0.5, 30) ** 0.3
    return float(np.clip(round(radius * 4) / 4, 0.5, 6.0))
