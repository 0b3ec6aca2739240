"""The theory that `python -m validate new` writes, and its test."""

THEORY = '''"""NAME: the variance of a sum of weights, to be replaced by a theory of your own."""

from dataclasses import dataclass

import sympy as sp
import torch

from validate.author import Given, Margin, Simulation, Theory

V, N = sp.symbols("v n", positive=True)


@dataclass(frozen=True)
class Sums(Simulation):
    """A replicate: many linear neurons of n inputs, weights of variance 1/n, one sample."""

    inputs: int = 64
    neurons: int = 1000
    gain: float = 1.0  # factor of the weights

    def measure(self, rng):
        x = torch.tensor(rng.choice([-1.0, 1.0], self.inputs))
        weights = torch.randn(self.neurons, self.inputs, dtype=torch.float64)
        sums = weights @ x * self.gain / self.inputs**0.5
        return {"variance": sums.var()}


def law():
    yield "Sums of n independent terms have n times the variance of one, 1/n,", None
    yield "whatever the number of inputs:", sp.Eq(V, N * (1 / N))


theory = Theory("NAME", title="NAME", source="our derivation")
theory.check(
    "variance",
    statement="With weights of variance 1/n a linear neuron has a variance of 1, whatever n.",
    law=law,
    given=(Given(N, "inputs", "number of inputs"),),
    observe="variance",
    on={"n = 16": Sums(inputs=16), "n = 64": Sums(inputs=64)},
    margin=Margin(0.03, "an error of 3 % in the variance of weights changes little in training"),
    wrong={"it grows like n": N, "weights of variance 1/(n + 2)": N / (N + 2)},
    wrong_experiment={"weights twice as large": Sums(inputs=16, gain=2.0)},
)
'''

TEST = '''"""What a replicate of NAME.py measures."""

from NAME import Sums, theory


def test_a_replicate_measures_a_variance_and_the_seed_decides_it():
    small = Sums(inputs=16, block=2)
    first, again, other = (small.run(seed, 0) for seed in (0, 0, 1))
    assert first == again != other
    assert all(0.8 < one["variance"] < 1.2 for one in first)


def test_the_claim_can_be_judged():
    (claim,) = theory.claims
    assert claim.build().shares <= claim.shares
'''
