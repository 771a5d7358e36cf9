import random
import signal
import time

import pytest
from tiny_runs import child, job, only, same, trained

from models.errors import UserError
from models.events import Finished, Started
from models.job import Control
from models.run import RunFolder, list_runs
from models.trainer import resume, train


def train_curve(folder):
    return next(part for part in RunFolder.open(folder).metrics() if part.split == "train")


# ---- killed

TRAINING = """
import sys
from models import training
from models.events import Saved, Started
from models.job import Control
from models.trainer import train
from tiny_runs import job
training.SAVES = (0.0, 1.0, 0.0)
for event in train(job(sys.argv[1], steps=100000, settings={"anneal": False}), Control()):
    if isinstance(event, (Started, Saved)):
        print(event.step, flush=True)
"""


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_training_goes_on_from_its_newest_snapshot(tmp_path, seed):
    process = child(TRAINING, tmp_path / "run")
    announced = [int(process.stdout.readline()) for _ in range(4)]
    time.sleep(random.Random(seed).uniform(0, 0.3))
    process.send_signal(signal.SIGKILL)
    announced += [int(line) for line in process.communicate()[0].split()]
    assert list_runs(tmp_path)[0].status == "interrupted"
    newest = RunFolder.open(tmp_path / "run").steps()[-1]
    assert newest >= announced[-1]
    events = list(resume(tmp_path / "run", Control(), steps=newest + 3))
    assert (only(Started, events)[0].step, events[-1].step) == (newest, newest + 3)
    assert isinstance(events[-1], Finished)
    assert train_curve(tmp_path / "run").steps.tolist() == list(range(1, newest + 4))
    assert not list((tmp_path / "run").rglob(".writing-*"))
    trained(tmp_path / "whole", steps=newest + 3, settings={"anneal": False})
    assert same(train_curve(tmp_path / "run").values, train_curve(tmp_path / "whole").values)


def test_a_run_that_trains_elsewhere_cannot_be_resumed(tmp_path):
    process = child(TRAINING, tmp_path / "run")
    try:
        process.stdout.readline()
        with pytest.raises(UserError, match=f"in use by process {process.pid}"):
            list(resume(tmp_path / "run", Control()))
        with pytest.raises(UserError, match=f"in use by process {process.pid}"):
            list(train(job(tmp_path / "run"), Control()))
    finally:
        process.kill()
        process.communicate()
