"""Plain records of a run and their JSON form (results.json, schema 1).

The file holds all that a report needs: `reports` reads these records and nothing else.
Formulas are sympy ``srepr`` strings (read back by `theory.symbolic.expression.load`, which never
evaluates code) next to their LaTeX form for other readers.
"""

import json
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator


class Verdict(StrEnum):
    """What a decision, a control or a claim ended with."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    INCONCLUSIVE = "INCONCLUSIVE"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    ERROR = "ERROR"


class Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Demand(Record):
    """The most that a prediction could have demanded of the same data and still agree.

    Attributes:
        of: what is demanded: "margin", "tolerated rate", "required share", "required effect".
        value: the smallest margin or rate, the largest share or effect, in ``unit``.
        declared: what was demanded.
    """

    of: str
    value: float
    declared: float
    unit: str

    @property
    def used(self) -> float:
        """The part of what was declared as tolerable that the measurements need, from 0 to 1.

        Of a margin or a tolerated rate the value itself; of a required share what is missing to 1;
        of another least number the number itself over the value.
        """
        if self.value <= self.declared:
            return self.value / self.declared if self.declared else 0.0
        if self.unit == "share":
            return (1 - self.value) / (1 - self.declared)
        return self.declared / self.value


class Observation(Record):
    """One decision of a claim: prediction and measurement with its interval.

    ``predicted`` is the prediction's formula as text and ``formula`` as a sympy ``srepr``;
    ``measured`` and ``interval`` are in ``unit``, ``margin`` in ``margin_unit``. ``alpha`` is the
    level of the interval at each look, ``looks`` the planned unit counts, ``looks_used`` how
    many were taken and ``stopped`` why no more. ``tightest`` is said of what agrees.

    ``expected`` are the numbers that means are held against, in ``unit``, and ``point`` the place
    among them at which it was measured. Other decisions have none, nor have those of older files.
    """

    name: str
    kind: str
    predicted: str
    expected: tuple[float, ...] = ()
    point: int = 0
    measured: float | None
    interval: tuple[float, float] | None
    unit: str
    margin: float
    margin_reason: str
    margin_unit: str = ""
    formula: str | None = None
    n: int
    verdict: Verdict
    reason: str
    would_change: str = ""
    alpha: float
    looks: tuple[int, ...]
    looks_used: int
    stopped: str = ""
    tightest: tuple[Demand, ...] = ()

    @property
    def against(self) -> float | None:
        """The predicted number that stands beside what was measured, if there is one."""
        return self.expected[self.point] if 0 <= self.point < len(self.expected) else None


class Control(Observation):
    """What must be rejected, or a prediction that is proved, or derived to the end, and must agree.

    ``role``: a wrong prediction on the same measurements ("resolution", in older files "negative"),
    the same prediction on a wrong experiment ("experiment"), or one that is
    certain ("positive").
    """

    role: Literal["resolution", "experiment", "positive"]
    rejected: bool
    as_required: bool

    @field_validator("role", mode="before")
    @classmethod
    def _older(cls, role: Any) -> Any:
        return "resolution" if role == "negative" else role


class CellMeasure(Record):
    """What a decision measures on the units of one cell alone; its interval has 99 %.

    ``failing`` is the share of the units that are not as predicted, where each is or is not.
    """

    decision: str
    n: int
    measured: float
    interval: tuple[float, float]
    unit: str
    failing: float | None = None


class Cell(Record):
    """Units of a claim that are alike but for data and initial weights.

    Attributes:
        judged, drawn: how many units were judged, of how many drawn.
        in_pool: whether the claim speaks of it: enough of those drawn are judged.
        measured: on the units judged.
        rejected, as_drawn: on units that would not be judged, and on all, where those were trained.
    """

    name: str
    judged: int
    drawn: int
    in_pool: bool
    measured: tuple[CellMeasure, ...] = ()
    rejected: tuple[CellMeasure, ...] = ()
    as_drawn: tuple[CellMeasure, ...] = ()

    @property
    def share(self) -> float:
        """The share judged of what was drawn."""
        return self.judged / self.drawn


class RegimeCheck(Record):
    """One assumption of the theory as a test on a measured quantity."""

    name: str
    value: float
    required: str
    ok: bool


class DerivationStep(Record):
    text: str
    formula: str | None = None
    latex: str | None = None


class SymbolRow(Record):
    formula: str
    latex: str
    meaning: str
    unit: str


class Figure(Record):
    """A figure of one of the fixed kinds; what ``series`` must hold depends on ``kind``."""

    kind: str
    title: str
    caption: str
    series: dict[str, Any]
    verdict: Verdict | None = None
    settings_hash: str


class Table(Record):
    """A table of strings, as it is printed."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @model_validator(mode="after")
    def _rectangular(self) -> "Table":
        if not self.header:
            raise ValueError(f"table '{self.title}' has no columns")
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.header):
                raise ValueError(
                    f"table '{self.title}': row {number} has {len(row)} cells, "
                    f"the header {len(self.header)}"
                )
        return self


class Appendix(Record):
    """A chapter of the report that belongs to no claim, such as the calibration of the rules."""

    title: str
    text: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    reproduce: str


