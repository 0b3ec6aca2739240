"""The executor: same results anywhere, errors as values, nothing left behind."""

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import spawn
from pathlib import Path

import pytest

from sim.engine.executor import (
    BlockResult,
    default_workers,
    open_executor,
    run_block,
)
from sim.engine.store import plain
from sim.engine.workers import quiet_orphans
from tests.interrupts import HEARING
from tests.sim.engine.tiny_experiment import Short, Surroundings, Tiny

ROOT = Path(__file__).parents[3]

# The workers hold this program's standard output, so reading it ends when all have ended.
PARENT = """
from concurrent.futures import wait
from sim.engine.executor import open_executor, run_block
from tests.sim.engine.tiny_experiment import Surroundings
if __name__ == "__main__":
    with open_executor(2) as executor:
        blocks = [executor.submit(run_block, Surroundings(pause=120.0), 0, i) for i in range(5)]
        try:
            print("submitted", flush=True)
            while wait(blocks, timeout=0.2).not_done:
                pass
        except KeyboardInterrupt:
            print("interrupted", flush=True)
            raise
"""


@pytest.fixture
def parent(tmp_path: Path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    process = subprocess.Popen(
        [sys.executable, str(script)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **HEARING,
    )
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def read_until(process: subprocess.Popen[str], *words: str) -> None:
    """Read as many lines as there are words; several processes write them, in any order."""
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in words]
    assert sorted(lines) == sorted(words)


def collect(executor: Executor, blocks: int) -> list[BlockResult]:
    tasks = [executor.submit(run_block, Tiny(), 7, i, "cpu") for i in range(blocks)]
    return [task.result(timeout=60) for task in tasks]


@pytest.fixture(scope="module")
def two_workers():
    with open_executor(2) as executor:
        yield executor


def test_results_do_not_depend_on_the_number_of_workers(two_workers: Executor):
    with open_executor(1) as executor:
        alone = collect(executor, 6)
    together = collect(two_workers, 6)
    backwards = [run_block(Tiny(), 7, i, "cpu") for i in reversed(range(6))][::-1]
    assert [b.error for b in alone + together] == [None] * 12
    assert [b.measurements for b in alone] == [b.measurements for b in together]
    assert [b.measurements for b in alone] == [b.measurements for b in backwards]
    assert [m["replicate"] for b in alone for m in b.measurements] == list(range(18))


def test_measurements_have_the_form_of_the_store():
    block = run_block(Tiny(), 7, 0)
    assert block.measurements == plain(block.measurements)
    assert type(block.measurements[0]["row"]) is list
    assert block.seconds > 0


def test_errors_are_values_and_the_pool_goes_on(two_workers: Executor):
    bad = two_workers.submit(run_block, Tiny(fail=True), 0, 0).result(timeout=60)
    assert bad.measurements == []
    assert bad.error is not None
    assert bad.error.startswith("ArithmeticError: no such number (engine/tiny_experiment.py:")
    assert two_workers.submit(run_block, Tiny(), 0, 0).result(timeout=60).error is None


class SilentError(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SystemExit(0), "SystemExit: 0 ("),
        (GeneratorExit(), "GeneratorExit: "),
        (SilentError(), "SilentError: "),
    ],
)
def test_what_ends_a_process_is_an_error_of_the_block(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, told: str
):
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Tiny, "simulate", fail)
    found = run_block(Tiny(), 0, 0).error
    assert found is not None
    assert found.startswith(told)


def test_wrong_number_of_measurements_is_an_error():
    error = run_block(Short(), 0, 0).error
    assert error is not None
    assert error.startswith("ValueError: 2 measurements for 3 replicates (engine/executor.py:")


