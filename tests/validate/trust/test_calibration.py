"""The calibration finds sound rules sound and broken ones broken, reproducibly.

Where a rule must pass, the limit is one of confidence 1 − 1e-8 instead of 99 %. A row takes the
worst of at most 15 rates, so the false alarm of a test (two levels) is at most 3e-7 even for a rule
that just keeps its level.
"""

import dataclasses
import json

import numpy as np
import pytest
from scipy import stats

from tests.reports.synthetic import results
from validate.__main__ import cli
from validate.command.folder import former
from validate.decisions import guards
from validate.decisions.case import Case
from validate.decisions.kinds.value import ValueKind
from validate.decisions.noise import BOUNDED, FOR_MEANS, REACH
from validate.trust import calibration
from validate.trust.calibrate import Calibration, calibrate, print_calibration
from validate.trust.calibration import cases, powers, sizes

CASES = {case.name: case for case in cases()}


def rows(case: Case, noise: int = 0, runs: int = 2000) -> list[calibration.Size]:
    return sizes(case, case.noises[noise], runs, np.random.default_rng(7))


@pytest.fixture
def strict(monkeypatch):
    monkeypatch.setattr(calibration, "CONFIDENCE", 1 - 1e-8)


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("name", CASES)
def test_every_rule_passes_in_its_first_noise(name):
    assert all(row.passed for row in rows(CASES[name]))


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("noise", range(len(FOR_MEANS)))
def test_the_value_rule_passes_in_every_noise(noise):
    assert all(row.passed for row in rows(CASES["Value"], noise))


@pytest.mark.parametrize("broken", ["skewed: exponential", "infinite variance: Pareto 1.5"])
def test_without_guards_the_t_interval_fails(broken, monkeypatch):
    """The calibration can fail: this is its negative control."""
    monkeypatch.setattr(guards, "STUDENT", guards.ANY)
    noise = [n.name for n in FOR_MEANS].index(broken)
    case = CASES["Value"]
    early = dataclasses.replace(case, looks=(16, 32, 64, 128))
    assert not all(row.passed for row in rows(early, noise))


def test_too_narrow_an_interval_fails(monkeypatch):
    """Intervals of four times their level are found out."""
    real = ValueKind.rule
    monkeypatch.setattr(ValueKind, "rule", lambda kind, s, alpha: real(kind, s, 4 * alpha))
    assert not all(row.passed for row in rows(CASES["Value"]))


def test_power_grows_with_distance():
    units = {
        p.distance: p.units or 10**9 for p in powers(CASES["Value"], 200, np.random.default_rng(8))
    }
    assert units[0.0] < units[0.5]
    assert units[4.0] <= units[2.0] < units[1.5]
    # n = ((z₁₋α⸝₂ + z₀.₉) s / d)² for s = 2 and d = ½, and the next steps of the grid
    expected = ((stats.norm.isf(0.00125) + stats.norm.isf(0.1)) * 4) ** 2
    assert expected / 1.3 <= units[1.5] <= 1.6 * expected


@pytest.mark.parametrize("noise", FOR_MEANS + BOUNDED, ids=lambda noise: noise.name)
def test_noise_is_what_it_says(noise):
    """Mean 0 and variance 1 within 6 standard errors, where there are a fourth moment or bounds."""
    draws = noise.draw(np.random.default_rng(11), (400_000,))
    if noise in BOUNDED:
        assert np.abs(draws).max() <= REACH
    if "infinite" in noise.name or "no mean" in noise.name:
        return
    assert abs(draws.mean()) < 6 * draws.std() / 400_000**0.5
    if "Student 3" not in noise.name and "log-normal" not in noise.name:
        assert draws.std() == pytest.approx(1, abs=0.02)


@pytest.fixture(scope="module")
def small() -> Calibration:
    """One record for the tests of its form; its shares of refused looks are 4.7 standard
    deviations from what fails, 1e-6. Its complete runs are too few to show anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration, "CONFIDENCE", 1 - 1e-8)
        return calibrate(400, 3, complete=4)


def test_the_same_seed_gives_the_same_numbers():
    case = CASES["Ordering"]
    assert rows(case, runs=200) == rows(case, runs=200)
    first, again = (powers(case, 50, np.random.default_rng(1)) for _ in range(2))
    assert first == again


def test_the_record_depends_on_its_seed_alone(small):
    case = CASES["Bound"]
    again = sizes(
        case, case.noises[0], 400, np.random.default_rng([3, list(CASES).index("Bound"), 0])
    )
    counted = [(row.false_agree, row.false_disagree) for row in again]
    recorded = [(r.false_agree, r.false_disagree) for r in small.sizes if r.rule == "Bound"]
    assert counted == recorded


def test_tables_and_json(small, capsys):
    print_calibration(small)
    printed = capsys.readouterr().out
    for word in (*CASES, "Gaussian", "units needed", "complete runs", "every rule passes"):
        assert word in printed
    data = json.loads(small.to_json())
    assert data["schema"] == 1
    assert data["passed"] is True
    assert {row["rule"] for row in data["sizes"]} == set(CASES)
    assert all(row["passed"] and not row["shown"] for row in data["familywise"])


@pytest.mark.parametrize(("passed", "status"), [(True, 0), (False, 1)])
def test_command(small, tmp_path, monkeypatch, capsys, passed, status):
    monkeypatch.setattr("validate.trust.calibrate.calibrate", lambda *_: small)
    monkeypatch.setattr(Calibration, "passed", passed)
    (tmp_path / "results.json").write_text(results().to_json(), encoding="utf-8")
    with pytest.raises(SystemExit) as exit_:
        cli.main(["calibrate", "--json", "--out", str(tmp_path)], standalone_mode=False)
    assert exit_.value.code == status
    printed = capsys.readouterr().out
    assert json.loads(printed)["passed"] is passed
    assert (tmp_path / "calibration.json").read_text(encoding="utf-8") == printed
    added = former(tmp_path)
    assert added is not None
    assert len(added.appendices) == len(results().appendices) + 1
