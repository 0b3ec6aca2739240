"""Plain records of the activation checker and their JSON form.

What was predicted for one activation function on one data set, what training gave, and the
verdicts. Text, notebook and PDF show these records and compute nothing of their own.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field, model_validator

from validate.results import notebook
from validate.results import words as words
from validate.results.orientations import HEADER, FiniteRecord, OptimizerCheck, rows
from validate.results.records import DerivationStep, Figure, Verdict

__all__ = [
    "ActivationCheck",
    "NamedVerdict",
    "OptimizerCheck",
    "Side",
    "Unanswered",
    "checks_to_json",
]

_WORST_FIRST = (
    *(Verdict.ERROR, Verdict.OUT_OF_SCOPE, Verdict.DISAGREE, Verdict.INCONCLUSIVE),
    Verdict.AGREE,
)


class Side(FiniteRecord):
    """The leading part c |x|^order of σ(x) − σ(0) on one side of 0.

    Attributes:
        order: of the power, None where there is no power law.
        coefficient: c, sign included.
    """

    order: int | None
    coefficient: float | None


class NamedVerdict(FiniteRecord):
    """One verdict.

    Attributes:
        name: what was decided, in words.
        verdict: AGREE, DISAGREE, INCONCLUSIVE, OUT_OF_SCOPE or ERROR.
        reason: in one line.
        optimizer: "gd" or "adam", None where it is about none.
        networks: how many were trained, None where none were.
        share: of them with what the verdict is about, in [0, 1].
        interval: that holds the true share, at the level of the verdict.
        remarks: how the run was adapted, of which stage the verdict speaks, what was trained all
            the same.
    """

    name: str
    verdict: Verdict
    reason: str
    optimizer: str | None = None
    networks: int | None = None
    share: float | None = None
    interval: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The reason with the remarks, in one line."""
        return "; ".join((self.reason, *self.remarks))


