"""The tables of the command `activation` as CSV: orientations, one line an expression, widths."""

from collections.abc import Sequence

from theory.direction import Direction
from validate.results.activation import ActivationCheck, Unanswered
from validate.results.csv_table import Cell, csv_text
from validate.results.orientations import Pair
from validate.results.widths import WidthCheck

Answer = ActivationCheck | Unanswered


def table_of_checks(checks: Sequence[Answer]) -> str:
    """The orientations of one expression, or a line for each optimizer of several."""
    if len(checks) == 1 and isinstance(checks[0], ActivationCheck):
        return orientations(checks[0])
    return summary(checks)


def orientations(check: ActivationCheck) -> str:
    """A line for each predicted orientation with the measured one nearest to it, or one alone.

    Columns ``predicted NAME`` and ``measured NAME`` hold the components of the unit vectors.
    """
    names = check.components
    header = ("expression", "optimizer", "sign", "predicted_share", "measured_share",
              "off_by_degrees", *(f"predicted {n}" for n in names),
              *(f"measured {n}" for n in names))  # fmt: skip
    rows = [
        (check.expression, key, *_of_pair(pair, len(names)))
        for key, one in check.optimizers.items()
        for pair in one.pairs()
    ]
    return csv_text(header, rows)


def _of_pair(pair: Pair, dimension: int) -> tuple[Cell, ...]:
    known = pair.predicted or pair.measured
    return (
        known.sign if known else None,
        pair.predicted.share if pair.predicted else None,
        pair.measured.share if pair.measured else None,
        pair.degrees,
        *_components(pair.predicted, dimension),
        *_components(pair.measured, dimension),
    )


def _components(one: Direction | None, dimension: int) -> tuple[float | None, ...]:
    return (None,) * dimension if one is None else one.direction


def summary(checks: Sequence[Answer]) -> str:
    """A line for each optimizer of each expression; what is refused or failed has one line."""
    header = ("expression", "multiplicity", "bound", "optimizer", "predicted", "measured",
              "verdict", "reason")  # fmt: skip
    rows = list[tuple[Cell, ...]]()
    for check in checks:
        if isinstance(check, Unanswered):
            word = "refused" if check.refused else "failed"
            rows.append((check.expression, *(None,) * 5, word, check.error))
            continue
        for key, one in check.optimizers.items():
            verdict = check.verdict_of(key)
            reasons = [v.reason for v in check.verdicts if v.optimizer == key]
            rows.append(
                (
                    *(check.expression, check.multiplicity, check.bound, key),
                    len(one.predicted),
                    len(one.measured) if one.trained else None,
                    None if verdict is None else str(verdict),
                    "; ".join(reasons),
                )
            )
    return csv_text(header, rows)


def widths(checks: Sequence[WidthCheck | Unanswered]) -> str:
    """A line for each optimizer at each width of each expression."""
    header = ("expression", "optimizer", "width", "networks", "share", "low", "high", "verdict",
              "reason")  # fmt: skip
    rows = list[tuple[Cell, ...]]()
    for check in checks:
        if isinstance(check, Unanswered):
            word = "refused" if check.refused else "failed"
            rows.append((check.expression, *(None,) * 6, word, check.error))
            continue
        for one in check.widths:
            low, high = one.interval or (None, None)
            place = (check.expression, one.optimizer, one.width, one.networks, one.share)
            rows.append((*place, low, high, str(one.verdict), one.reason))
    return csv_text(header, rows)
