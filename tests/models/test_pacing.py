from itertools import pairwise

import pytest
from tiny_runs import job

from models.families.vae import Vae
from models.pacing import Duty, Headway, Length, Speed, Stopwatch
from models.plan import Batches, Plan


def test_without_a_length_the_presets_own_holds():
    plan = Plan.of(job("x").changed(steps=None))
    assert plan.length(plan.batches(1000)) == Length(steps=Vae.presets["dense-2d"].steps)


@pytest.mark.parametrize(
    ("count", "size", "batches"),
    [
        (1000, 100, Batches(100, 10)), (1024, 100, Batches(100, 10)), (1025, 100, Batches(100, 11)),
        (40, 100, Batches(40, 1)), (5, 4, Batches(4, 1)), (6, 4, Batches(4, 2)), (3, 1, Batches(1, 3)),
    ],
)  # fmt: skip
def test_a_small_rest_of_an_epoch_is_left_out(count, size, batches):
    assert Plan.of(job("x", settings={"batch_size": size})).batches(count) == batches


def test_a_duty_never_takes_more_than_its_share(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("models.pacing.time.perf_counter", lambda: now[0])
    duty = Duty(iter, every=1.0, share=0.1)
    spent = 0.0
    while now[0] < 1000:
        if now[0] >= duty.next:
            duty.done(now[0], now[0] + 0.5)
            now[0] += 0.5
            spent += 0.5
        now[0] += 0.01
    assert 0.09 < spent / now[0] <= 0.101


def test_a_stopwatch_counts_only_between_start_and_stop(monkeypatch):
    now = [10.0]
    monkeypatch.setattr("models.pacing.time.perf_counter", lambda: now[0])
    watch = Stopwatch(5.0)
    for passing in (watch.start, watch.stop):
        passing()
        now[0] += 2
    assert watch.seconds == 7.0


def told(moments, steps):
    """What is said of the time left at each moment of a training of so many steps."""
    speed, said = Speed(), []
    for seconds, step in moments:
        speed.take(seconds, step)
        said.append(speed.seconds_for(steps - step))
    return said


def test_time_left_is_unknown_while_only_the_slow_first_steps_were_seen():
    said = told([(0.5, 1), (0.6, 2), (0.7, 12), (1.9, 132), (2.1, 152)], 1000)
    assert said[:4] == [None] * 4
    assert said[4] == pytest.approx(848 * 1.6 / 151)


def test_time_left_falls_steadily_past_a_halt_of_a_second():
    walk = [(0.1 * tick, 10 * tick) for tick in range(1, 200)]
    halt = [(seconds + 1.0, step) for seconds, step in walk[150:]]
    said = [left for left in told(walk[:150] + halt, 10_000) if left is not None]
    assert max(abs(now - before) for before, now in pairwise(said)) < 0.12 * said[0]


def test_no_time_is_left_at_the_end_however_short_the_training_was():
    assert told([(0.2, 5)], 5) == [0.0]


def test_speed_is_that_of_the_last_seconds():
    speed = Speed()
    for second in range(100):
        speed.take(second, 10 * second if second < 50 else 500 + 40 * (second - 50))
    assert speed.now == pytest.approx(40)


def test_headway_foretells_nothing_from_a_slow_beginning(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("models.pacing.time.monotonic", lambda: now[0])
    headway, said = Headway("Drawing faces", 1000), []
    for done, moment in ((10, 0.6), (20, 0.65), (200, 1.8), (1000, 1.81)):
        now[0] = moment
        said += headway.at(done)
    assert [(event.what, event.seconds_left) for event in said] == [
        ("Drawing faces, 10 of 1,000", None),
        ("Drawing faces, 200 of 1,000", pytest.approx(7.2)),
        ("Drawing faces, 1,000 of 1,000", 0.0),
    ]
