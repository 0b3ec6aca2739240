"""The leading homogeneous part of an activation in numbers, one coefficient for each side.

σ(z) − σ(0) ~ c₊ z^p for z > 0 and c₋ |z|^p for z < 0. Where the orders of the two sides differ
the lower one governs and the other coefficient is 0. Source: our derivation, after Definition 1
of arXiv:2105.11686, which covers the case c₋ = (−1)^p c₊.
"""

from dataclasses import dataclass

from theory.symbolic.activation import Activation


@dataclass(frozen=True)
class LeadingPart:
    """Order p and the coefficients c₊ and c₋ of |z|^p on both sides of 0."""

    order: int
    right: float
    left: float

    @property
    def smooth(self) -> bool:
        """Whether both sides are those of one monomial c z^p."""
        return self.left == (-1) ** self.order * self.right


def leading_part(activation: Activation) -> LeadingPart:
    """The leading homogeneous part of an activation.

    Raises:
        ValueError: there is none (no power expansion on a side, or flat at 0).
    """
    right, left = activation.right, activation.left
    if right is None or left is None:
        reason = activation.reason or "flat at 0"
        raise ValueError(f"{activation.name} has no leading part at 0: {reason}")
    order = min(right.order, left.order)
    on_right, on_left = (
        float(side.coefficient) if side.order == order else 0.0 for side in (right, left)
    )
    if activation.multiplicity is not None:
        on_left = (-1) ** order * on_right  # exact forms may differ in the last digit
    return LeadingPart(order, on_right, on_left)
