"""The works behind morphs: seek shortest ways, and set several models side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.pins import pins_set
from explorer.timeline import frames_of
from models.errors import Stopped, UserError
from models.path_events import ShorteningEnded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from explorer.state import SessionState
    from explorer.worker import Work
    from models.event import Event
    from models.job import Control
    from models.morph_models import Given
    from models.path_events import Ends


def comparing(state: SessionState, folders: Sequence[str], out: str | Path, options: Mapping[str, Any]) -> Work:
    """Morph the pictures of the first and the last key frame by every run in these folders, as one sheet."""

    def work(control: Control) -> Iterator[Event]:
        from models.morph_models import KIND, ComparedOptions, compare
        from models.subject import Subject

        ends = _given(state)
        if ends is None:
            raise UserError("There are no pictures of two key frames yet.", mend="Pin two codes first.")
        wanted = ComparedOptions.read(dict(options), of=KIND)
        subjects = [Subject.of_run(folder) for folder in folders]
        told = {"runs": ",".join(subject.info.id for subject in subjects)}
        yield from compare(subjects, ends, Path(out), wanted, told, control)

    return work


def _given(state: SessionState) -> tuple[Given, Given] | None:
    """The pictures of the first and the last key frame: the data's own where a pin is a point, else as drawn."""
    from models.morph_models import Given

    names = () if state.run is None else state.run.class_names
    drawn = () if state.pin_pictures is None else state.pin_pictures.pictures
    pinned, found = pins_set(state), []
    for frame in frames_of(state)[:: max(1, len(frames_of(state)) - 1)]:
        place = [slot for slot, _ in pinned].index(frame.slot)
        pin = pinned[place][1]
        original = None if pin.index is None or state.data is None else state.data.picture(pin.index)
        pixels = original if original is not None else drawn[place] if place < len(drawn) else None
        if pixels is not None:
            found.append(Given(pixels, names[pin.label] if isinstance(pin.label, int) and names else ""))
    return (found[0], found[1]) if len(found) == 2 else None


def shortening(state: SessionState, wanted: Sequence[Ends]) -> Work:
    """Seek the shortest ways between these ends, one after the other; `ShorteningEnded` comes last."""
    weights, knobs = state.weights, state.knobs
    assert weights is not None

    def work(control: Control) -> Iterator[Event]:
        from models import device
        from models.geodesic import shortest
        from models.painter import Painter

        device.lower_priority()
        device.take_threads(1)
        problem = ""
        try:
            painter = Painter.of(weights)
            painter.turn(knobs)
            for ends in wanted:
                yield from shortest(painter, ends, weights.run, weights.step, control)
        except Stopped:
            return
        except UserError as error:
            problem = str(error)
        yield ShorteningEnded(weights.run, weights.step, problem)

    return work
