"""What one address on the network sends, piece by piece, and in words why it does not.

Looking up a name and waiting for bytes cannot be interrupted, so each answer is awaited by a thread of its own, which
nobody has to wait for: a stop is heard at once, and the thread ends by itself at its next byte or timeout.
"""

from __future__ import annotations

import queue
import re
import ssl
import threading
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

TIMEOUT = 10.0  # seconds of silence until an address counts as dead
CHUNK = 2**16  # bytes of a piece at most
AHEAD = 8  # pieces that wait for their reader
PASSING = (408, 425, 429, 500, 502, 503, 504)  # answers that may be another one in a moment


class Unusable(Exception):
    """An answer that is not the file, with the reason in words; `lasting` when asking again makes no sense."""

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


@dataclass(frozen=True)
class Head:
    """How an answer begins: at which byte of the file, and how many bytes the whole file has, if that is told."""

    begin: int
    total: int | None


class Answer(threading.Thread):
    """The answer of one address from byte `begin` on; its reader calls `next` for pieces, and `leave` at the end."""

    def __init__(self, address: str, begin: int) -> None:
        super().__init__(name="answer", daemon=True)
        self.address = address
        self._begin = begin
        self._items: queue.Queue[Head | bytes | Exception] = queue.Queue(AHEAD)
        self._left = threading.Event()
        self.start()

    def next(self, timeout: float) -> Head | bytes | None:
        """The head, then pieces, then `b""`; None when nothing came within `timeout` seconds. Raises Unusable."""
        try:
            item = self._items.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(item, (OSError, HTTPException, ValueError)):
            raise Unusable(_reason(item) + _by_proxy(self.address), lasting=_lasting(item)) from item
        if isinstance(item, Exception):
            raise item
        return item

    def leave(self) -> None:
        """Want no more of it."""
        self._left.set()

    def run(self) -> None:
        """Ask, and hand on what comes."""
        headers = {"User-Agent": "latent-explorer", "Accept-Encoding": "identity"}
        if self._begin:
            headers["Range"] = f"bytes={self._begin}-"
        try:
            request = urllib.request.Request(self.address, headers=headers)
            opener = urllib.request.build_opener()  # with the proxies that are set now
            with opener.open(request, timeout=TIMEOUT) as response:
                self._hand_on(_head(response, self._begin))
                while not self._left.is_set() and (piece := response.read1(CHUNK)):
                    self._hand_on(piece)
            self._hand_on(b"")
        except HTTPError as error:
            error.close()
            self._hand_on(error)
        except Exception as error:  # told to the reader, who knows what to do
            self._hand_on(error)

    def _hand_on(self, item: Head | bytes | Exception) -> None:
        while not self._left.is_set():
            try:
                return self._items.put(item, timeout=0.5)
            except queue.Full:
                continue


def is_page(start: bytes) -> bool:
    """Whether content that begins so is a web page."""
    return start.lstrip()[:9].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<head"))


def _head(response: HTTPResponse, asked: int) -> Head:
    if response.status != 206:
        return Head(0, response.length)
    told = re.match(r"bytes (\d+)-\d+/(\d+|\*)$", response.headers.get("Content-Range", ""))
    if told is None or int(told[1]) != asked:
        raise ValueError("it sent another part of the file than it was asked for")
    return Head(asked, None if told[2] == "*" else int(told[2]))


def _lasting(error: Exception) -> bool:
    """Whether the same address would only say the same again."""
    if isinstance(error, HTTPError):
        return error.code not in PASSING
    cause = error.reason if isinstance(error, URLError) else error
    return isinstance(cause, (ssl.SSLCertVerificationError, ValueError, str))


def _reason(error: BaseException | str) -> str:
    """Why an address did not give the file, in words."""
    if isinstance(error, HTTPError):
        return f"answered {error.code} {error.reason}"
    if isinstance(error, URLError):
        return _reason(error.reason)
    if isinstance(error, TimeoutError):
        return f"was silent for {TIMEOUT:g} seconds"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted here ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection ({error.reason})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def _by_proxy(address: str) -> str:
    """Which proxy stood between, if any: its name alone, since its address may hold a password."""
    parts = urlsplit(address)
    proxy = urllib.request.getproxies().get(parts.scheme)
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return f", through the proxy {urlsplit(proxy).hostname or 'that is set here'}"
