"""The sets that come as fixed files: used where they lie, plain or packed, else downloaded once and then used."""

from __future__ import annotations

import os
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from models.datasets import Dataset, Source
from models.datasets.cache import tensor_of
from models.datasets.download import fetch
from models.errors import Stopped, UserError
from models.events import Working
from models.params import Params, param
from models.runs import runs_root

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from models.datasets.download import Remote
    from models.events import Event
    from models.job import Control

    Part = tuple[NDArray[np.uint8], NDArray[np.uint8]]  # pictures [n, channels, height, width] and labels [n]


class StoredParams(Params):
    """Where the files are."""

    data_dir: str = param(
        "",
        "The folder with the files of the set, as published or unpacked, in the folders of torchvision too; what is "
        "missing is downloaded to it. Empty for the program's own folder.",
        path=True,
    )


class Stored(Source):
    """A source of fixed files, with the official split into training and test pictures."""

    params_type = StoredParams
    params: StoredParams
    classes: ClassVar[tuple[str, ...]]
    parts: ClassVar[tuple[tuple[str, ...], ...]]  # for each file that is needed, the names that it may have
    places: ClassVar[tuple[str, ...]]  # where they may lie inside the data folder; downloads go to the first

    def at_hand(self) -> bool:
        """Whether all files are on disk."""
        return all(self._found(self._place()))

    def known_classes(self) -> tuple[str, ...]:
        """The classes of the set as published."""
        return self.classes

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Read the files, after downloading those that are missing."""
        place = self._place()
        files = self._found(place)
        if not all(files):
            yield Working("", 0, f"Looking up where {self.title} is")
            missing = [number for number, file in enumerate(files) if file is None]
            yield from self.bring(place, missing, control)
            files = self._found(place)
        halves = []
        for share, half in enumerate(("train", "test")):
            if control.stopping:
                raise Stopped
            yield Working("", 0, f"Reading {self.title}", share / 2)
            halves.append(self.read([file for file in files if file], train=half == "train"))
        (train, train_labels), (test, test_labels) = (
            (tensor_of(pictures), tensor_of(labels.astype(np.int64))) for pictures, labels in halves
        )
        return Dataset(self.name, train, train_labels, test, test_labels, self.classes)

    def bring(self, place: Path, missing: Sequence[int], control: Control) -> Generator[Event, None, None]:
        """Download those parts, by number, to that folder. Raises UserError."""
        remotes = self.remotes()
        yield from fetch([remotes[number] for number in missing], place, self.title, control)

    @abstractmethod
    def remotes(self) -> Sequence[Remote]:
        """Where the parts may be downloaded, in their order."""

    @abstractmethod
    def read(self, files: Sequence[Path], *, train: bool) -> Part:
        """The training or the test half from the files of all parts. Raises UserError."""

    def _place(self) -> Path:
        """The folder that holds some of the parts, or the one that shall."""
        root = self._root()
        return next((root / place for place in self.places if any(self._found(root / place))), root / self.places[0])

    def _root(self) -> Path:
        if not self.params.data_dir.strip():
            return runs_root().parent / "data"
        root = Path(os.path.expanduser(self.params.data_dir))  # os.path never raises, whatever the name
        if not os.path.isdir(root):
            raise UserError(
                "There is no such folder.",
                path=root,
                mend=f"Give the folder that holds the files of {self.title}, or none.",
            )
        return root

    def _found(self, folder: Path) -> list[Path | None]:
        """The file of each part in that folder, whichever way it is stored."""
        return [next((folder / name for name in names if os.path.isfile(folder / name)), None) for names in self.parts]
