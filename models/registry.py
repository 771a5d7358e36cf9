"""From names to classes: families and data sets register by decorator, and the folders are scanned once."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from models.errors import UserError
from models.manifest import UNKNOWN_DATA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from models.datasets import Source
    from models.family import DataSpec, Family

T = TypeVar("T")


class Registry(Generic[T]):
    """Classes by name, found in the modules of one package; a module that fails to import is kept as a reason."""

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._classes: dict[str, type[T]] = {}
        self._missing: dict[str, str] = {}
        self._unlisted: set[str] = set()
        self._scanned = False
        self._lock = threading.RLock()

    def register(self, name: str, *, listed: bool = True) -> Callable[[type[T]], type[T]]:
        """Class decorator: this class answers to `name`; one that is not `listed` is nobody's choice, only found."""

        def add(cls: type[T]) -> type[T]:
            known = self._classes.get(name)
            if known is not None and known.__module__ != cls.__module__:
                raise ValueError(f"two {self.kind}s are called {name}: {known.__module__}, {cls.__module__}")
            cls.name = name  # type: ignore[attr-defined]
            self._classes[name] = cls
            if not listed:
                self._unlisted.add(name)
            return cls

        return add

    def scan(self) -> None:
        """Import every module of the package once; errors are remembered, not raised."""
        with self._lock:  # a second thread waits for the whole list
            if self._scanned:
                return
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                if not module.name.startswith("_"):
                    self._import(module.name)
            self._scanned = True

    def _import(self, module: str) -> None:
        name = f"{self._package}.{module}"
        try:
            importlib.import_module(name)
        except Exception as error:  # a broken file must never stop the program
            self._missing[module.replace("_", "-")] = f"{type(error).__name__}: {error}"
            self._classes = {known: cls for known, cls in self._classes.items() if cls.__module__ != name}

    def get(self, name: str) -> type[T]:
        """The class called `name`. Raises UserError with the nearest names."""
        self.scan()
        if name in self._missing:
            raise UserError(f"The {self.kind} {name} cannot be used here: {self._missing[name]}.")
        if name not in self._classes:
            near = difflib.get_close_matches(name, list(self), n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]}? " if near else ""
            raise UserError(f"There is no {self.kind} called {name!r}.", mend=f"{hint}There are: {', '.join(self)}.")
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        self.scan()
        return iter(sorted(self._classes.keys() - self._unlisted))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Those that answer to their names, but are nobody's choice."""
        self.scan()
        return tuple(sorted(self._unlisted & self._classes.keys()))

    @property
    def missing(self) -> dict[str, str]:
        """Modules that did not import, with their reasons."""
        self.scan()
        return dict(self._missing)


families: Registry[Family] = Registry("family", "models.families")
datasets: Registry[Source] = Registry("data set", "models.datasets")


def build(family: str, settings: Mapping[str, object], spec: DataSpec) -> Family:
    """A new model of the family called `family` for data of that spec. Raises UserError."""
    cls = families.get(family)
    if cls.needs_labels and not spec.classes:
        what = f"{cls.title} learns from labelled pictures only, and these have no labels."
        raise UserError(what, mend="Choose labelled data (a folder per class, say), or another family.")
    return cls(cls.params_type.read(dict(settings), of=family), spec)


def source(dataset: str, settings: Mapping[str, object]) -> Source:
    """A data set's source with checked settings, as a manifest tells it. Raises UserError."""
    if dataset == UNKNOWN_DATA:
        what = "What this model learned from is not known here, for it was brought as a file."
        raise UserError(what, mend="It can be drawn from and explored, not trained on or judged.")
    cls = datasets.get(dataset)
    return cls(cls.params_type.read(dict(settings), of=dataset))
