"""The map and the curves as figures on paper, drawn by matplotlib, which is imported only here."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from models.coloring import SHADES
from models.layer_coloring import ink_of, inked
from models.layer_events import CLASSES, LAYERS
from models.palette import color_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from models.coloring import Coloring
    from models.datasets import Factor
    from models.events import Points
    from models.grids import Sheet
    from models.layer_events import Surveyed
    from models.subject import Stretch

INCHES = (8, 6)  # the paper is never smaller, however few its pixels: letters shrink with it and never collide
STYLES = {"train": ("-", "train"), "test": ("--", "held-out")}  # told apart without colour too
FEW = 20  # points of a line that are marked, so that one sees where it was measured
TITLE, EDGE, DENSITY = 28, 12, 100  # of strips: pixels above each, around them all, and an inch
LEGEND_LIMIT = 30  # classes; more would be a list, not a legend


@dataclass(frozen=True)
class Paper:
    """Width and height in pixels, and whether the ground is dark."""

    width: int
    height: int
    dark: bool

    def figure(self) -> Figure:
        """An empty figure of this size."""
        density = min(self.width / INCHES[0], self.height / INCHES[1])
        size = (self.width / density, self.height / density)
        return Figure(figsize=size, dpi=density, layout="constrained", facecolor=self.ground)

    def prepare(self, axes: Axes) -> None:
        """Quiet frames, in ink that stands out from the ground."""
        axes.set_facecolor(self.ground)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["left", "bottom"]].set_color(self.ink)
        axes.tick_params(colors=self.ink, labelsize=7)
        for text in (axes.title, axes.xaxis.label, axes.yaxis.label):
            text.set_color(self.ink)
            text.set_fontsize(8)

    @property
    def ground(self) -> str:
        """The colour of the paper."""
        return "#16181D" if self.dark else "#FFFFFF"

    @property
    def ink(self) -> str:
        """The colour of lines and letters."""
        return "#D8DBE2" if self.dark else "#33373F"


def scatter(
    paper: Paper,
    points: Points,
    coloring: Coloring,
    size: float,
    title: str = "",
    key: bool = True,
    behind: Surveyed | None = None,
) -> Figure:
    """Points [n, 2] in the colours of their labels, and if `key`, what these mean: a legend or scale called `title`.

    A layer may lie `behind` them.
    """
    figure = paper.figure()
    axes = figure.add_subplot()
    paper.prepare(axes)
    axes.set_aspect("equal", adjustable="datalim" if behind is None else "box")
    if behind is not None:
        _lay(paper, figure, axes, behind, key)
    axes.scatter(
        points[:, 0],
        points[:, 1],
        s=size,
        c=[coloring.color(int(label), paper.dark) for label in coloring.labels],
        linewidths=0,
    )
    if key and coloring.ramp is not None:
        _add_scale(paper, figure, axes, coloring, coloring.ramp, title)
    elif key:
        _add_legend(paper, axes, coloring, title)
    return figure


def _lay(paper: Paper, figure: Figure, axes: Axes, behind: Surveyed, key: bool) -> None:
    """A layer over the whole plot, and if `key` the scale of its numbers; classes have the colours of the points."""
    left, bottom, right, top = behind.asked.bounds
    cells = inked(behind, paper.ground, paper.dark)
    if cells is not None:
        axes.imshow(cells, extent=(left, right, bottom, top), interpolation="bilinear", aspect="equal", zorder=0)
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    layer = behind.asked.layer
    if not key or layer == CLASSES:
        return
    inks = [ink_of(layer, step / (SHADES - 1), paper.ground, paper.dark) for step in range(SHADES)]
    shades = ListedColormap([[part / 255 for part in ink] for ink in inks])
    scale = ScalarMappable(Normalize(behind.low, behind.high), shades)
    words = f"{LAYERS[layer].title} ({LAYERS[layer].unit})"
    bar = figure.colorbar(scale, ax=axes, location="bottom", label=words, shrink=0.6)
    paper.prepare(bar.ax)
    bar.outline.set_edgecolor(paper.ink)


def _add_scale(paper: Paper, figure: Figure, axes: Axes, coloring: Coloring, ramp: Factor, title: str) -> None:
    """The colours of a number beside the points, from its lowest value to its highest."""
    shades = ListedColormap([coloring.color(step, paper.dark) for step in range(SHADES)])
    unit = f" ({ramp.unit})" if ramp.unit else ""
    scale = ScalarMappable(Normalize(ramp.low, ramp.high), shades)
    bar = figure.colorbar(scale, ax=axes, label=f"{title}{unit}", shrink=0.6)
    paper.prepare(bar.ax)
    bar.outline.set_edgecolor(paper.ink)


def _add_legend(paper: Paper, axes: Axes, coloring: Coloring, title: str) -> None:
    """The names of the labels that are there, each with its colour."""
    names = coloring.names
    present = [label for label in coloring.counts if 0 <= label < len(names)][:LEGEND_LIMIT]
    if present:
        dots = [
            Line2D([], [], marker="o", linestyle="", markersize=4, color=coloring.color(label, paper.dark))
            for label in present
        ]
        words = [names[label] for label in present]
        legend = axes.legend(
            dots,
            words,
            title=title,
            loc="upper left",
            bbox_to_anchor=(1, 1),
            frameon=False,
            fontsize=7,
            title_fontsize=8,
            labelcolor=paper.ink,
        )
        legend.get_title().set_color(paper.ink)


def curves(paper: Paper, lines: Mapping[tuple[str, str], Stretch], logarithmic: bool) -> Figure:
    """A small plot for each loss, `lines` by split and name: training solid, held out dashed."""
    names = list(dict.fromkeys(name for _, name in lines))
    across = min(3, math.ceil(math.sqrt(len(names))))
    figure = paper.figure()
    plots = figure.subplots(math.ceil(len(names) / across), across, squeeze=False).flatten()
    for axes in plots[len(names) :]:
        axes.remove()
    for axes, name in zip(plots, names, strict=False):
        axes.set_title(name)
        axes.set_xlabel("step")
        paper.prepare(axes)
        above_zero = True
        for color, split in zip((color_of(0, paper.dark), color_of(3, paper.dark)), STYLES, strict=True):
            if (split, name) in lines:
                line = lines[split, name]
                above_zero = above_zero and bool((line.values > 0).all())
                mark = "o" if len(line.steps) <= FEW else ""
                style, words = STYLES[split]
                axes.plot(line.steps, line.values, style + mark, color=color, linewidth=1, markersize=2, label=words)
        if logarithmic and above_zero:
            axes.set_yscale("log")
        axes.legend(frameon=False, fontsize=7, labelcolor=paper.ink)
    return figure


def strips(rows: Sequence[tuple[str, Sheet]], scale: int, dark: bool) -> Figure:
    """Sheets [h, w, c] one below the other, each under its title, their pixels crisp and `scale` times as wide.

    Those of another height are brought to that of the first.
    """
    high = rows[0][1].shape[0] * scale
    wide, step = max(page.shape[1] * high / page.shape[0] for _, page in rows), high + TITLE
    paper = Paper(round(wide + 2 * EDGE), step * len(rows) + EDGE, dark)
    size = paper.width / DENSITY, paper.height / DENSITY
    figure = Figure(figsize=size, dpi=DENSITY, facecolor=paper.ground)
    for number, (title, page) in enumerate(rows):
        bottom = paper.height - step * (number + 1)
        across = page.shape[1] * high / page.shape[0]
        place = EDGE / paper.width, bottom / paper.height, across / paper.width, high / paper.height
        axes = figure.add_axes(place)
        axes.set_axis_off()
        shown = page[:, :, 0] if page.shape[2] == 1 else page
        axes.imshow(shown, cmap="gray", vmin=0, vmax=255, interpolation="nearest", aspect="auto")
        up = (bottom + high + 6) / paper.height
        figure.text(EDGE / paper.width, up, title, color=paper.ink, fontsize=8, parse_math=False)
    return figure


def rendered(figure: Figure, suffix: str) -> bytes:
    """The figure as the content of a .png, .svg or .pdf file; the same figure gives the same bytes."""
    dateless = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "latent-explorer", "svg.fonttype": "none"}):
        figure.savefig(file, format=suffix[1:], metadata=dateless[suffix])
    return file.getvalue()
