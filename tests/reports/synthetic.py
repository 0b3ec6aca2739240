"""A results record with every verdict, every kind of figure and text that tries to break out."""

from typing import Any, Literal

import sympy

from tests.reports.synthetic_figures import figures
from tests.reports.texts import ARTICLE, BIDI, HOSTILE, LONG, REFERENCE
from theory.symbolic.expression import dump
from validate.results.records import (
    ClaimResult,
    Control,
    DerivationStep,
    Observation,
    Part,
    Reading,
    RegimeCheck,
    Results,
    Run,
    SymbolRow,
    Table,
    Verdict,
)


def observation(verdict: Verdict = Verdict.AGREE, name: str = "share of data sets") -> Observation:
    return Observation(
        name=name,
        kind="Orientations",
        predicted="above 90 %",
        measured=0.974,
        interval=(0.9312, 0.9951),
        unit="share",
        margin=0.9,
        margin_reason="one data set in ten may fail for lack of training time",
        n=160,
        verdict=verdict,
        margin_unit="degree" if name.endswith("Adam") else "",
        formula=dump(derivation_formula()) if name.endswith("Adam") else None,
        reason="the whole interval lies above 90 %",
        alpha=6.2e-5,
        looks=(40, 80, 160, 320),
        looks_used=3,
    )


def derivation_formula() -> sympy.Basic:
    a, u, v = sympy.symbols("a u v")
    form, norm = sympy.Function("H"), sympy.Function("norm_2")
    best = sympy.Function("max")(form(v) * sympy.sign(a), sympy.Eq(norm(v), 1))
    return sympy.Eq(form(u) * sympy.sign(a), best)


def control(
    role: Literal["resolution", "experiment", "positive"],
    verdict: Verdict,
    as_required: bool = True,
) -> Control:
    fields = observation(verdict, f"{role} control: orientations turned by 10°").model_dump()
    rejected = verdict is Verdict.DISAGREE
    return Control(**fields, role=role, rejected=rejected, as_required=as_required)


def derivation() -> tuple[DerivationStep, ...]:
    x, p, t = sympy.symbols("x p t", positive=True)
    z = sympy.Symbol("x", real=True)
    n = sympy.Symbol("n", integer=True, positive=True)
    i = sympy.Idx("i")
    w: Any = sympy.IndexedBase("w")
    y: Any = sympy.IndexedBase("y")
    sigma = sympy.Function("sigma")
    steps = [
        ("The activation at small arguments.", sympy.Eq(sigma(x), x**2 * sympy.tanh(x))),
        (
            "Its leading order, the multiplicity.",
            sympy.Eq(p, sympy.Subs(sympy.Derivative(sigma(x), (x, 3)), x, 0) / 6),
        ),
        (
            "The loss over the data.",
            sympy.Eq(
                sympy.Symbol("L"),
                sympy.Sum((w[i] * x - y[i]) ** 2, (i, 1, n)) / (2 * n),
            ),
        ),
        (
            "The one-sided parts.",
            sympy.Piecewise((z, z > 0), (sympy.exp(z) - 1, True)),
        ),
        (
            "A formula that is far too long for one line. " * 2,
            sympy.Eq(t, sum(sympy.Symbol(f"a_{k}") * x**k / (k + 1) for k in range(24))),
        ),
    ]
    return (
        *(DerivationStep(text=text, formula=dump(formula), latex="") for text, formula in steps),
        DerivationStep(text="A step in words only."),
    )


def symbols() -> tuple[SymbolRow, ...]:
    rows = [("w_0", "weight at initialization", "1"), ("y_bar", "mean of the targets", "1")]
    rows.append(("theta", "direction of a neuron’s input weight", "degree"))
    return tuple(
        SymbolRow(formula=dump(sympy.Symbol(name)), latex="", meaning=meaning, unit=unit)
        for name, meaning, unit in rows
    )


