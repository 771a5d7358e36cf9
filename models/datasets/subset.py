"""A part of a data set: only some of its classes, and no more pictures than wanted."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from models.datasets.cache import tensor_of
from models.datasets.room import Room
from models.errors import Stopped, UserError, printable
from models.events import Working

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.datasets import Dataset, Source
    from models.events import Event
    from models.job import Control, Job

    Places = NDArray[np.int64]

STRETCH = 2**22  # bytes gathered between two looks at the lever


def load_part(source: Source, job: Job, control: Control) -> Generator[Event, None, Dataset]:
    """What `source` loads, cut down to what `job` wants of it. Raises UserError and Stopped.

    A class that cannot be there is refused before anything is loaded, where the source knows its classes by then.
    """
    if (names := source.known_classes()) is not None:
        chosen_classes(job.classes, names)
    data = yield from source.load(control)
    return (yield from part_of(data, job, control))


def part_of(data: Dataset, job: Job, control: Control) -> Generator[Event, None, Dataset]:
    """The classes that `job` names, numbered anew from 0 in their old order, and pictures up to its limit.

    The limit holds for the training pictures; the test pictures shrink by the same share. Every class gives its
    share, at least one picture where there is room for all classes; which ones hangs on the job's seed alone, and a
    smaller limit takes a part of what a larger one takes. The pictures keep their order; those too many for memory
    are gathered on the disk and mapped from there. Raises UserError and Stopped.
    """
    wanted = chosen_classes(job.classes, data.class_names)
    train, test = (_members(data, part, wanted) for part in ("train", "test"))
    for part, members in (("training", train), ("test", test)):
        if not len(members):
            mend = f"Choose more classes. {_named(data.class_names)}"
            raise UserError(f"None of the {part} pictures is of these classes.", mend=mend)
    if job.limit is not None and job.limit < len(train):
        share = job.limit / len(train)
        train = _limited(data.train_labels, train, job.limit, job.seed)
        test = _limited(data.test_labels, test, max(1, round(share * len(test))), job.seed)
    elif wanted is None:
        return data
    return (yield from _taken(data, train, test, wanted, control))


def chosen_classes(words: str, names: tuple[str, ...]) -> list[int] | None:
    """The classes named in `words`, with commas between, as rising indices; None for all.

    A class is named by its name, or else by its number, counted from 0. Raises UserError with the names there are.
    """
    asked = [word.strip() for word in words.split(",") if word.strip()]
    if not asked:
        return None
    if not names:
        raise UserError("This data set has no classes to choose from.", mend="Leave the classes empty.")
    return sorted({_class(word, names) for word in asked})


def _class(word: str, names: tuple[str, ...]) -> int:
    if word in names:
        return names.index(word)
    if word.isdecimal() and int(word) < len(names):
        return int(word)
    near = difflib.get_close_matches(word, names, n=1)
    hint = f"Did you mean {printable(near[0])}? " if near else ""
    raise UserError(f"There is no class {printable(word)!r}.", mend=f"{hint}{_named(names)}")


def _named(names: tuple[str, ...]) -> str:
    return f"There are: {', '.join(map(printable, names))}."


def _members(data: Dataset, part: str, wanted: list[int] | None) -> NDArray[np.int64]:
    """Rising indices of the pictures of one part that are of the wanted classes."""
    labels = data.train_labels if part == "train" else data.test_labels
    count = len(data.train_images if part == "train" else data.test_images)
    if wanted is None or labels is None:
        return np.arange(count)
    return np.flatnonzero(np.isin(labels.numpy(), wanted))


def _limited(labels: torch.Tensor | None, members: NDArray[np.int64], limit: int, seed: int) -> NDArray[np.int64]:
    """`limit` of the `members`, of every class the same share: the first pictures of all classes come first."""
    order = np.random.default_rng(seed).permutation(members)
    if labels is None:
        return np.sort(order[:limit])
    of = labels.numpy()[order]
    place = np.empty(len(order))  # of a picture in its class, from 0 to 1
    for label in np.unique(of):
        mine = of == label
        place[mine] = np.arange(mine.sum()) / mine.sum()
    return np.sort(order[np.argsort(place, kind="stable")[:limit]])


def _taken(
    data: Dataset, train: Places, test: Places, wanted: list[int] | None, control: Control
) -> Generator[Event, None, Dataset]:
    """The pictures at these places with all that belongs to them; taken by NumPy, which takes no threads."""

    def take(part: torch.Tensor | None, places: Places) -> torch.Tensor | None:
        return None if part is None else torch.from_numpy(part.numpy()[places])

    def labelled(part: torch.Tensor | None, places: Places) -> torch.Tensor | None:
        if part is None or wanted is None:
            return take(part, places)
        return torch.from_numpy(np.searchsorted(np.array(wanted), part.numpy()[places]))

    return replace(
        data,
        train_images=(yield from _pictures(data.train_images, train, control)),
        test_images=(yield from _pictures(data.test_images, test, control)),
        train_labels=labelled(data.train_labels, train),
        test_labels=labelled(data.test_labels, test),
        train_factors=take(data.train_factors, train),
        test_factors=take(data.test_factors, test),
        class_names=data.class_names if wanted is None else tuple(data.class_names[index] for index in wanted),
    )


def _pictures(images: torch.Tensor, places: Places, control: Control) -> Generator[Event, None, torch.Tensor]:
    """The pictures at these rising places, in memory or mapped; gathered in stretches, so that a stop is heard."""
    stored = images.numpy()
    ahead = max(1, STRETCH // max(1, stored[:1].nbytes))
    with Room(len(places), stored.shape[1:], stored.dtype) as room:
        for first in range(0, len(places), ahead):
            if control.stopping:
                raise Stopped
            if first:
                yield Working("", 0, f"Choosing pictures, {first:,} of {len(places):,}", first / len(places))
            room.add(stored[places[first : first + ahead]])
        return tensor_of(room.filled())
