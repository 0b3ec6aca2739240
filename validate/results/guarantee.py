"""What the error budget of a run promises, and the condition that it stands with.

Of shares of units and of outcomes in a declared range no condition is asked: their intervals are
exact, or proved for every distribution in the range. A t interval is trusted as far as guards see,
and no test on n outcomes sees what happens less than about once in n
(`validate.decisions.guards`).
"""

CONDITION = "where outcomes rarer than one in n are excluded or their range is declared"


def at_most(alpha: str) -> str:
    """A chance of at most ``alpha`` with its condition; n is explained where it is printed."""
    return f"at most {alpha}, {CONDITION} (n: the units of a decision)"
