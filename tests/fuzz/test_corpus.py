"""The corpus and a block of random texts, in a process whose audit events nobody else causes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_corpus_and_a_block_have_no_faults():
    command = [sys.executable, "-m", "tests.fuzz", "--count", "200"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n0 faults\n" in done.stdout
