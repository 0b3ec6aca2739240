"""What `python -m validate bench` times of condensation.

Settings are like those of the claims with fewer steps or replicates. The baseline goes through the
same code with one neuron or network at a time.
"""

import dataclasses

from sim.condensation.experiment import Condensation
from validate.command.bench.timing import ONE_BY_ONE, Case, together
from validate.command.frameworks.growth import Growth
from validate.command.frameworks.workload import Array, Workload

STEP = "network-step"


def cases() -> tuple[Case, ...]:
    """Whole networks, and single neurons."""
    wide = Condensation(activation="tanh(x)", inputs=2, neurons=40, block=24)
    single = Condensation(activation="x**2*tanh(x)", data="xor", wide=False, neurons=128)
    lone = dataclasses.replace(single, neurons=1)
    return (
        together("wide networks, tanh, gradient descent", wide, "network"),
        Case(
            name="single neurons, x²·tanh, gradient descent",
            unit="neuron",
            work=float(single.neurons),
            ours=lambda: single.simulate(0, [0], "cpu"),
            share=4 / single.neurons,
            baseline=lambda: [lone.simulate(0, [k], "cpu") for k in range(4)],
            against=ONE_BY_ONE,
        ),
    )


def workloads() -> tuple[Workload, ...]:
    """Trainings to compare frameworks on, of the sizes that the claims have."""
    step = "step of 256 neurons"
    return (
        Workload("256 networks 5-50-1", STEP, "x*tanh(x)", _x_tanh, 256, 50, 6, 80),
        Workload("24 networks 1-100-1", STEP, "x*tanh(x)", _x_tanh, 24, 100, 2, 41),
        Workload("16 × 256 single neurons", step, "x**2*tanh(x)", _x2_tanh, 16, 256, 3, 41, False),
    )


def growths() -> tuple[Growth, ...]:
    """Small networks, few and many; a network's 20 steps show what it costs to begin, too."""
    name = "ensemble size, networks 2-20-1"
    return (Growth(Workload(name, STEP, "x*tanh(x)", _x_tanh, 1, 20, 3, 20, steps=20)),)


def _x_tanh(z: Array) -> tuple[Array, Array]:
    t = z.tanh()
    value = z * t
    return value, (t + z).addcmul_(value, t, value=-1)


def _x2_tanh(z: Array) -> tuple[Array, Array]:
    value = z * z.tanh()
    return z * value, (2 * value).addcmul_(z, z).addcmul_(value, value, value=-1)
