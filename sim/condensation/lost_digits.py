"""Whether σ in float64 still shows its leading part at the size of the initial pre-activations.

1 − x²/2 − cos(x) is about x⁴/24 but rounds to 0 below 10⁻⁴, where training starts: what is
written in a form that loses digits trains another activation. Source: our derivation.
"""

import numpy as np
import torch

from sim.networks.ensemble import Sigma
from theory.condensation.forms.governing import directions
from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.symbolic.leading_part import LeadingPart

_TOLERATED = 0.1  # relative error: where |w·x| is largest it is far smaller
_MULTIPLES = np.array([-2.0, -1.37, -1.0, -0.71, 0.71, 1.0, 1.37, 2.0])


def lost_digits(sigma: Sigma, part: LeadingPart, value_at_zero: float, size: float) -> str | None:
    """Why the leading part does not govern at |w·x| = ``size``, None if it does."""
    z = size * _MULTIPLES
    value, slope = (found.numpy() for found in sigma(torch.from_numpy(z)))
    sides = np.where(z > 0, part.right, part.left), np.where(z > 0, part.right, -part.left)
    largest = max(abs(part.right), abs(part.left))
    errors = (
        (value - value_at_zero) / np.abs(z) ** part.order - sides[0],
        slope / (part.order * np.abs(z) ** (part.order - 1)) - sides[1],
    )
    worst = float(np.nan_to_num(np.abs(errors), nan=np.inf).max()) / largest
    if worst <= _TOLERATED:
        return None
    return (
        f"at the initial weights, |w·x| ≈ {size:.0e}, σ in float64 differs from its leading part "
        f"by {min(worst, 9.99):.0%} or more: it has lost its digits or has larger terms"
    )


def lost_on_data(sigma: Sigma, form: HomogeneousForm, size: float) -> str | None:
    """Why a form of later order does not govern at |w| = ``size`` in float64, None if it does.

    The leading form cancels over the samples; what rounding leaves of it, in σ and in the data,
    must be far below the force of the form.
    """
    u = directions(form.dimension)
    value, slope = (found.numpy() for found in sigma(torch.from_numpy(size * u @ form.x.T)))
    output = value @ form.y / len(form.y) / size**form.order
    force = (slope * form.y) @ form.x / len(form.y) / size ** (form.order - 1)
    worst = 0.0
    for seen, expected in ((output, form.value(u)), (force, form.gradient(u))):
        off = float(np.nan_to_num(np.abs(seen - expected), nan=np.inf).max())
        worst = max(worst, off / float(np.abs(expected).max()))
    if worst <= _TOLERATED:
        return None
    return (
        f"at the initial weights, |w| ≈ {size:.0e}, the force of order {form.order} is lost in "
        f"rounding: float64 differs from it by {min(worst, 9.99):.0%} or more"
    )
