"""The cases of the speed command: all run, and ours and the baseline do the work they say."""

from collections.abc import Callable
from typing import Any

import pytest

from sim.batchnorm import passage, step
from sim.networks.perceptrons import Networks
from validate.command.bench.cases import UnknownCaseError, cases, everything, select
from validate.command.bench.text import print_timings
from validate.command.bench.timing import Case, measure

CASES = cases()


class Counter:
    """Stands for a function and adds up how much its calls do."""

    def __init__(self, called: Callable[..., Any], size: Callable[..., int]) -> None:
        self._called, self._size, self.total = called, size, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.total += self._size(*args)
        return self._called(*args, **kwargs)


def counted(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, size: Callable[..., int]
) -> Counter:
    counter = Counter(getattr(owner, name), size)
    # a plain function, for methods have to be bound
    monkeypatch.setattr(owner, name, lambda *args, **kwargs: counter(*args, **kwargs))
    return counter


def only(part: str) -> Case:
    (found,) = (one for one in select([part]) if isinstance(one, Case))
    return found


def done(case: Case, counter: Counter) -> tuple[int, int]:
    """What is counted in one call of ours and one of the baseline."""
    case.ours()
    ours = counter.total
    case.baseline()
    return ours, counter.total - ours


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_is_in_the_table(case: Case, capsys: pytest.CaptureFixture[str]):
    timings = measure([case], lambda name: None, pairs=1)
    (record,) = timings
    assert record.name == case.name
    assert record.seconds > 0
    assert record.ratio == pytest.approx(record.baseline_seconds / record.seconds)
    print_timings(timings)
    table = capsys.readouterr().out
    assert f"per {case.unit}" in table
    assert case.name.split()[0] in table


def test_unit_steps_with_shared_batches(monkeypatch: pytest.MonkeyPatch):
    case = only("shared batches")
    counter = counted(
        monkeypatch, passage, "stepped", lambda settings, state, *_: state.parameters.shape[1]
    )
    assert done(case, counter) == (case.work, pytest.approx(case.work * case.share))


def test_unit_steps_with_own_batches(monkeypatch: pytest.MonkeyPatch):
    """As many fresh batches as unit-steps."""
    case = only("own batches")
    assert "of 64" in case.name
    counter = counted(
        monkeypatch, step, "normalized_batches", lambda generator, units, batch: units
    )
    assert done(case, counter) == (case.work, pytest.approx(case.work * case.share))


@pytest.mark.parametrize("part", ["digits", "drift"])
def test_networks(monkeypatch: pytest.MonkeyPatch, part: str):
    """Equally many forward passes of each network, whether alone or with others."""
    case = only(part)
    counter = counted(monkeypatch, Networks, "forward", lambda networks, x, *_: len(x))
    ours, baseline = done(case, counter)
    assert baseline == pytest.approx(ours * case.share)
    assert ours % case.work == 0


def test_cases_are_chosen_by_parts_of_names():
    names = [one.name for one in everything()]
    assert names[: len(CASES)] == [case.name for case in CASES]
    assert [case.name for case in select([])] == names
    assert [case.name for case in select(["bn UNITS"])] == [
        "BN units under noise, shared batches of 64",
        "BN units under noise, own batches of 64",
    ]
    assert [case.name for case in select(["drift", "wide"])] == [CASES[0].name, CASES[-1].name]
    assert len(set(names)) == len(names)


def test_unknown_names_are_refused():
    with pytest.raises(UnknownCaseError, match="no case with 'waking' in its name; there are: "):
        select(["units", "waking"])
