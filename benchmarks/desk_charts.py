"""Rows of the desk: the planes of 60,000 codes, and layouts of 10,000 with the window live."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.common import percentiles
from benchmarks.window import opened, until
from models.events import Embedded, HeldOut, RunInfo, Started

WIDTH, MANY, MAPPED = 64, 60_000, 10_000


def clusters(count: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Codes [count, WIDTH] around ten middles, and which of these each belongs to."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % 10
    middles = 2 * random.standard_normal((10, WIDTH))
    return (middles[labels] + random.standard_normal((count, WIDTH))).astype(np.float32), labels


def pca(data_dir: str) -> dict[str, Any]:
    """The plane of 60,000 x 64 codes and their places on it; the same in space."""
    from models import charts, projection

    codes, _ = clusters(MANY)
    seconds: dict[str, list[float]] = {"pca": [], "pca-3d": []}
    for kind, times in seconds.items():
        for _ in range(5):
            start = time.perf_counter()
            projection.project(codes, charts.made(kind, {}, codes))
            times.append(time.perf_counter() - start)
    return {f"{kind}_seconds": percentiles(times) for kind, times in seconds.items()}


def tsne(data_dir: str) -> dict[str, Any]:
    """t-SNE of 10,000 codes."""
    return _laid("tsne")


def umap(data_dir: str) -> dict[str, Any]:
    """UMAP of 10,000 codes."""
    return _laid("umap")


def _laid(kind: str) -> dict[str, Any]:
    """A layout in the real window, with the import of its library: seconds, gaps of a 10 ms timer, and the stop."""
    from PySide6.QtCore import Qt, QTimer

    from models import projection

    session, window = opened()
    window.show()
    session.start()
    until(lambda: session.state.catalog is not None)
    codes, labels = clusters(MAPPED)
    info = RunInfo(
        "run", "run", "vae", "dense", "codes", {}, frozenset({"encode"}), WIDTH, (1, 8, 8),
        tuple("abcdefghij"), "cpu", "fp32", 0, 1,
    )  # fmt: skip
    plane = projection.fit(codes)
    pictures = np.zeros((MAPPED, 8, 8, 1), np.uint8)
    embedded = Embedded("run", 1, codes, projection.project(codes, plane), plane)
    session._apply_all([Started("run", 0, info, None, False), HeldOut("run", 0, pictures, labels), embedded])
    ticks: list[float] = []
    heartbeat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=10)
    heartbeat.timeout.connect(lambda: ticks.append(time.perf_counter() * 1000))
    heartbeat.start()
    moves: list[float] = []
    session.embedding_changed.connect(lambda: moves.append(time.perf_counter()))
    start, used = time.perf_counter(), time.process_time()
    session.projecting.choose(kind)
    until(lambda: session.state.laying is None, 600)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    heartbeat.stop()
    gaps = [later - sooner for sooner, later in pairwise(ticks)]
    stopping = _stopping(session, kind)
    window._asks = False
    window.close()
    return {
        "seconds": seconds, "processor_seconds": processor, "map_moves": len(moves), "gaps_ms": percentiles(gaps),
        "stop_seconds": stopping,
    }  # fmt: skip


def _stopping(session: Any, kind: str) -> float:
    """Seconds from a stop in the middle of the work until its lane is free."""
    session.projecting.choose(kind, {"seed": 1})
    until(lambda: session.state.laying is not None and (session.state.laying.share or 0) > 0.3, 600)
    start = time.perf_counter()
    session.projecting.stop()
    until(lambda: not session.lane("charts").busy)
    return time.perf_counter() - start
