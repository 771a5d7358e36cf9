"""A generator that somebody brought as an ONNX file: drawn by ONNX Runtime, explored like every other model.

Its weights are the bytes of the file, so that a run holds all it needs; they are looked through every time before they
are run (`models/graph.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import torch
import torch.nn.functional as F
from pydantic import Field

from models.adversarial import PlayerKnobs
from models.blocks import picture_errors
from models.errors import UserError
from models.family import Family, FamilyParams
from models.ports import Layout, Values, seen, shown_to
from models.registry import families
from models.runtime import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor
    from torch.optim import Optimizer

    from models.family import Batch, DataSpec, Preset

PROBES = 16  # directions in which a slope is felt for, where the code has more
REACH = 0.02  # how far they reach
COARSE_REACH = 0.1  # likewise where pictures come in whole numbers


class OnnxParams(FamilyParams):
    """What was found out about the file when it was brought; nobody is asked, so nothing is declared as a setting."""

    latent_dim: int = Field(2, ge=1, le=4096)
    batch_size: int = Field(1, ge=1)
    learning_rate: float = Field(1.0, gt=0)
    size: int = Field(0, ge=0)  # bytes of the generator's file
    encoder_size: int = Field(0, ge=0)  # of the encoder's; 0 without one
    layout: Layout = Field("nchw")
    values: Values = Field("unit")
    batch: int = Field(0, ge=0)  # codes that go in at a time; 0 for any number
    encoder_layout: Layout = Field("nchw")
    encoder_batch: int = Field(0, ge=0)


@families.register("onnx", listed=False)
class Onnx(Family):
    """A graph from codes to pictures, and perhaps one back; where slopes are needed, they are felt for."""

    title = "Brought generator"
    summary = "A generator of your own, opened from an ONNX file."
    params_type = OnnxParams
    knobs_type = PlayerKnobs
    knobs: PlayerKnobs
    presets: ClassVar[Mapping[str, Preset]] = {}

    generator: Tensor
    encoder: Tensor
    middle: Tensor
    spread: Tensor

    def __init__(self, params: OnnxParams, data: DataSpec) -> None:
        super().__init__(params, data)
        self.params = params
        for name, size in (("generator", params.size), ("encoder", params.encoder_size)):
            self.register_buffer(name, torch.zeros(size, dtype=torch.uint8))
        self.register_buffer("middle", torch.zeros(params.latent_dim))  # of the codes that its maker drew
        self.register_buffer("spread", torch.ones(params.latent_dim))
        self._networks: dict[str, Network] = {}
        self._felt = 0
        self.register_load_state_dict_post_hook(lambda *_: self._networks.clear())  # type: ignore[no-untyped-call]
        if params.encoder_size:
            self.encode = self._encode  # what came without an encoder cannot encode

    def optimizers(self) -> dict[str, Optimizer]:
        """None: nothing is trained."""
        return {}

    def training_step(self, batch: Batch) -> dict[str, Tensor]:
        """Raises UserError: it was trained elsewhere."""
        raise UserError("This generator was brought as a file, so it cannot be trained here.")

    @torch.no_grad()
    def evaluate(self, batch: Batch, generator: torch.Generator) -> dict[str, Tensor]:
        """`recon_mse` and `recon_bce` of each picture, [b], where there is an encoder; else nothing."""
        if not self.params.encoder_size:
            return {}
        drawn = self.decode(self._encode(batch.images, batch.labels), batch.labels)
        return picture_errors(drawn, batch.images)

    def condition(self, labels: Tensor) -> Tensor:
        """The share of each class, float32 [b, classes], of labels int64 [b] or shares [b, classes]."""
        if labels.is_floating_point():
            return labels.float()
        return F.one_hot(labels, self.data.classes).float()

    def decode(self, codes: Tensor, labels: Tensor | None = None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each code [b, latent_dim], as near to the middle as the knob says."""
        told = labels if self.data.classes else None
        drawn: Tensor = Drawn.apply(self, self.knobs.truncation * codes.float(), told)
        return drawn

    def _encode(self, images: Tensor, labels: Tensor | None = None) -> Tensor:
        """The code [b, latent_dim] that the encoder gives each picture [b, c, h, w] in [0, 1]."""
        network, p = self._network("encoder"), self.params
        shown = shown_to(images.float().cpu().numpy(), network.ways.given, p.encoder_layout, p.values)
        codes = network(shown, None if labels is None else labels.cpu().numpy(), self.data.classes)
        return torch.tensor(codes, dtype=torch.float32, device=images.device)

    def prior(self, count: int, generator: torch.Generator) -> Tensor:
        """Codes [count, latent_dim] from a normal distribution: the standard one, unless the file told another."""
        drawn = torch.randn(count, self.latent_dim, generator=generator, device=generator.device)
        return drawn.to(self.middle.device) * self.spread + self.middle

    def files(self) -> dict[str, bytes]:
        """The generator's file under an empty name, and the encoder's, if there is one, under "-encoder"."""
        parts = {"": self.generator, "-encoder": self.encoder}
        return {name: part.cpu().numpy().tobytes() for name, part in parts.items() if len(part)}

    # ---- the graph, and its slopes

    @property
    def reach(self) -> float:
        """How far a code is moved to feel a slope."""
        return COARSE_REACH if self._network("generator").ways.got.kind == "uint8" else REACH

    def drawn(self, codes: Tensor, labels: Tensor | None) -> Tensor:
        """The picture [b, c, h, w] in [0, 1] of each code [b, latent_dim]; no slope can be followed back through it."""
        told = None if labels is None else labels.cpu().numpy()
        raw = self._network("generator")(codes.detach().cpu().numpy(), told, self.data.classes)
        pictures = seen(raw, self.params.layout, self.params.values)
        if pictures.shape[1:] != self.data.shape:
            raise UserError(f"The generator answers with pictures of another shape, {list(pictures.shape[1:])}.")
        return torch.from_numpy(pictures).to(codes.device)

    def probes(self) -> Tensor:
        """Directions [k, latent_dim] to feel for a slope in, at right angles; others each time, the same in turn."""
        count = min(self.latent_dim, PROBES)
        if count == self.latent_dim:
            return torch.eye(count)
        self._felt += 1
        generator = torch.Generator().manual_seed(self._felt)
        directions: Tensor = torch.linalg.qr(torch.randn(self.latent_dim, count, generator=generator)).Q.T
        return directions

    def _network(self, name: str) -> Network:
        """The generator or the encoder, made ready when it is first needed. Raises UserError."""
        if name not in self._networks:
            data = getattr(self, name).cpu().numpy().tobytes()
            make = Network.generator if name == "generator" else Network.encoder
            self._networks[name] = make(data, self.params.batch if name == "generator" else self.params.encoder_batch)
        return self._networks[name]


