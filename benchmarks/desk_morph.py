"""Rows of the desk: pictures a second while a morph plays, and the search for the shortest way."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.common import ROOT, percentiles
from benchmarks.window import opened, until, wait

SECONDS = 10.0  # of playing
RUNS = ("vae-dense-2d-digits", "cgan-stable-mnist", "stylegan-faces")


def playback(data_dir: str) -> dict[str, Any]:
    """A morph through four points played in the whole window: painted pictures a second, and ms between two."""
    session, window = opened()
    window.show()
    figures: dict[str, Any] = {}
    for name in RUNS:
        session.start(ROOT / "resources" / "runs" / name) if not figures else session.open_run(
            ROOT / "resources" / "runs" / name
        )
        until(lambda name=name: session.state.run is not None and name in session.state.run.folder)
        until(lambda: session.state.weights is not None and session.state.embedding is not None)
        for index in (3, 17, 42, 8):
            session.select(index)
            session.pin_next()
        window.docks.show("desk")
        desk: Any = window.docks.view("desk")
        desk.show_page("morph")
        page: Any = desk.page("morph")
        until(lambda: session.state.film is not None)
        wait(1)
        moments: list[float] = []
        told = session.picture_changed.connect(lambda moments=moments: moments.append(time.perf_counter()))
        used = time.process_time()
        page.toggle()
        wait(SECONDS)
        page.pause()
        session.picture_changed.disconnect(told)
        figures[name] = {
            "pictures_a_second": round(len(moments) / SECONDS, 1),
            "between_ms": percentiles(np.diff(moments) * 1000),
            "processor_share": round((time.process_time() - used) / SECONDS, 2),
        }
    window.close_unasked()
    return figures


def shortest(data_dir: str) -> dict[str, Any]:
    """Processor seconds of the shortest way between two points on one thread, and how much shorter it is."""
    import torch

    from models.geodesic import shortest as seek
    from models.job import Control
    from models.painter import Painter
    from models.path_events import Ends
    from models.subject import Subject

    torch.set_num_threads(1)
    figures: dict[str, Any] = {}
    for name in RUNS:
        subject = Subject.of_run(ROOT / "resources" / "runs" / name)
        assert subject.weights is not None
        assert subject.codes is not None
        painter, eye = Painter.of(subject.weights), np.eye(max(1, subject.classes), dtype=np.float32)
        shares = (None, None) if not subject.classes or subject.labels is None else eye[subject.labels[[3, 17]]]
        used = time.process_time()
        *_, last = seek(painter, Ends(subject.codes[3], subject.codes[17], *shares), "", 0, Control())
        seconds = time.process_time() - used
        figures[name] = {"seconds": round(seconds, 2), "straight": last.straight, "shortest": last.length}
    return figures
