"""A sheet of random pictures, each beside the training picture nearest to it, the likeliest copies first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError
from models.events import Working
from models.grids import picture_file, sheet, to_uint8
from models.params import param
from models.scene import Scene
from models.sheets import SampleOptions, random_codes

if TYPE_CHECKING:
    from collections.abc import Generator

    from models.events import Event
    from models.job import Control
    from models.subject import Subject


class CopyOptions(SampleOptions):
    """A sheet of pairs, drawn and nearest."""

    rows: int = param(8, "Rows of pairs.", low=1, high=200)
    columns: int = param(4, "Pairs in a row.", low=1, high=200)
    spacing: int = param(4, "White space between the pairs.", low=0, high=100, unit="pixels")


def copies(subject: Subject, options: CopyOptions, suffix: str, control: Control) -> Generator[Event, None, bytes]:
    """Random pictures, each left of the training picture nearest to it; the likeliest copies come first."""
    import torch  # only when it is needed: a window may not have it yet

    from models.evaluate.copies import all_nearest, copies_in, usual
    from models.evaluate.meter import Meter
    from models.run_data import data_of

    if not subject.info.folder:
        raise UserError("This model was not trained here, so nobody knows what it learned from.")
    data = yield from data_of(subject.info, control, same=True)
    count = options.rows * options.columns
    in_turn = np.arange(count) % subject.classes if subject.classes else None
    drawn = yield from Scene(random_codes(subject, count, options.seed), in_turn).drawn(subject, control)
    what = "Comparing pictures"
    meter = Meter(subject.info.id, subject.step, [what, what], {what: 5.0})
    known = copies_in(data)
    normal = yield from meter.along(usual(known, data.test_images, control))
    asked = torch.from_numpy(drawn.transpose(0, 3, 1, 2).copy())
    near = yield from meter.along(all_nearest(known, asked, control))
    order = np.lexsort((near.distances[:, 0], near.alone, ~normal.copied(near)))
    yield Working(subject.info.id, subject.step, "Writing the sheet")
    nearest = to_uint8(data.train_images[torch.from_numpy(near.indices[order, 0])].numpy())
    pairs = np.concatenate([drawn[order], nearest], axis=2)
    return picture_file(sheet(pairs, options.columns, options.spacing, options.scale), suffix)
