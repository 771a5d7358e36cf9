"""Figures of a judged run are kept in its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.errors import UserError
from models.events import Figures, Noticed
from models.run import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from models.events import Event
    from models.manifest import Manifest


def kept(
    run: RunFolder, means: Mapping[str, float], spreads: Mapping[str, float], protocol: Mapping[str, Any]
) -> Iterator[Event]:
    """Tell the means and spreads of figures by name, and write them to the manifest beside those that it has.

    `protocol` are the settings by which they were measured.
    """
    told = run.manifest
    protocols = dict.fromkeys(means, protocol)

    def beside(known: Manifest) -> dict[str, Any]:
        bars = {name: value for name, value in known.spreads.items() if name not in means}
        return {
            "figures": {**known.figures, **means},
            "spreads": {**bars, **spreads},
            "judged": {**known.judged, **protocols},
        }

    now = beside(told)
    yield Figures(told.id, told.step, now["figures"], now["spreads"], now["judged"])
    try:
        with RunFolder.open(run.path, writing=True) as writing:
            if writing.manifest.step == told.step:
                writing.update(**beside(writing.manifest))
    except UserError as error:  # a run that trains, or lies where nothing can be written, is judged all the same
        yield Noticed(told.id, told.step, f"The figures are not kept with the run. {error}", "warning")
