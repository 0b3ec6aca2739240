"""What `python -m validate bench` times of condensation.

Settings are like those of the claims with fewer steps or replicates. The baseline goes through the
same code with one neuron or network at a time.
"""

import dataclasses

from sim.condensation.experiment import Condensation
from validate.command.bench import ONE_BY_ONE, Case, together


def cases() -> tuple[Case, ...]:
    """Whole networks, and single neurons."""
    wide = Condensation(activation="tanh(x)", inputs=2, neurons=40, block=24)
    return (
        together("wide networks, tanh, gradient descent", wide, "network"),
        _single_neurons(),
    )


def _single_neurons() -> Case:
    single = Condensation(activation="x**2*tanh(x)", data="xor", wide=False, neurons=128)
    lone = dataclasses.replace(single, neurons=1)
    return Case(
        name="single neurons, x²·tanh, gradient descent",
        unit="neuron",
        work=float(single.neurons),
        ours=lambda: single.simulate(0, [0], "cpu"),
        share=4 / single.neurons,
        baseline=lambda: [lone.simulate(0, [k], "cpu") for k in range(4)],
        against=ONE_BY_ONE,
    )
