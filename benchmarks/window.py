"""What a person feels: start-up, drag to picture, gaps of the event loop, and what the window costs the training.

    python -m benchmarks.window --data-dir DIR [--seconds 30] [--rounds 3] [--only start idle training ...]

Every part is a process of its own with the real main window (set QT_QPA_PLATFORM=xcb and DISPLAY for a real screen):
`start` opens the first run; `idle` drags over a trained run; `live` trains with the map moving and the curves open;
`drag` does that while the probe is dragged 60 times a second; `headless` is the same training without a window, and
`bare` the bare loop of `benchmarks.throughput` that all three are compared with.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.common import child, machine, parser, percentiles, report
from benchmarks.throughput import bare, headless

if TYPE_CHECKING:
    from explorer.main_window import MainWindow
    from explorer.session import Session

PARTS = ("start", "idle", "bare", "headless", "live", "drag")
SETTLE = 2.0  # s at the beginning of a training that do not count


def process_started() -> float:
    """When this process began, on the clock of `time.time`."""
    ticks = int(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    booted = next(int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if "btime" in line)
    since_boot = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - since_boot + ticks / os.sysconf("SC_CLK_TCK") if booted else 0.0


def opened() -> tuple[Session, MainWindow]:
    """The real window of the program, with settings of its own."""
    from explorer.app import application
    from explorer.main_window import MainWindow
    from explorer.remembered import remember_in
    from explorer.session import Session
    from explorer.style import dress

    application()
    remember_in(Path(os.environ["LATENT_EXPLORER_HOME"]))
    session = Session()
    dress("light")
    return session, MainWindow(session)


def until(ready: Any, seconds: float = 120.0) -> None:
    """Let the window live until `ready()`; Qt's own loop lets other threads work, which QTest.qWait does not."""
    from PySide6.QtCore import QEventLoop, QTimer

    ends, loop, timer = time.monotonic() + seconds, QEventLoop(), QTimer(interval=5)
    timer.timeout.connect(lambda: loop.quit() if ready() or time.monotonic() > ends else None)
    timer.start()
    loop.exec()
    if not ready():
        raise SystemExit("the window did not get ready in time")


def start(**_: Any) -> dict[str, float]:
    """Seconds from the start of the process to the painted window, and to the first picture of the sample run."""
    from explorer.app import first_run

    session, window = opened()
    marks: dict[str, float] = {}
    window.painted.connect(lambda: marks.setdefault("painted", time.time()))
    window.painted.connect(lambda: session.start(first_run()))
    window.show()
    until(lambda: session.state.picture is not None and session.state.embedding is not None)
    marks["clickable"] = time.time()
    window.close()
    began = process_started()
    return {name: round(mark - began, 3) for name, mark in marks.items()}


class Dragger:
    """Moves the probe along a curve over the map and times every place until its picture is painted."""

    def __init__(self, session: Session, window: MainWindow, interval: int) -> None:
        from PySide6.QtCore import Qt, QTimer

        from explorer.widgets.picture import Picture

        picture = window.findChild(Picture, "probe_picture")
        assert picture is not None
        self._session, self._picture = session, picture
        self._asked: dict[bytes, float] = {}
        self._turn = 0
        self.latencies: list[float] = []
        session.picture_changed.connect(self._answer)
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=interval)
        self._timer.timeout.connect(self._move)

    def start(self) -> None:
        """Begin to drag."""
        self._timer.start()

    def stop(self) -> None:
        """Let go."""
        self._timer.stop()

    def _move(self) -> None:
        self._turn += 1
        angle = self._turn * 0.05
        self._session.move_to(2 * math.cos(angle), 2 * math.sin(angle * 0.7))
        code = self._session.state.code
        if code is not None:
            self._asked[code.tobytes()] = time.perf_counter()

    def _answer(self) -> None:
        """The panels were told first; painting what they changed is part of the time."""
        picture = self._session.state.picture
        asked = self._asked.pop(picture.codes[0].tobytes(), None) if picture is not None else None
        if asked is not None:
            self._picture.repaint()
            self.latencies.append((time.perf_counter() - asked) * 1000)


