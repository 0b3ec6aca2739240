"""Which run can tell the orientations of given data: the usual one, or the first that is finer.

Decided before anything is trained, from the leading form alone: how many starts are still turning
at the growth at which a run ends, how close and how stiff orientations are, how weak forces are.
Free of torch. Source: our derivation, see `theory.condensation.convergence`.
"""

import math
from dataclasses import dataclass, replace

from sim.condensation.finer import finer_runs, gap_for, seconds
from sim.condensation.methods import AMPLITUDE, Method
from theory.condensation.convergence import SEPARATION, closest, growth, step_needed
from theory.condensation.forms.leading_form import Geometry
from theory.condensation.laws import MARGIN
from theory.condensation.orientations.plane import Orientation
from theory.condensation.own_output import quiet_amplitude
from theory.condensation.protocol import Fineness, Protocol
from validate.activation.plan import USUAL, Plan, plane

SEEDS = 72  # networks trained on each data set
LIMIT = 120.0  # seconds of one core that a finer run may take, by the estimate of its steps


@dataclass(frozen=True)
class Run:
    """A run, what of it decides how far it converges, and what it can tell.

    Attributes:
        method: its settings.
        protocol: see `theory.condensation.protocol.Protocol`.
        judged: which orientations it has neurons enough for.
        reason: why it can tell none, None where it can.
    """

    method: Method
    protocol: Protocol
    judged: tuple[bool, ...]
    reason: str | None


def usual_run(plan: Plan) -> tuple[Run, tuple[Orientation, ...]]:
    """The run of the piloted settings, and the predicted orientations.

    Raises:
        DegenerateError, ArithmeticError: no direction is preferred.
    """
    chosen = plan.method()
    found = plan.orientations(plan.protocol(chosen))
    if plan.later and found:
        level = quiet_amplitude(plan.leading, plan.form, found, plan.protocol(chosen))
        chosen = plan.method(level)
    return _run(plan, found, chosen, USUAL), found


def resolving_run(
    plan: Plan, usual: Run, found: tuple[Orientation, ...], limit: float = LIMIT
) -> Run:
    """The first run that can tell the orientations; the usual one, with the reason, if none can."""
    if usual.reason is None or not found or not plane(plan.data) or plan.centered:
        return usual
    gap = gap_for(closest(found))
    if gap is None:
        return usual
    step = 1.0
    if usual.protocol.geometry is Geometry.L2:
        narrow = replace(usual.protocol, fine=Fineness(gap=gap))
        step = step_needed(plan.exact, found, narrow)
    left = usual.reason
    for fine in finer_runs(plan.optimizer, gap, step):
        if plan.epsilon is not None and fine.start != 1:  # the size that was asked for stays
            continue
        level = usual.method.amplitude * math.sqrt(fine.loud)
        run = _run(plan, found, plan.method(level, fine), fine)
        if run.reason is not None:
            left = run.reason
            continue
        needed = core_seconds(plan, run, found)
        if needed <= limit:
            return run
        return replace(
            usual,
            reason=f"{usual.reason}; a run that tells them would take about {needed:.0f} s of one "
            f"core, more than the limit of {limit:.0f} s",
        )
    why = "" if left == usual.reason else f" ({left})"
    return replace(usual, reason=f"{usual.reason}; no finer run that is planned tells them{why}")


def core_seconds(plan: Plan, run: Run, found: tuple[Orientation, ...]) -> float:
    """About how long all networks train on one core."""
    grown = [growth(plan.exact, plan.data.x, at, run.protocol) for at in found]
    loudest = min(grown) if plan.optimizer == "adam" else max(grown)
    return SEEDS * seconds(run.method, len(plan.data.y), loudest)


def _run(plan: Plan, found: tuple[Orientation, ...], chosen: Method, fine: Fineness) -> Run:
    protocol = plan.protocol(chosen, fine)
    judged, reason = plan.unresolved(found, protocol)
    return Run(chosen, protocol, judged, reason)


def in_words(run: Run) -> str | None:
    """What of a finer run differs from the usual one; None for the usual one."""
    fine, chosen = run.protocol.fine, run.method
    if fine == USUAL:
        return None
    rate = "learning rate" if chosen.optimizer == "adam" else "relative steps"
    said = [f"initial weights {chosen.epsilon:.1g}, {rate} {chosen.step:.1g}"]
    if fine.loud < 1:
        said.append(
            f"up to |f| = {100 * chosen.moment_ratio:.2g} % of |y| and |w·x| = "
            f"{chosen.amplitude:.2g} (usually {AMPLITUDE:g})"
        )
    if fine.gap < 1:
        said.append(
            f"orientations at least {SEPARATION * fine.gap:.3g}° apart told within "
            f"{MARGIN * fine.gap:.2g}°"
        )
    return ", ".join(said)
