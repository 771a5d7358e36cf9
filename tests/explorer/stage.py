"""A session on whose stage a small run stands, told by the same events that training sends."""

import numpy as np

from models import events as ev

POINTS = 40


def pictures(count, channels=1, side=8):
    """Pictures that all differ: uint8 [count, side, side, channels]."""
    random = np.random.default_rng(7)
    return random.integers(0, 256, (count, side, side, channels), dtype=np.uint8)


def run_info(latent_dim, capabilities=("encode", "prior"), run="run"):
    names = ("cat", "dog")
    shape = (1, 8, 8)
    return ev.RunInfo(
        run, "/runs/run", "vae", "tiny", "animals", {}, frozenset(capabilities), latent_dim, shape, names,
        "cpu", "fp32", 0, 100,
    )  # fmt: skip


def embedded(latent_dim, shift=0.0, points=POINTS):
    codes = np.random.default_rng(3).standard_normal((points, latent_dim)).astype(np.float32) + np.float32(shift)
    axes = np.eye(2, latent_dim, dtype=np.float32)
    projection = ev.Projection("pca", np.zeros(latent_dim, np.float32), axes, 0.5)
    return ev.Embedded("run", 1, codes, codes[:, :2].copy(), projection)


def told(session, *events):
    """The session hears events as its timer would bring them."""
    session._apply_all(list(events))


def set_stage(session, latent_dim=4, capabilities=("encode", "prior")):
    """A run with 40 points, not yet explored."""
    labels = np.arange(POINTS, dtype=np.int64) % 3 - 1
    told(
        session,
        ev.Started("run", 0, run_info(latent_dim, capabilities), 100),
        ev.HeldOut("run", 0, pictures(POINTS), labels),
        embedded(latent_dim),
    )


def drawn(session, picture):
    """The renderer's answer to the code that the probe shows."""
    told(session, ev.Rendered("run", 1, "probe", 1, session.state.code[None], picture[None], 0.001))
