"""Many picture files to one array: decoded in parallel, in the order of the files, the damaged ones left out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from models import device
from models.datasets.picture import read_picture
from models.datasets.room import Room
from models.errors import Stopped, UserError
from models.pacing import Headway

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from models.datasets.picture import Background, Decoded, Mode
    from models.events import Event
    from models.job import Control

READERS = 4  # threads at most: decoding lets go of the interpreter, and more would only wait for each other
AHEAD = 256  # pictures handed to the readers at once

Colour = Literal["auto", "grey", "rgb"]


@dataclass(frozen=True)
class Rule:
    """How every picture is brought to the same form."""

    side: int
    colour: Colour
    background: Background

    @property
    def mode(self) -> Mode:
        """What to decode to before it is known whether there is any colour."""
        return "L" if self.colour == "grey" else "RGB"


@dataclass
class Pictures:
    """Whole pictures [n, channels, side, side] in the order of their files; why others are not among them, by index.

    `sizes` are the widths and heights in the files, `lasting` says that another try would end the same.
    """

    images: NDArray[np.uint8]
    damaged: dict[int, str] = field(default_factory=dict)
    sizes: set[tuple[int, int]] = field(default_factory=set)
    lasting: bool = True


def decode(paths: Sequence[str], rule: Rule, control: Control) -> Generator[Event, None, Pictures]:
    """Read all the files, telling how far it is. Raises Stopped, and UserError only where there is no room."""

    def read(path: str) -> Decoded | UserError:
        if control.stopping:
            raise Stopped
        try:
            return read_picture(path, rule.side, rule.mode, rule.background)
        except UserError as error:
            return error

    colourful = rule.colour == "rgb"
    headway = Headway("Reading pictures", len(paths))
    pool = ThreadPoolExecutor(min(READERS, device.cores()), "read-pictures")
    with Room(len(paths), (len(rule.mode), rule.side, rule.side)) as room:
        made = Pictures(room.filled())
        try:
            for first in range(0, len(paths), AHEAD):
                for index, result in enumerate(pool.map(read, paths[first : first + AHEAD]), first):
                    if isinstance(result, UserError):
                        made.damaged[index] = result.what
                        made.lasting = made.lasting and not getattr(result.__cause__, "errno", None)
                    else:
                        room.add(result.pixels[None])
                        made.sizes.add(result.size)
                        colourful = colourful or bool((result.pixels != result.pixels[:1]).any())
                    yield from headway.at(index + 1)
        finally:
            pool.shutdown(cancel_futures=True)
        made.images = room.filled() if colourful else room.filled()[:, :1]
    return made