class Drawn(torch.autograd.Function):
    """The pictures of codes, with slopes that are differences of pictures of codes nearby.

    Forward slopes (`torch.func.jvp`) take one picture more. Backward ones take one for every number of a short code;
    for a long one they are estimated in some random directions (Nesterov & Spokoiny 2017), right in the mean.
    """

    @staticmethod
    def forward(family: Onnx, codes: Tensor, labels: Tensor | None) -> Tensor:
        """[b, latent_dim] to [b, c, h, w]."""
        return family.drawn(codes, labels)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Onnx, Tensor, Tensor | None], output: Tensor) -> None:
        """Keep what slopes are felt for with."""
        family, codes, labels = inputs
        ctx.family, ctx.labels = family, labels
        ctx.save_for_backward(codes, output)
        ctx.save_for_forward(codes, output)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[None, Tensor, None]:
        """How the loss rises with each code, [b, latent_dim], given how it rises with each pixel."""
        codes, pictures = ctx.saved_tensors
        family, labels = ctx.family, ctx.labels
        probes, reach = family.probes().to(codes), family.reach
        moved = (codes[:, None] + reach * probes).flatten(0, 1)  # [b * k, d]
        told = None if labels is None else labels.repeat_interleave(len(probes), 0)
        differences = family.drawn(moved, told).unflatten(0, (len(codes), -1)) - pictures[:, None]
        rises = (differences * slopes[0][:, None]).flatten(2).sum(2) / reach  # [b, k]
        return None, rises @ probes * (family.latent_dim / len(probes)), None

    @staticmethod
    def jvp(ctx: Any, _: None, tangents: Tensor, *__: None) -> Tensor:
        """How the pictures [b, c, h, w] change along the tangents [b, latent_dim]."""
        codes, pictures = ctx.saved_tensors
        family, labels = ctx.family, ctx.labels
        there: Tensor = Drawn.apply(family, codes + family.reach * tangents, labels)
        change: Tensor = (there - pictures) / family.reach
        return change
