"""Every kind of check: right laws agree, wrong laws and wrong experiments are rejected."""

from pathlib import Path

import pytest

from tests.validate.author.written import claims_in, run, text
from validate.results.records import ClaimResult, Verdict

RATIO = "self.size * (1 + self.shift + 0.01 * rng.normal())"
PAIRS = '{"larger": (Noise(size=9), Noise())}'
PAIR = '{"the same noise twice": (Noise(size=9, shift=-8.0), Noise())}'
POWER = "Power('size', (4, 16, 64))"

KINDS = {
    "value": {},
    "relative": {"mean": RATIO, "relative": "True", "wrong": "{'half': M / 2}"},
    "bound": {"mean": "self.size - 0.1 + self.shift", "bound": "True"},
    "bound of 10 %": {"mean": "self.size - 0.1 + self.shift", "bound": "0.1"},
    "exponent": {
        "mean": "3 * self.size ** (-0.5 - self.shift) * np.exp(0.01 * rng.normal())",
        "law": "2 / sp.sqrt(M)",
        "on": "Noise()",
        "wrong": "{'1/m': 1 / M, 'a number for the exponent': -0.8}",
        "exponent": POWER,
    },
    "curve": {
        "mean": "self.size / np.array(self.grid) + self.shift + 0.1 * rng.normal(size=3)",
        "law": "M / sp.Symbol('t')",
        "given": "(Given(M, 'size', 'size'), Given(sp.Symbol('t'), 'grid', 'time'))",
        "curve": "True",
        "wrong": "{'constant': M}",
    },
    "ordering": {
        "on": PAIRS,
        "ordering": "True",
        "wrong": "{'the other way': -M, 'no order': 1}",
        "wrong_experiment": PAIR,
    },
    "count": {
        "mean": "self.size + self.shift + (rng.random() < 0.2)",
        "count": "True",
        "wrong": "{'one more': M + 1}",
    },
    "identity": {
        "mean": "self.size + self.shift",
        "identity": "True",
        "wrong_experiment": "{}",
    },
    "share": {
        "mean": "float(rng.random() < 1 / self.size + self.shift)",
        "law": "1 / M",
        "within": "(0, 1)",
        "margin": "Margin(0.2, 'less than half of the distance')",
        "on": "Noise(size=2)",
        "wrong": "{'nothing': 0}",
        "wrong_experiment": "{'shifted': Noise(size=2, shift=0.4)}",
    },
}
NEW = ("relative", "bound", "exponent", "curve", "ordering", "count", "identity", "within")


def written(mean: str | None = None, law: str = "M", **changed: str) -> str:
    added = "".join(f"    {k}={v},\n" for k, v in changed.items() if k in NEW)
    kept = {k: v for k, v in changed.items() if k not in NEW}
    made = text(**({"mean": mean} if mean else {}), law=law, **kept)
    return made[: made.rindex(")")] + added + ")\n"


def result_of(folder: Path, **changed: str) -> ClaimResult:
    (result,) = run(folder, claims_in(folder, written(**changed))).claims
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_law_agrees_and_every_control_is_rejected(tmp_path: Path, kind: str):
    result = result_of(tmp_path, **KINDS[kind])
    assert result.verdict is Verdict.AGREE, result.reason
    assert all(one.rejected for one in result.controls)
    roles = {one.role for one in result.controls}
    assert roles == ({"resolution"} if kind == "identity" else {"resolution", "experiment"})
    assert result.figures
    assert result.readings[0].text == result.statement


