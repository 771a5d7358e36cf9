"""Where the parts of cartoon faces lie and what colours they have, worked out from their factors."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from models.datasets.face_factors import FACTORS, MAN, NAMES, column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.datasets.face_canvas import Region

    Number = NDArray[np.floating]  # float32 [n], one for each face
    Colour = NDArray[np.float32]  # [3, n], from 0 to 255

SKINS = ((255, 226, 208), (249, 208, 176), (234, 182, 142), (206, 148, 108), (168, 114, 82), (128, 86, 66))
HAIRS = ((48, 42, 52), (98, 58, 42), (206, 98, 44), (240, 200, 110), (176, 180, 190), (238, 122, 168))
IRISES = ((92, 58, 38), (96, 116, 60), (62, 138, 96), (66, 132, 190), (92, 122, 150), (128, 92, 178))
BACKGROUNDS = ((176, 216, 242), (178, 230, 206), (250, 234, 168), (253, 208, 172), (250, 196, 208), (212, 198, 242))
SHIRTS = ((240, 128, 100), (92, 120, 190), (96, 168, 160), (72, 138, 176), (84, 146, 120), (246, 172, 80))
ROSE = np.array([[236], [92], [104]], dtype=np.float32)

MIDDLE = -0.05  # of the head, downwards from the middle of the picture
HEIGHT = 0.55  # half of the head's
PIVOT = 0.55  # where the head tilts, downwards from the middle
ZOOM = 1.1  # by how much the head is larger than its measures, seen from there
EYES, BROWS, NOSE, MOUTH = 0.03, -0.215, 0.175, 0.315  # how far down they lie
APART = 27.0  # degrees from the middle of the face to an eye


@dataclass(frozen=True)
class Face:
    """Lengths [n] in halves of the picture's side and colours [3, n] of n faces."""

    man: Number  # 0 or 1
    smile: Number
    open: Number
    brow: Number
    length: Number  # of the hair, 0 to 1
    glasses: NDArray[np.int64]
    beard: NDArray[np.int64]
    wide: Number  # half of the head's width
    cosine: Number  # of the tilt
    sine: Number
    turn: Number  # sine of the turn: how far the nose points to the right
    front: Number  # how far what lies on the face moves to the right
    eyes: tuple[Number, Number]  # how far to the right the left and the right one lie
    narrow: tuple[Number, Number]  # their widths: 1 seen from the front, less at the far side
    skin: Colour
    hair: Colour
    iris: Colour
    backdrop: Colour
    shirt: Colour


def face_of(factors: NDArray[np.float32]) -> Face:
    """The faces of factors [n, factors]; numbers beyond their range count as its end."""
    if factors.ndim != 2 or factors.shape[1] != len(FACTORS):
        raise ValueError(f"factors must be [n, {len(FACTORS)}], not {list(factors.shape)}")
    exact = factors.astype(np.float64)
    known = {name: _checked(exact, name) for name in NAMES}
    turn, tilt = np.deg2rad(known["head-turn"]), np.deg2rad(known["head-tilt"])
    wide = 0.43 + 0.13 * known["face-width"]
    apart = np.deg2rad(APART)
    eyes = tuple(0.93 * wide * np.sin(turn * 0.9 + side * apart) for side in (-1, 1))
    narrow = tuple(np.cos(turn * 0.9 + side * apart) / np.cos(apart) for side in (-1, 1))
    tone = known["skin-tone"] * (len(SKINS) - 1)
    skin = np.stack([np.interp(tone, range(len(SKINS)), levels) for levels in np.array(SKINS, dtype=np.float64).T])
    hair, ground = known["hair-colour"].astype(np.int64), known["background"].astype(np.int64)
    return Face(
        man=_single(known["character"] == MAN),
        smile=_single(known["smile"]),
        open=_single(known["eye-openness"]),
        brow=_single(known["brow"]),
        length=_single(known["hair-length"]),
        glasses=known["glasses"].astype(np.int64),
        beard=known["beard"].astype(np.int64),
        wide=_single(wide),
        cosine=_single(np.cos(tilt)),
        sine=_single(np.sin(tilt)),
        turn=_single(np.sin(turn)),
        front=_single(wide * np.sin(turn)),
        eyes=(_single(eyes[0]), _single(eyes[1])),
        narrow=(_single(narrow[0]), _single(narrow[1])),
        skin=_single(skin),
        hair=_picked(HAIRS, hair),
        iris=_picked(IRISES, hair),
        backdrop=_picked(BACKGROUNDS, ground),
        shirt=_picked(SHIRTS, ground),
    )


def tilted(canvas: Region, face: Face) -> Region:
    """The canvas as the head sees it: its own down and right, turned around the neck."""
    x, down = canvas.x * np.float32(1 / ZOOM), (canvas.y - np.float32(PIVOT)) * np.float32(1 / ZOOM)
    right = x * face.cosine + down * face.sine
    below = down * face.cosine - x * face.sine + np.float32(PIVOT)
    return replace(canvas, x=right, y=below, pixel=canvas.pixel / ZOOM)


def around(head: Region, top: float, bottom: float, side: float) -> Region:
    """The part of the canvas where, at any tilt, what lies between these edges of the head can be seen."""
    most = math.radians(FACTORS[NAMES.index("head-tilt")].high)
    corners = [complex(x, y - PIVOT) * ZOOM for x in (-side, side) for y in (top, bottom)]
    turned = [corner * cmath.rect(1, angle) for corner in corners for angle in (-most, most)]
    down, right = [corner.imag + PIVOT for corner in (*turned, *corners)], [corner.real for corner in turned]
    return head.part(max(min(down), -1), min(max(down), 1), max(min(right), -1), min(max(right), 1))


def _checked(factors: NDArray[np.float64], name: str) -> NDArray[np.floating]:
    """The numbers [n] of one factor, within its range; those of a factor with values are whole."""
    factor, numbers = FACTORS[NAMES.index(name)], column(factors, name)
    if factor.values:
        numbers = np.rint(numbers)
    most = len(factor.values) - 1 if factor.values else factor.high
    held: NDArray[np.floating] = np.clip(numbers, factor.low, most)
    return held


def _picked(palette: tuple[tuple[int, int, int], ...], index: NDArray[np.int64]) -> Colour:
    return np.ascontiguousarray(np.array(palette, dtype=np.float32)[index].T)


def _single(numbers: NDArray[np.generic]) -> NDArray[np.float32]:
    return numbers.astype(np.float32)
