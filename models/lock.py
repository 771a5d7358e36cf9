"""Who works in a run's folder: a lock that the system itself gives back when its owner dies."""

from __future__ import annotations

import json
import os
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from models.atomic import explained
from models.errors import UserError, printable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

if TYPE_CHECKING:
    from pathlib import Path

NAME = "owner.lock"
FAR = 2**30  # Windows forbids reading locked bytes, so it locks one far behind the text


@dataclass(frozen=True)
class Owner:
    """A process that trains into a run's folder."""

    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        """As a sentence goes on: "process 812 on lab-3 since 2026-11-20 20:35:12"."""
        return f"process {self.pid} on {printable(self.host)} since {printable(self.since)}"


class InUse(UserError):
    """Somebody else holds the lock."""


class Lock:
    """Held from construction to `release`. Raises InUse, a UserError that names the living owner."""

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        with explained(path):
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        if not _try_lock(self._handle, alone=True):
            os.close(self._handle)
            owner = _read(path)
            raise InUse(
                f"This run is in use by {owner or 'another process'}.",
                mend="Stop that training first, or choose another folder.",
                path=folder,
            )
        me = Owner(os.getpid(), socket.gethostname(), f"{datetime.now():%Y-%m-%d %H:%M:%S}")
        try:
            with explained(path):
                os.ftruncate(self._handle, 0)
                os.write(self._handle, json.dumps(asdict(me)).encode())
        except UserError:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Give the folder back; the file stays, since removing it would let two processes hold two locks."""
        os.ftruncate(self._handle, 0)
        os.close(self._handle)


def living_owner(folder: Path) -> Owner | None:
    """Who works in this folder now; None when nobody does or the last one died."""
    path = folder / NAME
    owner = _read(path)
    if owner is None or _is_dead(owner):
        return None
    try:
        handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    except OSError:
        return None  # gone since, or not ours to look at: nobody of us can be writing there
    try:
        return None if _try_lock(handle, alone=False) else owner
    finally:
        os.close(handle)


def _is_dead(owner: Owner) -> bool:
    """Whether that process of this machine has ended; asked first, so that looking seldom needs the lock."""
    if sys.platform == "win32" or owner.host != socket.gethostname():
        return False
    try:
        os.kill(owner.pid, 0)
    except PermissionError:
        return False
    except (OSError, OverflowError):
        return True
    return False


def _try_lock(handle: int, *, alone: bool) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(handle, FAR, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
            os.lseek(handle, 0, os.SEEK_SET)
        else:
            fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _read(path: Path) -> Owner | None:
    """The owner written in a lock file; None when it is released, missing or unreadable."""
    try:
        text = path.read_bytes()[:4096] if path.is_file() else b""
        fields = json.loads(text)
        return Owner(int(fields["pid"]), str(fields["host"]), str(fields["since"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
