"""A claim without training: Bernoulli units, so that outcomes are known exactly."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import sympy

from sim.experiment import Experiment, Measurement
from theory.prediction import Bound, Step
from validate.claim import Body, Decision, Regime, Role
from validate.registry import Claim

SYMBOLS = ()


@dataclass(frozen=True)
class Coins(Experiment):
    """Each replicate shows 1 with probability ``rate``; block ``broken`` raises or is ``fatal``.

    ``killed_by``: a file of as many characters as processes are to die of it.
    """

    name: ClassVar[str] = "toy coins"

    rate: float = 0.0
    broken: int = -1
    fatal: bool = False
    killed_by: str = ""

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        if self.broken in {r // self.block for r in replicates}:
            raise RuntimeError("the coin rolled away")
        if self.fatal or self._is_killed():
            os._exit(1)
        draws = (self.stream(seed, r, "coin").uniform() for r in replicates)
        return [{"count": int(u < self.rate)} for u in draws]

    def _is_killed(self) -> bool:
        """Whether a letter of the file ``killed_by`` is left to be taken away."""
        if not self.killed_by:
            return False
        file = Path(self.killed_by)
        left = file.read_text()
        file.write_text(left[1:])
        return bool(left)

    def cost(self) -> float:
        return 1e-4


def bound() -> Bound:
    return Bound(
        sympy.Le(sympy.Symbol("N"), 0), SYMBOLS, ("coins are fair",), 0.0, "counts are exact"
    )


def body(
    rate: float = 0.0,
    broken: int = -1,
    looks: tuple[int, ...] = (2, 6, 12),
    control_rate: float = 1.0,
    positive_rate: float | None = None,
    limit: float = 1.0,
    fatal: bool = False,
    killed_by: str = "",
    bound_value: int = 0,
) -> Body:
    """A bound of 0 on coins, with a resolution control on other coins and a regime check."""
    coins, bad = (
        Coins(rate=rate, broken=broken, fatal=fatal, killed_by=killed_by, block=50),
        Coins(rate=control_rate, block=50),
    )
    grid = [coins, bad]
    main = Decision(
        name="never heads",
        prediction=bound(),
        predict=lambda unit: bound_value,
        observe=lambda unit: unit.measurement["count"],
        experiments=(coins,),
        looks=looks,
    )
    control = dataclasses.replace(
        main, name="bad coins never heads", experiments=(bad,), role=Role.RESOLUTION, distance=1.0
    )
    decisions = [main, control]
    if positive_rate is not None:
        good = Coins(rate=positive_rate, block=50)
        grid.append(good)
        decisions.append(
            dataclasses.replace(main, name="good coins", experiments=(good,), role=Role.POSITIVE)
        )
    return Body(
        grid=tuple(dict.fromkeys(grid)),
        decisions=tuple(decisions),
        derivation=lambda: (Step("Coins have no memory", sympy.Eq(sympy.Symbol("N"), 0)),),
        regime=(Regime("mean count", lambda us: _mean(us, coins), at_most=limit),),
        figures=lambda outcome: (),
    )


def _mean(units, coins: Coins) -> float:
    counts = [u.measurement["count"] for u in units if u.experiment == coins]
    return sum(counts) / len(counts)


def claim(name: str = "toy.coins", **settings) -> Claim:
    return Claim(
        name, "Coins", "our derivation", "Coins never show heads.", lambda: body(**settings)
    )
