"""What `python -m validate bench` times: one case for each kind of simulation.

Settings are like those of the claims with fewer steps or replicates, so that all cases together
end within a minute. The baseline goes through the same code with one unit, neuron or network at a
time.
"""

import dataclasses
from collections.abc import Sequence
from itertools import product

from sim.batchnorm.collapse import Collapse
from sim.batchnorm.network_noise import NetworkNoise
from sim.batchnorm.passage import Passages
from sim.batchnorm.step import OneStep
from sim.condensation.experiment import Condensation
from sim.experiment import Experiment
from validate.command.bench import Case

ONE_BY_ONE = "one by one"


class UnknownCaseError(ValueError):
    """No case has such a name; says which there are."""


def cases() -> tuple[Case, ...]:
    """All cases."""
    wide = Condensation(activation="tanh(x)", inputs=2, neurons=40, block=24)
    return (
        _together("wide networks, tanh, gradient descent", wide, "network"),
        _single_neurons(),
        _shared_batches(),
        _own_batches(),
        _collapsing_networks(),
        _together("BN networks, drift under noise, float64", NetworkNoise(block=32), "network"),
    )


def select(parts: Sequence[str]) -> tuple[Case, ...]:
    """Cases whose name contains one of the parts, whatever the case of letters; all without parts.

    Raises:
        UnknownCaseError: for a part that is in no name.
    """
    every = cases()
    for part in parts:
        if not any(_named(case, part) for case in every):
            known = "; ".join(case.name for case in every)
            raise UnknownCaseError(f"no case with '{part}' in its name; there are: {known}")
    return tuple(case for case in every if not parts or any(_named(case, part) for part in parts))


def _named(case: Case, part: str) -> bool:
    return part.casefold() in case.name.casefold()


def _together(name: str, experiment: Experiment, unit: str) -> Case:
    """A block of an experiment against its replicates one after another."""
    alone = range(max(1, experiment.block // 4))
    return Case(
        name=name,
        unit=unit,
        work=float(experiment.block),
        ours=lambda: experiment.simulate(0, range(experiment.block), "cpu"),
        share=len(alone) / experiment.block,
        baseline=lambda: [experiment.simulate(0, [k], "cpu") for k in alone],
        against=ONE_BY_ONE,
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


def _shared_batches() -> Case:
    """Long runs. The units of a replicate see one batch a step, which is part of the gain.

    All units are followed to the end, so that the count of unit-steps is exact.
    """
    ensemble = Passages(gamma=1.25, rate=1.0, units=104, clocks=(2.0,), block=240, follow=True)
    lone = dataclasses.replace(ensemble, units=1, block=1)
    units = ensemble.units * ensemble.block
    return Case(
        name=f"BN units under noise, shared batches of {ensemble.batch}",
        unit="unit-step",
        work=float(units * ensemble.steps[-1]),
        ours=lambda: ensemble.run(0, 0),
        share=2 / units,
        baseline=lambda: [lone.run(0, k) for k in range(2)],
        against=ONE_BY_ONE,
    )


def _own_batches() -> Case:
    """Single steps; the four antithetic steps from a batch count as one, for the batch is fresh."""
    starts = (-1.0, 0.0, 1.0, 2.0)
    many = OneStep(starts=starts, rates=(0.1,) * 4, scales=(1.0,) * 4, draws=640, block=64)
    lone = OneStep(starts=(0.0,), rates=(0.1,), scales=(1.0,), draws=1, block=100)
    units = len(starts) * many.draws * many.block
    return Case(
        name=f"BN units under noise, own batches of {many.batch}",
        unit="unit-step",
        work=float(units),
        ours=lambda: many.run(0, 0),
        share=lone.block / units,
        baseline=lambda: lone.run(0, 0),  # replicates of it are measured one after another
        against=ONE_BY_ONE,
    )


def _collapsing_networks() -> Case:
    """Training and judgment.

    Most of the ensemble's time is arithmetic (products, normalization, ReLU), which no batching
    saves; what it saves is the overhead of many small operations.
    """
    trained = ((1.0, 5e-3), (3.0, 5e-3), (3.0, 0.0))
    ensemble = Collapse(trained=trained, steps=100, block=6)
    alone = [
        dataclasses.replace(ensemble, trained=(one,), shifts=(shift,), block=1)
        for one, shift in product(trained, ensemble.shifts)
    ]
    return Case(
        name=f"BN networks on digits, {ensemble.steps} steps",
        unit="network",
        work=float(len(alone) * ensemble.block),
        ours=lambda: ensemble.run(0, 0),
        share=1 / ensemble.block,
        baseline=lambda: [one.run(0, 0) for one in alone],
        against=ONE_BY_ONE,
    )
