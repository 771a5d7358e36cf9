"""Text inside pictures and films, in the places that their formats keep for it: put in, and found again.

PNG has it as iTXt, GIF as a comment; SVG, PDF, WebP and MP4 have it as XMP, which is XML. What is read may come from
anybody: nothing is unpacked or parsed but the few bytes around the text, and no more is read than a text may be long.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import escape, unescape

from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

KEY = b"latent-explorer-recipe"
BLOCKS = 1_000_000  # of a file, at most; who has more is not looked through

XMP_BEGIN, XMP_END = b"<latent:recipe>", b"</latent:recipe>"
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:latent="urn:latent-explorer:1"><latent:recipe>%s</latent:recipe></rdf:Description></rdf:RDF>'
)
PACKET = (
    b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">%s</x:xmpmeta>'
    b'<?xpacket end="r"?>'
)
XMP_BOX = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # the type of a box of XMP in MP4 (XMP, part 3)


class Unreadable(ValueError):
    """A text is there, but cut, damaged or too long; the words say which."""


# ---- PNG


def _png_with(file: bytes, text: bytes) -> bytes:
    """After the first chunk, so that who opens it need not read the pixels first."""
    body = b"iTXt" + KEY + b"\0\0\0\0\0" + text
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return file[:33] + chunk + file[33:]


def _png_text(file: IO[bytes], limit: int) -> bytes | None:
    file.seek(8)
    for _ in range(BLOCKS):
        head = file.read(8)
        if len(head) < 8 or head[4:] == b"IEND":
            return None
        (length,) = struct.unpack(">I", head[:4])
        start = file.tell()
        if head[4:] == b"iTXt" and file.read(len(KEY) + 1) == KEY + b"\0":
            file.seek(start)
            body = _bounded(file, length, limit)
            if file.read(4) != struct.pack(">I", zlib.crc32(b"iTXt" + body)) or body[len(KEY) + 1] != 0:
                raise Unreadable("it is damaged")
            return body[len(KEY) + 3 :].split(b"\0", 2)[-1]
        file.seek(start + length + 4)
    return None


# ---- GIF


def _gif_with(file: bytes, text: bytes) -> bytes:
    """A comment before the end."""
    told = KEY + b":" + text
    parts = (told[start : start + 255] for start in range(0, len(told), 255))
    comment = b"".join(bytes([len(part)]) + part for part in parts)
    return b"GIF89a" + file[6:].rstrip(b"\0")[:-1] + b"!\xfe" + comment + b"\0;"


def _gif_text(file: IO[bytes], limit: int) -> bytes | None:
    file.seek(10)
    _skip_colors(file)
    file.seek(13 + (file.tell() - 11))
    for _ in range(BLOCKS):
        kind = file.read(1)
        if kind == b"!":
            comment = file.read(1) == b"\xfe"
            told = _sub_blocks(file, limit if comment else 0)
            if told.startswith(KEY + b":"):
                return told[len(KEY) + 1 :]
        elif kind == b",":
            file.seek(8, io.SEEK_CUR)
            _skip_colors(file)
            file.seek(1, io.SEEK_CUR)
            _sub_blocks(file, 0)
        else:
            return None
    return None


def _skip_colors(file: IO[bytes]) -> None:
    """Read the flags of a screen or picture, and pass over the table of colours that they promise."""
    flags = (file.read(1) or b"\0")[0]
    if flags & 0x80:
        file.seek(3 * (2 << (flags & 7)), io.SEEK_CUR)


def _sub_blocks(file: IO[bytes], limit: int) -> bytes:
    """The content of a chain of blocks; with a limit of 0 it is passed over."""
    content = bytearray()
    while length := (file.read(1) or b"\0")[0]:
        if not limit:
            file.seek(length, io.SEEK_CUR)
            continue
        content += _bounded(file, length, 255)
        if not content.startswith(KEY[: len(content)]):
            limit = 0
        elif len(content) > limit:
            raise Unreadable("it is too long")
    return bytes(content)


# ---- XMP: SVG, PDF, WebP, MP4


def _packet(text: bytes) -> bytes:
    return PACKET % (RDF % _escaped(text))


def _escaped(text: bytes) -> bytes:
    return escape(text.decode("ascii")).encode("ascii")


def _unpacked(packet: bytes) -> bytes | None:
    """The text in a packet of XMP, or the last one in a file that holds some; None where there is none."""
    start = packet.rfind(XMP_BEGIN)
    if start < 0:
        return None
    end = packet.find(XMP_END, start)
    if end < 0:
        raise Unreadable("it is cut or too long")
    return unescape(packet[start + len(XMP_BEGIN) : end].decode("ascii", "replace")).encode()


def _svg_with(file: bytes, text: bytes) -> bytes:
    """The first thing in the picture."""
    opened = re.search(rb"<svg\b[^>]*>", file)
    assert opened is not None
    return file[: opened.end()] + b"<metadata>" + RDF % _escaped(text) + b"</metadata>" + file[opened.end() :]


def _svg_text(file: IO[bytes], limit: int) -> bytes | None:
    file.seek(0)
    return _unpacked(file.read(2 * limit))


def _pdf_with(file: bytes, text: bytes) -> bytes:
    """An update at the end of the file, as the format has it: the metadata of the catalogue."""
    old = int(file[file.rindex(b"startxref") + 9 :].split()[0])
    trailer = file[file.rindex(b"trailer") :]
    size, root = (int(re.search(rb"/%s (\d+)" % name, trailer)[1]) for name in (b"Size", b"Root"))  # type: ignore[index]
    info = re.search(rb"/Info \d+ \d+ R", trailer)
    catalog = re.search(rb"(?:^|\s)%d 0 obj\s*<<(.*?)>>\s*endobj" % root, file, re.DOTALL)
    assert catalog is not None
    packet = _packet(text)
    stream = b"<</Type/Metadata/Subtype/XML/Length %d>>stream\n%s\nendstream" % (len(packet), packet)
    places, more = {}, b""
    for number, content in ((root, b"<<%s/Metadata %d 0 R>>" % (catalog[1], size)), (size, stream)):
        places[number] = len(file) + len(more)
        more += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in places.items())
    told = b"<</Size %d/Root %d 0 R/Prev %d%s>>" % (size + 1, root, old, info[0] if info else b"")
    return file + more + b"xref\n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n" % (table, told, len(file) + len(more))


def _pdf_text(file: IO[bytes], limit: int) -> bytes | None:
    file.seek(max(0, file.seek(0, io.SEEK_END) - 2 * limit))
    return _unpacked(file.read())


def _webp_with(file: bytes, text: bytes) -> bytes:
    """A chunk of XMP at the end; a plain picture is given the head that says so."""
    chunks = file[12:]
    if chunks[:4] != b"VP8X":
        with Image.open(io.BytesIO(file)) as image:
            size = b"".join((extent - 1).to_bytes(3, "little") for extent in image.size)
            flags = 0x10 if image.mode == "RGBA" else 0
        chunks = b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + size + chunks
    chunks = chunks[:8] + bytes([chunks[8] | 0x04]) + chunks[9:]
    packet = _packet(text)
    chunks += b"XMP " + struct.pack("<I", len(packet)) + packet + b"\0" * (len(packet) % 2)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _webp_text(file: IO[bytes], limit: int) -> bytes | None:
    file.seek(12)
    for _ in range(BLOCKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        (length,) = struct.unpack("<I", head[4:])
        if head[:4] == b"XMP ":
            return _unpacked(_bounded(file, length, 2 * limit))
        file.seek(length + length % 2, io.SEEK_CUR)
    return None


def _mp4_with(file: bytes, text: bytes) -> bytes:
    """A box of XMP at the end."""
    packet = _packet(text)
    return file + struct.pack(">I4s16s", len(packet) + 24, b"uuid", XMP_BOX) + packet


def _mp4_text(file: IO[bytes], limit: int) -> bytes | None:
    for start, length, kind in _boxes(file):
        if kind == b"uuid" and file.read(16) == XMP_BOX:
            return _unpacked(_bounded(file, length - (file.tell() - start), 2 * limit))
    return None


def _boxes(file: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Where each outermost box begins, how long it is, and its kind; the file stands behind its head."""
    start, end = 0, file.seek(0, io.SEEK_END)
    for _ in range(BLOCKS):
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        length = int.from_bytes(head[:4], "big")
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        elif length == 0:
            length = end - start
        if length < 8:
            return
        yield start, length, head[4:]
        start += length


