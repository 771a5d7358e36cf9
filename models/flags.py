"""Flags from declared settings, and settings from flags."""

from __future__ import annotations

import argparse
import difflib
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from models.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from models.params import Setting, Value

PROGRAM = "latent-explorer"
METAVARS = {"int": "N", "float": "X", "text": "TEXT", "path": "PATH"}


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are ours: one sentence with the mend, raised as UserError."""

    def __init__(self, **named: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **named)

    def error(self, message: str) -> NoReturn:
        """Raise UserError, with the flag that was perhaps meant."""
        mend = f"See {self.prog} --help."
        message = message.removeprefix("argument ").replace(": expected one argument", " needs a value after it")
        message = message.replace(": must be", " must be")
        if message.startswith("unrecognized arguments: "):
            unknown = message.removeprefix("unrecognized arguments: ").split()[0]
            message = f"{unknown} is not known here"
            flags = [flag for flag in self._option_string_actions if flag.startswith("--")]
            near = difflib.get_close_matches(unknown.split("=")[0], flags, n=1)
            mend = f"Did you mean {near[0]}? {mend}" if near else mend
        raise UserError(f"{message[:1].upper()}{message[1:]}.", mend=mend)


def add_flags(
    parser: Parser, title: str, settings: Iterable[Setting], defaults: Mapping[str, Value], prefix: str
) -> None:
    """Give `parser` a group of flags, one for each setting, with what they may be and the default in the help.

    A flag that is taken already gets `--data-` before its name. What is given comes out as `prefix` + name.
    """
    group = parser.add_argument_group(title)
    for setting in settings:
        taken = setting.flag in parser._option_string_actions
        flag = setting.flag.replace("--", "--data-", 1) if taken else setting.flag
        if setting.kind == "bool":
            kind: dict[str, Any] = {"action": argparse.BooleanOptionalAction}
        else:
            metavar = METAVARS.get(setting.kind) or "|".join(setting.choices)
            kind = {"metavar": metavar, "type": partial(_read, setting)}
        told = _help(setting, defaults.get(setting.name, setting.default))
        group.add_argument(flag, dest=prefix + setting.name, default=argparse.SUPPRESS, help=told, **kind)


def given(parsed: argparse.Namespace, settings: Iterable[Setting], prefix: str) -> dict[str, Any]:
    """The settings that were given, by name."""
    found = {setting.name: getattr(parsed, prefix + setting.name, None) for setting in settings}
    return {name: value for name, value in found.items() if value is not None}


def _read(setting: Setting, text: str) -> Value:
    try:
        return setting.read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _help(setting: Setting, default: Value) -> str:
    notes = [] if setting.kind in ("bool", "choice", "text", "path") else [setting.allowed]
    if setting.when is not None:
        name, values = setting.when
        notes.append(f"only with {name.replace('_', '-')} {' or '.join(map(str, values))}")
    if default not in (None, ""):
        notes.append(f"default: {str(default).lower() if isinstance(default, bool) else default}")
    told = f" ({'; '.join(notes)})" if notes else ""
    return f"{setting.help}{told}".replace("%", "%%")


def add_run(parser: Parser) -> None:
    """Let `parser` ask for a run."""
    parser.add_argument("run", metavar="RUN", help="A run's folder, its name, or the name's beginning.")