class ActivationCheck(FiniteRecord):
    """What the checker found for one activation function.

    Attributes:
        expression: as given by the user.
        formula: the same as a sympy ``srepr``, None where there is only a name.
        value_at_zero: σ(0), None where there is none or it was not found.
        right: leading part of σ(x) − σ(0) for x > 0, None where there is none.
        left: the same for x < 0.
        multiplicity: p, None where there is none.
        bound: on the number of orientations, 2p; None where there is none.
        reason: why there is no multiplicity or no bound.
        optimizers: predicted and measured orientations by "gd" and "adam".
        verdicts: of all optimizers.
        data: what data, how many rows and inputs, in words.
        components: names of the components of a direction: columns of the data, and the bias.
        effective_order: the order that governs on these data, where it is not the leading one.
        notes: what was changed, drawn or left out, a sentence each.
        derivation: steps of the PDF, where they were asked for.
        figures: of the PDF, where they were asked for.
        references: BibTeX entries.
        reproduce: the command line that gives the same.
        seconds: how long it took; not in the PDF, which is the same for every repetition.
        seed: of initial weights.
        alpha: error budget of all verdicts.
        versions: of the libraries by name, empty where nothing was trained.
    """

    expression: str
    formula: str | None = None
    value_at_zero: float | None
    right: Side | None
    left: Side | None
    multiplicity: int | None
    bound: int | None
    reason: str | None
    optimizers: dict[str, OptimizerCheck] = Field(default_factory=dict)
    verdicts: tuple[NamedVerdict, ...] = ()
    data: str = ""
    components: tuple[str, ...] = ()
    effective_order: int | None = None
    notes: tuple[str, ...] = ()
    derivation: tuple[DerivationStep, ...] = ()
    figures: tuple[Figure, ...] = ()
    references: tuple[str, ...] = ()
    reproduce: str
    seconds: float = 0.0
    seed: int
    alpha: float
    versions: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_why(self) -> "ActivationCheck":
        if self.bound is None and not (self.reason or "").strip():
            raise ValueError("where there is no bound the reason must be given")
        if self.multiplicity is None and self.bound is not None:
            raise ValueError("there is no bound without a multiplicity")
        return self

    def leading_part(self) -> str:
        """The leading part of σ(x) − σ(0) in words, empty where there is none."""
        sides = [s and (s.order, s.coefficient) for s in (self.right, self.left)]
        return words.leading_part(*sides)

    def value_in_words(self) -> str:
        """σ(0), that there is none, or that the analysis has not found it."""
        if self.value_at_zero is not None:
            return words.number(self.value_at_zero)
        none = any(word in (self.reason or "") for word in ("infinite at 0", "discontinuous"))
        return "no limit" if none else "not determined"

    def headline(self) -> str:
        """σ(0), the leading part, multiplicity and bound, or why there is none, in one line."""
        value = self.value_in_words()
        leading = self.leading_part()
        start = f"σ(0) = {value}; " + f"σ(x) − σ(0) ≈ {leading}; " * bool(leading)
        if self.multiplicity is not None and self.bound is not None:
            return f"{start}multiplicity {self.multiplicity}, bound 2p = {self.bound}"
        name = (
            "no multiplicity" if self.multiplicity is None else f"p = {self.multiplicity}, no bound"
        )
        return f"{start}{name}: {self.reason}"

    def dead_line(self) -> str:
        """Which share of the neurons belongs to no orientation, empty where it is not known."""
        shares = [
            f"{_dead(one)} ({words.OPTIMIZERS.get(key, key)})"
            for key, one in self.optimizers.items()
            if one.dead_share is not None or one.predicted_dead is not None
        ]
        return f"Neurons in no orientation: {'; '.join(shares)}" if shares else ""

    def verdict_of(self, optimizer: str) -> Verdict | None:
        """The worst verdict about one optimizer, None where there is none."""
        found = {v.verdict for v in self.verdicts if v.optimizer == optimizer}
        return next((verdict for verdict in _WORST_FIRST if verdict in found), None)

    def to_data(self) -> dict[str, Any]:
        """The JSON form as plain data: without figures and derivation, directions rounded."""
        left_out = {"figures", "derivation", "formula", "references"}
        data = self.model_dump(mode="json", exclude=left_out)
        for one in data["optimizers"].values():
            for key in ("predicted", "measured"):
                one[key] = [_rounded(entry) for entry in one[key]]
        return data

    def to_json(self) -> str:
        return _dumped(self.to_data())

    def _repr_html_(self) -> str:
        pieces = [
            notebook.paragraph(f"<b>{notebook.code(self.expression)}</b>"),
            notebook.paragraph(notebook.text(self.headline())),
        ]
        if self.data:
            pieces.append(notebook.paragraph(notebook.text(f"Data: {self.data}")))
        if self.optimizers:
            pieces.append(notebook.table(HEADER, rows(self.optimizers, names=self.components)))
            pieces.append(notebook.paragraph(notebook.text(self.dead_line())))
        pieces += [
            notebook.paragraph(notebook.badge(v.verdict), notebook.text(f"{v.name}: {v.told}"))
            for v in self.verdicts
        ]
        pieces += [notebook.paragraph(notebook.text(f"Note: {note}")) for note in self.notes]
        return notebook.card(pieces)


class Unanswered(FiniteRecord):
    """An expression among several that has no check.

    Attributes:
        expression: as given by the user.
        error: why, in one line.
        refused: it cannot be read or analyzed; else its training failed.
    """

    expression: str
    error: str
    refused: bool

    def to_data(self) -> dict[str, Any]:
        """The JSON form as plain data."""
        return {"expression": self.expression, "error": self.error}


def _dead(one: OptimizerCheck) -> str:
    measured = "" if one.dead_share is None else words.share(one.dead_share)
    if one.predicted_dead is None:
        return measured
    predicted = f"{words.share(one.predicted_dead)} predicted"
    return f"{predicted}, {measured} measured" if measured else predicted


def _rounded(entry: dict[str, Any]) -> dict[str, Any]:
    angle = entry["angle_degrees"]
    return {
        "direction": [round(u, 9) + 0.0 for u in entry["direction"]],
        "angle_degrees": None if angle is None else round(angle, 6) % 360.0,
        "sign": entry["sign"],
        "share": None if entry["share"] is None else round(entry["share"], 6),
    }


def checks_to_json(checks: Sequence[ActivationCheck | Unanswered]) -> str:
    """One object for one expression, a list for several."""
    data = [check.to_data() for check in checks]
    return _dumped(data[0] if len(data) == 1 else data)


def _dumped(data: Any) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
