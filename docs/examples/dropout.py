"""Dropout and correlations: a factor p, the keep probability, and less where there is a mean."""

from dataclasses import dataclass

import sympy as sp
import torch
from sympy import stats

from validate.author import Given, Margin, Simulation, Theory

P, RHO, MU, CORR, VAR = sp.symbols("p ρ μ ρ_y var(y)", positive=True)  # features: variance 1


@dataclass(frozen=True)
class Dropout(Simulation):
    """A replicate is one batch of two correlated features through one of torch's dropouts."""

    keep: float = 0.5
    correlation: float = 0.8
    mean: float = 0.0
    samples: int = 4000
    layer: str = "dropout"

    def measure(self, rng):
        covariance = [[1, self.correlation], [self.correlation, 1]]
        x = torch.tensor(rng.multivariate_normal([self.mean] * 2, covariance, self.samples))
        y = getattr(torch.nn.functional, self.layer)(x, p=1 - self.keep, training=True)
        return {"measured": torch.corrcoef(y.T)[0, 1]}


def law():
    mask = stats.Bernoulli("m", P)
    variance = stats.E((mask / P) ** 2) * (1 + MU**2) - MU**2
    yield "y = mx/p with m of mean p: covariances stay, only squares feel E[m²] = p.", None
    yield "With variance 1 and mean μ of x the variance becomes", sp.Eq(VAR, sp.expand(variance))
    yield "and the correlation of two features is", sp.Eq(CORR, sp.simplify(RHO / variance))


dropout = Theory("dropout", title="Dropout", source="our derivation")
dropout.check(
    "correlation",
    statement="Dropout multiplies the correlation of two features by the keep probability p where "
    "their mean is 0, and by p/(1 + (1 − p)μ²) where it is μ standard deviations.",
    law=law,
    given=(
        Given(P, "keep", "share of features that are kept"),
        Given(RHO, "correlation", "correlation before dropout"),
        Given(MU, "mean", "mean in standard deviations"),
    ),
    observe="measured",
    on={"p = ½": Dropout(), "p = 0.8": Dropout(keep=0.8), "μ = 1": Dropout(mean=1.0)},
    margin=Margin(0.02, "far above the bias of a correlation of 4,000 samples, below 0.001"),
    wrong={
        "one mask for both features": (RHO + (1 - P) * MU**2) / (1 + (1 - P) * MU**2),
        "both features lose p": P**2 * RHO,
        "a factor p whatever the mean": P * RHO,
    },
    wrong_experiment={"alpha dropout, made for SELU": Dropout(layer="alpha_dropout")},
)