def idle(seconds: float, **_: Any) -> dict[str, Any]:
    """Drag to picture while nothing else goes on, after a short training of `vae conv-2d`."""
    from models.job import Job

    session, window = opened()
    window.show()
    session.start()
    until(lambda: session.state.catalog is not None)
    session.train(Job(family="vae", preset="conv-2d", dataset="digits", steps=60))
    until(lambda: bool(session.state.figures) and not session.state.phase.busy)
    dragger = Dragger(session, window, 16)
    dragger.start()
    wait(seconds)
    dragger.stop()
    window.close()
    return {"latency_ms": percentiles(dragger.latencies), "pictures": len(dragger.latencies)}


def live(data_dir: str, seconds: float, drag: bool = False) -> dict[str, Any]:
    """Training speed, then gaps of a 10 ms timer, and drag to picture, while MNIST trains with map and curves live."""
    from models.job import Job

    session, window = opened()
    window.show()
    session.start()
    until(lambda: session.state.catalog is not None)
    window.docks.show("curves")
    settings = {"data_dir": data_dir}
    session.train(
        Job(
            family="vae",
            preset="conv-2d",
            dataset="mnist",
            dataset_settings=settings,
            minutes=(2 * seconds + SETTLE + 5) / 60,
        )
    )
    until(lambda: session.state.step > 0)
    wait(SETTLE)
    dragger = Dragger(session, window, 16)
    moves: list[float] = []
    session.embedding_changed.connect(lambda: moves.append(time.perf_counter()))
    if drag:
        dragger.start()
    before = session.state.progress
    wait(seconds)
    after, moved = session.state.progress, len(moves)
    gaps = gaps_of(seconds)  # not before, for a hundred ticks a second slow the training down as well
    dragger.stop()
    window._asks = False
    window.close()
    assert before is not None
    assert after is not None
    size = session.state.run.settings["batch_size"] if session.state.run else 0
    result: dict[str, Any] = {
        "samples_per_second": (after.step - before.step) * size / (after.seconds - before.seconds),
        "gaps_ms": percentiles(gaps),
        "map_moves_per_second": moved / seconds,
    }
    if drag:
        result |= {"latency_ms": percentiles(dragger.latencies), "pictures": len(dragger.latencies)}
    return result


def gaps_of(seconds: float) -> list[float]:
    """Milliseconds between two ticks of a 10 ms timer of the window's event loop."""
    from PySide6.QtCore import Qt, QTimer

    ticks: list[float] = []
    heartbeat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=10)
    heartbeat.timeout.connect(lambda: ticks.append(time.perf_counter() * 1000))
    heartbeat.start()
    wait(seconds)
    heartbeat.stop()
    return [later - sooner for sooner, later in pairwise(ticks)]


def wait(seconds: float) -> None:
    """Let the window live for some seconds, driven by nothing but its own events."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def run_part(part: str, data_dir: str, seconds: float) -> dict[str, Any]:
    """One part, in this process."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["LATENT_EXPLORER_HOME"] = home
        if part in ("bare", "headless"):
            return (bare if part == "bare" else headless)("vae", "conv-2d", data_dir, seconds)
        if part == "start":
            return start()
        if part == "idle":
            return idle(seconds / 2)
        return live(data_dir, seconds, drag=part == "drag")


def main() -> None:
    """Run the parts in turn, each in a fresh process, and gather them."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    options.add_argument("--part", choices=PARTS)
    chosen = options.parse_args()
    if chosen.part:
        print(json.dumps(run_part(chosen.part, chosen.data_dir, chosen.seconds)), flush=True)
        return
    rounds: dict[str, list[dict[str, Any]]] = {part: [] for part in chosen.only}
    for _ in range(chosen.rounds):
        for part in chosen.only:
            flags = ["--part", part, "--data-dir", chosen.data_dir, "--seconds", str(chosen.seconds)]
            rounds[part].append(child("-m", "benchmarks.window", *flags))
    result: dict[str, Any] = {"machine": machine(), **rounds}
    for part in ("headless", "live", "drag"):
        if rounds.get(part) and rounds.get("bare"):
            pairs = zip(rounds[part], rounds["bare"], strict=True)
            ratios = [shown["samples_per_second"] / alone["samples_per_second"] for shown, alone in pairs]
            result[f"{part}_to_bare"] = round(statistics.median(ratios), 3)
    report(result, chosen.json)


if __name__ == "__main__":
    main()
