"""A cluster of our own: the same results as anywhere, workers that die, change or are unfit."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor
from pathlib import Path

import pytest

from sim.engine.cluster import Cluster, open_cluster
from sim.engine.cluster_worker import Required
from sim.engine.executor import run_block
from sim.engine.lost import BlockLost
from sim.engine.store import Store
from tests.interrupts import HEARING
from tests.sim.engine.dask_cluster import ROOT
from tests.sim.engine.tiny_experiment import Surroundings, Tiny
from tests.validate import toy
from tests.validate.run.test_changed_code import EXPERIMENT, claim_on
from tests.validate.run.test_runner import run
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture(scope="module")
def cluster():
    with open_cluster(2) as executor:
        yield executor


def pids(cluster: Executor) -> set[int]:
    """Of the workers, each of which gets some of this work."""
    blocks = [cluster.submit(run_block, Surroundings(pause=0.2), 0, i) for i in range(4)]
    return {int(block.result(timeout=60).measurements[0]["pid"]) for block in blocks}


def test_results_are_those_of_any_process(cluster: Executor):
    blocks = [cluster.submit(run_block, Tiny(), 7, i) for i in range(6)]
    here = [run_block(Tiny(), 7, i).measurements for i in range(6)]
    assert [block.result(timeout=60).measurements for block in blocks] == here


def test_a_claim_has_the_same_record(cluster: Executor, tmp_path: Path):
    records = []
    for name, executor in (("cluster", cluster), ("here", None)):
        (tmp_path / name).mkdir()
        (result,) = run(tmp_path / name, toy.claim(rate=0.03), executor=executor).claims
        records.append(result.model_copy(update={"seconds": 0.0}))
    assert records[0] == records[1]


def test_workers_are_two_processes_of_one_thread(cluster: Executor):
    measured = cluster.submit(run_block, Surroundings(), 0, 0).result(timeout=60).measurements[0]
    assert (measured["torch"], measured["omp"]) == (1, "1")
    assert len(pids(cluster) - {os.getpid()}) == 2


def test_errors_are_of_the_work_alone(cluster: Executor):
    bad = cluster.submit(run_block, Tiny(fail=True), 0, 0).result(timeout=60)
    assert bad.error is not None
    assert bad.error.startswith("ArithmeticError: no such number")
    with pytest.raises(ValueError, match="invalid literal"):
        cluster.submit(int, "x").result(timeout=60)


def test_the_work_of_a_killed_worker_runs_again(
    cluster: Executor, capfd: pytest.CaptureFixture[str]
):
    killed = pids(cluster).pop()
    slow = [cluster.submit(run_block, Surroundings(pause=0.5), 0, i) for i in range(4)]
    quick = [cluster.submit(run_block, Tiny(), 7, i) for i in range(6)]
    time.sleep(0.2)
    os.kill(killed, signal.SIGKILL)
    ran = {block.result(timeout=60).measurements[0]["pid"] for block in slow}
    assert killed not in ran
    here = [run_block(Tiny(), 7, i).measurements for i in range(6)]
    assert [block.result(timeout=60).measurements for block in quick] == here
    assert "distributed" not in capfd.readouterr().err


def test_work_that_kills_every_worker_is_lost_alone(cluster: Executor, tmp_path: Path):
    claims = toy.claim("toy.a", fatal=True), toy.claim("toy.b")
    fatal, fine = run(tmp_path, *claims, executor=cluster).claims
    assert (fatal.verdict, fine.verdict) == (Verdict.ERROR, Verdict.AGREE)
    assert "died (out of memory?)" in fatal.reason


def test_workers_whose_nannies_gave_up_are_replaced(cluster: Cluster):
    """As they do where a worker dies of its work before it is known to run."""
    ours = cluster._client.cluster
    for nanny in list(ours.workers.values()):
        ours.sync(nanny.close)
    assert cluster.submit(run_block, Tiny(), 7, 0).result(timeout=120).error is None
    late = time.monotonic() + 60
    while len(ours.workers) < 2 and time.monotonic() < late:  # the second one may come later
        time.sleep(0.1)
    assert len(ours.workers) == 2


def test_a_worker_that_imported_the_code_before_it_changed_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    file = tmp_path / "cluster_counted.py"
    file.write_text(EXPERIMENT.replace("COUNT = 0", "COUNT = 1"))
    monkeypatch.syspath_prepend(tmp_path)
    with Store(tmp_path / "results.sqlite") as store, open_cluster(1, warm=file.stem) as executor:
        executor.submit(int).result(timeout=60)  # after the import
        file.write_text(EXPERIMENT)
        import cluster_counted  # type: ignore[import-not-found]

        claims = [claim_on("toy.warm", cluster_counted.Counted())]
        results = Runner(claims, Options(), store, executor).results()
    (claim,) = results.claims
    assert claim.verdict is Verdict.AGREE, claim.reason
    assert results.run.failed == 0


@pytest.mark.parametrize(
    ("required", "reason"),
    [
        (Required({"sim.engine.store": "0"}, {}), "runs other code of sim.engine.store; restart"),
        (Required({}, {"numpy": "0.1"}), r"has numpy [\d.]+ instead of 0.1"),
    ],
)
def test_workers_that_are_not_what_is_required_refuse(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, required: Required, reason: str
):
    monkeypatch.setattr(cluster, "_required", required)
    with pytest.raises(BlockLost, match=rf"^worker tcp://127.0.0.1:\d+ {reason}"):
        cluster.submit(int).result(timeout=60)


PARENT = """
import sys
from concurrent.futures import wait
from sim.engine.cluster import Cluster, open_cluster
from sim.engine.cluster_worker import Required
from sim.engine.executor import run_block
from tests.sim.engine.tiny_experiment import Surroundings
if __name__ == "__main__":
    with open_cluster(2) as executor:
        blocks = [executor.submit(run_block, Surroundings(pause=120.0), 0, i) for i in range(5)]
        try:
            while wait(blocks, timeout=0.2).not_done:
                pass
        except KeyboardInterrupt:
            sys.exit(130)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_no_worker_survives_its_parent(tmp_path: Path, sent: signal.Signals):
    (tmp_path / "parent.py").write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,  # which workers hold, too: reading it ends when all have ended
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **HEARING,
    )
    assert parent.stdout is not None
    assert [parent.stdout.readline() for _ in range(2)] == ["running\n"] * 2
    if sent == signal.SIGINT:
        os.killpg(parent.pid, sent)  # what Ctrl-C does
    else:
        parent.kill()
    _, errors = parent.communicate(timeout=20)
    if sent == signal.SIGKILL:  # Python's resource tracker then tells what it cleans up
        assert parent.returncode == -sent
    else:
        assert parent.returncode in (130, -sent)
        assert errors == ""