def _bounded(file: IO[bytes], length: int, limit: int) -> bytes:
    """So many bytes. Raises Unreadable when they are too many, or not there."""
    if length > limit:
        raise Unreadable("it is too long")
    content = file.read(length)
    if len(content) < length:
        raise Unreadable("it is cut")
    return content


PUT: Mapping[str, Callable[[bytes, bytes], bytes]] = {
    ".png": _png_with, ".gif": _gif_with, ".svg": _svg_with, ".pdf": _pdf_with, ".webp": _webp_with, ".mp4": _mp4_with,
}  # fmt: skip
FIND: Sequence[tuple[int, bytes, Callable[[IO[bytes], int], bytes | None]]] = (
    (0, b"\x89PNG\r\n\x1a\n", _png_text), (0, b"GIF8", _gif_text), (0, b"%PDF", _pdf_text),
    (0, b"RIFF", _webp_text), (4, b"ftyp", _mp4_text), (0, b"<", _svg_text),
)  # fmt: skip


def with_text(file: bytes, suffix: str, text: str) -> bytes:
    """The content of a picture or film, of a kind in `PUT`, with a text of plain ASCII in it; all else is as it was."""
    return PUT[suffix](file, text.encode("ascii"))


def text_in(file: IO[bytes], limit: int) -> bytes | None:
    """The text of at most `limit` bytes in a file of any kind; None without one. Raises Unreadable, and OSError."""
    file.seek(0)
    head = file.read(16)
    found = next((find for at, mark, find in FIND if head[at:].startswith(mark)), None)
    text = None if found is None else found(file, limit)
    if text is not None and len(text) > limit:
        raise Unreadable("it is too long")
    return text