FALSE = {
    "value": {"law": "M + 1"},
    "relative": {"law": "2 * M"},
    "bound": {"law": "M / 2", "wrong": "{'lower still': M / 4}"},
    "exponent": {"law": "M ** -0.8", "wrong": "{'1/m²': M ** -2}"},
    "curve": {"law": "2 * M / sp.Symbol('t')", "wrong": "{'constant': 3 * M}"},
    "ordering": {"law": "1 / M", "wrong": "{'the other way': M}"},
    "count": {"law": "M + 2"},
    "identity": {"law": "M + 1"},
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_law_disagrees_where_it_is_proved_elsewhere(tmp_path: Path, kind: str):
    """The positive control has the shift that makes the false law right."""
    shifts = {"value": 1.0, "relative": 1.0, "bound": -3.0, "exponent": 0.3}
    changed = {**KINDS[kind], **FALSE[kind]}
    if kind in shifts:
        positive = f"{{'moved': Noise(shift={shifts[kind]})}}"
        changed["wrong_experiment"] = "{'shifted': Noise(shift=6.0)}"
    else:
        positive = ""
    made = written(**changed)
    if positive:
        made = made[: made.rindex(")")] + f"    positive={positive},\n)\n"
    (result,) = run(tmp_path, claims_in(tmp_path, made)).claims
    assert {one.verdict for one in result.observations} == {Verdict.DISAGREE}
    if positive:
        positives = [one for one in result.controls if one.role == "positive"]
        assert [one.verdict for one in positives] == [Verdict.AGREE]


MEASURED = {
    "mean": "self.size + (s := rng.uniform(1, 2)) + self.shift, 's': s",
    "law": "M + sp.Symbol('s')",
    "given": "(Given(M, 'size', 'size'), Given(sp.Symbol('s'), 's', 'drawn anew each time'))",
    "wrong": "{'without s': M}",
}


def test_a_law_of_measured_numbers_is_evaluated_for_every_replicate(tmp_path: Path):
    """Its distance to a wrong law is that of a trial; what is judged are deviations from 0."""
    changed = {**MEASURED, "mean": MEASURED["mean"].replace("self.shift", "self.shift + noise")}
    made = written(**changed).replace("noise", "0.1 * rng.normal()", 1)
    (result,) = run(tmp_path, claims_in(tmp_path, made)).claims
    assert result.verdict is Verdict.AGREE, result.reason
    assert all(abs(one.measured or 1) < 0.1 for one in result.observations)
    assert all(one.rejected for one in result.controls)


def test_a_law_without_the_setting_has_the_exponent_0(tmp_path: Path):
    """Its own number, here 2, is no exponent; a plain number is one."""
    changed = {
        **KINDS["exponent"],
        "mean": "2 * np.exp(0.01 * rng.normal()) * self.size ** -self.shift",
        "law": "K",
        "given": "(Given(M, 'size', 'size'), Given(K, 'factor', 'a constant'))",
        "wrong": "{'a power': K / M, 'a number for the exponent': 2}",
    }
    made = written(**changed).replace("size: int = 4", "size: int = 4\n    factor: float = 2.0")
    made = made.replace("Y, M =", "K = sp.Symbol('k', positive=True)\nY, M =")
    (result,) = run(tmp_path, claims_in(tmp_path, made)).claims
    assert result.verdict is Verdict.AGREE, result.reason
    assert [one.verdict for one in result.controls] == [Verdict.DISAGREE] * 3


def test_a_control_is_judged_only_where_it_exceeds_two_margins(tmp_path: Path):
    """1/m and 1/m² are 0.19 apart at m = 4, and 0.1 at m = 9."""
    margin, wrong = "Margin(0.08, 'so that one is near')", "{'1/m²': M**-2}"
    made = written(mean="1 / self.size", law="1 / M", margin=margin, wrong=wrong)
    (claim,) = claims_in(tmp_path, made)
    resolution = [one for one in claim.build().decisions if one.role == "resolution"]
    assert [one.name for one in resolution] == ["1/m²: small"]
    assert resolution[0].distance == pytest.approx(1 / 4 - 1 / 16)


def test_out_of_a_limit_is_out_of_scope(tmp_path: Path):
    made = written()
    made = made[: made.rindex(")")] + "    regime={'size': Limit('size', at_most=8)},\n)\n"
    (result,) = run(tmp_path, claims_in(tmp_path, made)).claims
    assert result.verdict is Verdict.OUT_OF_SCOPE
    assert "size is 9, required ≤ 8" in result.reason


def test_why_there_is_no_experiment_control_stands_in_the_record(tmp_path: Path):
    made = written(wrong_experiment="").replace(
        "    wrong={",
        "    no_wrong_experiment='numbers are drawn, nothing is trained',\n    wrong={",
    )
    (result,) = run(tmp_path, claims_in(tmp_path, made)).claims
    assert result.verdict is Verdict.AGREE
    assert "numbers are drawn, nothing is trained" in result.notes[0]
