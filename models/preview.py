"""What an export would write, as one picture in memory: to look at before it is saved, or for the clipboard."""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from models.errors import Stopped
from models.events import Rendered
from models.export import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.events import Event
    from models.job import Control
    from models.subject import Subject


def drawn(kind: str, subject: Subject, options: Mapping[str, Any], control: Control) -> Iterator[Event]:
    """Make the PNG of `export` and answer with its picture [1, h, w, c] under the key "export".

    Raises UserError as `export` does; stopped, it ends without a word, for somebody else asked anew.
    """
    began = time.perf_counter()
    wanted = KINDS[kind].options.read(dict(options), of=kind)
    try:
        file = yield from KINDS[kind].make(subject, wanted, ".png", control)
    except Stopped:
        return
    with Image.open(io.BytesIO(file)) as image:
        pixels = np.asarray(image if image.mode == "L" else image.convert("RGB"))
    pictures = pixels.reshape(1, *pixels.shape[:2], -1)
    seconds = time.perf_counter() - began
    yield Rendered(subject.info.id, subject.step, "export", 0, np.empty((0, 0), np.float32), pictures, seconds)