class Reading(Record):
    """A statement in plain words that is true if the claim agrees, or the decision it names.

    ``where`` says for what the sentence of the claim's part is true then; it is empty where the
    text is no reading of that sentence.
    """

    text: str
    where: str = ""
    decision: str | None = None


class Part(Record):
    """A part of the report: a family of claims, those whose ids begin with ``id`` and a dot.

    ``sentence`` is what ``source`` says, word for word; ``claims`` are the ids of all that are
    registered, also of those that were not run.
    """

    id: str
    title: str
    text: str = ""
    sentence: str = ""
    source: str = ""
    claims: tuple[str, ...] = ()


class ClaimResult(Record):
    """A claim's verdict with all that it follows from.

    ``selection`` says over which ``cells`` it is pooled and which part of the data it speaks of;
    ``tier`` is the smallest budget that can decide it, empty in files without.
    """

    id: str
    title: str
    source: str
    tier: str = ""
    statement: str
    verdict: Verdict
    reason: str
    seconds: float
    disagrees_with: str | None = None
    observations: tuple[Observation, ...] = ()
    controls: tuple[Control, ...] = ()
    regime: tuple[RegimeCheck, ...] = ()
    selection: str = ""
    cells: tuple[Cell, ...] = ()
    derivation: tuple[DerivationStep, ...] = ()
    symbols: tuple[SymbolRow, ...] = ()
    assumptions: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    reproduce: str

    @property
    def part(self) -> str:
        """The id of its part."""
        return self.id.partition(".")[0]


class Run(Record):
    """How and where the run was made.

    Attributes:
        alpha: error budget of the run.
        decisions: how many took a share of it; in files without ``shares`` all registered ones,
            over which it was divided.
        shares: equal parts that it is divided into.
        code: digest of theory and sim.
        everything: whether all claims were run that are registered and within the budget.
        former_budgets: others that claims of it were run with before on the same seed, as far as
            the folder told.
    """

    started: str
    seconds: float
    seed: int
    alpha: float
    decisions: int
    shares: int | None = None
    budget: str
    device: str
    versions: dict[str, str]
    code: str
    settings_hash: str
    reused: int
    computed: int
    failed: int
    everything: bool = False
    former_budgets: tuple[str, ...] = ()

    @property
    def parts_of_alpha(self) -> int:
        """In how many equal parts α was divided."""
        return self.decisions if self.shares is None else self.shares

    def same_as(self, other: "Run") -> bool:
        """Whether two runs measured the same things in the same way."""
        keys = ("settings_hash", "seed", "alpha", "budget", "device", "code", "versions")
        return all(getattr(self, key) == getattr(other, key) for key in keys)


class Results(Record):
    schema_: Literal[1] = 1
    run: Run
    claims: tuple[ClaimResult, ...]
    parts: tuple[Part, ...] = ()
    appendices: tuple[Appendix, ...] = ()

    def with_appendix(self, appendix: Appendix) -> "Results":
        """These results with an appendix, in place of one of the same title."""
        others = [one for one in self.appendices if one.title != appendix.title]
        return self.model_copy(update={"appendices": (*others, appendix)})

    def only(self, names: Iterable[str]) -> "Results":
        """The claims of these ids, or of families with these; nothing else of the record.

        Raises:
            ResultsError: naming a claim that is not in the record, and those that are.
        """
        chosen: set[str] = set()
        for name in names:
            found = {c.id for c in self.claims if c.id == name or c.id.startswith(f"{name}.")}
            if not found:
                there = ", ".join(claim.id for claim in self.claims) or "none"
                raise ResultsError(f"unknown claim '{name}'; these results have: {there}")
            chosen |= found
        claims = tuple(claim for claim in self.claims if claim.id in chosen)
        parts = tuple(part for part in self.parts if part.id in {claim.part for claim in claims})
        run = self.run.model_copy(update={"everything": False})
        return Results(run=run, claims=claims, parts=parts)

    def to_json(self) -> str:
        data = {"schema": 1, **self.model_dump(mode="json", exclude={"schema_"})}
        return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


class ResultsError(ValueError):
    """The results file is missing or is not what it should be."""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _once(results: Results, path: Path) -> Results:
    for id, count in Counter(claim.id for claim in results.claims).items():
        if count > 1:
            raise ResultsError(f"{path}: claim {id} is there {count} times")
    return results


def load_results(path: Path) -> Results:
    """Read and validate a results.json; raises `ResultsError` with one clear line."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe may never end
            what = "a folder" if path.is_dir() else "a pipe or device"
            raise ResultsError(f"cannot read {path}: {what}; a regular file is needed")
        data = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ResultsError(f"{path} is nested too deep for results") from error
    except OSError as error:
        raise ResultsError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ResultsError(f"{path} is not JSON: {error}") from error
    if not isinstance(data, dict) or data.pop("schema", None) != 1:
        raise ResultsError(f"{path} has no 'schema': 1; this version reads schema 1")
    try:
        return _once(Results.model_validate(data), path)
    except RecursionError as error:
        raise ResultsError(f"{path} is nested too deep for results") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ResultsError(f"{path}: {where}: {first['msg']}") from error
