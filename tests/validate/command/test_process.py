"""The process of a command is set up before anything heavy is imported."""

import os
import subprocess
import sys

import pytest

NAMES = ("OMP_NUM_THREADS", "SYMPY_CACHE_SIZE")
CODE = (
    "import gc; from validate.command.process import set_up; set_up();"
    " import os; from sympy.core import cache;"
    " print(cache.SYMPY_CACHE_SIZE, os.environ['OMP_NUM_THREADS'], gc.get_threshold()[0])"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, "20000 1 50000"), ({"OMP_NUM_THREADS": "3", "SYMPY_CACHE_SIZE": "50"}, "50 3 50000")],
)
def test_what_the_environment_says_stays(given: dict[str, str], expected: str):
    unset = {k: v for k, v in os.environ.items() if k not in NAMES}
    done = subprocess.run(
        [sys.executable, "-c", CODE], env=unset | given, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == expected, done.stderr


def test_what_is_written_past_python_goes_elsewhere():
    """By user's code or by processes that it starts; afterwards all is as before."""
    code = (
        "import os, subprocess, sys; from validate.command.process import diverted\n"
        "print('before')\n"
        "with diverted(sys.stdout, sys.stderr):\n"
        "    print('python'); os.write(1, b'raw '); subprocess.run(['echo', 'child'])\n"
        "print('after')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["before", "after"]
    assert sorted(done.stderr.split()) == ["child", "python", "raw"]
