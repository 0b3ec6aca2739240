"""Bodies of the tool's own claims, from what a check says."""

from dataclasses import dataclass, replace

import pytest
import sympy as sp

from validate.author.checked import checked, together
from validate.author.faults import AuthorError
from validate.author.simulations.simulation import Simulation
from validate.author.words import Given, Limit, Margin
from validate.claim import Role, Unit

V, S = sp.symbols("v s", positive=True)


@dataclass(frozen=True)
class Noise(Simulation):
    scale: float = 1.0
    shift: float = 0.0

    def measure(self, rng):
        return {"square": ((self.shift + self.scale * rng.normal(size=100)) ** 2).mean()}


def square():
    yield "The variance is the square of the scale.", sp.Eq(V, S**2)


def plain(**changes):
    return {
        "law": square,
        "given": (Given(S, "scale", "scale"),),
        "observe": "square",
        "on": {"s = 1": Noise(), "s = 2": Noise(scale=2.0)},
        "margin": Margin(0.1, "a tenth"),
        "wrong": {"twice": 2 * S**2},
        "wrong_experiment": {"shifted": Noise(shift=1.0)},
        **changes,
    }


def test_a_body_has_the_decisions_of_its_check():
    body = checked(references=("@a",), **plain())
    roles = [(one.name, one.role) for one in body.decisions]
    assert roles == [
        ("s = 1", Role.CLAIM),
        ("s = 2", Role.CLAIM),
        ("twice: s = 1", Role.RESOLUTION),
        ("twice: s = 2", Role.RESOLUTION),
        ("shifted", Role.EXPERIMENT),
    ]
    assert body.references == ("@a",)


@pytest.mark.parametrize(
    ("changes", "said"), [({"wrongs": {}}, "no argument wrongs"), ({"wrong": {}}, "wrong law")]
)
def test_what_cannot_be_checked_is_refused_with_the_place(changes, said):
    with pytest.raises(AuthorError, match=rf"test_checked\.py:\d+: .*{said}"):
        checked(**plain(**changes))


def test_a_symbol_may_stand_for_a_function_of_settings():
    doubled = Given(S, lambda values: values["scale"] * values["shift"], "scale times shift")
    body = checked(**plain(given=(doubled,), on=Noise(scale=2.0, shift=3.0),
                           wrong_experiment={"twice": Noise(scale=6.0, shift=1.0)}))  # fmt: skip
    claimed = body.decisions[0]
    assert claimed.predict(Unit(claimed.experiments[0], 0, 0, {})) == 36
    missing = Given(S, lambda values: values["measured"], "not there")
    with pytest.raises(AuthorError, match="there is no 'measured' among"):
        checked(**plain(given=(missing,)))


def test_parts_keep_their_own_regimes_and_are_told_apart():
    limit = {"largest square": Limit("square", at_most=2.0)}
    other = plain(on=Noise(scale=3.0), wrong_experiment={"shifted": Noise(scale=3.0, shift=1.0)})
    body = together({"one": checked(**plain(regime=limit)), "two": checked(**other)})
    names = [one.name for one in body.decisions]
    assert len(set(names)) == len(names) == 5 + 3
    assert names[-1] == "two: shifted"
    (regime,) = body.regime
    (first, *_) = body.grid
    (last,) = body.decisions[-3].experiments
    units = [Unit(first, 0, 0, {"square": 1.0}), Unit(last, 0, 0, {"square": 9.0})]
    assert regime.name == "one: largest square"
    assert regime.measure(units) == 1.0
    assert len(body.derivation()) == 1, "the same step is told once"
    assert replace(first, block=0) == Noise()
