"""Tries a foreign generator, and its encoder, in a process of its own, and finds out what its numbers mean."""

from __future__ import annotations

import json
import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from models.child import answering, say
from models.errors import UserError
from models.ports import MOST_CLASSES, RANGES, Layout, Values, layout_of, seen, shown_to, width_of
from models.runtime import Network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

GENERATOR, ENCODER, ASKED = "generator.onnx", "encoder.onnx", "asked.json"
MEMORY = 6 * 2**30  # bytes that a trial may take, libraries and all
PROBES = 24  # codes that are drawn to look at
TOGETHER = 3  # of which so many show whether neighbours in a batch matter
SIDE = 1024  # pixels of a picture's side at most
BELOW = -0.3  # pictures that reach further down are not in [0, 1]
NEAR = FAR = 3.0  # how far numbers without bounds that are meant in [0, 1] or [-1, 1] may reach
BRIGHT = 30.0  # how far numbers that are meant in [0, 255] reach at least
SAME = 2e-3  # of the range: two pictures that differ less are the same


class Findings(BaseModel):
    """How a generator and its encoder want to be spoken to, and what they answer."""

    model_config = ConfigDict(frozen=True)

    latent_dim: int
    shape: tuple[int, int, int]  # channels, height, width
    classes: int
    layout: Layout
    values: Values
    batch: int  # rows that go in at a time; 0 for any number
    encoder_layout: Layout = "nchw"
    encoder_batch: int = 0
    seconds: float  # that one picture takes
    notes: tuple[str, ...] = ()


def tried(folder: Path) -> dict[str, Any]:
    """The findings about the files in `folder`. Raises UserError for what cannot be explored."""
    asked = json.loads((folder / ASKED).read_text(encoding="utf-8"))
    say(folder, "Trying the generator")
    network = Network.generator((folder / GENERATOR).read_bytes())
    found, pictures = _generator_findings(network, asked)
    if (folder / ENCODER).exists():
        say(folder, "Trying the encoder")
        found |= _encoder_findings((folder / ENCODER).read_bytes(), found, pictures)
    return Findings.model_validate(found).model_dump(mode="json")


def _generator_findings(network: Network, asked: Mapping[str, Any]) -> tuple[dict[str, Any], NDArray[np.float32]]:
    """What some codes show, and their pictures [n, c, h, w] in [0, 1]."""
    width = width_of(network.ways.given)
    codes = np.random.default_rng(0).standard_normal((PROBES, width)).astype(np.float32)
    codes = codes * np.float32(asked["spread"]) + np.float32(asked["middle"])
    first = network(codes[:1], _number(network, 0), _width_of_label(network))
    layout = layout_of(first.shape)
    height, broad = first.shape[2:] if layout == "nchw" else first.shape[1:3]
    if max(height, broad) > SIDE:
        raise UserError(f"Its pictures are {broad}x{height}, and {SIDE} pixels a side is the most.")
    classes = _classes(network, codes[:1], int(asked["classes"]))
    labels = np.arange(PROBES) % classes if classes else None
    batch = _batch(network, codes, labels, classes)
    network.batch = batch
    start = time.perf_counter()
    raw = network(codes, labels, classes)
    seconds = (time.perf_counter() - start) / PROBES
    values, range_note = _values(raw, asked["values"], asked["said"])
    _require_steady(raw, network(codes, labels, classes))
    found = {
        "latent_dim": width,
        "shape": (first.shape[1] if layout == "nchw" else first.shape[3], height, broad),
        "classes": classes,
        "layout": layout,
        "values": values,
        "batch": batch,
        "seconds": seconds,
        "notes": (range_note, *_notes(layout, batch, raw, values)),
    }
    return found, seen(raw, layout, values)


def _notes(layout: Layout, batch: int, raw: NDArray[Any], values: Values) -> list[str]:
    """What else is worth saying of how it draws."""
    notes = ["Channels come last (NHWC)."] if layout == "nhwc" else []
    if batch:
        notes.append(f"It takes exactly {batch} code{'s' if batch > 1 else ''} at a time, so it draws slower.")
    if np.ptp(seen(raw, layout, values), axis=0).max() < SAME:
        notes.append("All codes draw the same picture.")
    return notes


def _values(raw: NDArray[Any], asked: str, said: str) -> tuple[Values, str]:
    """The range that the drawn numbers lie in, `asked` for as `said` or recognised, in words too. Raises UserError."""
    if raw.dtype.kind not in "fu" or not np.isfinite(raw).all():
        of_kind = f"numbers of the kind {raw.dtype.name}"
        kind = "values that are not finite numbers" if raw.dtype.kind == "f" else of_kind
        raise UserError(f"It draws {kind}.", mend="Check it in the program that made it.")
    low, high = float(raw.min()), float(raw.max())
    told = f"Its values run from {round(low, 3):g} to {round(high, 3):g}"
    if asked:
        return _as_values(asked), f"{told} and are read as {_spoken(asked)}, {said}."
    found = "bytes" if raw.dtype.kind == "u" else _recognised(low, high)
    if not found:
        what = f"{told}: neither 0 to 1, nor -1 to 1, nor 0 to 255."
        raise UserError(what, mend="Say what they mean with --values, or end the generator with a sigmoid or tanh.")
    return _as_values(found), f"{told} and are read as {_spoken(found)}."


