"""Fetching files from the first of several addresses that gives them whole: what its checksum does not vouch for goes.

A file under way stands beside its place with the ending `.part`, and never becomes the file before it is whole. A lock
in the folder lets two programs share one download.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from models import atomic
from models.datasets import answer
from models.datasets.answer import Answer, Head, Unusable, is_page
from models.errors import Stopped, UserError, printable
from models.events import Working
from models.lock import NAME as LOCK
from models.lock import InUse, Lock, living_owner

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from models.events import Event
    from models.job import Control

PAUSES = (1.0, 3.0)  # seconds before all addresses are tried again
STEP = 0.1  # seconds until a stop is heard, and between two reports
LEAST = 1000  # bytes within `answer.TIMEOUT`; whoever sends less counts as silent


@dataclass(frozen=True)
class Remote:
    """A file on the network: its name, where it may be had, its MD5, and how many bytes it has at most."""

    name: str
    addresses: tuple[str, ...]
    md5: str
    most: int


def fetch(remotes: Sequence[Remote], folder: Path, title: str, control: Control) -> Generator[Event, None, None]:
    """Download those files of the data set called `title` into `folder`. Raises UserError and Stopped."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    with atomic.explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        yield from _fetched(remotes, folder, title, control)
    except BaseException:
        _take_back(new)
        raise


