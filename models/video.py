"""Pictures that follow each other as one file: GIF, WebP or MP4."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from models.errors import Stopped, UserError
from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from models.events import Event, Pictures
    from models.grids import Sheet
    from models.job import Control

FILM_SUFFIXES = (".gif", ".webp", ".mp4")
GIF_FASTEST = 50  # pictures a second: what browsers show as fast as they are told
PALETTE_FROM = 16  # pictures whose colours a GIF's palette is chosen from
CLARITY = "14"  # of x264, whose 0 is lossless and 23 is usual: edges of large pixels stay crisp


def film(
    pictures: Pictures, scale: int, fps: int, suffix: str, again: bool, control: Control
) -> Generator[Event, None, bytes]:
    """The content of a file with one of `FILM_SUFFIXES`: pictures uint8 [n, h, w, c], each pixel `scale` times as wide.

    `again`: a GIF or WebP begins anew at its end; players of MP4 do as they are told. The same each time. Raises
    UserError where the format is too slow, Stopped when `control` says so.
    """
    if suffix == ".gif" and fps > GIF_FASTEST:
        mend = f"Choose {GIF_FASTEST} or fewer, or write a WebP or an MP4."
        raise UserError(f"A GIF cannot show {fps} pictures a second.", mend=mend)
    if suffix == ".mp4":
        return (yield from _mp4(pictures, scale, fps, control))
    yield Working("", 0, "Writing the film")
    frames = (_enlarged(picture, scale) for picture in _heard(pictures, control))
    return (_gif if suffix == ".gif" else _webp)(frames, pictures, fps, again)


def _heard(pictures: Pictures, control: Control) -> Iterator[Sheet]:
    for picture in pictures:
        if control.stopping:
            raise Stopped
        yield picture


def _enlarged(picture: Sheet, scale: int) -> Image.Image:
    large = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    return Image.fromarray(large[:, :, 0] if large.shape[2] == 1 else large)


def _durations(count: int, fps: int, unit: int) -> list[int]:
    """How many ms each picture stays, in whole units of so many ms: late ones make good what early ones lost."""
    ends = [round(1000 * number / fps / unit) * unit for number in range(count + 1)]
    return [later - earlier for earlier, later in itertools.pairwise(ends)]


def _gif(frames: Iterator[Image.Image], pictures: Pictures, fps: int, again: bool) -> bytes:
    if pictures.shape[3] == 3:
        some = pictures[:: -(-len(pictures) // PALETTE_FROM)]
        palette = Image.fromarray(np.concatenate(some)).quantize(256, Image.Quantize.MEDIANCUT)
        frames = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    more = {"loop": 0} if again else {}
    return _saved(frames, "GIF", duration=_durations(len(pictures), fps, 10), **more)


def _webp(frames: Iterator[Image.Image], pictures: Pictures, fps: int, again: bool) -> bytes:
    rgb = (frame.convert("RGB") for frame in frames)
    durations = _durations(len(pictures), fps, 1)
    return _saved(rgb, "WEBP", lossless=True, loop=0 if again else 1, duration=durations)


def _saved(frames: Iterator[Image.Image], form: str, **options: object) -> bytes:
    target = io.BytesIO()
    next(frames).save(target, form, save_all=True, append_images=frames, **options)
    return target.getvalue()


def _mp4(pictures: Pictures, scale: int, fps: int, control: Control) -> Generator[Event, None, bytes]:
    """H.264 in the colours that every player knows."""
    import av  # brings all of FFmpeg along

    target = io.BytesIO()
    high, wide = (side * scale for side in pictures.shape[1:3])
    even = ((0, high % 2), (0, wide % 2), (0, 0))
    with av.open(target, "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        settings = {"crf": CLARITY, "preset": "medium", "threads": "1"}
        stream = container.add_stream("libx264", rate=fps, options=settings)
        stream.height, stream.width, stream.pix_fmt = high + high % 2, wide + wide % 2, "yuv420p"
        for number, picture in enumerate(_heard(pictures, control)):
            if number % fps == 0:
                yield Working("", 0, "Writing the film", number / len(pictures))
            large = np.asarray(_enlarged(picture, scale).convert("RGB"))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.pad(large, even, mode="edge"), format="rgb24")))
        container.mux(stream.encode(None))
    return target.getvalue()
