"""A recipe as a short Python script that makes the same file without a window: plain PyTorch, and `models/`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from models.errors import printable
from models.grids import PICTURE_SUFFIXES
from models.painter import exact_chunk
from models.recipe import Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from models.events import RunInfo
    from models.recipe import Drawn, Recipe

FEW = 64  # numbers that a person still reads
SCRIPT = '''\
"""{title}

It makes the very file that Latent Explorer writes. Run it with the Python that has Latent Explorer's `models`.
"""

{imports}


def draw(recipe: Recipe, out: Path) -> None:
{body}


RECIPE = r"""{recipe}"""

if __name__ == "__main__":
    draw(Recipe.parse(RECIPE), Path({name!r}))
'''
WHOLE = """\
from pathlib import Path

from models.job import Control
from models.recipe import Recipe
from models.redrawing import again, subject_of"""


def script(recipe: Recipe, info: RunInfo, name: str = "") -> str:
    """The script that makes the file `name` of a recipe with the model of the run `info`; a .png unless told."""
    name = name or f"{recipe.gesture}.png"
    if recipe.drawn is not None and name.lower().endswith(PICTURE_SUFFIXES):
        imports, body = _imports(recipe.drawn), [*_plain(recipe, recipe.drawn, info)]
    else:
        imports, body = WHOLE, [*_whole(recipe, info)]
    return SCRIPT.format(
        title=_title(recipe),
        imports=imports,
        body="\n".join(f"    {line}" if line else "" for line in body),
        recipe=recipe.text(),
        name=name,
    )


def _title(recipe: Recipe) -> str:
    told = recipe.origin
    title = printable(told.title or told.id).replace("\\", "/").replace('"', "'")
    return f"{recipe.gesture.capitalize()} of {title!r} at step {told.step:,}."


def _whole(recipe: Recipe, info: RunInfo) -> Iterator[str]:
    """By the program's own hand, where a file is more than pictures of codes."""
    yield f"subject = subject_of(recipe, {info.folder!r}, {recipe.origin.step})"
    yield "for _ in again(recipe, subject, out, Control()):"
    yield "    pass  # each event tells how far it is"


def _imports(drawn: Drawn) -> str:
    lines = ["from pathlib import Path", ""]
    lines += ["import numpy as np"] if drawn.corner else []
    lines += ["import torch", "", "from models.checkpoint import restored"]
    lines += ["from models.grids import sheet, to_uint8, write_picture"]
    lines += [] if drawn.fine is None else ["from models.mixing import mixed_pictures"]
    return "\n".join([*lines, "from models.recipe import Recipe", "from models.run import RunFolder"])


def _plain(recipe: Recipe, drawn: Drawn, info: RunInfo) -> Iterator[str]:
    """Codes to pictures by PyTorch, and the pictures to a sheet."""
    elsewhere = "" if info.device == "cpu" else f".to({info.device!r})"
    yield "torch.set_num_threads(1)  # sums in one order: the same bits every time"
    yield f"run = RunFolder.open({info.folder!r})"
    yield f"model = restored(run.manifest, run.load({recipe.origin.step}), run.path).eval(){elsewhere}"
    yield "model.to(memory_format=torch.channels_last)"
    if recipe.knobs:
        yield f"model.knobs = model.knobs_type(**{recipe.knobs!r})"
    yield ""
    yield "with torch.inference_mode():"
    yield f"    codes = {_codes(recipe, drawn, info)}{elsewhere}"
    if drawn.fine is not None:
        yield f"    fine = torch.tensor(recipe.drawn.fine.array){elsewhere}"
    if drawn.labels is not None:
        yield f"    labels = {_labels(drawn)}{elsewhere}"
    yield from (f"    {line}" for line in _pictures(drawn, info))
    yield ""
    yield f"shades = to_uint8(pictures{'.cpu()' if elsewhere else ''}.numpy())"
    if drawn.corner:
        yield "shades = np.concatenate([np.full_like(shades[:1], 255), shades])  # the corner stays empty"
    yield f"page = sheet(shades, columns={drawn.columns}, spacing={drawn.spacing}, scale={drawn.scale})"
    yield "write_picture(page, out, recipe)"


def _codes(recipe: Recipe, drawn: Drawn, info: RunInfo) -> str:
    count, width = drawn.codes.shape
    if recipe.gesture == "samples" and "prior" in info.capabilities:
        return f"model.prior({count}, torch.Generator().manual_seed({recipe.options['seed']!r}))"
    if count * width > FEW:
        return "torch.tensor(recipe.drawn.codes.array)"
    rows = (", ".join(f"{number:.9g}" for number in row) for row in drawn.codes.array.tolist())
    return f"torch.tensor([{', '.join(f'[{row}]' for row in rows)}], dtype=torch.float32)"


def _labels(drawn: Drawn) -> str:
    labels = drawn.labels
    if labels is None or isinstance(labels, Numbers):
        return "torch.tensor(recipe.drawn.labels.array)"
    count, kinds = len(labels), max(labels) + 1
    if len({*labels}) == 1:
        return f"torch.full(({count},), {labels[0]})"
    if labels == tuple(place % kinds for place in range(count)):
        return f"torch.arange({count}) % {kinds}"
    return f"torch.tensor({list(labels)})" if count <= FEW else "torch.tensor(recipe.drawn.labels)"


def _pictures(drawn: Drawn, info: RunInfo) -> Iterator[str]:
    """A few at a time, for how sums are rounded hangs on how many are drawn together."""
    count, size = drawn.codes.shape[0], math.prod(info.image_shape)
    chunk = exact_chunk(size, "sample_steps" in info.capabilities)
    given = ["codes"] + (["fine"] if drawn.fine is not None else []) + (["labels"] if drawn.labels is not None else [])
    part = "" if count <= chunk else f"[at : at + {chunk}]"
    named = ", ".join(f"{name}{part}" for name in given)
    made = f"model.decode({named})" if drawn.fine is None else f"mixed_pictures(model, {named}, {drawn.crossing})"
    if not part:
        yield f"pictures = {made}"
        return
    yield f"parts = [{made} for at in range(0, {count}, {chunk})]"
    yield "pictures = torch.cat(parts)"
