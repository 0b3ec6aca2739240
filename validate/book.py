"""The book of a run: its error budget α in a fixed number of equal shares.

A decision with a random interval takes one share, whatever else is registered or run, so that a
new claim changes no verdict, level or interval of another, and nothing need be built to know a
level. With at most `SHARES` of them the chance of any wrong AGREE or DISAGREE in a run is at most α
by the union bound, where outcomes rarer than one in n, the units of a decision, are excluded or
their range is declared (`validate.results.guarantee`).
"""

ALPHA = 0.01  # of a run, unless it is told another
SHARES = 1000
USUAL = 8  # shares that a claim reserves where it does not say


class BookError(ValueError):
    """More shares are asked for than there are."""


def level(alpha: float, looks: int) -> float:
    """α of the interval at each of a decision's planned looks."""
    return alpha / SHARES / looks


def reserve(name: str, shares: int, reserved: int) -> None:
    """Take shares from those that are left.

    Args:
        name: who asks.
        shares: how many are asked for.
        reserved: how many are taken already.

    Raises:
        BookError: the book has no such shares, or too few are left.
    """
    if shares < 1:
        raise BookError(f"{name}: it reserves {shares} shares of α; at least 1 is needed")
    if reserved + shares > SHARES:
        raise BookError(
            f"{name}: it asks for shares {reserved + 1:,} to {reserved + shares:,} of α, and there "
            f"are {SHARES:,}"
        )
