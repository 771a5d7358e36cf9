"""The renderer with a real model in a real thread: newest wins, and pictures follow the weights."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from models import painter, render
from models.capabilities import capabilities
from models.events import Event, Failed, Rendered, RunInfo, Weights
from models.family import DataSpec
from models.grids import to_uint8
from models.job import Control
from models.registry import build, families

SETTINGS = {"latent_dim": 2, "width": 32, "depth": 1}
CODES = np.linspace(-2, 2, 400, dtype=np.float32).reshape(200, 2)


def weights_of(seed: int = 0, step: int = 1, family: str = "vae", run: str = "a", **settings: object) -> Weights:
    torch.manual_seed(seed)
    settings = {**SETTINGS, **settings}
    model = build(family, settings, DataSpec(1, 28, 28, 10))
    names = tuple("0123456789")
    info = RunInfo(
        run, "", family, "", "digits", settings, capabilities(families.get(family)), settings["latent_dim"],
        (1, 28, 28), names, "cpu", "fp32", 0, sum(part.numel() for part in model.parameters()),
    )  # fmt: skip
    return Weights(run, step, info, {name: part.detach().clone() for name, part in model.state_dict().items()})


def decoded(weights: Weights, codes: np.ndarray) -> np.ndarray:
    """What the model itself makes of the codes."""
    model = build(weights.info.family, weights.info.settings, DataSpec(1, 28, 28, 10)).eval()
    model.load_state_dict(dict(weights.state))
    with torch.inference_mode():
        return to_uint8(model.decode(torch.tensor(codes)).numpy())


class Serving:
    """A renderer in a thread, and all that it has said."""

    def __init__(self, renderer: render.Renderer) -> None:
        self.renderer, self.control, self.said = renderer, Control(), []
        self._heard = threading.Condition()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Serving:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.control.stop()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        for event in self.renderer.serve(self.control):
            with self._heard:
                self.said.append(event)
                self._heard.notify_all()

    def wait_for(self, count: int) -> list[Event]:
        with self._heard:
            assert self._heard.wait_for(lambda: len(self.said) >= count, 20), self.said
            return list(self.said)


@pytest.fixture(autouse=True)
def one_chunk_is_small(monkeypatch):
    monkeypatch.setattr(painter, "CHUNK_PIXELS", 16 * 28 * 28)


def test_pictures_are_those_of_the_model():
    renderer, weights = render.Renderer(), weights_of()
    with Serving(renderer) as serving:
        renderer.use(weights)
        generation = renderer.ask("lattice", CODES)
        (answer,) = serving.wait_for(1)
    assert isinstance(answer, Rendered)
    assert (answer.run, answer.step, answer.key, answer.generation) == ("a", 1, "lattice", generation)
    assert answer.pictures.shape == (200, 28, 28, 1)
    np.testing.assert_allclose(answer.pictures.astype(int), decoded(weights, CODES), atol=1)
    np.testing.assert_array_equal(answer.codes, CODES)
    assert not answer.pictures.flags.writeable
    assert not answer.codes.flags.writeable


def test_of_two_requests_of_a_key_only_the_newer_is_answered_and_small_ones_come_first():
    renderer = render.Renderer()
    renderer.ask("lattice", CODES)
    renderer.ask("probe", CODES[:1])
    newest = renderer.ask("probe", CODES[7])
    renderer.use(weights_of())
    with Serving(renderer) as serving:
        probe, lattice = serving.wait_for(2)
    assert (probe.key, probe.generation, lattice.key) == ("probe", newest, "lattice")
    assert renderer.newest("probe") == newest
    assert renderer.newest("pins") == 0
    np.testing.assert_array_equal(probe.codes, CODES[7:8])


def test_a_small_request_goes_between_the_chunks_of_a_big_one():
    renderer, control = render.Renderer(), Control()
    renderer.use(weights_of())
    renderer.ask("lattice", CODES)
    serve = renderer.serve(control)
    draw, drawn = painter.Painter.draw, []

    def spy(self, codes, *more):
        drawn.append(len(codes))
        if len(drawn) == 4:  # the warming picture, then three chunks
            renderer.ask("probe", CODES[:1])
        return draw(self, codes, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painter.Painter, "draw", spy)
        assert [next(serve).key, next(serve).key] == ["probe", "lattice"]
    assert drawn == [1, 16, 16, 16, 1, *[16] * 9, 8]


def test_a_sheet_that_is_dragged_is_drawn_to_its_end_again_and_again():
    renderer = render.Renderer()
    renderer.use(weights_of())
    first = renderer.ask("sheet", CODES[:40], whole=True)
    serve, draw, asked = renderer.serve(Control()), painter.Painter.draw, []

    def drag(self, codes, *more):
        if len(asked) < 9:  # faster than a chunk is drawn
            asked.append(renderer.ask("sheet", CODES[:40] + len(asked), whole=True))
        return draw(self, codes, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painter.Painter, "draw", drag)
        for number in (0, 3, 6):  # after the warming picture
            assert next(serve).generation == asked[number]
    assert asked[0] > first
    assert renderer.newest("sheet") == asked[-1]
    assert next(serve).generation == asked[-1]


def test_new_weights_answer_every_key_anew():
    renderer, older, newer = render.Renderer(), weights_of(0, 1), weights_of(1, 2)
    with Serving(renderer) as serving:
        renderer.use(older)
        renderer.ask("probe", CODES[:1])
        serving.wait_for(1)
        renderer.ask("pins", CODES[:2])
        serving.wait_for(2)
        renderer.forget("pins")
        renderer.use(newer)
        first, _, again = serving.wait_for(3)
    assert (again.key, again.generation, again.step) == ("probe", first.generation, 2)
    np.testing.assert_allclose(again.pictures.astype(int), decoded(newer, CODES[:1]), atol=1)
    assert len(serving.said) == 3


def test_refreshing_keeps_to_its_share_of_the_processor():
    renderer = render.Renderer()
    renderer.use(weights_of())
    renderer.ask("lattice", CODES)
    serve = renderer.serve(Control())
    first = next(serve)
    start = time.perf_counter()
    renderer.use(weights_of(1, 2))
    again = next(serve)
    assert again.step == 2
    assert time.perf_counter() - start >= first.seconds * (1 / render.REFRESH_SHARE - 1)


def test_weights_of_another_run_forget_requests_that_do_not_fit():
    renderer, wide = render.Renderer(), weights_of(run="b", latent_dim=5)
    with Serving(renderer) as serving:
        renderer.use(weights_of())
        renderer.ask("probe", CODES[:1])
        serving.wait_for(1)
        waiting = renderer.ask("probe", np.zeros(5))  # asked a moment before its weights come
        renderer.use(wide)
        answer = serving.wait_for(2)[1]
    assert (answer.run, answer.generation) == ("b", waiting)


def test_a_model_that_does_not_load_is_told_and_the_next_one_is_drawn():
    renderer, good = render.Renderer(), weights_of()
    broken = replace(good, state={**good.state, "log_scale": torch.zeros(3)})
    with Serving(renderer) as serving:
        renderer.ask("probe", CODES[:1])
        renderer.use(broken)
        (failed,) = serving.wait_for(1)
        renderer.use(good)
        answer = serving.wait_for(2)[1]
    assert isinstance(failed, Failed)
    assert failed.run == "render"
    assert "log_scale" in failed.message
    assert "Traceback" in failed.details
    assert isinstance(answer, Rendered)


def test_rendering_leaves_the_random_numbers_of_the_training_alone():
    renderer, weights = render.Renderer(), weights_of()
    renderer.use(weights)
    renderer.ask("probe", CODES[:1])
    before = torch.get_rng_state()
    next(renderer.serve(Control()))
    assert torch.equal(torch.get_rng_state(), before)


def test_weights_handed_in_are_never_changed_nor_shared():
    weights = weights_of()
    made = painter.Painter(weights.info)
    made.load(weights)
    shared = {part.data_ptr() for part in weights.state.values()}
    assert not shared & {part.data_ptr() for part in made.family.state_dict().values()}


def test_asking_does_not_wait_for_drawing():
    renderer = render.Renderer()
    renderer.use(weights_of(width=2048, depth=3))
    with Serving(renderer) as serving:
        renderer.ask("lattice", np.zeros((3000, 2)))
        start = time.perf_counter()
        for _ in range(100):
            renderer.ask("probe", CODES[:1])
        assert time.perf_counter() - start < 0.25
        serving.wait_for(1)


def test_it_sleeps_when_there_is_nothing_to_draw_and_wakes_to_stop():
    renderer = render.Renderer()
    with Serving(renderer) as serving:
        renderer.use(weights_of())
        renderer.ask("probe", CODES[:1])
        serving.wait_for(1)
        time.sleep(0.05)
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.1
        start = time.perf_counter()
        serving.control.stop()
    assert time.perf_counter() - start < 0.5


def test_a_family_that_draws_in_steps_begins_with_one_picture_and_takes_more_while_it_is_quick(asked_family):
    drawing = painter.Painter.of(weights_of(family="vae"))
    assert drawing.chunk == 16
    info = replace(weights_of().info, family="asked", settings={"latent_dim": 2})
    stepwise = painter.Painter(info)
    assert stepwise.chunk == 1
    for _ in range(20):
        stepwise.draw(CODES[: stepwise.chunk])
    assert stepwise.chunk == 16
