"""What is out of scope whatever the run, and what to do about it: free of torch.

The first true reason is given, and what a person can do. Source: our derivation, see
`theory.condensation.convergence`.
"""

import numpy as np

from sim.condensation.methods import Optimizer
from sim.data.data_set import DataSet
from theory.condensation.laws import MARGIN
from theory.condensation.orientations.plane import Orientation
from theory.condensation.resolution import WEAK
from theory.symbolic.activation import Activation
from theory.symbolic.leading_part import LeadingPart
from validate.activation.plan import Plan, plane
from validate.results.activation import NamedVerdict
from validate.results.records import Verdict
from validate.results.words import OPTIMIZERS

ROUNDING = 1e-12  # of y: what is left of a constant y when its mean is subtracted
HIGHEST = 8  # order: beyond it gradients of networks that start small leave double precision
STANDARD = 0.01  # how far from 0 and 1 mean and standard deviation of standardized inputs may be
DEGENERATE = (
    "a component of ",
    "at a corner one gradient component nearly vanishes",
)  # what reasons say of it


def without_target(data: DataSet, target: np.ndarray) -> str | None:
    """Why no direction is preferred whatever the activation; ``target`` is the centered one
    where σ(0) ≠ 0."""
    if not np.any(data.y):
        return "y is zero: no direction is preferred"
    if not np.any(data.augmented):
        return "all inputs are zero: no direction is preferred"
    if np.max(np.abs(target)) <= ROUNDING * np.max(np.abs(data.y)):
        return "y is constant, so that no direction is preferred where σ(0) ≠ 0 fits its mean"
    return None


def outside(
    described: Activation, data: DataSet, optimizer: Optimizer, part: LeadingPart
) -> str | None:
    """What is known without looking at the form."""
    value = described.value_at_zero
    if value and (part.order > 1 or not part.smooth):
        what = f"order {part.order}" if part.order > 1 else "a kink at 0"
        return (
            f"σ(0) ≠ 0 and {what}: out of scope; center the activation (subtract "
            f"σ(0) = {float(value):.4g})"
        )
    if part.order > HIGHEST:
        return _too_high(part.order)
    if optimizer == "adam" and described.orders_differ:
        return (
            "the orders of the two sides differ: under Adam, which moves all weights at one speed, "
            "neurons that the lower order leaves at rest condense by the higher one"
        )
    if data.augmented.shape[1] < 2:
        return "one input without bias leaves no angle to choose"
    if not value:
        return None
    if optimizer == "adam":
        return (
            "σ(0) ≠ 0 under Adam: the input weights move while the mean of y is fitted, and the "
            "centered target has bias component exactly 0, where the ℓ∞ square is degenerate; "
            f"center the activation (subtract σ(0) = {float(value):.4g})"
        )
    if not plane(data):
        return (
            "σ(0) ≠ 0 is judged for one input with bias only; center the activation (subtract "
            f"σ(0) = {float(value):.4g})"
        )
    return None


def beyond_orders(plan: Plan) -> str | None:
    """Why the order that governs cannot be trained or is not told under Adam."""
    if plan.governs.order > HIGHEST:
        return _too_high(plan.governs.order)
    if plan.later and plan.optimizer == "adam" and not plan.governs.smooth:
        return (
            "it differs between the sides, so that it hardly acts in some directions, where under "
            "Adam the network's own output moves neurons as fast as any force"
        )
    return None


def advice(plan: Plan, reason: str) -> str:
    """A reason with what to do, where something helps: for order 1 what does is looked up."""
    if plan.optimizer != "adam" or not reason.startswith(DEGENERATE):
        return reason
    told = f"Adam's square is degenerate on these data ({reason})"
    if plan.governs.order > 1 or not plan.governs.smooth:
        return told if _standardized(plan.data) else f"standardize the inputs: {told}"
    spread = np.std(plan.data.x, axis=0)
    scaled = (plan.data.x - np.mean(plan.data.x, axis=0)) / np.where(spread > 0, spread, 1.0)
    for what, x, bias in (
        ("standardize the inputs", scaled, plan.data.bias),
        ("leave the bias out (--no-bias)", plan.data.x, False),
        ("standardize the inputs and leave the bias out (--no-bias)", scaled, False),
    ):
        if _acts(DataSet(x, plan.data.y, "", bias=bias)):
            return f"{what}: {told}"
    return told


def _acts(data: DataSet) -> bool:
    """Whether v = mean of y x̃ acts on all components, as Adam needs."""
    force = np.abs(data.y @ data.augmented)
    return len(force) > 1 and bool(force.min() >= WEAK * force.mean())


def bias_line(data: DataSet, found: tuple[Orientation, ...], order: int) -> str | None:
    """A note where the only line of order 1 is the bias because y is not centered."""
    if order != 1 or not data.bias or data.x.shape[1] < 2 or not np.mean(data.y):
        return None
    across = max((np.linalg.norm(one.direction[:-1]) for one in found), default=1.0)
    if np.degrees(np.arcsin(min(1.0, across))) > MARGIN:
        return None
    return (
        f"y is not centered: the line is the bias; subtract the mean ({np.mean(data.y):.4g}) to "
        "see what the inputs do"
    )


def out_of_scope(
    optimizer: str, reason: str, remarks: tuple[str, ...] = (), name: str = "orientations"
) -> NamedVerdict:
    """The verdict where nothing is judged."""
    return NamedVerdict(
        name=f"{name}, {OPTIMIZERS[optimizer]}",
        verdict=Verdict.OUT_OF_SCOPE,
        reason=reason,
        optimizer=optimizer,
        remarks=remarks,
    )


def _too_high(order: int) -> str:
    return f"order {order}: training is possible up to order {HIGHEST}"


def _standardized(data: DataSet) -> bool:
    mean, spread = np.mean(data.x, axis=0), np.std(data.x, axis=0)
    return bool(np.all(np.abs(mean) <= STANDARD) and np.all(np.abs(spread - 1) <= STANDARD))
