"""What `python -m validate bench` times of batch normalization.

Settings are like those of the claims with fewer steps or replicates. The baseline goes through the
same code with one unit or network at a time.
"""

import dataclasses
from itertools import product

from sim.batchnorm.collapse import Collapse
from sim.batchnorm.network_noise import NetworkNoise
from sim.batchnorm.passage import Passages
from sim.batchnorm.step import OneStep
from validate.command.bench.timing import ONE_BY_ONE, Case, together


def cases() -> tuple[Case, ...]:
    """Single units, and whole networks."""
    return (
        _shared_batches(),
        _own_batches(),
        _collapsing_networks(),
        together("BN networks, drift under noise, float64", NetworkNoise(block=32), "network"),
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