def _recognised(low: float, high: float) -> str:
    """The range that numbers from `low` to `high` are meant in, where the ends may be overshot; else nothing."""
    if low >= -NEAR and high <= FAR:
        return "unit" if low >= BELOW else "signed"
    return "bytes" if BRIGHT <= high <= 255 * 1.5 and low >= -0.2 * high else ""


def _as_values(name: str) -> Values:
    known: dict[str, Values] = {"unit": "unit", "signed": "signed", "bytes": "bytes"}
    return known[name]


def _spoken(values: str) -> str:
    return " to ".join(f"{end:g}" for end in RANGES[values])


def _require_steady(raw: NDArray[Any], again: NDArray[Any]) -> None:
    """Refuse a generator that draws one code in two ways."""
    if np.abs(raw.astype(np.float64) - again).max() > SAME * max(1e-6, float(np.ptp(raw))):
        what = "The same code draws another picture each time, so nothing could be found again."
        raise UserError(what, mend="Export it with constant noise, in evaluation mode.")


def _batch(network: Network, codes: NDArray[np.float32], labels: NDArray[Any] | None, classes: int) -> int:
    """How many codes go in at a time: what the file says, or one where several disturb each other; 0 for any number."""
    if network.batch:
        return network.batch
    some = [(codes[row : row + 1], None if labels is None else labels[row : row + 1]) for row in range(TOGETHER)]
    alone = np.concatenate([network(code, label, classes) for code, label in some])
    try:
        together = network(codes[:TOGETHER], None if labels is None else labels[:TOGETHER], classes)
    except UserError:
        return 1
    differ = np.abs(together.astype(np.float64) - alone).max()
    return 0 if differ <= SAME * max(1e-6, float(np.ptp(alone))) else 1


# ---- classes


def _width_of_label(network: Network) -> int:
    """How many classes the shape of the label tells; 0 where it does not."""
    label = network.ways.label
    return (label.shape[1] or 0) if label is not None and network.ways.shares else 0


def _number(network: Network, label: int) -> NDArray[np.int64] | None:
    return None if network.ways.label is None else np.array([label])


def _classes(network: Network, code: NDArray[np.float32], told: int) -> int:
    """How many classes can be asked for: told by shape or by who brings it, else tried out. Raises UserError."""
    if network.ways.label is None:
        return 0
    if network.ways.shares:
        return _width_of_label(network)
    if told:
        return told
    if _draw(network, code, MOST_CLASSES) is None:
        return _first(lambda label: _draw(network, code, label) is None)
    beyond = _draw(network, code, MOST_CLASSES)
    count = next((label for label in range(MOST_CLASSES) if _alike(_draw(network, code, label), beyond)), 0)
    if not count:
        what = "It takes a label, and it cannot be told how many classes there are."
        raise UserError(what, mend="Name them (--class-names).")
    return count


def _first(fails: Any) -> int:
    """The smallest label from 1 to MOST_CLASSES at which `fails`, once it fails from there on."""
    low, high = 0, MOST_CLASSES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fails(middle) else (middle, high)
    return high


def _draw(network: Network, code: NDArray[np.float32], label: int) -> NDArray[Any] | None:
    """The picture of a label; None where there is no such label."""
    try:
        return network(code, np.array([label]))
    except UserError:
        return None


def _alike(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    return one is not None and other is not None and np.array_equal(one, other)


# ---- the way back


def _encoder_findings(data: bytes, found: Mapping[str, Any], pictures: NDArray[np.float32]) -> dict[str, Any]:
    """How the encoder wants to be asked about pictures [n, c, h, w] in [0, 1]. Raises UserError."""
    network = Network.encoder(data)
    given, classes, channels = network.ways.given, found["classes"], found["shape"][0]
    layout: Layout = "nhwc" if given.shape[1] != channels and given.shape[3] == channels else "nchw"
    shown = shown_to(pictures, given, layout, found["values"])
    wanted = [asked or got for asked, got in zip(given.shape[1:], shown.shape[1:], strict=True)]
    if wanted != list(shown.shape[1:]):
        raise UserError(f"The encoder takes pictures {given}, and the generator draws {list(shown.shape[1:])}.")
    if network.ways.shares and _width_of_label(network) != classes:
        raise UserError("Encoder and generator do not know the same number of classes.")
    if network.ways.label is not None and not classes:
        raise UserError("The encoder wants to be told a class, and the generator knows none.")
    labels = np.arange(len(shown)) % classes if classes else None
    batch = network.batch
    if not batch:
        try:
            network(shown[:TOGETHER], None if labels is None else labels[:TOGETHER], classes)
        except UserError:
            batch = 1
    network.batch = batch
    codes = network(shown, labels, classes)
    if codes.shape != (len(shown), found["latent_dim"]):
        of, width = "x".join(map(str, codes.shape[1:])), found["latent_dim"]
        raise UserError(f"The encoder gives codes of {of} numbers, and the generator takes {width}.")
    if not np.isfinite(codes).all() or not math.isfinite(float(codes.sum())):
        raise UserError("The encoder gives codes that are not finite numbers.")
    return {"encoder_layout": layout, "encoder_batch": batch}


if __name__ == "__main__":
    answering(tried, MEMORY)
