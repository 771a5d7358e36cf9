"""Spoilt files of every kind, through the real doors in a process of their own, end in data or in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.spoilt import KINDS

COUNT = 200


@pytest.fixture(scope="module")
def told():
    """What became of the files of each kind, in one child for all."""
    command = [sys.executable, "-m", "benchmarks.fuzz_data", "--here", "--json", f"--count={COUNT}"]
    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=150)
    assert done.stdout, f"the child ended with {done.returncode}: {done.stderr[-3000:]}"
    return {kind["kind"]: kind for kind in json.loads(done.stdout.splitlines()[-1])["kinds"]}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
@pytest.mark.parametrize("kind", KINDS)
def test_no_spoilt_file_does_any_harm(told, kind):
    assert told[kind]["faults"] == []
    assert told[kind]["files"] == COUNT
    assert told[kind]["rise_mb"] < 512
    assert 0 < told[kind]["read"] < COUNT, "either nothing was spoilt, or no spoilt file got past the first bytes"
