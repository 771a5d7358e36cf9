"""A long short-term memory that writes pictures pixel by pixel (Hochreiter & Schmidhuber 1997; Oord et al. 2016)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from torch import Tensor, nn

from models.autoregressive import Autoregressive, PixelParams, Reader
from models.family import Preset
from models.params import param
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping

Memory = tuple[Tensor, Tensor]


class PixelLstmParams(PixelParams):
    """The settings of the pixel LSTM."""

    width: int = param(256, "Numbers that the network remembers in each layer.", low=32, high=1024)
    depth: int = param(1, "Layers on top of each other.", low=1, high=16)


class Recurrence(Reader):
    """LSTM layers; what they read is added to what they were given."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.LSTM(width, width, depth, batch_first=True)

    def begin(self, count: int, like: Tensor) -> Memory:
        """The empty memory of `count` sequences."""
        empty = like.new_zeros(self.layers.num_layers, count, self.layers.hidden_size)
        return empty, empty

    def forward(self, tokens: Tensor, memory: Memory | None) -> tuple[Tensor, Memory]:
        """[b, t, width] to the same, and the memory after them."""
        read, memory = self.layers(tokens, memory)
        return tokens + read, memory


@families.register("pixel-lstm")
class PixelLstm(Autoregressive):
    """The chance of every pixel given what a memory of fixed size keeps of all those before it."""

    title = "Pixel LSTM"
    summary = "Writes a picture pixel by pixel with a memory of fixed size, and knows exactly how likely each one is."
    params_type = PixelLstmParams
    presets: ClassVar[Mapping[str, Preset]] = {
        "plain": Preset("Black and white, one layer.", {"learning_rate": 2e-3}, steps=2500),
        "wide": Preset("512 wide, two layers, 4 grey levels.", {"width": 512, "depth": 2, "levels": "4"}, steps=4000),
    }

    def network(self, params: PixelParams) -> Reader:
        """The LSTM."""
        return Recurrence(params.width, params.depth)
