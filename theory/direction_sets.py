"""Sets of directions with signs: how far apart they are, what one has too many."""

from collections.abc import Sequence

from theory.direction import Direction

APART = 180.0  # degrees: the distance to a set that has no direction of the sign


def distance_to(one: Direction, others: Sequence[Direction]) -> float:
    """Degrees to the nearest direction of the same sign; `APART` where there is none."""
    return min((one.angle_to(other) for other in others if other.sign == one.sign), default=APART)


def set_distance(first: Sequence[Direction], second: Sequence[Direction]) -> float:
    """Hausdorff distance in degrees: the largest distance of a member to the other set."""
    one_way = [distance_to(one, second) for one in first]
    other_way = [distance_to(one, first) for one in second]
    return max([*one_way, *other_way], default=0.0)


def unmatched(
    some: Sequence[Direction], others: Sequence[Direction], margin: float
) -> list[Direction]:
    """Members of one set with none of the other within ``margin`` degrees."""
    return [one for one in some if distance_to(one, others) > margin]


def mismatches(
    predicted: Sequence[Direction], measured: Sequence[Direction], margin: float
) -> list[Direction]:
    """Predicted directions without neurons, and measured ones that nothing predicts."""
    return unmatched(predicted, measured, margin) + unmatched(measured, predicted, margin)
