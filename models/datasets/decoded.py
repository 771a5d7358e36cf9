"""Pictures decoded once and found again: by the list of their files, else by what is in these, wherever they lie.

An entry of the cache by the list holds no pictures, only the key of the one by content: a folder that was copied, or
whose files were touched, makes no second array.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from models import device
from models.datasets.cache import digest_of, forget, keep, kept
from models.datasets.decoding import AHEAD, READERS, Pictures, decode
from models.datasets.picture import opened
from models.errors import Stopped
from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from models.datasets.decoding import Rule
    from models.datasets.layout import Picture
    from models.events import Event
    from models.job import Control

VERSION = 1  # of the rule by which a picture becomes pixels: what an older one made is not used again
LARGE = 2**28  # bytes; a file of more is known by its size and dates alone, as reading it might take minutes


def decoded(root: Path, files: Sequence[Picture], rule: Rule, control: Control) -> Generator[Event, None, Pictures]:
    """The pictures of all these files below `root`, mapped from the cache if it has them. Raises Stopped, UserError."""
    listing = digest_of("folder", VERSION, rule, [(file.path[len(str(root)) :], *file[2:]) for file in files])
    known = kept(listing)
    content = known["content"].tobytes().hex() if known and "content" in known else listing
    found = _remembered(content, len(files))
    if found is not None:
        return found
    forget(listing)
    digests = yield from _digests(files, control)
    content = digest_of("folder content", VERSION, rule, digests)
    pictures = None if digests is None else _remembered(content, len(files))
    if pictures is None:
        pictures = yield from decode([file.path for file in files], rule, control)
        if digests is None or not pictures.lasting or not len(pictures.images) or not _as_listed(files):
            return pictures
        told = {"damaged": list(pictures.damaged.items()), "sizes": sorted(pictures.sizes)}
        words = np.frombuffer(json.dumps(told).encode(), np.uint8)
        pictures.images = keep(content, {"images": pictures.images, "told": words})["images"].view(np.uint8)
    keep(listing, {"content": np.frombuffer(bytes.fromhex(content), np.uint8)})
    return pictures


def _remembered(key: str, count: int) -> Pictures | None:
    """What was made of so many files by the same rule; None if it was not, or cannot be read any more."""
    found = kept(key)
    if found is None:
        return None
    with contextlib.suppress(ValueError, KeyError, TypeError):
        told = json.loads(found["told"].tobytes())
        made = Pictures(found["images"].view(np.uint8), dict(told["damaged"]), {(w, h) for w, h in told["sizes"]})
        if len(made.images) + len(made.damaged) == count:
            return made
    forget(key)
    return None


def _digests(files: Sequence[Picture], control: Control) -> Generator[Event, None, list[str] | None]:
    """What is in each file, as a digest; None if one of them cannot be read. Raises Stopped."""
    yield Working("", 0, "Comparing with pictures read earlier")
    digests: list[str] = []
    with ThreadPoolExecutor(min(READERS, device.cores()), "compare-pictures") as pool:
        for first in range(0, len(files), AHEAD):
            if control.stopping:
                raise Stopped
            try:
                digests += pool.map(_digest, files[first : first + AHEAD])
            except OSError:  # decoding will say why
                return None
    return digests


def _digest(file: Picture) -> str:
    if file.size > LARGE:
        return repr(file[2:])
    with opened(file.path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _as_listed(files: Sequence[Picture]) -> bool:
    """Whether no file has changed since it was listed, so that what was decoded is what the digests are of."""
    try:
        now = [os.stat(file.path) for file in files]
    except OSError:
        return False
    return all(
        (info.st_size, (info.st_mtime_ns, info.st_ctime_ns)) == file[2:] for info, file in zip(now, files, strict=True)
    )
