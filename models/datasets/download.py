"""Fetching a file from the first of several addresses that gives it whole; what is cut short is never kept."""

from __future__ import annotations

import hashlib
import os
import ssl
import tempfile
import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from models.atomic import explained
from models.errors import Stopped, UserError
from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from models.events import Event
    from models.job import Control

TIMEOUT = 10.0  # seconds without a byte until the next address is tried
CHUNK = 2**16
LIMIT = 2**30  # bytes; no file that we fetch comes near it


def fetch(addresses: Sequence[str], target: Path, md5: str, control: Control) -> Generator[Event, None, None]:
    """Download `target` from the first address whose content has that checksum. Raises UserError and Stopped."""
    reasons = []
    for address in addresses:
        try:
            yield from _fetch(address, target, md5, control)
            return
        except (OSError, HTTPException, _Unusable) as error:
            reasons.append(f"{urlsplit(address).hostname}: {_reason(error)}")
    raise UserError(f"{target.name} did not arrive ({'; '.join(reasons)}).")


class _Unusable(Exception):
    """An answer that is not the file, with the reason in words."""


def _fetch(address: str, target: Path, md5: str, control: Control) -> Generator[Event, None, None]:
    """Write the answer beside `target` under a name of its own, so that two programs may download at once."""
    request = urllib.request.Request(address, headers={"User-Agent": "latent-explorer"})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
        with explained(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, part = tempfile.mkstemp(".part", target.name, target.parent)
        try:
            with open(handle, "wb") as file:
                yield from _copy(response, file, target, md5, control)
            with explained(target):
                os.replace(part, target)
        finally:
            if os.path.exists(part):
                os.unlink(part)


def _copy(
    response: HTTPResponse, file: IO[bytes], target: Path, md5: str, control: Control
) -> Generator[Event, None, None]:
    expected = response.length  # counts down while reading
    digest = hashlib.md5(usedforsecurity=False)
    done = 0
    while chunk := response.read(CHUNK):
        if control.stopping:
            raise Stopped
        done += len(chunk)
        if done > LIMIT:
            raise _Unusable("sends without end")
        digest.update(chunk)
        with explained(target):
            file.write(chunk)
        yield Working("", 0, f"Downloading {target.name}", min(done / expected, 1.0) if expected else None)
    if digest.hexdigest() != md5:
        raise _Unusable("sent something else, or only a part")


def _reason(error: Exception) -> str:
    """Why an address did not give the file, in words."""
    if isinstance(error, HTTPError):
        return f"answered {error.code} {error.reason}"
    if isinstance(error, URLError) and isinstance(error.reason, OSError):
        return _reason(error.reason)
    if isinstance(error, TimeoutError):
        return f"was silent for {TIMEOUT:g} seconds"
    if isinstance(error, ssl.SSLError):
        return f"its certificate is not trusted here ({error.reason})"
    return str(error) or type(error).__name__
