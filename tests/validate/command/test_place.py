"""Where blocks run, as the options say, and what is said of a cluster that is lost."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
import pytest

from sim.engine.lost import ClusterError, SchedulerLost
from tests.validate import toy
from validate.command.place import Place
from validate.command.running import Failure, run_claims

SETTINGS = {"seed": 0, "alpha": 0.01, "budget": "quick", "device": "cpu"}


class Gone(Executor):
    """An executor whose cluster is lost, or could never be used."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def submit(self, fn, /, *args, **kwargs):
        raise self.error


def ran(out: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def opened(place: Place) -> AbstractContextManager[Executor]:
        assert place == Place(None, "dask", "tcp://host:8786")
        return nullcontext(Gone(error))

    monkeypatch.setattr(Place, "open", opened)
    run_claims(
        (toy.claim(),), out=out, workers=None, executor="dask", scheduler="tcp://host:8786",
        as_json=False, dry_run=False, fail_on=(), verbose=False, **SETTINGS,
    )  # fmt: skip


def test_a_lost_scheduler_is_one_line_and_status_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(click.ClickException, match="finished results are kept") as told:
        ran(tmp_path, monkeypatch, SchedulerLost("the connection to the scheduler is lost"))
    assert told.value.exit_code == 1
    assert not (tmp_path / "results.json").exists()


def test_an_unusable_cluster_is_one_line_and_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(Failure, match="no Dask scheduler") as told:
        ran(tmp_path, monkeypatch, ClusterError("no Dask scheduler answers at tcp://host:8786"))
    assert told.value.exit_code == 2


@pytest.mark.parametrize(
    "place", [Place(scheduler="tcp://host:8786"), Place(2, "dask", "tcp://host:8786")]
)
def test_options_that_contradict_each_other_are_refused(place: Place):
    with pytest.raises(click.UsageError, match="--scheduler"):
        place.open()