def _take_back(folders: Sequence[Path]) -> None:
    """Remove folders, the innermost first, that were made for what did not arrive; not one that holds anything."""
    for folder in folders:
        with contextlib.suppress(OSError):  # it is not empty, or gone
            if {path.name for path in folder.iterdir()} <= {LOCK}:
                (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()


def _fetched(remotes: Sequence[Remote], folder: Path, title: str, control: Control) -> Generator[Event, None, None]:
    """One file after another."""
    for remote in remotes:
        lock = yield from _turn(folder, remote.name, control)
        try:
            if not (folder / remote.name).is_file():  # else the other program has brought it meanwhile
                yield from _Fetching(remote, folder, control).whole()
        except _Vain as vain:
            names = ", ".join(other.name for other in remotes)
            raise UserError(
                f"{title} could not be downloaded: {remote.name} did not arrive ({vain}).",
                mend=f"Try again later, or put {names} from {urljoin(remote.addresses[0], '.')} "
                f"into {printable(folder)} by hand.",
            ) from vain
        finally:
            lock.release()


class _Vain(Exception):
    """No address gave the file; the reasons in words."""


def _turn(folder: Path, name: str, control: Control) -> Generator[Event, None, Lock]:
    """The lock of the folder, when no other program holds it any more."""
    while True:
        try:
            return Lock(folder)
        except InUse:
            owner = living_owner(folder) or "not known"
            yield Working("", 0, f"Waiting for {name}: another program downloads here ({owner})")
        if control.rest(STEP):
            raise Stopped


class _Fetching:
    """One file on its way: what has come of it, over all attempts."""

    def __init__(self, remote: Remote, folder: Path, control: Control) -> None:
        self._remote = remote
        self._control = control
        self._target = folder / remote.name
        self._part = folder / f"{remote.name}.part"
        self._file: IO[bytes]
        self._digest = hashlib.md5(usedforsecurity=False)
        self._done = 0
        self._total: int | None = None
        self._begun = self._heard = self._told = time.monotonic()
        self._begin = self._mark = 0

    def whole(self) -> Generator[Event, None, None]:
        """Fetch it to the end and put it into its place. Raises UserError, Stopped and _Vain."""
        with atomic.explained(self._part):
            try:
                with self._part.open("wb") as self._file:
                    yield from self._from_any_address()
                atomic.sync(self._part)
                os.replace(self._part, self._target)
            finally:
                self._part.unlink(missing_ok=True)
            atomic.sync(self._target.parent)

    def _from_any_address(self) -> Generator[Event, None, None]:
        """Try all addresses, and after a pause those again that may have recovered."""
        waiting = list(self._remote.addresses)
        reasons: dict[str, str] = {}
        for pause in (0.0, *PAUSES):
            if pause:
                yield Working("", 0, f"{reasons[waiting[0]]}; trying again")
            if self._control.rest(pause):
                raise Stopped
            for address in list(waiting):
                try:
                    return (yield from self._attempt(address))
                except Unusable as why:
                    reasons[address] = f"{urlsplit(address).hostname}: {why}"
                    if why.lasting:
                        waiting.remove(address)
                        self._start_over()
            if not waiting:
                break
        raise _Vain("; ".join(reasons.values()))

    def _attempt(self, address: str) -> Generator[Event, None, None]:
        """Go on with the file from one address. Raises Unusable."""
        self._heard, self._mark = time.monotonic(), self._done
        pieces = Answer(address, self._done)
        try:
            head = yield from self._next(pieces)
            assert isinstance(head, Head)
            self._open(head)
            while piece := (yield from self._next(pieces)):
                assert isinstance(piece, bytes)
                self._add(piece)
        finally:
            pieces.leave()
        if self._total is not None and self._done < self._total:
            raise Unusable(f"sent only {self._done:,} of {self._total:,} bytes")
        if self._digest.hexdigest() != self._remote.md5:
            resumed = self._begin > 0
            self._start_over()
            raise Unusable("sent something else than this file: the checksum is wrong", lasting=not resumed)

    def _next(self, pieces: Answer) -> Generator[Event, None, Head | bytes]:
        """What comes next, hearing a stop meanwhile and telling how far it is."""
        while True:
            if self._control.stopping:
                raise Stopped
            item = pieces.next(STEP)
            now = time.monotonic()
            come = self._done - self._mark + (len(item) if isinstance(item, bytes) else 0)
            if now - self._heard > answer.TIMEOUT:
                if come < LEAST and item != b"" and not isinstance(item, Head):
                    raise Unusable(f"was silent for {answer.TIMEOUT:g} seconds")
                self._heard, self._mark = now, self._done
            if now - self._told >= STEP or self._done == 0:
                self._told = now
                yield self._report(now)
            if item is not None:
                return item

    def _open(self, head: Head) -> None:
        """Be ready for an answer that begins so."""
        if head.begin != self._done:
            self._start_over()
        self._begin, self._begun, self._total = head.begin, time.monotonic(), head.total
        if head.total is None:
            return
        if head.total > self._remote.most:
            most = self._remote.most / 1e6
            raise Unusable(f"offers {head.total / 1e6:,.1f} MB where there are at most {most:,.1f}", lasting=True)
        missing = head.total - self._done
        with atomic.explained(self._part, missing):
            if shutil.disk_usage(self._part.parent).free < missing:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _add(self, piece: bytes) -> None:
        if self._done == 0 and is_page(piece):
            raise Unusable("sent a web page instead of the file", lasting=True)
        self._done += len(piece)
        if self._done > self._remote.most:
            raise Unusable("sends without end", lasting=True)
        self._digest.update(piece)
        with atomic.explained(self._part):
            self._file.write(piece)

    def _start_over(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._digest = hashlib.md5(usedforsecurity=False)
        self._done = 0

    def _report(self, now: float) -> Working:
        """How many bytes have come, of how many, and how long the rest takes at this pace."""
        total = self._total or 0
        size, unit = (1e6, "MB") if max(self._done, total) >= 1e6 else (1e3, "kB")
        of = f" of {total / size:.1f}" if total else ""
        what = f"Downloading {self._remote.name}, {self._done / size:.1f}{of} {unit}"
        come, passed = self._done - self._begin, now - self._begun
        left = (total - self._done) / come * passed if total and come > 0 and passed > 0.5 else None
        return Working("", 0, what, min(self._done / total, 1.0) if total else None, left)
