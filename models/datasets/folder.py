"""Source `folder`: a person's own pictures, a folder per class or one flat folder, brought to one size and colour."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from models.datasets import Dataset, Skipped, Source
from models.datasets.cache import tensor_of
from models.datasets.decoded import decoded
from models.datasets.decoding import Rule
from models.datasets.layout import EXPECTED, Found, subfolders, survey
from models.datasets.split import SplitParams, stratified_split, too_few
from models.errors import UserError, printable
from models.events import Working
from models.params import param
from models.registry import datasets
from models.wording import counted

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from models.datasets.decoding import Pictures
    from models.datasets.layout import Picture
    from models.events import Event
    from models.job import Control


class FolderParams(SplitParams):
    """Where the pictures are, and the size and colour they are brought to."""

    data_dir: str = param("", f"The folder with your pictures. {EXPECTED}", path=True)
    size: Literal["28", "32", "64", "128"] = param(
        "32", "Pictures are cut to the square of their middle and resized to this many pixels."
    )
    colour: Literal["auto", "grey", "rgb"] = param(
        "auto", "Grey, in colour, or grey only if no picture has any colour."
    )
    background: Literal["white", "black", "grey"] = param(
        "white", "What shows where a picture is transparent.", advanced=True
    )
    damaged_share: float = param(
        0.2, "The share of the pictures that may be damaged; with more, the folder is refused.",
        low=0.0, high=1.0, advanced=True,
    )  # fmt: skip


@datasets.register("folder")
class Folder(Source):
    """Pictures from a person's own disk."""

    title = "Folder of pictures"
    summary = "Your own pictures: a folder per class, or one flat folder; sub-folders train and test are kept apart."
    params_type = FolderParams
    params: FolderParams

    def load(self, control: Control) -> Generator[Event, None, Dataset]:
        """Find, split and decode the pictures, or map those decoded earlier; damaged ones are listed in `skipped`."""
        yield Working("", 0, "Looking for pictures")
        root = self._root()
        train, test = self._parts(root, control)
        files = train.pictures + test.pictures
        rule = Rule(int(self.params.size), self.params.colour, self.params.background)
        pictures = yield from decoded(root, files, rule, control)
        damaged = {files[index].path: reason for index, reason in pictures.damaged.items()}
        if len(damaged) > self.params.damaged_share * len(files):
            mend = "Replace or remove them, or allow a larger damaged share."
            raise UserError(_summary(damaged, len(files)), path=root, mend=mend)
        summary = [_summary(damaged, len(files))] if damaged else []
        skipped = [Skipped(printable(path), damaged[path]) for path in sorted(damaged)]
        return self._dataset(
            [file for index, file in enumerate(files) if index not in pictures.damaged],
            sum(index not in pictures.damaged for index in range(len(train.pictures))),
            pictures.images,
            warnings=(*train.left_out, *test.left_out, *summary),
            skipped=(*train.skipped, *test.skipped, *skipped),
            notes=_on_sizes(pictures, rule.side),
        )

    def _dataset(
        self,
        files: list[Picture],
        cut: int,
        images: NDArray[np.uint8],
        *,
        warnings: tuple[str, ...],
        skipped: tuple[Skipped, ...],
        notes: tuple[str, ...],
    ) -> Dataset:
        """Whole pictures, of which the first `cut` are for training, with their labels. Raises UserError."""
        if cut in (0, len(files)):
            raise too_few([file.label for file in files], self.params.data_dir)
        classes = tuple(sorted({file.label for file in files} - {""}))
        if len(classes) == 1:
            mend = "If the folders in it are the classes, choose that folder."
            warnings += (f"All pictures are of one class, {classes[0]}. {mend}",)
        for part, known in (("training", files[:cut]), ("test", files[cut:])):
            if lacking := sorted(set(classes) - {file.label for file in known}):
                warnings += (f"Without {part} pictures: {', '.join(lacking[:3])}{', ...' * (len(lacking) > 3)}.",)
        numbers = {name: number for number, name in enumerate(classes)}
        labels = tensor_of(np.array([numbers[file.label] for file in files])) if classes else None
        pixels = tensor_of(images)
        return Dataset(
            self.name,
            pixels[:cut],
            None if labels is None else labels[:cut],
            pixels[cut:],
            None if labels is None else labels[cut:],
            classes,
            warnings,
            skipped=skipped,
            notes=notes,
        )

    def _root(self) -> Path:
        if not self.params.data_dir.strip():
            raise UserError(
                "No folder of pictures is given.", mend=f"Choose one, or name it with --data-dir. {EXPECTED}"
            )
        root = Path(os.path.expanduser(self.params.data_dir))  # os.path never raises, whatever the name
        if not os.path.isdir(root):
            if os.path.isfile(root):
                raise UserError(
                    "This is a file, not a folder.", path=root, mend="Arrays in a file are the data set arrays."
                )
            raise UserError("There is no such folder.", path=root, mend=EXPECTED)
        return root

    def _parts(self, root: Path, control: Control) -> tuple[Found, Found]:
        """What to train and to test on, shuffled, and what was left out: `train` and `test` in it, or our own split."""
        share, seed = self.params.test_share, self.params.split_seed
        folders = {folder.name.lower(): folder for folder in subfolders(root)}
        if {"train", "test"} <= folders.keys():
            train, test = (survey(folders[name], control) for name in ("train", "test"))
            if (train.pictures[0].label == "") != (test.pictures[0].label == ""):
                what = "Of its folders train and test only one has class folders."
                raise UserError(what, path=root, mend="Give both class folders, or neither.")
            rng = np.random.default_rng(seed)
            train, test = (_chosen(part, rng.permutation(len(part.pictures))) for part in (train, test))
            others = sorted(printable(folder.name) for name, folder in folders.items() if name not in ("train", "test"))
            beside = (f"Beside train and test, left out: {', '.join(others[:3])}.",) if others else ()
            return train, Found(test.pictures, test.left_out + beside, test.skipped)
        found = survey(root, control)
        labels = np.unique([picture.label for picture in found.pictures], return_inverse=True)[1]
        for_training, for_test = stratified_split(labels, share, seed)
        return _chosen(found, for_training), _chosen(Found(found.pictures), for_test)


def _chosen(found: Found, indices: NDArray[np.int64]) -> Found:
    return Found(tuple(found.pictures[i] for i in indices.tolist()), found.left_out, found.skipped)


def _on_sizes(pictures: Pictures, side: int) -> tuple[str, ...]:
    """What became of pictures that are not all of one size, in words."""
    if len(pictures.sizes) < 2:
        return ()
    by_area = sorted(pictures.sizes, key=lambda size: (size[0] * size[1], size))
    (small, low), (large, high) = by_area[0], by_area[-1]
    what = f"The pictures have {len(by_area):,} sizes, from {small}x{low} to {large}x{high}"
    return (f"{what}: each was cut to the square of its middle and resized to {side}x{side}.",)


def _summary(damaged: dict[str, str], total: int) -> str:
    """How many pictures could not be read, and the first of them with its reason."""
    path = min(damaged)
    what = f"Damaged: {len(damaged):,} of {counted(total, 'picture')}"
    return f"{what}, the first: {printable(path)}: {damaged[path]}"
