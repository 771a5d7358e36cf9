"""What gathering, pictures for points and contours cost on a map of 60,000 points, in a real window off the screen."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import percentiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session import Session
    from explorer.views.map_view import MapView

POINTS, REPEATS, CORNERS = 60_000, 12, 400


def lasso(data_dir: str) -> dict[str, Any]:
    """From the release of the mouse to the gathered points on the screen; what a frame costs meanwhile and after."""
    from PySide6.QtCore import QPointF
    from PySide6.QtWidgets import QApplication

    from explorer.groups import How
    from explorer.widgets.outline import Outline

    session, view = _staged()
    shown = view.map
    angles = np.linspace(0, 2 * np.pi, CORNERS)
    outline = Outline(QPointF(760, 320), True, How.ALONE)
    for x, y in zip(480 + 280 * np.cos(angles), 320 + 250 * np.sin(angles), strict=True):
        outline.extend(QPointF(float(x), float(y)))
    app = QApplication.instance()
    assert app is not None

    def gather() -> None:
        shown.outlined.emit(shown.inside(outline), outline.how)
        app.processEvents()

    def pan() -> None:
        shown.look(shown.camera.panned(3, 2))
        app.processEvents()

    figures: dict[str, Any] = {
        "inside": _timed(lambda: shown.inside(outline)),
        "gathered": _timed(gather, session.gathering.let_go),
    }
    figures["points"] = len(session.state.gathered)
    session.gathering.let_go()
    view.tools.pictures_action.setChecked(False)
    figures["pan"] = _timed(pan)
    shown.zoom(6)
    view.tools.pictures_action.setChecked(True)
    figures["pan_with_pictures"] = _timed(pan)
    figures["pictures"] = len(shown.thumbs.chosen)
    shown.fit()
    wanted = view.tools.contours_action
    figures["contours"] = _timed(lambda: wanted.setChecked(True), lambda: wanted.setChecked(False))
    figures["pan_with_contours"] = _timed(pan)
    session.close()
    return figures


def _timed(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> dict[str, float]:
    """Milliseconds of `work`, and of the processor's time alone, which a busy machine does not lengthen."""
    walls, cores = [], []
    for _ in range(REPEATS):
        before()
        wall, core = time.perf_counter(), time.thread_time()
        work()
        cores.append(1000 * (time.thread_time() - core))
        walls.append(1000 * (time.perf_counter() - wall))
    return {**percentiles(walls), "processor": percentiles(cores)["median"]}


def _staged() -> tuple[Session, MapView]:
    """A window with ten clouds of points in 64 dimensions, and pictures."""
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from explorer.remembered import remember_in
    from explorer.session import Session
    from explorer.views.map_view import MapView
    from models import projection
    from models.events import Embedded, HeldOut, RunInfo, Started

    QApplication.instance() or QApplication([])
    remember_in(Path(os.environ["LATENT_EXPLORER_HOME"]))
    random = np.random.default_rng(0)
    labels = random.integers(0, 10, POINTS)
    middles = 1.5 * random.standard_normal((10, 64), np.float32)
    codes = middles[labels] + random.standard_normal((POINTS, 64), np.float32)
    plane = projection.fit(codes)
    pictures = random.integers(0, 256, (POINTS, 28, 28, 1), np.uint8)
    names = tuple(map(str, range(10)))
    info = RunInfo("run", "", "vae", "tiny", "none", {}, frozenset(), 64, (1, 28, 28), names, "cpu", "fp32", 0, 0)
    session = Session()
    view = MapView(session)
    view.resize(1100, 680)
    view.show()
    QTest.qWaitForWindowExposed(view)
    view.map.animated = False
    told = Started("run", 0, info, 100), HeldOut("run", 0, pictures, labels)
    session._apply_all([*told, Embedded("run", 1, codes, projection.project(codes, plane), plane)])
    return session, view
