"""What the error budget of a run promises, and the condition that it stands with.

Of shares of units and of outcomes in a declared range no condition is asked: their intervals are
exact, or proved for every distribution in the range. A t interval is trusted as far as guards see,
and no test on n outcomes sees what happens less than about once in n
(`validate.decisions.guards`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # `--help` needs no records
    from validate.results.records import Run

CONDITION = "where outcomes rarer than one in n are excluded or their range is declared"


def several_books(run: Run) -> str:
    """What is to be said where a seed was run with another budget before; empty where it was not.

    Whoever takes more units after having seen a verdict has had two chances of a wrong one.
    """
    if not run.former_budgets:
        return ""
    former, books = " and ".join(run.former_budgets), len(run.former_budgets) + 1
    return (
        f"Claims of this run were run before with budget {former} on seed {run.seed}; with budget "
        f"{run.budget} this is a new book. Over {books} books the chance of any wrong verdict is "
        f"at most the sum of their α, {CONDITION}."
    )


def at_most(alpha: str) -> str:
    """A chance of at most ``alpha`` with its condition; n is explained where it is printed."""
    return f"at most {alpha}, {CONDITION} (n: the units of a decision)"
