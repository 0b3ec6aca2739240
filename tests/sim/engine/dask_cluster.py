"""A Dask cluster that somebody else started: a scheduler and one worker, in their own processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]


@dataclass
class Started:
    """Address of the scheduler, and its process."""

    address: str
    scheduler: subprocess.Popen[bytes]

    def kill_scheduler(self) -> None:
        """As the loss of its machine would."""
        self.scheduler.send_signal(signal.SIGKILL)


@contextmanager
def started(folder: Path, *options: str) -> Iterator[Started]:
    """A cluster whose worker looks for modules in a folder first; options are the worker's."""
    file = folder / "scheduler.json"
    local = ("--no-dashboard", "--scheduler-file", str(file))
    scheduler = _process(folder, "scheduler", "--host", "127.0.0.1", "--port", "0", *local)
    worker = None
    try:
        address = _address(file)
        worker = _process(folder, "worker", "--death-timeout", "30", *local, *options)
        yield Started(address, scheduler)
    finally:
        for process in (worker, scheduler):
            if process is not None:
                process.kill()
                process.wait()


def _process(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _address(file: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            return json.loads(file.read_text())["address"]
        except (OSError, ValueError):  # not yet there, or half written
            time.sleep(0.05)
    raise TimeoutError("the scheduler does not start")
