"""A Transformer that writes pictures pixel by pixel (Radford et al. 2018; Chen et al. 2020, iGPT)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import torch.nn.functional as F
from torch import Tensor, nn

from models.autoregressive import Autoregressive, PixelParams, Reader
from models.blocks import full_precision
from models.family import Preset
from models.registry import families

if TYPE_CHECKING:
    from collections.abc import Mapping


HEAD_WIDTH = 32


@dataclass
class Memory:
    """Keys and values of the tokens so far, each [layers, b, heads, tokens, 32], and how many there are."""

    keys: Tensor
    values: Tensor
    length: int = 0


class Layer(nn.Module):
    """Attention to what came before, then two dense layers; each adds to what it was given (pre-norm)."""

    def __init__(self, width: int, index: int, depth: int) -> None:
        super().__init__()
        self.index = index
        self.attention_norm, self.dense_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.ask = nn.Linear(width, 3 * width)
        self.answer = nn.Linear(width, width)
        down = nn.Linear(4 * width, width)
        self.dense = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), down)
        for last in (self.answer, down):
            nn.init.normal_(last.weight, std=0.02 / (2 * depth) ** 0.5)  # a deep sum starts quietly (GPT-2)
            nn.init.zeros_(last.bias)

    def forward(self, tokens: Tensor, memory: Memory | None) -> Tensor:
        """[b, t, width] to the same."""
        asked = self.ask(self.attention_norm(tokens)).unflatten(2, (3, -1, HEAD_WIDTH))
        queries, keys, values = asked.permute(2, 0, 3, 1, 4)  # each [b, heads, t, 32]
        if memory is None:
            with full_precision(tokens):  # on processors the gradient of attention in bf16 takes twice as long
                found = F.scaled_dot_product_attention(queries.float(), keys.float(), values.float(), is_causal=True)
        else:
            here = memory.length
            memory.keys[self.index, :, :, here] = keys[:, :, 0]
            memory.values[self.index, :, :, here] = values[:, :, 0]
            past = slice(here + 1)
            kept = memory.keys[self.index, :, :, past], memory.values[self.index, :, :, past]
            found = F.scaled_dot_product_attention(queries, *kept)
        tokens = tokens + self.answer(found.transpose(1, 2).flatten(2))
        summed: Tensor = tokens + self.dense(self.dense_norm(tokens))
        return summed


class Transformer(Reader):
    """Layers on top of each other, for sequences of at most `longest` tokens."""

    def __init__(self, width: int, depth: int, longest: int) -> None:
        super().__init__()
        self.longest = longest
        self.layers = nn.ModuleList(Layer(width, index, depth) for index in range(depth))

    def begin(self, count: int, like: Tensor) -> Memory:
        """An empty memory for `count` sequences."""
        shape = (len(self.layers), count, like.shape[-1] // HEAD_WIDTH, self.longest, HEAD_WIDTH)
        return Memory(like.new_empty(shape), like.new_empty(shape))

    def forward(self, tokens: Tensor, memory: Memory | None) -> tuple[Tensor, Memory | None]:
        """[b, t, width] to the same; with a memory of those before, one token at a time."""
        for layer in self.layers:
            tokens = layer(tokens, memory)
        if memory is not None:
            memory.length += 1
        return tokens, memory


@families.register("pixel-gpt")
class PixelGpt(Autoregressive):
    """The chance of every pixel given all those before it, from attention to all of them."""

    title = "Pixel Transformer"
    summary = "Writes a picture pixel by pixel like a text, and knows exactly how likely each one is."
    presets: ClassVar[Mapping[str, Preset]] = {
        "small": Preset("Black and white, a million weights.", {"learning_rate": 2e-3}, steps=2000),
        "deep": Preset("Eight layers and 4 grey levels, for longer training.", {"depth": 8, "levels": "4"}, steps=4000),
    }

    def network(self, params: PixelParams) -> Reader:
        """The Transformer."""
        return Transformer(params.width, params.depth, self.raster.tokens + 1)
