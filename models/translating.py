"""Translates a model into ONNX graphs, in a process of its own, and compares them with it before they are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from models import device
from models.checkpoint import load_weights
from models.child import answering, say
from models.errors import UserError
from models.family import CanEncode, DataSpec, TakesLabels
from models.registry import build
from models.runtime import Network
from models.snapshot import load_arrays

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from models.family import Family

QUESTION, WEIGHTS = "question.json", "model.safetensors"
GENERATOR, ENCODER = "generator.onnx", "encoder.onnx"
CLOSE = 1e-4  # of a picture's value, and of a code's where it is below one
ROWS = (1, 2, 5)  # that are drawn at a time to compare
EXAMPLE = 3  # rows with which the graph is traced


class Drawing(nn.Module):
    """Codes [b, d], and shares of classes [b, classes] where these are heeded, to pictures [b, c, h, w]."""

    def __init__(self, family: Family) -> None:
        super().__init__()
        self.family = family

    def forward(self, code: Tensor, label: Tensor | None = None) -> Tensor:
        """The pictures of the codes."""
        return self.family.decode(code, label)


class Encoding(nn.Module):
    """Pictures [b, c, h, w], and shares of classes where these are heeded, to codes [b, d]."""

    def __init__(self, family: Family) -> None:
        super().__init__()
        self.family = family

    def forward(self, image: Tensor, label: Tensor | None = None) -> Tensor:
        """The codes of the pictures."""
        assert isinstance(self.family, CanEncode)
        return self.family.encode(image, label)


def translated(folder: Path) -> dict[str, Any]:
    """Write the graphs beside the question in `folder`; how far they were off. Raises UserError if it is too far."""
    say(folder, "Making the model ready")
    device.take_threads(1)
    asked = json.loads((folder / QUESTION).read_text(encoding="utf-8"))
    family = _family(folder, asked)
    classes = family.data.classes if isinstance(family, TakesLabels) else 0
    random = torch.Generator().manual_seed(0)
    middle, spread = (torch.tensor(asked["told"][name]) for name in ("code_middle", "code_spread"))

    def inputs(rows: int) -> tuple[Tensor, ...]:
        codes = torch.randn(rows, family.latent_dim, generator=random) * spread + middle
        return (codes, *_labels(rows, classes, random))

    say(folder, "Translating the generator")
    with torch.no_grad():
        off = _translate(Drawing(family), inputs, ("code", "image"), folder / GENERATOR, asked, Network.generator)
        if isinstance(family, CanEncode):
            say(folder, "Translating the encoder")

            def pictures(rows: int) -> tuple[Tensor, ...]:
                codes, *labels = inputs(rows)
                return (family.decode(codes, *labels), *labels)

            way = ("image", "code")
            off = max(off, _translate(Encoding(family), pictures, way, folder / ENCODER, asked, Network.encoder))
    return {"difference": off}


def _family(folder: Path, asked: dict[str, Any]) -> Family:
    """The model that is asked for, as it draws."""
    channels, height, width = asked["shape"]
    family = build(asked["family"], asked["settings"], DataSpec(channels, height, width, asked["classes"]))
    load_weights(family, load_arrays(folder / WEIGHTS), folder / WEIGHTS, spared=type(family).practice)
    family.knobs = family.knobs_type.read(asked["knobs"], of=family.name)
    return family.requires_grad_(False).eval()


def _labels(rows: int, classes: int, random: torch.Generator) -> tuple[Tensor, ...]:
    """Shares of classes [rows, classes], of one class and of mixtures in turn; nothing without classes."""
    if not classes:
        return ()
    shares = torch.rand(rows, classes, generator=random).softmax(1)
    shares[::2] = torch.eye(classes)[torch.arange(0, rows, 2) % classes]
    return (shares,)


def _translate(
    module: nn.Module,
    inputs: Callable[[int], tuple[Tensor, ...]],
    way: tuple[str, str],
    path: Path,
    asked: dict[str, Any],
    network: Callable[[bytes], Network],
) -> float:
    """Write the graph of `module` to `path`; how far it is off. Raises UserError if that is too far."""
    module.eval()
    example = inputs(EXAMPLE)
    names = [way[0], "label"][: len(example)]
    batch = torch.export.Dim("batch", min=1)
    program = torch.onnx.export(
        module, example, dynamo=True, verbose=False, input_names=names, output_names=[way[1]],
        dynamic_shapes={name: {0: batch} for name in names},
    )  # fmt: skip
    assert program is not None
    model = program.model_proto
    model.doc_string = asked["doc"]
    for name, value in asked["told"].items():
        entry = model.metadata_props.add()
        entry.key = f"{asked['maker']}{name}"
        entry.value = value if isinstance(value, str) else json.dumps(value)
    data = model.SerializeToString()
    checked = network(data)
    if checked.ways.batch:
        raise UserError("The ONNX graph would draw a fixed number of pictures only, so it was not written.")
    off = _difference(module, inputs, checked)
    path.write_bytes(data)
    return off


def _difference(module: nn.Module, inputs: Callable[[int], tuple[Tensor, ...]], network: Network) -> float:
    """The largest difference between graph and model. Raises UserError if it is too large."""
    worst = 0.0
    for rows in ROWS:
        given = inputs(rows)
        wanted = module(*given).float().numpy()
        labels = given[1].numpy() if len(given) > 1 else None
        got = network(given[0].numpy(), labels, 0 if labels is None else labels.shape[1])
        off = np.abs(got - wanted).max() / max(1.0, float(np.abs(wanted).max()))
        worst = max(worst, float(off)) if np.isfinite(off) else float("inf")
    if not worst <= CLOSE:
        what = f"The ONNX graph differs from the model by {worst:.2g}, more than {CLOSE:g}, so it was not written."
        raise UserError(what, mend="Export samples or codes instead.")
    return worst


if __name__ == "__main__":
    answering(translated)