def claims() -> tuple[ClaimResult, ...]:
    drawn = figures()
    agree = ClaimResult(
        id="condensation.orientations",
        title="Input weights condense on the predicted orientations",
        source="Zhou et al. (2022), Theorem 1",
        statement="In the initial phase of training with small initialization, the input weights "
        "of a two-layer network align with at most 2p directions, where p is the multiplicity.",
        verdict=Verdict.AGREE,
        reason="97.4 % of 160 data sets (93.1 to 99.5 %) have every predicted orientation.",
        seconds=31.4,
        observations=(observation(), observation(name="the same with Adam")),
        controls=(
            control("resolution", Verdict.DISAGREE),
            control("positive", Verdict.AGREE),
        ),
        regime=(
            RegimeCheck(
                name="norm at the end of the phase", value=0.0123, required="< 0.1", ok=True
            ),
            RegimeCheck(name="loss decrease", value=1.2e-7, required="< 1 %", ok=True),
        ),
        derivation=derivation(),
        symbols=symbols(),
        assumptions=("The initialization is ε^p small.", "The activation is smooth at 0."),
        references=(REFERENCE, ARTICLE),
        figures=(drawn["directions"], drawn["agreement"], drawn["heatmap"]),
        tables=(
            Table(title="Counts by setting", header=("Setting", "Counts"), rows=(("tanh", "2"),)),
            Table(title="One column", header=("Setting",), rows=(("only this",),)),
        ),
        notes=("Adam was run with β₁ = 0.9.",),
        readings=(Reading(text="There are at most 2p.", where="one input"),),
        reproduce="python -m validate run condensation.orientations --seed 1 --budget quick",
    )
    disagree = agree.model_copy(
        update={
            "id": "condensation.bound",
            "title": "At most 2p orientations",
            "verdict": Verdict.DISAGREE,
            "reason": "8.1 % of the data sets (5.5 to 12 %) have more than 2p orientations.",
            "disagrees_with": "the paper states the bound for every data set",
            "observations": (observation(Verdict.DISAGREE, "rate of violations"),),
            "figures": (drawn["counts"], drawn["sphere"]),
            "readings": (
                Reading(text="There are at most 2p for any input.", where="several inputs"),
                Reading(
                    text="Neurons go elsewhere.",
                    decision="positive control: orientations turned by 10°",
                ),
            ),
            "derivation": agree.derivation[:2],
            "references": (REFERENCE,),
        }
    )
    scope = ClaimResult(
        id="batchnorm.flow",
        title="Batch normalization slows the flow",
        source="our derivation",
        statement="The norm grows like the square root of time.",
        verdict=Verdict.OUT_OF_SCOPE,
        reason="The regime check ‘learning rate small’ failed: 0.7, required < 0.1.",
        seconds=2.0,
        regime=(RegimeCheck(name="learning rate small", value=0.7, required="< 0.1", ok=False),),
        figures=(drawn["groups"],),
        readings=(Reading(text="It is slower.", where="every network"),),
        reproduce="python -m validate run batchnorm.flow",
    )
    hostile = ClaimResult(
        id=LONG,
        title=f"Title {HOSTILE}",
        source=f"Source {HOSTILE}",
        statement=f"Statement {HOSTILE} {BIDI} und Umlaute äöü, Ελληνικά, Кириллица, 日本",
        verdict=Verdict.INCONCLUSIVE,
        reason=f"Reason {HOSTILE}",
        seconds=0.0,
        disagrees_with=f"Disagrees {HOSTILE}",
        observations=(
            observation(Verdict.INCONCLUSIVE, f"Observation {HOSTILE}").model_copy(
                update={"measured": None, "interval": None, "predicted": HOSTILE, "unit": "m$#/s"}
            ),
        ),
        controls=(control("resolution", Verdict.INCONCLUSIVE, as_required=False),),
        regime=(RegimeCheck(name=HOSTILE, value=-1e-9, required=HOSTILE, ok=False),),
        derivation=(
            DerivationStep(text=HOSTILE, formula=dump(sympy.Symbol('#panic("x")') + 1)),
            DerivationStep(text="a formula that cannot be read", formula="__import__('os')"),
        ),
        symbols=(
            SymbolRow(formula=dump(sympy.Symbol("$x$")), latex="", meaning=HOSTILE, unit="#"),
        ),
        assumptions=(HOSTILE,),
        references=("this is not BibTeX #panic() {", "@article{open, title={never closed"),
        figures=(drawn["intervals"].model_copy(update={"title": HOSTILE, "caption": HOSTILE}),),
        tables=(
            Table(title=HOSTILE, header=(HOSTILE, LONG), rows=((LONG, HOSTILE), ("", BIDI))),
            Table(title="no rows", header=tuple("abcdef"), rows=()),
        ),
        notes=(HOSTILE, "a" * 400),
        readings=(Reading(text=f"Reading {HOSTILE} {BIDI}", where=f"Where {HOSTILE} {LONG}"),),
        reproduce="python -m validate run " + LONG + " --note " + HOSTILE,
    )
    empty = ClaimResult(
        id="lowrank.rank",
        title="Rank",
        source="",
        statement="",
        verdict=Verdict.ERROR,
        reason="The run failed: out of memory.",
        seconds=0.1,
        reproduce="python -m validate run lowrank.rank",
    )
    return agree, disagree, scope, hostile, empty


PARTS = (
    Part(id="batchnorm", title="Batch normalization"),
    Part(
        id="condensation",
        title=f"Condensation {HOSTILE}",
        text=f"Text {HOSTILE}",
        sentence=f"Sentence {HOSTILE}",
        source=f"Paper {HOSTILE}",
        claims=("condensation.orientations", "condensation.time", "condensation.bound"),
    ),
    Part(id="nobody", title="A family of which nothing was run"),
)


def results() -> Results:
    run = Run(
        started="2025-03-01T12:30:00+00:00",
        seconds=97.3,
        seed=1,
        alpha=0.01,
        decisions=40,
        shares=1000,
        budget="quick",
        device="cpu",
        versions={"python": "3.12.1", "torch": "2.5.1", "sympy": "1.13.3"},
        code="8f14e45fceea167a5a36dedd4bea2543",
        settings_hash="c9f0f895fb98ab9159f51fd0297e236d",
        reused=12,
        computed=148,
        failed=0,
    )
    return Results(run=run, claims=claims(), parts=PARTS)
