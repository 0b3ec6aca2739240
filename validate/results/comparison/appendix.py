"""The section of a report that holds its run against another one."""

import shlex
from collections.abc import Sequence

from validate.results.comparison import told
from validate.results.comparison.changes import ChangedDecision, Comparison
from validate.results.records import Appendix, Run, Table

MOST = 40  # decisions that are listed


def of_comparison(found: Comparison, before: Run, against: str, folder: str) -> Appendix:
    """What differs from a former run, in a few lines and tables.

    Args:
        found: the former run (A) held against the one that the report is of (B).
        before: the former run.
        against, folder: where they are, as they were given.
    """
    shown = [one for one in told.telling(found) if not told.is_chance(one)]
    parts = (told.summary(found), told.decisions_in_words(found))
    tables = (_verdicts(found), _decisions(shown[:MOST]), _settings(found))
    text = (
        f"A is the run of {told.run_in_words(before)}; B is this one.",
        "Nothing changed." if found.nothing else ". ".join(filter(None, parts)) + ".",
        *([f"Listed are {MOST} of {len(shown)} decisions."] if len(shown) > MOST else []),
    )
    return Appendix(
        title=f"Compared with the run of {told.run_in_words(before)}",
        text=text,
        tables=tuple(one for one in tables if one.rows),
        reproduce=f"python -m validate report {shlex.quote(folder)} --against "
        f"{shlex.quote(against)}",
    )


def _verdicts(found: Comparison) -> Table:
    return Table(
        title="Claims with another verdict",
        header=("Claim", "A", "because", "B", "because"),
        rows=tuple(
            (one.claim, str(one.before), one.reason_before, str(one.after), one.reason_after)
            for one in found.verdicts
        ),
    )


def _decisions(shown: Sequence[ChangedDecision]) -> Table:
    return Table(
        title="Decisions that differ in more than their intervals allow for",
        header=("Claim", "Decision", "A", "B", "How"),
        rows=tuple(
            (
                one.claim,
                one.decision,
                told.measured(one.before),
                told.measured(one.after),
                told.how(one),
            )
            for one in shown
        ),
    )


def _settings(found: Comparison) -> Table:
    return Table(
        title="How the runs were made",
        header=("Item", "A", "B"),
        rows=tuple(
            (one.name, one.before or told.NOTHING, one.after or told.NOTHING)
            for one in (*found.claims, *told.settings(found))
        ),
    )
