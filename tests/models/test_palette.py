"""Class colours must be told apart by every eye, on light and on dark ground."""

from __future__ import annotations

import numpy as np
import pytest

from models.palette import CLASS_COLORS, DARK_CLASS_COLORS, UNLABELLED, color_of

EYES = {  # linear RGB as each eye sees it (Machado, Oliveira, Fernandes 2009, severity 1)
    "ordinary": np.eye(3),
    "no red cones": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "no green cones": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
}
SETS = {"light": CLASS_COLORS, "dark": DARK_CLASS_COLORS}
TO_CONES = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]]
TO_LAB = [[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]]


def linear(color: str) -> np.ndarray:
    shares = np.array([int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def lab_of(light: np.ndarray) -> np.ndarray:
    """OKLab of linear RGB."""
    return np.cbrt(light.clip(0, 1) @ np.array(TO_CONES).T) @ np.array(TO_LAB).T


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colors", SETS.values(), ids=SETS)
def test_no_two_colours_look_alike(colors, eye):
    seen = np.array([linear(color) for color in colors]) @ np.array(EYES[eye]).T
    lab = lab_of(seen)
    apart = np.linalg.norm(lab[:, None] - lab, axis=-1) + np.eye(len(lab))
    assert apart.min() > (0.13 if eye == "ordinary" else 0.1)


def test_a_class_has_one_hue_on_every_ground():
    light, dark = (lab_of(np.array([linear(color) for color in colors])) for colors in SETS.values())
    turned = np.arctan2(light[:, 2], light[:, 1]) - np.arctan2(dark[:, 2], dark[:, 1])
    assert np.abs((turned + np.pi) % (2 * np.pi) - np.pi).max() < np.radians(25)


def test_labels_have_their_colour():
    assert color_of(3) == CLASS_COLORS[3] == color_of(3 + len(CLASS_COLORS))
    assert color_of(3, dark=True) == DARK_CLASS_COLORS[3] == color_of(13, dark=True)
    assert color_of(-1) == UNLABELLED == color_of(-1, dark=True)
