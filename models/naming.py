"""Points, groups and codes as people name them: `point 12`, `class 7`, `pin A`, `glasses=round|sun,character=man`.

The same words stand behind the menus of the window, in sums on the command line and in recipes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from models.errors import UserError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from models.datasets import Factor
    from models.events import Codes, Labels, Shares
    from models.latent import Code

    Members = NDArray[np.int64]  # indices of points, rising

THIRDS = ("low", "middle", "high")  # of a continuous factor, between its bounds
CONDITION = re.compile(r"\s*([^=!,]+?)\s*(!?=)\s*([^,]+?)\s*")


@dataclass(frozen=True)
class Put:
    """A code [latent_dim] put aside, and the class, or the shares of all classes, that it is drawn as."""

    code: Code
    label: int | Shares | None = None


@dataclass(frozen=True)
class Known:
    """All that can be named in a run: its points with their classes and factors, pins by letter, groups by name."""

    codes: Codes
    labels: Labels  # [n]; -1 where a point has none
    class_names: tuple[str, ...] = ()
    factors: tuple[Factor, ...] = ()
    values: NDArray[np.float32] | None = None  # [n, factors]
    pins: Mapping[str, Put] = field(default_factory=dict)
    groups: Mapping[str, Members] = field(default_factory=dict)

    def members(self, what: str) -> Members:
        """The points that these words name. Raises UserError when there are none such."""
        kind, _, rest = what.strip().partition(" ")
        if kind == "group" and rest in self.groups:
            found = self.groups[rest]
            found = found[found < len(self.codes)]
        elif kind == "point":
            found = self._point(rest)
        elif kind == "class":
            found = np.flatnonzero(self.labels == self._class(rest))
        elif "=" in what:
            found = self._fulfilling(what)
        else:
            raise UserError(f"Nothing here is called {printable(what)!r}.", mend=self._offers())
        if not len(found):
            raise UserError(f"No point of the map is {titled(what)}.", mend="Choose another group.")
        return np.asarray(found, np.int64)

    def put(self, what: str) -> Put:
        """The code of what these words name, of a group its mean. Raises UserError when there is none such."""
        kind, _, rest = what.strip().partition(" ")
        if kind == "pin":
            if rest not in self.pins:
                raise UserError(f"There is no pin {printable(rest)}.", mend="Pin a code first, with P in the window.")
            found = self.pins[rest]
        elif kind == "code":
            found = Put(read_code(rest, self.codes.shape[1]))
        else:
            found = self._mean(self.members(what))
        if not np.isfinite(found.code).all():
            what = f"The code of {titled(what)} holds values that are not numbers."
            raise UserError(what, mend="Choose another one.")
        return found

    def _mean(self, members: Members) -> Put:
        """The middle of some points, as the class that all of them have."""
        labels = np.unique(self.labels[members])
        label = int(labels[0]) if len(labels) == 1 and labels[0] >= 0 else None
        return Put(self.codes[members].mean(axis=0, dtype=np.float64).astype(np.float32), label)

    def _point(self, number: str) -> Members:
        if not number.isdecimal() or int(number) >= len(self.codes):
            mend = f"Points go from 0 to {len(self.codes) - 1:,}." if len(self.codes) else "The map has no points yet."
            raise UserError(f"There is no point {printable(number)}.", mend=mend)
        return np.array([int(number)], np.int64)

    def _class(self, name: str) -> int:
        if name in self.class_names:
            return self.class_names.index(name)
        named = ", ".join(map(printable, self.class_names))
        mend = f"There are: {named}." if named else "These data have no classes."
        raise UserError(f"There is no class {printable(name)!r}.", mend=mend)

    def _fulfilling(self, what: str) -> Members:
        """The points that meet every condition: `glasses!=none,smile=high`."""
        fits = np.ones(len(self.codes), bool)
        for condition in what.split(","):
            matched = CONDITION.fullmatch(condition)
            if matched is None:
                raise UserError(f"{printable(condition)!r} is no condition.", mend="Write one as glasses=round|sun.")
            name, sign, wanted = matched.groups()
            fits &= self._meets(name, wanted) == (sign == "=")
        return np.flatnonzero(fits)

    def _meets(self, name: str, wanted: str) -> NDArray[np.bool_]:
        """Whether a factor is one of the wanted values, by point."""
        names = [factor.name for factor in self.factors]
        if name not in names or self.values is None:
            known = f"There are: {', '.join(map(printable, names))}." if self.values is not None and names else ""
            raise UserError(f"No factor {printable(name)!r} is known of these points.", mend=known)
        factor, numbers = self.factors[names.index(name)], self.values[:, names.index(name)]
        choices = factor.values or THIRDS
        places = numbers if factor.values else thirds(factor, numbers)
        fits = np.zeros(len(numbers), bool)
        for each in wanted.split("|"):
            if each.strip() not in choices:
                mend = f"It can be: {', '.join(map(printable, choices))}."
                raise UserError(f"{printable(name)} is never {printable(each.strip())!r}.", mend=mend)
            fits |= places == choices.index(each.strip())
        return fits

    def _offers(self) -> str:
        offers = ["point 0"] if len(self.codes) else []
        offers += [f"class {name}" for name in self.class_names[:1]] + [f"pin {letter}" for letter in self.pins]
        offers += [f"group {name}" for name in self.groups]
        if self.values is not None:
            offers += [f"{factor.name}={(factor.values or THIRDS)[0]}" for factor in self.factors[:2]]
        return f"Name something like: {', '.join(map(printable, offers))}." if offers else ""


def thirds(factor: Factor, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Which third between its bounds each number [n] of a continuous factor lies in: 0, 1 or 2, or not a number."""
    shares = (numbers - factor.low) / (factor.high - factor.low or 1.0) * 3
    return np.asarray(np.floor(np.clip(shares, 0, 2.999)), np.float32)


def titled(what: str) -> str:
    """The same for people: `glasses not none, character man`, and of a written code only that it is one."""
    kind, _, rest = what.strip().partition(" ")
    if kind == "code":
        return "a code"
    if "=" not in what:
        return printable(rest if kind == "group" else what)
    told = []
    for condition in what.split(","):
        name, sign, wanted = (part.strip() for part in re.split("(!?=)", condition, maxsplit=1))
        values = " or ".join(wanted.split("|"))
        told.append(f"{name} {values}" if sign == "=" else f"{name} not {values}")
    return printable(", ".join(told))


def read_code(text: str, width: int) -> Code:
    """The numbers of a code [width] as text, with spaces between. Raises UserError for others."""
    try:
        numbers = np.array([float(word) for word in text.split()], np.float32)
    except ValueError:
        raise UserError("A code is written as numbers with spaces between.") from None
    if len(numbers) != width:
        raise UserError(f"This code has {len(numbers):,} numbers; those of this model have {width:,}.")
    return numbers


def written_code(code: Code) -> str:
    """A code as words that name exactly it."""
    return f"code {' '.join(f'{number:.9g}' for number in code.tolist())}"
