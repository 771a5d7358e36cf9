"""Rows of the desk: copies among 60,000 pictures, the live sheet of classes, strokes of the pen, and inversion."""

from __future__ import annotations

import math
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.common import ROOT, percentiles
from benchmarks.window import opened, until, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.session import Session

SECONDS = 8.0  # of dragging
EVERY = 16  # ms between two moves of the hand
CGAN = ROOT / "resources" / "runs" / "cgan-stable-mnist"


def copies(data_dir: str) -> dict[str, Any]:
    """The nearest of a picture among MNIST's 60,000 of 28x28: wall and processor time, on one thread.

    Held-out digits stand for what a good model draws; noise is the worst, for which no sketch helps.
    """
    import torch

    from models.datasets.mnist import Mnist
    from models.evaluate.copies import Copies
    from models.job import Control, finished

    torch.set_num_threads(1)
    data = finished(Mnist(Mnist.params_type.read({"data_dir": data_dir}, of="mnist")).load(Control()))
    random = torch.Generator().manual_seed(0)
    start = time.thread_time()
    known = Copies(data.train_images)
    figures: dict[str, Any] = {"sketch_s": round(time.thread_time() - start, 2)}
    noise = torch.randint(0, 256, (100, 1, 28, 28), generator=random, dtype=torch.uint8)
    for name, pictures in (("digits", data.test_images[:100]), ("noise", noise)):
        walls, processor = [], []
        for picture in pictures:
            start, used = time.perf_counter(), time.thread_time()
            known.nearest(picture[None])
            walls.append((time.perf_counter() - start) * 1000)
            processor.append((time.thread_time() - used) * 1000)
        figures |= {f"{name}_wall_ms": percentiles(walls), f"{name}_processor_ms": percentiles(processor)}
    return figures


def classes(data_dir: str) -> dict[str, Any]:
    """From a drag of the blend to the painted sheet of 10x10 pictures of `cgan-stable-mnist`."""
    session, window = opened()
    window.show()
    session.start(CGAN)
    until(lambda: session.state.weights is not None and session.state.samples is not None)
    window.docks.show("classes")
    panel = window.docks.view("classes")
    session.asks.set_side(10)
    until(lambda: session.state.sheet is not None and len(session.state.sheet.pictures) == 100)
    wait(1)
    asked: dict[int, float] = {}
    latencies: list[float] = []

    def answer() -> None:
        drawn = session.state.sheet
        begun = None if drawn is None else asked.pop(drawn.generation, None)
        if begun is not None:
            panel.sheet.repaint()  # type: ignore[attr-defined]
            latencies.append((time.perf_counter() - begun) * 1000)

    def move(turn: int) -> None:
        begun, renderer = time.perf_counter(), session.drawings.renderer
        panel._mix(0.5 + 0.45 * math.sin(turn * 0.1))  # type: ignore[attr-defined]
        assert renderer is not None
        asked[renderer.newest("sheet")] = begun

    session.sheet_changed.connect(answer)
    _moved(move, 2 * EVERY)
    window.close()
    return {"latency_ms": percentiles(latencies), "sheets": len(latencies)}


def strokes(data_dir: str) -> dict[str, Any]:
    """From a stroke of the pen to the painted reconstruction, in a `vae conv-2d` that encodes."""
    from models.job import Job

    session, window = opened()
    window.show()
    session.start()
    until(lambda: session.state.catalog is not None)
    session.train(Job(family="vae", preset="conv-2d", dataset="digits", steps=60))
    until(lambda: bool(session.state.figures) and not session.state.phase.busy)
    window.docks.show("own")
    session.owns.draw_on()
    asked: dict[bytes, float] = {}
    latencies: list[float] = []

    def answer() -> None:
        found = session.state.own.found
        begun = None if found is None or found.original is None else asked.pop(found.original.tobytes(), None)
        if begun is not None:
            window.own_view.found.repaint()
            latencies.append((time.perf_counter() - begun) * 1000)

    session.own_changed.connect(answer)
    pen = _Pen(session)

    def move(turn: int) -> None:
        begun = time.perf_counter()
        asked[pen.move(turn).tobytes()] = begun

    _moved(move, EVERY)
    window.close()
    return {"latency_ms": percentiles(latencies), "answers": len(latencies)}


class _Pen:
    """Draws circles that grow, a new stroke a second."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def move(self, turn: int) -> np.ndarray[Any, Any]:
        """One move of the hand; the drawing after it."""
        from explorer.strokes import Stroke

        sketch = self._session.state.sketch
        assert sketch is not None
        if turn % 60 == 0:
            self._stroke = Stroke(np.zeros_like(sketch.pixels), sketch.ink)
        angle = turn * 0.2
        pixels = self._stroke.reach((14 + 8 * math.cos(angle), 14 + 8 * math.sin(angle)), 1.4)
        self._session.owns.paint(pixels, turn // 60 + 1)
        return pixels


def inversion(data_dir: str) -> dict[str, Any]:
    """Error of test digits brought to `cgan-stable-mnist` after 5 s each, on one thread."""
    from models.datasets.mnist import Mnist
    from models.job import Control, finished
    from models.own_events import OwnPicture
    from models.own_pictures import find
    from models.subject import Subject

    os.environ["OMP_NUM_THREADS"] = "1"
    data = finished(Mnist(Mnist.params_type.read({"data_dir": data_dir}, of="mnist")).load(Control()))
    weights = Subject.of_run(CGAN).weights
    assert weights is not None
    errors, seconds = [], []
    for place in range(10):
        pixels = data.test_images[place].permute(1, 2, 0).numpy()
        control, start, last = Control(), time.perf_counter(), None
        for last in find(OwnPicture(pixels=pixels), weights, control):  # noqa: B007  # the last one counts
            if time.perf_counter() - start > 5:
                control.stop()
        assert last is not None
        errors.append(float(last.error or 0.0))
        seconds.append(time.perf_counter() - start)
    return {"mse": percentiles(errors), "seconds": percentiles(seconds)}


def _moved(move: Callable[[int], None], every: int) -> None:
    """Let a hand move for some seconds."""
    from PySide6.QtCore import Qt, QTimer

    turns = iter(range(10**9))
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=every)
    timer.timeout.connect(lambda: move(next(turns)))
    timer.start()
    wait(SECONDS)
    timer.stop()
    wait(0.5)
