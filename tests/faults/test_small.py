"""The harness at a small size, in a process that forks before anything else is imported."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIZES = {
    **{"kills": 4, "worker-kills": 2, "report-kills": 1},
    **{"flips": 20, "damaged": 6, "edits": 1, "full-disk": 6},
}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_few_of_each_kind_have_no_faults():
    sizes = [word for name, size in SIZES.items() for word in (f"--{name}", str(size))]
    command = [sys.executable, "-m", "tests.faults", "--json", *sizes]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    kinds = {one["kind"]: one["outcomes"] for one in json.loads(done.stdout)["kinds"]}
    assert len(kinds) == len(SIZES)
    assert kinds["kills of the parent"]["killed"] == SIZES["kills"]
