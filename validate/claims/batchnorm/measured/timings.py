"""What `python -m validate bench` times of batch normalization: single units, and whole networks.

Settings are like those of the claims with fewer steps or replicates. The baseline goes through the
same code with one unit or network at a time.
"""

from dataclasses import replace
from itertools import product

from sim.batchnorm.collapse import Collapse
from sim.batchnorm.network_noise import NetworkNoise
from sim.batchnorm.passage import Passages
from sim.batchnorm.step import OneStep
from validate.command.bench.timing import ONE_BY_ONE, Case, together


def cases() -> tuple[Case, ...]:
    """One of each kind of experiment."""
    # all units are followed to the end, so that the count of unit-steps is exact
    shared = Passages(240, units=104, gamma=1.25, rate=1.0, clocks=(2.0,), follow=True)
    lone, units = replace(shared, units=1, block=1), shared.units * shared.block
    starts = (-1.0, 0.0, 1.0, 2.0)
    own = OneStep(64, starts, rates=(0.1,) * 4, scales=(1.0,) * 4, draws=640)
    single = OneStep(100, draws=1)
    steps = len(starts) * own.draws * own.block  # four antithetic ones from a batch count as one
    trained = ((1.0, 5e-3), (3.0, 5e-3), (3.0, 0.0))
    networks = Collapse(6, trained, steps=100)
    alone = [
        replace(networks, trained=(one,), shifts=(shift,), block=1)
        for one, shift in product(trained, networks.shifts)
    ]
    return (
        Case(  # long runs; the units of a replicate see one batch a step, a part of the gain
            f"BN units under noise, shared batches of {shared.batch}",
            "unit-step",
            work=float(units * shared.steps[-1]),
            ours=lambda: shared.run(0, 0),
            share=2 / units,
            baseline=lambda: [lone.run(0, k) for k in range(2)],
            against=ONE_BY_ONE,
        ),
        Case(
            f"BN units under noise, own batches of {own.batch}",
            "unit-step",
            work=float(steps),
            ours=lambda: own.run(0, 0),
            share=single.block / steps,
            baseline=lambda: single.run(0, 0),  # its replicates are measured one after another
            against=ONE_BY_ONE,
        ),
        # most of the ensemble's time is arithmetic, which no batching saves; what it saves is the
        # overhead of many small operations
        Case(
            f"BN networks on digits, {networks.steps} steps",
            "network",
            work=float(len(alone) * networks.block),
            ours=lambda: networks.run(0, 0),
            share=1 / networks.block,
            baseline=lambda: [one.run(0, 0) for one in alone],
            against=ONE_BY_ONE,
        ),
        together("BN networks, drift under noise, float64", NetworkNoise(32), "network"),
    )
