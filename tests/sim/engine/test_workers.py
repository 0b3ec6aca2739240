"""Processes that die while they send a result leave nobody waiting."""

import os
import signal
import struct
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest

from sim.engine.executor import open_executor
from sim.engine.workers import GRACE

PROMISED = 1_000_000  # bytes that a message says it has


def send_a_part(kill: bool) -> None:
    """Begin to send a result as the pool does, with its lock, and end or hang."""
    frame: Any = sys._getframe()
    while "result_queue" not in frame.f_locals:
        frame = frame.f_back
    queue = frame.f_locals["result_queue"]
    queue._wlock.acquire()
    os.write(queue._writer.fileno(), struct.pack("!i", PROMISED) + b"part")
    if kill:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_death_in_the_middle_of_a_result_breaks_the_pool():
    with open_executor(2) as executor:
        executor.submit(time.sleep, 0.0).result(timeout=60)
        with pytest.raises(BrokenProcessPool):  # and no timeout
            executor.submit(send_a_part, kill=True).result(timeout=GRACE + 60)


def abandon_in_the_middle() -> None:
    """Leave as Ctrl-C does, while a part of a result is sent."""
    with open_executor(1) as executor:
        executor.submit(time.sleep, 0.0).result(timeout=60)
        executor.submit(send_a_part, kill=False)
        time.sleep(0.5)  # until it has sent a part
        raise KeyboardInterrupt


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_what_is_abandoned_in_the_middle_of_a_result_ends():
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        abandon_in_the_middle()
    assert time.monotonic() - began < 40
