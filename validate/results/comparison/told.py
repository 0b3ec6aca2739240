"""What differs between two runs, in words: for the terminal and for the report."""

from collections.abc import Iterator

from validate.results.comparison.changes import Changed, ChangedDecision, Comparison, Decided
from validate.results.records import Run

NOTHING = "–"


def run_in_words(run: Run) -> str:
    """A run in a few words."""
    return f"{run.started[:10]}, seed {run.seed}, budget {run.budget}"


def summary(found: Comparison) -> str:
    """One sentence on verdicts and claims."""
    claims = found.same_verdicts + len(found.verdicts)
    told = [f"{found.same_verdicts} of {claims} claims have the same verdict"]
    if found.verdicts:
        told = [f"{told[0]}, {len(found.verdicts)} another"]
    for where, ids in (("A", found.only_before), ("B", found.only_after)):
        if ids:
            told.append(f"only in {where}: {', '.join(ids)}")
    return "; ".join(told)


def decisions_in_words(found: Comparison) -> str:
    """One sentence on the decisions that differ; empty where none does."""
    count = len(found.decisions)
    if not count:
        return ""
    told = f"{count} decision{'s differ' if count > 1 else ' differs'} in more than rounding"
    parts = {
        "with another verdict": sum(one.other_verdict for one in found.decisions),
        "with intervals that do not overlap": found.apart,
        "with intervals that overlap": found.overlapping,
    }
    counted = ", ".join(f"{number} {what}" for what, number in parts.items() if number)
    return f"{told}: {counted}" if counted else told


def settings(found: Comparison) -> tuple[Changed, ...]:
    """All that differs in how the runs were made: settings, versions, code."""
    return (*found.settings, *found.versions, *((found.code,) if found.code else ()))


def setting(one: Changed) -> str:
    """A setting or a version, before and after."""
    return f"{one.name} {one.before or NOTHING} → {one.after or NOTHING}"


def measured(one: Decided | None) -> str:
    """What was measured with its interval; shares in percent."""
    if one is None or one.measured is None:
        return NOTHING
    if one.unit == "share":
        return f"{one.measured:.2%}" + (
            "" if one.interval is None else f" [{one.interval[0]:.2%}, {one.interval[1]:.2%}]"
        )
    bounds = "" if one.interval is None else f" [{one.interval[0]:.4g}, {one.interval[1]:.4g}]"
    return f"{one.measured:.4g}{bounds}"


def how(one: ChangedDecision) -> str:
    """In what a decision differs."""
    return "; ".join(_how(one))


def _how(one: ChangedDecision) -> Iterator[str]:
    if one.before is None or one.after is None:
        yield "only in B" if one.before is None else "only in A"
        return
    if one.other_verdict:
        yield f"{one.before.verdict} → {one.after.verdict}"
    if one.other_prediction:
        yield _other_prediction(one.before, one.after)
    if one.before.expected and one.after.expected and one.before.point != one.after.point:
        yield f"measured at point {one.before.point + 1} → {one.after.point + 1}"
    if one.before.n != one.after.n:
        yield f"{one.before.n} → {one.after.n} units"
    if one.overlap is not None:
        yield "intervals overlap" if one.overlap else "intervals do not overlap"


def _other_prediction(before: Decided, after: Decided) -> str:
    """The predicted numbers where they are single ones and differ."""
    if len(before.expected) == len(after.expected) == 1 and before.expected != after.expected:
        return f"predicted {before.expected[0]:.4g} → {after.expected[0]:.4g}"
    return "another prediction or margin"


def is_chance(one: ChangedDecision) -> bool:
    """Whether a decision differs no more than two runs with other random numbers would."""
    return one.overlap is True and not (one.other_verdict or one.other_prediction)


def telling(found: Comparison) -> list[ChangedDecision]:
    """All decisions, those first that have another verdict or intervals without common value."""

    def rank(one: ChangedDecision) -> int:
        return 0 if one.other_verdict else 1 if one.overlap is False else 2 + is_chance(one)

    return sorted(found.decisions, key=rank)
