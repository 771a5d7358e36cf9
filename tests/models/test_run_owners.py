import json
import os
import random
import signal
import time

import pytest
from tiny_runs import child, manifest, snapshot

from models.errors import UserError
from models.run import RunFolder, delete_run, list_runs, rename_run


@pytest.fixture
def run(tmp_path):
    with RunFolder.create(tmp_path / "run", manifest()) as run:
        yield run


# ---- killed, and two at once

SAVING = """
import sys
from tiny_runs import manifest, snapshot
from models.run import RunFolder
run = RunFolder.create(sys.argv[1], manifest())
print("ready", flush=True)
step = 0
while True:
    step += 1
    run.save(step, snapshot(step, size=20_000))
    run.update(step=step)
    print(step, flush=True)
"""


def test_twenty_kills_at_random_moments_leave_the_newest_whole_snapshot(tmp_path):
    moments = random.Random(20)
    inside = 0
    for number in range(20):
        folder = tmp_path / str(number)
        process = child(SAVING, folder)
        assert process.stdout.readline() == "ready\n"
        time.sleep(moments.uniform(0.0, 0.12))
        process.send_signal(signal.SIGKILL)
        announced = [int(line) for line in process.communicate()[0].split()]
        inside += bool(list(folder.rglob(".writing-*")))
        with RunFolder.open(folder, writing=True) as run:
            assert not list(folder.rglob(".writing-*"))
            assert (run.steps() or [0])[-1] >= (announced or [0])[-1]
            if run.steps():
                newest = run.steps()[-1]
                assert run.load().weights["count"] == newest
                run.save(newest + 1, snapshot(newest + 1))
                assert run.load().weights["count"] == newest + 1
    assert inside > 3, "hardly a kill hit a save"


HOLDING = """
import sys
from tiny_runs import manifest
from models.run import RunFolder
run = RunFolder.create(sys.argv[1], manifest())
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def held(tmp_path):
    """A run held by another process, and that process."""
    process = child(HOLDING, tmp_path / "held")
    assert process.stdout.readline() == "held\n"
    yield tmp_path / "held", process
    process.kill()
    process.communicate()


def test_a_run_in_use_is_refused_with_who_and_since_when(held):
    folder, process = held
    who = rf"in use by process {process.pid} on .+ since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d"
    for use in (
        lambda: RunFolder.open(folder, writing=True),
        lambda: RunFolder.create(folder, manifest()),
        lambda: rename_run(folder, "Mine"),
        lambda: delete_run(folder),
    ):
        with pytest.raises(UserError, match=who):
            use()
    assert RunFolder.open(folder).manifest.status == "running"
    assert list_runs(folder.parent)[0].status == "running"


def test_the_lock_of_a_dead_process_is_taken_over_and_its_run_was_interrupted(held):
    folder, process = held
    process.kill()
    process.wait()
    assert list_runs(folder.parent)[0].status == "interrupted"
    with RunFolder.open(folder, writing=True) as run:
        run.update(step=1)
        assert list_runs(folder.parent)[0].status == "running"


def test_a_number_that_another_process_has_now_does_not_keep_a_run(held):
    folder, process = held
    process.kill()
    process.wait()
    told = json.loads((folder / "owner.lock").read_text())
    (folder / "owner.lock").write_text(json.dumps({**told, "pid": os.getpid()}))
    assert list_runs(folder.parent)[0].status == "interrupted"
    RunFolder.open(folder, writing=True).close()


def test_one_process_cannot_hold_a_run_twice(run):
    with pytest.raises(UserError, match=f"process {os.getpid()}"):
        RunFolder.open(run.path, writing=True)
    run.close()
    RunFolder.open(run.path, writing=True).close()


RACING = """
import sys
from models.errors import UserError
from models.run import RunFolder
print("ready", flush=True)
sys.stdin.readline()
try:
    run = RunFolder.open(sys.argv[1], writing=True)
    print("won", flush=True)
except UserError:
    print("lost", flush=True)
sys.stdin.readline()
"""


def test_of_four_that_want_a_dead_runs_folder_one_gets_it(run):
    run.close()
    racers = [child(RACING, run.path) for _ in range(4)]
    for racer in racers:
        racer.stdout.readline()
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    answers = [racer.stdout.readline().strip() for racer in racers]
    for racer in racers:
        racer.communicate("end\n")
    assert sorted(answers) == ["lost", "lost", "lost", "won"]
