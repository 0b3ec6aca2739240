"""What calibration and mutation add to a report."""

from collections.abc import Sequence

from scipy import stats

from validate.results.records import Appendix, Figure, Table, Verdict
from validate.trust import complete_runs_text
from validate.trust.calibrate import Calibration
from validate.trust.calibration import Power, Size
from validate.trust.complete_runs import Familywise
from validate.trust.mutation import Mutant, rejected_share


def of_calibration(found: Calibration) -> Appendix:
    """Size and power of every rule, and the false verdicts of complete runs."""
    text = (
        "Every decision rule was run many times on simulated outcomes, with all its looks, where "
        "the truth is known: at the edge of the margin, where AGREE and DISAGREE are both false, "
        "and at the prediction, where DISAGREE is false. A rule passes where the measured rate "
        "is, within its own 99 % limit, at most the nominal level. In noise for which an interval "
        "is not valid a guard refuses to judge; how often is shown.",
        *complete_runs_text.text(found.familywise),
    )
    levels = sorted({size.level for size in found.sizes}, reverse=True)
    return Appendix(
        title="Calibration of the decision rules",
        text=text,
        figures=tuple(_worst(found.sizes, level) for level in levels),
        tables=(
            *(_sizes(found.sizes, level) for level in levels),
            _powers(found.powers),
            _complete_runs(found.familywise),
        ),
        reproduce=f"python -m validate calibrate --runs {found.runs} --seed {found.seed} "
        f"--complete-runs {found.familywise[0].runs}",
    )


def _rate(size: Size) -> float:
    return max(size.false_agree, size.false_disagree, size.false_at_prediction)


def _worst(sizes: Sequence[Size], level: float) -> Figure:
    """The worst noise of every rule against the nominal level."""
    rows = []
    for rule in dict.fromkeys(size.rule for size in sizes):
        worst = max((s for s in sizes if s.rule == rule and s.level == level), key=_rate)
        count = round(_rate(worst) * worst.runs)
        interval = stats.binomtest(count, worst.runs).proportion_ci(0.98, method="exact")
        rows.append(
            {
                "label": f"{rule} ({worst.noise})",
                "role": "claim",
                "measured": _rate(worst),
                "lo": float(interval.low),
                "hi": float(interval.high),
                "threshold": level,
                "side": "below",
                "verdict": str(Verdict.AGREE if worst.passed else Verdict.DISAGREE),
            }
        )
    return Figure(
        kind="intervals",
        title=f"False verdicts at nominal level {level:g}",
        caption="The largest rate of false verdicts of every rule over all kinds of noise, with "
        "its 98 % interval; the tick is the nominal level.",
        series={"rows": rows, "xlabel": "share of simulated runs"},
        settings_hash="",
    )


def _sizes(sizes: Sequence[Size], level: float) -> Table:
    return Table(
        title=f"False verdicts at nominal level {level:g}, in percent of the runs",
        header=("Rule", "Noise", "AGREE", "DISAGREE", "at the prediction", "refused", "passes"),
        rows=tuple(
            (
                size.rule,
                size.noise,
                f"{100 * size.false_agree:.2f}",
                f"{100 * size.false_disagree:.2f}",
                f"{100 * size.false_at_prediction:.2f}",
                f"{100 * size.refused:.1f}",
                "yes" if size.passed else "no",
            )
            for size in sizes
            if size.level == level
        ),
    )


def _powers(powers: Sequence[Power]) -> Table:
    distances = sorted({power.distance for power in powers})
    units = {
        (power.rule, power.distance): "–" if power.units is None else str(power.units)
        for power in powers
    }
    return Table(
        title="Units needed for a verdict in nine of ten runs, by distance of the truth",
        header=("Rule", *(f"{distance:g} margins" for distance in distances)),
        rows=tuple(
            (rule, *(units.get((rule, distance), "–") for distance in distances))
            for rule in dict.fromkeys(power.rule for power in powers)
        ),
    )


def _complete_runs(found: Sequence[Familywise]) -> Table:
    return Table(
        title="Complete runs with a false verdict, by the noise of all means",
        header=(*complete_runs_text.HEADER[:-1], "α is kept"),
        rows=tuple(complete_runs_text.row(one) for one in found),
    )


def of_mutation(made: Sequence[Mutant], settings: str) -> Appendix:
    """How many wrong theories the measurements reject, and why the others survive."""
    by_claim = {c: [m for m in made if m.claim == c] for c in dict.fromkeys(m.claim for m in made)}
    survivors = tuple(
        (m.claim, f"{m.decision}: {m.change}", m.reason) for m in made if not m.rejected
    )
    rejected = Table(
        title="Wrong theories rejected",
        header=("Claim", "Changes", "Rejected"),
        rows=tuple(
            (claim, ", ".join(m.change for m in members), f"{rejected_share(members):.0%}")
            for claim, members in by_claim.items()
        ),
    )
    survived = Table(
        title="Survivors and why", header=("Claim", "Change", "Reason"), rows=survivors
    )
    return Appendix(
        title="Wrong theories that these data reject",
        text=(
            "Every prediction was changed by amounts that do not depend on its margin and judged "
            f"on the same measurements: {rejected_share(made):.1%} of {len(made)} wrong theories "
            "were rejected. A bound is only tightened, since a weaker one follows from it.",
            "This certifies what the margins can tell apart, as resolution controls do, and no "
            "more: a prediction two margins away from one that agrees is rejected by arithmetic. "
            "Which claims could have failed is told by their experiment controls, in which "
            "something else is trained and judged by the unchanged prediction.",
        ),
        tables=(rejected, survived) if survivors else (rejected,),
        reproduce=f"python -m validate mutate {settings}",
    )
