"""Clusters that somebody else started: other code, too many threads, a lost scheduler, nobody."""

import sys
from pathlib import Path

import pytest

from sim.engine.cluster import Cluster, open_cluster
from sim.engine.lost import BlockLost, ClusterError, SchedulerLost
from sim.engine.store import Store
from tests.sim.engine.dask_cluster import started
from tests.validate import toy
from tests.validate.run.test_changed_code import EXPERIMENT, claim_on
from tests.validate.run.test_runner import run
from validate.results.records import Verdict
from validate.run.claim_progress import Options
from validate.run.runner import Runner

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


def test_results_of_other_code_are_not_stored_and_a_lost_scheduler_loses_nothing_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """One cluster of another checkout, whose worker nobody starts again."""
    for folder, count in (("theirs", 1), ("ours", 0)):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / "foreign_counted.py"
        file.write_text(EXPERIMENT.replace("COUNT = 0", f"COUNT = {count}"))
    monkeypatch.syspath_prepend(tmp_path / "ours")
    import foreign_counted  # type: ignore[import-not-found]

    claims = [claim_on("toy.foreign", foreign_counted.Counted()), toy.claim()]

    def kill_scheduler(runner: Runner) -> None:
        if runner.computed:
            there.kill_scheduler()

    with (
        started(tmp_path / "theirs", "--nthreads", "1", "--no-nanny") as there,
        open_cluster(scheduler=there.address) as executor,
    ):
        refused, fine = run(tmp_path, *claims, executor=executor).claims
        assert refused.verdict is Verdict.ERROR
        assert refused.reason == f"the code of foreign_counted {Cluster.still_changed}"
        assert fine.verdict is Verdict.AGREE
        with Store(tmp_path / "results.sqlite") as store:
            runner = Runner([toy.claim()], Options(seed=1), store, executor, kill_scheduler)
            with pytest.raises(SchedulerLost, match=f"scheduler {there.address} is lost"):
                runner.run()
            assert runner.computed > 0
        with pytest.raises(SchedulerLost):
            executor.submit(int)
    again = run(tmp_path, *claims, seed=1)
    assert again.run.reused >= runner.computed
    (counted, _) = run(tmp_path, *claims).claims
    assert counted.verdict is Verdict.AGREE  # of our code: nothing was stored of theirs


def test_workers_of_several_threads_are_refused(tmp_path: Path):
    with (
        started(tmp_path, "--nthreads", "2", "--no-nanny") as there,
        pytest.raises(ClusterError, match="has 2 threads; start it with --nthreads 1"),
    ):
        refuse(there.address)


def refuse(address: str) -> None:
    """At once where a worker is there, else when it gets work."""
    with open_cluster(scheduler=address) as executor:
        try:
            executor.submit(int).result(timeout=60)
        except BlockLost as error:
            raise ClusterError(str(error)) from error


def test_nobody_at_the_address_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sim.engine.cluster_client.PATIENCE", 1)
    with (
        pytest.raises(ClusterError, match=r"^no Dask scheduler answers at tcp://127.0.0.1:9$"),
        open_cluster(scheduler="tcp://127.0.0.1:9"),
    ):
        pass


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match="distributed is not installed"), open_cluster(1):
        pass
