"""How the share of networks that agree with the prediction depends on their width."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from theory.symbolic.activation import activation
from validate.activation.check import OPTIMIZERS, analyzed, check_activation, table_of
from validate.activation.errors import CheckError, check_numbers
from validate.activation.runs import LIMIT
from validate.activation.telling.reproduce import reproduce
from validate.results.activation import ActivationCheck
from validate.results.widths import WidthCheck, WidthVerdict

LEAST, MOST, COUNT = 10, 10_000, 20  # neurons, and how many widths


def check_widths(
    expression: str | Callable[..., Any],
    data: Any = None,
    *,
    widths: Sequence[int],
    alpha: float = 0.01,
    progress: Callable[[str], None] = lambda text: None,
    **options: Any,
) -> WidthCheck:
    """`validate.activation.check.check_activation` at several widths, with one error budget.

    Each width is trained on streams of its own and takes an equal part of α, which its verdicts
    share: the chance of any wrong AGREE or DISAGREE is at most α.

    Args:
        expression, data, progress: as there.
        widths: from 10 to 10,000, 20 at most, none twice.
        alpha: error budget of all verdicts at all widths.
        options: of `check_activation`, but for ``width``, ``train`` and ``pages``.

    Raises:
        validate.activation.errors.CheckError: the widths make no sense; and as there.
    """
    check_range(widths)
    check_numbers(alpha=alpha)
    target = options.get("target")
    table = table_of(data, target)
    made = {
        width: check_activation(
            expression,
            table,
            width=width,
            alpha=alpha / len(widths),
            progress=lambda text, width=width: progress(f"width {width}: {text}"),
            **options,
        )
        for width in widths
    }
    one = next(iter(made.values()))
    text = expression if isinstance(expression, str) else None
    return WidthCheck(
        expression=one.expression,
        data=one.data,
        widths=tuple(row for width in widths for row in _rows(width, made[width])),
        notes=tuple(dict.fromkeys(note for check in made.values() for note in check.notes)),
        seed=one.seed,
        alpha=alpha,
        reproduce=reproduce(
            activation(text) if text is not None else analyzed(cast(Any, expression)),
            table.source,
            target=target,
            expression=text,
            bias=options.get("bias", True),
            train=True,
            optimizers=options.get("optimizers", OPTIMIZERS),
            width=widths,
            seed=one.seed,
            alpha=alpha,
            limit=options.get("limit", LIMIT),
            epsilon=options.get("epsilon"),
        ),
    )


def check_range(widths: Sequence[int]) -> None:
    """Refuse widths that make no sense.

    Raises:
        CheckError: with the reason.
    """
    if not widths or len(widths) > COUNT:
        raise CheckError(f"1 to {COUNT} widths are needed, not {len(widths)}")
    wrong = next((width for width in widths if not LEAST <= width <= MOST), None)
    if wrong is not None:
        raise CheckError(f"a width is from {LEAST} to {MOST}, not {wrong}")
    if len(set(widths)) < len(widths):
        raise CheckError("a width is named twice")


def _rows(width: int, check: ActivationCheck) -> list[WidthVerdict]:
    return [
        WidthVerdict(
            width=width,
            optimizer=one.optimizer or "",
            networks=one.networks,
            share=one.share,
            interval=one.interval,
            verdict=one.verdict,
            reason=one.reason,
        )
        for one in check.verdicts
        if one.name.startswith("orientations")
    ]
