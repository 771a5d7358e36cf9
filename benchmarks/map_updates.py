"""What the latent map costs the main thread: moving 20 times a second as in training, and panning big clouds.

    python -m benchmarks.map_updates [--updates 100] [--json]

`moving` is the main thread's processor time from one update to the next, with all that happens in between: state,
signals, every frame of gliding, painting. `update` is the wall-clock time of one update whose points jump and are
painted at once. `pan` is the wall-clock time of one step of panning. Milliseconds; the window is a real one.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import machine, parser, percentiles, report

if TYPE_CHECKING:
    from explorer.session import Session
    from explorer.views.map_view import MapView
    from models.events import Embedded

PERIOD = 50  # ms from one update to the next
BARS = {"median": 6.0, "p95": 10.0}


def cloud(count: int, moment: float) -> Embedded:
    """Ten clusters of two-dimensional codes that wander with time."""
    from models import projection
    from models.events import Embedded

    random = np.random.default_rng(0)
    labels = random.integers(0, 10, count)
    angles = labels * 0.63 + 0.2 * moment
    middles = np.stack([np.cos(angles), np.sin(angles)], axis=1) * (2 + 0.2 * np.sin(moment))
    codes = (middles + 0.5 * random.standard_normal((count, 2))).astype(np.float32)
    plane = projection.fit(codes)
    return Embedded("run", int(moment * 100), codes, projection.project(codes, plane), plane)


def staged(count: int) -> tuple[Session, MapView]:
    """A window with `count` points on its map."""
    from PySide6.QtTest import QTest

    from explorer.session import Session
    from explorer.views.map_view import MapView
    from models.events import HeldOut, RunInfo, Started

    names = tuple(map(str, range(10)))
    info = RunInfo("run", "", "vae", "dense-2d", "none", {}, frozenset(), 2, (1, 28, 28), names, "cpu", "fp32", 0, 0)
    session = Session()
    view = MapView(session)
    view.resize(960, 640)
    view.show()
    QTest.qWaitForWindowExposed(view)
    labels = np.random.default_rng(0).integers(0, 10, count)
    pictures = np.broadcast_to(np.zeros((1, 28, 28, 1), np.uint8), (count, 28, 28, 1))
    session._apply_all([Started("run", 0, info, None), HeldOut("run", 0, pictures, labels), cloud(count, 0.0)])
    return session, view


def moving(count: int, updates: int) -> list[float]:
    """Processor time of the main thread per update of gliding points."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    session, view = staged(count)
    events = [cloud(count, 0.05 * number) for number in range(1, updates + 2)]
    loop, marks = QEventLoop(), []

    def next_update() -> None:
        marks.append(time.thread_time())
        if len(marks) > updates:
            loop.quit()
        else:
            session._apply_all([events[len(marks) - 1]])

    clock = QTimer(interval=PERIOD, timerType=Qt.TimerType.PreciseTimer)
    clock.timeout.connect(next_update)
    clock.start()
    loop.exec()
    clock.stop()
    close(session, view)
    return [float(cost) * 1000 for cost in np.diff(marks)]


def update(count: int, updates: int) -> list[float]:
    """Wall-clock time in which new points are taken and painted."""
    session, view = staged(count)
    view.map.animated = False
    spent = []
    for number in range(1, updates + 1):
        event = cloud(count, 0.05 * number)
        begun = time.perf_counter()
        session._apply_all([event])
        view.map.repaint()
        spent.append((time.perf_counter() - begun) * 1000)
    close(session, view)
    return spent


def pan(count: int, steps: int) -> list[float]:
    """Wall-clock time of one step of panning."""
    session, view = staged(count)
    spent = []
    for _ in range(steps):
        begun = time.perf_counter()
        view.map.look(view.map.camera.panned(3, 2))
        view.map.repaint()
        spent.append((time.perf_counter() - begun) * 1000)
    close(session, view)
    return spent


def close(session: Session, view: MapView) -> None:
    """Take the window and its session away."""
    session.close()
    view.close()
    view.deleteLater()


def main() -> None:
    """Measure all and compare the moving map with its bars."""
    options = parser(__doc__)
    options.add_argument("--updates", type=int, default=100)
    chosen = options.parse_args()
    if sys.platform == "linux" and not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from explorer.style import dress

    app = QApplication([])
    dress("light")
    result: dict[str, Any] = {"machine": machine(), "window": app.platformName(), "bars": BARS}
    result["moving_10k"] = percentiles(moving(10_000, chosen.updates))
    result["update_10k"] = percentiles(update(10_000, chosen.updates))
    result["update_60k"] = percentiles(update(60_000, min(chosen.updates, 30)))
    result["pan_60k"] = percentiles(pan(60_000, 20))
    result["pan_1m"] = percentiles(pan(1_000_000, 5))
    report(result, chosen.json)


if __name__ == "__main__":
    main()
