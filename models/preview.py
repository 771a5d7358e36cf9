"""What an export would write, as one picture in memory: to look at before it is saved, or for the clipboard."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.errors import Stopped
from models.events import Exported, Rendered
from models.export import export

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.events import Event
    from models.export import Subject
    from models.job import Control


def drawn(kind: str, subject: Subject, options: Mapping[str, Any], control: Control) -> Iterator[Event]:
    """Export as PNG into a folder that vanishes, and answer with the picture [1, h, w, c] under the key "export".

    Raises UserError as `export` does; stopped, it ends without a word, for somebody else asked anew.
    """
    began = time.perf_counter()
    with TemporaryDirectory() as folder:
        out = Path(folder) / "preview.png"
        try:
            yield from (event for event in export(kind, subject, out, options, control) if type(event) is not Exported)
        except Stopped:
            return
        with Image.open(out) as image:
            pixels = np.asarray(image.convert("L" if image.mode == "L" else "RGB"))
    pictures = pixels.reshape(1, *pixels.shape[:2], -1)
    seconds = time.perf_counter() - began
    yield Rendered(subject.info.id, subject.step, "export", 0, np.empty((0, 0), np.float32), pictures, seconds)
