"""A run: planned looks, verdicts from decisions and controls, sharing, resuming."""

import dataclasses
import pickle
import random
from concurrent.futures import Executor, Future

import pytest

from sim.engine.executor import open_executor
from sim.engine.store import Store
from tests.validate import toy
from validate.results.records import Table, Verdict
from validate.run.claim_progress import Options
from validate.run.plan import plan
from validate.run.runner import Runner


class Inline(Executor):
    """Runs work at once, in the caller; completion order is what the caller makes of it."""

    def __init__(self) -> None:
        self.submitted = 0

    def submit(self, fn, /, *args, **kwargs):
        self.submitted += 1
        future: Future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Ordered(Inline):
    """And keeps in which order it was asked for which block of which experiment."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[toy.Coins, int]] = []

    def submit(self, fn, /, pickled: bytes, seed: int, index: int, *rest):
        self.asked.append((pickle.loads(pickled), index))
        return super().submit(fn, pickled, seed, index, *rest)


def run(tmp_path, *chosen, executor: Executor | None = None, **options):
    with Store(tmp_path / "results.sqlite") as store:
        return Runner(chosen, Options(**options), store, executor or Inline()).results()


def test_true_claim_agrees_and_its_control_is_rejected(tmp_path):
    (result,) = run(tmp_path, toy.claim()).claims
    assert result.verdict is Verdict.AGREE
    assert result.controls[0].rejected
    assert result.controls[0].as_required
    # at the level of a look no violation of 300 suffices, and none of 100 would not
    assert result.observations[0].n == 300
    assert result.observations[0].looks == (100, 300, 600)
    assert result.observations[0].looks_used == 2


def test_false_claim_disagrees_when_the_positive_control_agrees(tmp_path):
    (result,) = run(tmp_path, toy.claim(rate=0.5, positive_rate=0.0)).claims
    assert result.verdict is Verdict.DISAGREE


def test_undecidable_rate_ends_inconclusive_after_all_looks(tmp_path):
    (result,) = run(tmp_path, toy.claim(rate=0.05)).claims
    assert result.verdict is Verdict.INCONCLUSIVE
    assert result.observations[0].looks_used == 3


def test_control_that_is_not_rejected_makes_the_claim_inconclusive(tmp_path):
    (result,) = run(tmp_path, toy.claim(control_rate=0.0)).claims
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "could not have told" in result.reason
    assert not result.controls[0].as_required


def test_positive_control_that_fails_makes_the_claim_inconclusive(tmp_path):
    (result,) = run(tmp_path, toy.claim(rate=0.5, positive_rate=0.5)).claims
    assert result.verdict is Verdict.INCONCLUSIVE


def test_tables_are_made_from_all_units(tmp_path):
    def build():
        return dataclasses.replace(
            toy.body(),
            tables=lambda units: (Table(title="t", header=("n",), rows=((str(len(units)),),)),),
        )

    (result,) = run(tmp_path, dataclasses.replace(toy.claim(), build=build)).claims
    # 300 fair coins and 300 bad ones, as in the first test
    assert result.tables == (Table(title="t", header=("n",), rows=(("600",),)),)


def test_of_several_decisions_the_reason_names_the_decisive_one(tmp_path):
    def build():
        body = toy.body(rate=1.0, positive_rate=0.0)
        again = dataclasses.replace(body.decisions[0], name="again")
        return dataclasses.replace(body, decisions=(*body.decisions, again))

    (result,) = run(tmp_path, dataclasses.replace(toy.claim(), build=build)).claims
    assert result.reason.startswith("never heads: ")
    assert result.reason.endswith("(DISAGREE in 2 of 2 decisions)")


def test_regime_check_that_fails_is_out_of_scope_without_controls(tmp_path):
    (result,) = run(tmp_path, toy.claim(rate=0.5, limit=0.1)).claims
    assert result.verdict is Verdict.OUT_OF_SCOPE
    assert "mean count" in result.reason
    assert result.controls == ()


def test_failing_block_is_an_error_of_its_claim_alone(tmp_path):
    results = run(tmp_path, toy.claim("toy.a", broken=1), toy.claim("toy.b"))
    broken, fine = results.claims
    assert broken.verdict is Verdict.ERROR
    assert "the coin rolled away" in broken.reason
    assert fine.verdict is Verdict.AGREE
    assert results.run.failed == 1


def test_a_decision_has_one_share_of_alpha_for_its_looks(tmp_path):
    results = run(tmp_path, toy.claim(), alpha=0.02)
    assert (results.run.decisions, results.run.shares) == (2, 1000)
    (observation,) = results.claims[0].observations
    assert observation.alpha == pytest.approx(0.02 / 1000 / 3)


def test_shared_blocks_are_computed_once(tmp_path):
    executor = Inline()
    results = run(tmp_path, toy.claim("toy.a"), toy.claim("toy.b"), executor=executor)
    assert executor.submitted == results.run.computed == 12  # 2 experiments, 6 rounds


def test_second_run_reuses_everything_and_says_the_same(tmp_path):
    first = run(tmp_path, toy.claim())
    executor = Inline()
    second = run(tmp_path, toy.claim(), executor=executor)
    assert executor.submitted == 0
    assert second.run.reused == first.run.computed
    assert second.claims == first.claims


def test_other_seed_reuses_nothing(tmp_path):
    run(tmp_path, toy.claim())
    assert run(tmp_path, toy.claim(), seed=1).run.reused == 0


class Shuffled(Inline):
    """Futures that complete in another order than they were submitted in."""

    def __init__(self, order: int) -> None:
        super().__init__()
        self.random, self.held = random.Random(order), []

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        self.held.append((future, fn(*args, **kwargs)))
        if len(self.held) >= 4:
            self.random.shuffle(self.held)
            for waiting, value in self.held:
                waiting.set_result(value)
            self.held = []
        return future


def test_order_of_completion_does_not_matter(tmp_path):
    records = []
    for order in range(3):
        folder = tmp_path / str(order)
        folder.mkdir()
        records.append(run(folder, toy.claim(rate=0.02), executor=Shuffled(order)).claims)
    timeless = [[c.model_copy(update={"seconds": 0.0}) for c in r] for r in records]
    assert timeless[0] == timeless[1] == timeless[2]


def test_number_of_workers_does_not_matter(tmp_path):
    records = []
    for workers in (1, 2):
        with open_executor(workers) as executor:
            folder = tmp_path / str(workers)
            folder.mkdir()
            (result,) = run(folder, toy.claim(rate=0.03), executor=executor).claims
            records.append(result.model_copy(update={"seconds": 0.0}))
    assert records[0] == records[1]


def test_budget_multiplies_the_looks(tmp_path):
    (result,) = run(tmp_path, toy.claim(rate=0.05), budget="standard").claims
    assert result.observations[0].looks == (400, 1200, 2400)


def test_processes_import_ahead_only_where_something_has_to_run(tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr("validate.run.runner.import_ahead", lambda _, module: told.append(module))
    for _ in range(2):
        with Store(tmp_path / "results.sqlite") as store:
            chosen = (toy.claim(), toy.claim(rate=0.02))
            runner = Runner(chosen, Options(), store, Inline(), importing="some.module")
            runner.run()
        assert told == ["some.module"]  # once for all claims, and not at the second run


def test_plan_counts_what_is_stored(tmp_path):
    run(tmp_path, toy.claim())
    with Store(tmp_path / "results.sqlite") as store:
        (planned,) = plan([toy.claim()], Options(), store, workers=2)
    assert planned.blocks == 24
    assert planned.stored == 12
    assert planned.looks == (100, 300, 600)


def test_dead_workers_are_errors_not_hangs(tmp_path):
    with open_executor(1) as executor:
        results = run(tmp_path, toy.claim(fatal=True), executor=executor)
    (result,) = results.claims
    assert result.verdict is Verdict.ERROR
    assert "worker process died" in result.reason


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_block_whose_process_died_is_run_again(tmp_path, deaths):
    """Twice, with the verdict and the measurements of a run that nothing disturbs."""
    file = tmp_path / "deaths"
    file.write_text("x" * deaths)
    claim = toy.claim(rate=0.01, killed_by=str(file))
    with open_executor(2) as executor:
        disturbed = run(tmp_path, claim, toy.claim("toy.other"), executor=executor)
    assert file.read_text() == ""
    assert disturbed.run.failed == 0
    one, other = disturbed.claims
    assert one.verdict is not Verdict.ERROR
    (tmp_path / "again").mkdir()
    undisturbed = run(tmp_path / "again", claim).claims[0]
    assert one.observations == undisturbed.observations
    assert other.verdict is Verdict.AGREE


def test_what_kills_every_process_is_found_and_the_others_go_on(tmp_path):
    """All blocks are out at once, and at the second death; those of the other claim come."""
    with open_executor(2) as executor:
        results = run(tmp_path, toy.claim(fatal=True), toy.claim("toy.other"), executor=executor)
    fatal, other = results.claims
    assert fatal.verdict is Verdict.ERROR
    assert "alone (out of memory?)" in fatal.reason
    assert other.verdict is Verdict.AGREE


def test_one_block_of_each_experiment_is_asked_for_first_then_long_ones(tmp_path, monkeypatch):
    """Else workers start with blocks of the same experiment and compile the same code."""
    monkeypatch.setattr(toy.Coins, "cost", lambda self: 1.0 + self.rate)
    executor = Ordered()
    run(tmp_path, toy.claim(positive_rate=0.5, looks=(4, 8)), executor=executor)
    order = [(experiment.rate, index) for experiment, index in executor.asked[:12]]
    assert order[:3] == [(1.0, 0), (0.5, 0), (0.0, 0)]
    assert [rate for rate, _ in order[3:]] == [1.0] * 3 + [0.5] * 3 + [0.0] * 3
    assert len(set(order)) == 12
