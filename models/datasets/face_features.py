"""The features of a cartoon face: beard, nose, mouth, eyes, brows and glasses, each painted over the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.datasets.face_anatomy import BROWS, EYES, MOUTH, NOSE, around
from models.datasets.face_canvas import box, ellipse, glow, radius
from models.datasets.face_factors import FULL, MOUSTACHE, ROUND, STUBBLE, SUN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from models.datasets.face_anatomy import Face
    from models.datasets.face_canvas import Plane, Region

INK = np.array([[44], [34], [42]], dtype=np.float32)
WHITE = np.full((3, 1), 255, dtype=np.float32)
EYEBALL = np.array([[252], [252], [255]], dtype=np.float32)
THROAT = np.array([[116], [32], [44]], dtype=np.float32)
TONGUE = np.array([[232], [112], [116]], dtype=np.float32)
LIPS = np.array([[210], [80], [94]], dtype=np.float32)
FRAMES = np.array([[0, 150, 44, 34], [0, 40, 50, 32], [0, 58, 96, 44]], dtype=np.float32)  # of each kind of glasses
LENS = np.array([[40], [42], [58]], dtype=np.float32)


def draw_beard(head: Region, face: Face, outline: Plane) -> None:
    """Stubble or a full beard over the jaw, or a moustache."""
    jaw = around(head, 0.0, 0.62, 0.7)
    edge = outline[jaw.window]
    bare = radius(jaw.x - face.front * np.float32(0.8), jaw.y + np.float32(0.06), face.wide * np.float32(0.8), 0.3)
    bare = (np.float32(1) - bare) * np.float32(0.3)
    full = (face.beard == FULL).astype(np.float32)
    grown = np.maximum(np.maximum(edge - 0.055 * full, bare), np.float32(0.02) - jaw.y)
    dark = face.hair * np.float32(0.76)
    jaw.fill(grown, dark, full + 0.5 * (face.beard == STUBBLE))
    x = np.abs(jaw.x - face.front * np.float32(1.0)) - np.float32(0.085)
    y = jaw.y - np.float32(MOUTH - 0.085) - x * np.float32(0.35)
    jaw.fill(ellipse(x, y, 0.145, 0.066), dark * np.float32(0.9), (face.beard == MOUSTACHE).astype(np.float32))


def draw_nose(head: Region, face: Face) -> None:
    """A small round nose, which stands out and so moves most when the head turns."""
    near = around(head, 0.08, 0.23, 0.55)
    x, y = near.x - face.front * np.float32(1.28), near.y - np.float32(NOSE)
    near.fill(ellipse(x, y, 0.075, 0.055), face.skin * np.float32(0.8))
    near.fill(ellipse(x, y + np.float32(0.018), 0.068, 0.05), face.skin * np.float32(0.97))
    near.blend(glow(x + np.float32(0.02), y + np.float32(0.035), 0.05, 0.04), WHITE, 0.5)


def draw_mouth(head: Region, face: Face) -> None:
    """A line that bends with the smile, and opens on teeth and tongue when the smile is big."""
    near = around(head, 0.2, 0.5, 0.58)
    happy = np.maximum(face.smile, 0)
    wide = (0.145 + 0.045 * np.abs(face.smile)) * (1 - 0.25 * np.abs(face.turn))
    along = (near.x - face.front * np.float32(1.02)) * (1 / wide)
    held = np.clip(along, -1, 1)
    arch = np.float32(1) - held * held
    upper = near.y - (MOUTH - 0.055 * face.smile) - arch * (0.1 * face.smile)
    opened = arch * (0.2 * np.maximum(happy - 0.3, 0))
    lower = upper - opened
    beside = (along - held) * wide
    beyond = np.maximum(np.maximum(-upper, lower), 0)
    away = np.sqrt(beside * beside + beyond * beyond)
    line = LIPS + (face.skin * np.float32(0.42) - LIPS) * (0.25 + 0.75 * face.man)
    near.fill(away - (0.034 - 0.006 * face.man - 0.007 * happy), line)
    inside = np.maximum(np.maximum(-upper, lower), np.abs(along) * wide - wide)
    shown = np.clip((happy - 0.3) * 8, 0, 1)
    near.fill(inside, THROAT, shown)
    tongue = ellipse(near.x - face.front * np.float32(1.02), lower, 0.1, 0.045)
    near.fill(np.maximum(inside, tongue), TONGUE, shown)
    near.fill(np.maximum(inside, upper - 0.052 * happy), WHITE, np.clip((happy - 0.45) * 6, 0, 1))


def _eyed(near: Region, face: Face) -> tuple[Plane, Plane, NDArray[np.bool_]]:
    """Both eyes as one: how far a pixel is to the right of its eye's middle, that eye's width, and which eye it is."""
    right = near.x > (face.eyes[0] + face.eyes[1]) * np.float32(0.5)
    return near.x - np.where(right, *face.eyes[::-1]), np.where(right, *face.narrow[::-1]), right


def draw_eyes(head: Region, face: Face) -> None:
    """Eyeballs, irises in a colour that suits the hair, pupils with a light in them, and lids that close."""
    near = around(head, -0.2, 0.2, 0.66)
    x, narrow, right = _eyed(near, face)
    wide = np.float32(0.126) * (np.float32(0.35) + np.float32(0.65) * narrow)
    beside = np.maximum(np.abs(x) - wide, 0)
    arch = np.sqrt(np.maximum(np.float32(1) - (x / wide) ** 2, 0))
    shut = 1 - face.open
    y = near.y - np.float32(EYES) - (0.08 * shut) * arch + 0.025 * shut
    high = arch * (0.16 * face.open)
    ball = np.maximum(np.abs(y) - high, np.abs(x) - wide)
    seen = np.clip(face.open * 12, 0, 1)
    near.fill(ball, EYEBALL, seen)
    gaze = x - np.float32(0.03) * face.turn
    iris = ellipse(gaze, y, 0.098, 0.105)
    near.fill(np.maximum(ball, iris), face.iris, seen)
    near.fill(np.maximum(ball, iris + np.float32(0.042)), INK, seen)
    near.fill(np.maximum(ball, ellipse(gaze + np.float32(0.035), y + np.float32(0.045), 0.036, 0.036)), WHITE, seen)
    above = y + high
    near.fill(np.sqrt(beside * beside + above * above) - (0.019 + 0.006 * (1 - face.man)), INK)
    out = np.where(right, x, -x) - wide
    lash = box(out - np.float32(0.005), y + out * np.float32(0.8) + np.float32(0.02), 0.042, 0.016, 0.016)
    near.fill(lash, INK, 1 - face.man)


def draw_brows(head: Region, face: Face) -> None:
    """Bars over the eyes: high when raised, low and slanting inwards when angry."""
    near = around(head, -0.4, -0.05, 0.66)
    x, narrow, right = _eyed(near, face)
    wide = np.float32(0.12) * (np.float32(0.35) + np.float32(0.65) * narrow)
    out = np.clip(np.where(right, x, -x) / wide, -1, 1)
    angry, raised = np.maximum(-face.brow, 0), np.maximum(face.brow, 0)
    bend = out * out * (0.025 + 0.03 * raised)
    y = near.y - (BROWS + 0.03 * angry - 0.1 * raised) + out * (0.075 * angry - 0.015) - bend
    beside = np.abs(x) - np.abs(out) * wide
    away = np.sqrt(beside * beside + y * y)
    near.fill(away - (0.022 + 0.013 * face.man), face.hair * np.float32(0.62))


def draw_glasses(head: Region, face: Face) -> None:
    """Round, square or sun glasses: a frame, a bridge, arms to the ears and a glint."""
    near = around(head, -0.22, 0.24, 0.75)
    x, narrow, _ = _eyed(near, face)
    scale = 1 / (np.float32(0.45) + np.float32(0.55) * narrow)
    y = near.y - np.float32(EYES + 0.01)
    sun = (face.glasses == SUN).astype(np.float32)
    circle = radius(x * scale, y, 0.19, 0.2) * np.float32(0.195) - np.float32(0.195)
    plate = box(x * scale, y - 0.02 * sun, 0.19, 0.15 + 0.01 * sun, 0.05 + 0.05 * sun)
    lens = np.where(face.glasses == ROUND, circle, plate)
    worn = (face.glasses > 0).astype(np.float32)
    frame = FRAMES[:, face.glasses]
    arms = np.maximum(np.abs(y + np.float32(0.03)) - np.float32(0.022), -lens)
    arms = np.maximum(arms, np.abs(near.x - face.front * np.float32(0.1)) - face.wide * np.float32(0.92))
    near.fill(arms, frame, worn)
    near.fill(lens, np.where(sun > 0, LENS, WHITE), 0.22 * worn + 0.71 * sun)
    near.fill(np.abs(lens) - np.float32(0.025), frame, worn)
    slant = np.abs(x * scale + y * np.float32(0.6) + np.float32(0.03)) - np.float32(0.03)
    near.fill(np.maximum(slant, lens + np.float32(0.045)), WHITE, 0.45 * worn)
