"""Draws cartoon faces from their factors, many at once: background, shoulders, head and hair; the features follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.datasets.face_anatomy import HEIGHT, MIDDLE, ROSE, Face, around, face_of, tilted
from models.datasets.face_canvas import Region, blank, box, ellipse, glow, radius, waves
from models.datasets.face_features import draw_beard, draw_brows, draw_eyes, draw_glasses, draw_mouth, draw_nose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.datasets.face_canvas import Plane

AT_ONCE = 2**16  # pixels of all pictures painted together: few enough to stay in the processor's cache
WHITE = np.full((3, 1), 255, dtype=np.float32)


def draw(factors: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    """Pictures [n, 3, size, size] of the faces with these factors [n, factors], in the order of `FACTORS`.

    A factor with values is rounded to one of them, any other is held between its ends. A face hangs on its own row
    alone, to the byte, and another size shows the same face larger. Raises ValueError for another number of columns.
    """
    pictures = np.empty((len(factors), 3, size, size), dtype=np.uint8)
    many = max(1, AT_ONCE // size**2)
    for first in range(0, len(factors), many):
        some = slice(first, first + many)
        pictures[some] = _painted(face_of(factors[some]), size)
    return pictures


def _painted(face: Face, size: int) -> NDArray[np.uint8]:
    canvas = blank(size, len(face.smile))
    head = tilted(canvas, face)
    outline = _outline(head, face)
    hair = _hair_outline(head, face)
    _draw_background(canvas, face)
    head.fill(hair, face.hair * np.float32(0.72))
    _draw_body(canvas, face)
    _draw_ears(head, face)
    _draw_head(head, face, outline)
    draw_beard(head, face, outline)
    draw_nose(head, face)
    draw_mouth(head, face)
    _draw_hair(head, face, hair)
    draw_eyes(head, face)
    draw_brows(head, face)
    draw_glasses(head, face)
    levels: NDArray[np.uint8] = np.clip(canvas.planes + np.float32(0.5), 0, 255).astype(np.uint8)
    return levels.transpose(3, 0, 1, 2)


def _outline(head: Region, face: Face) -> Plane:
    """Distance to the edge of the head: round above, a soft chin below that goes where the face looks."""
    down = (head.y - np.float32(MIDDLE)) * np.float32(1 / HEIGHT)
    low = np.maximum(down, 0)
    x = head.x - low * (face.front * np.float32(0.16))
    low *= low
    x /= np.float32(1) - low * (np.float32(0.2) - np.float32(0.26) * face.man)
    return ellipse(x, head.y - np.float32(MIDDLE), face.wide, np.float32(HEIGHT) + 0 * face.wide)


def _hair_outline(head: Region, face: Face) -> Plane:
    """Distance to the edge of all hair: a cap that hangs down on both sides as far as it is long."""
    thick = 0.035 + 0.075 * face.length
    end = 0.06 + 0.84 * face.length
    knee = np.maximum(end - 0.28, MIDDLE)
    x, y = head.x + face.front * np.float32(0.12), head.y - np.float32(MIDDLE - 0.03)
    down = head.y - knee
    high = HEIGHT + thick * 0.9
    y = np.minimum(y, 0) * (1 / high) + np.maximum(down, 0) * (1 / (end - knee))
    across = x * (1 / (face.wide + thick))
    locks = waves(x + np.float32(0.07), 5.5) * (0.05 * (1 - face.length)) * np.clip(y * np.float32(-2), 0, 1)
    far = np.sqrt(across * across + y * y)
    distance: Plane = (far - np.float32(1)) * np.float32(0.45) - locks
    return distance


def _draw_background(canvas: Region, face: Face) -> None:
    for plane, level in zip(canvas.planes, face.backdrop, strict=True):
        plane[:] = level
    light = glow(canvas.x, canvas.y + np.float32(0.15), 1.15, 1.15)
    canvas.blend(light, WHITE, 0.45)


def _draw_body(canvas: Region, face: Face) -> None:
    """Shoulders in a shirt, and a neck that lies in the shadow of the chin."""
    body = canvas.part(0.25, 1.0)
    wide = 0.72 + 0.12 * face.man
    shoulders = ellipse(body.x, body.y - np.float32(1.2), wide, 0.5 + 0 * wide)
    body.fill(shoulders, face.shirt)
    folds = glow(body.x + np.float32(0.3), body.y - np.float32(0.85), 0.5, 0.3)
    body.shade(folds * body.cover(shoulders) * np.float32(0.16))
    shadow = face.skin * np.float32(0.84)
    neck = box(body.x, body.y - np.float32(0.45), 0.15 + 0.045 * face.man, 0.33, 0.1)
    collar = ellipse(body.x, body.y - np.float32(0.7), 0.19 + 0.045 * face.man, 0.12)
    body.fill(collar - np.float32(0.045), face.shirt * np.float32(0.82))
    body.fill(np.minimum(neck, collar), shadow)


def _draw_ears(head: Region, face: Face) -> None:
    """One on each side; the far one goes behind the head when it turns."""
    sides = around(head, -0.12, 0.2, 0.75)
    x = np.abs(sides.x + face.front * np.float32(0.14)) - face.wide
    y = sides.y - np.float32(0.03)
    sides.fill(ellipse(x, y, 0.1, 0.125), face.skin * np.float32(0.95))
    sides.fill(ellipse(x, y, 0.05, 0.075), face.skin * np.float32(0.8))


def _draw_head(head: Region, face: Face, outline: Plane) -> None:
    """The skin, rounder by a shadow along its edge and a light on the brow; red cheeks, redder in a smile."""
    head.fill(outline, face.skin)
    inside = head.cover(outline)
    rim = np.clip(outline * np.float32(1 / 0.2) + np.float32(1), 0, 1)
    lit = glow(head.x - face.front * np.float32(0.5) + np.float32(0.12), head.y + np.float32(0.2), 0.5, 0.42)
    head.shade((lit * np.float32(0.09) - rim * rim * np.float32(0.17)) * inside)
    cheeks = around(head, 0.0, 0.36, 0.85)
    for side in (-1, 1):
        x = cheeks.x - (face.front * np.float32(0.85) + np.float32(side * 0.62) * face.wide)
        spot = glow(x, cheeks.y - (0.2 - 0.03 * np.maximum(face.smile, 0)), 0.19, 0.15)
        spot *= inside[cheeks.window]
        cheeks.blend(spot, ROSE, (0.34 + 0.16 * np.maximum(face.smile, 0)) * (face.skin[2] * np.float32(1 / 208)))


def _draw_hair(head: Region, face: Face, hair: Plane) -> None:
    """The hair before the face: what leaves open brow and cheeks, with a parting, and a gloss that turns with it."""
    x = head.x - face.front * np.float32(0.62)
    y = head.y - np.float32(0.16)
    swept = y + x * np.float32(0.16) * face.length - np.maximum(x + np.float32(0.1), 0) * np.float32(0.12)
    high = 0.54 + 0.03 * (1 - face.length)
    opening = (radius(x, np.minimum(swept, 0), face.wide * np.float32(0.86), high) - 1) * np.float32(0.45)
    strands = waves(x * np.float32(0.8) + y * np.float32(0.3), 5.5)
    front = np.maximum(hair, -opening - strands * np.clip(y * np.float32(-0.2), 0, 0.055))
    head.fill(front, face.hair)
    share = head.cover(front)
    head.shade((np.float32(1) - strands) * share * np.float32(-0.16))
    far = radius(head.x + face.front * np.float32(0.12), head.y - np.float32(MIDDLE), face.wide + 0.1, HEIGHT + 0.06)
    band = np.maximum(np.float32(1) - np.abs(far - np.float32(0.86)) * np.float32(1 / 0.12), 0)
    band *= glow(head.x - face.front * np.float32(0.4) + np.float32(0.2), head.y + np.float32(0.45), 0.42, 0.4)
    head.blend(band * share, WHITE, 0.45)
    shadow = np.clip(hair * np.float32(1 / 0.12) + np.float32(1), 0, 1)
    head.shade(shadow * share * np.float32(-0.2))