def test_long_messages_are_cut(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RuntimeError("long " * 1000)

    monkeypatch.setattr(Tiny, "simulate", fail)
    error = run_block(Tiny(), 0, 0).error
    assert error is not None
    assert len(error) < 400


def test_workers_have_one_thread(two_workers: Executor, monkeypatch: pytest.MonkeyPatch):
    block = two_workers.submit(run_block, Surroundings(), 0, 0).result(timeout=60)
    measured = block.measurements[0]
    assert measured["torch"] == 1
    assert measured["omp"] == "1"
    assert measured["pid"] != os.getpid()


def test_environment_of_the_parent_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    with open_executor(1) as executor:
        block = executor.submit(run_block, Surroundings(), 0, 0).result(timeout=60)
    assert block.measurements[0]["omp"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert "MKL_NUM_THREADS" not in os.environ


def test_pending_work_is_cancelled_on_exit():
    with open_executor(1) as executor:
        tasks = [executor.submit(run_block, Surroundings(pause=0.2), 0, i) for i in range(200)]
        assert tasks[0].result(timeout=60).error is None
    assert tasks[-1].cancelled()
    assert sum(task.cancelled() for task in tasks) > 150


def test_processes_that_import_beforehand_train_and_are_ended_at_once():
    start = time.monotonic()
    with open_executor(2, importing="sim.experiment") as executor:
        assert executor.submit(run_block, Tiny(), 0, 0).result(timeout=60).error is None
        slow = executor.submit(run_block, Surroundings(pause=120.0), 0, 0)
        while not slow.running():
            time.sleep(0.01)
    assert time.monotonic() - start < 60
    assert isinstance(slow.exception(), BrokenProcessPool)


def test_an_exception_abandons_running_blocks():
    tasks: list[Future[BlockResult]] = []
    start = time.monotonic()
    with pytest.raises(LookupError):
        interrupt(tasks)
    assert time.monotonic() - start < 60
    for task in tasks:
        assert task.cancelled() or isinstance(task.exception(), BrokenProcessPool)


def interrupt(tasks: list[Future[BlockResult]]) -> None:
    with open_executor(1) as executor:
        assert executor.submit(run_block, Tiny(), 0, 0).result(timeout=60).error is None
        tasks += [executor.submit(run_block, Surroundings(pause=120.0), 0, i) for i in range(5)]
        while not tasks[0].running():
            time.sleep(0.01)
        raise LookupError


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_no_worker_survives_a_killed_parent(parent: subprocess.Popen[str]):
    read_until(parent, "submitted", "running", "running")
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate(timeout=5)  # raises if any worker still holds the pipe
    assert parent.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_no_worker_survives_a_parent_killed_while_they_start(parent: subprocess.Popen[str]):
    read_until(parent, "submitted")
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate(timeout=20)  # they may first finish importing
    assert parent.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_workers_ignore_interrupts_from_their_first_moment():
    with open_executor(1) as executor:
        task = executor.submit(run_block, Surroundings(pause=0.5), 0, 0)
        workers = multiprocessing.active_children()
        while not task.done():
            for worker in workers:
                if worker.pid is not None:
                    os.kill(worker.pid, signal.SIGINT)
            time.sleep(0.02)
        assert task.result().error is None


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
@pytest.mark.parametrize("said", [b"", pickle.dumps({"name": "half"})[:-9]])
def test_a_process_whose_parent_died_before_it_said_what_to_do_ends_quietly(said: bytes):
    reading, writing = os.pipe()
    os.write(writing, said)
    with quiet_orphans():
        command = spawn.get_command_line(tracker_fd=-1, pipe_handle=reading)
    os.close(writing)
    done = subprocess.run(command, pass_fds=[reading], capture_output=True, text=True, timeout=60)
    os.close(reading)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("words", [("submitted",), ("submitted", "running", "running")])
def test_interrupt_reaches_the_parent_alone(parent: subprocess.Popen[str], words: tuple[str, ...]):
    read_until(parent, *words)
    os.killpg(parent.pid, signal.SIGINT)  # what Ctrl-C does
    output, errors = parent.communicate(timeout=20)
    assert "interrupted" in output
    assert errors.count("Traceback") == 1, errors
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert parent.returncode in (130, -signal.SIGINT)


def test_numbers_of_workers():
    assert 1 <= default_workers() <= (os.cpu_count() or 1)
    with pytest.raises(ValueError, match="at least 1"), open_executor(0):
        pass
