"""Trainings that take no time."""

import dataclasses

from validate.claims.condensation.measured.timings import growths, workloads
from validate.command.frameworks.workload import Workload

COUPLED, _, SINGLE = (
    dataclasses.replace(one, sets=3, neurons=9, samples=7, steps=6) for one in workloads()
)
BOTH: tuple[Workload, ...] = (COUPLED, SINGLE)
GROWTH = dataclasses.replace(growths()[0], sizes=(1, 3))
