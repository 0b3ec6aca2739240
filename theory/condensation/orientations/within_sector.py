"""Forms of order 1 with a kink, within one sector of directions: there H is linear.

A sector is a cone of directions with the same samples on each side of the kink. Where the gradient
points into the sector that it was taken in, all that follows it is a sum of the start and the
gradient with positive weights, stays in the sector, and so ends at the gradient's direction, by
the flow as by steps on the sphere or the cube. Most neurons need no more steps then. Source: our
derivation.
"""

import numpy as np
from jaxtyping import Bool, Float

from theory.condensation.forms.homogeneous import HomogeneousForm
from theory.condensation.orientations.sphere import FLAT

EVERY = 25  # steps between looks at who has come into the sector where it ends


def has_sectors(form: HomogeneousForm) -> bool:
    """Whether H is linear in sectors and not everywhere."""
    return form.order == 1 and not form.smooth


def remains(
    form: HomogeneousForm,
    u: Float[np.ndarray, "n dimension"],
    end: Float[np.ndarray, "n dimension"],
) -> Bool[np.ndarray, " n"]:
    """Whether directions and where they go lie within one sector, and off its boundary."""
    from_, to = u @ form.x.T, end @ form.x.T
    from_ *= to  # in place: most of the time goes into new arrays
    return np.all(from_ > 0, axis=1)


def is_pushed(
    form: HomogeneousForm, gradient: Float[np.ndarray, "n dimension"]
) -> Bool[np.ndarray, " n"]:
    """Whether a gradient is more than rounding: in cones without data nothing moves."""
    return np.asarray(np.linalg.norm(gradient, axis=1) > FLAT * form.scale)
