"""A results record with every verdict, every kind of figure and text that tries to break out."""

from typing import Any, Literal

import numpy as np
import sympy
from jaxtyping import Float

from theory.symbolic.expression import dump
from validate.results.records import (
    ClaimResult,
    Control,
    DerivationStep,
    Figure,
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

HOSTILE = (
    '#panic("x") $ \\ [a](b) *bold* _it_ `raw` @ref <label> // no /* comment */ <b>&amp; = Not'
)
BIDI = "safe\u202eevil\u2066\u200b\x00\x07text"
LONG = "condensation-of-input-weights-" * 8 + "end"
REFERENCE = """@inproceedings{zhou2022condensation,
  author = {Zhou, Hanxu and Zhou, Qixuan and Luo, Tao and Zhang, Yaoyu and Xu, Zhi-Qin John},
  title = {Towards Understanding the Condensation of Neural Networks at Initial Training},
  booktitle = {Advances in Neural Information Processing Systems},
  year = {2022},
}"""
ARTICLE = """@article{clopper1934use,
  author = {Clopper, Charles J. and Pearson, Egon S.},
  title = {The Use of Confidence or Fiducial Limits Illustrated in the Case of the {Binomial}},
  journal = {Biometrika}, volume = {26}, number = {4}, pages = {404--413}, year = {1934},
}"""


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
    role: Literal["negative", "positive"], verdict: Verdict, as_required: bool = True
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


def directions(angles: Float[np.ndarray, "..."]) -> list[dict[str, float]]:
    return [{"angle_degrees": float(a), "sign": 1 - 2 * (k % 2)} for k, a in enumerate(angles)]


def points(vectors: Float[np.ndarray, "... 3"]) -> list[dict[str, object]]:
    return [
        {"direction": [float(v) for v in vector], "sign": 1 - 2 * (k % 2)}
        for k, vector in enumerate(vectors)
    ]


FIELDS = (("tanh(x), gradient descent", 1), ("tanh(x), Adam", 1), (LONG, 3))


def field_panel(title: str, p: int, rng: np.random.Generator) -> dict[str, object]:
    """Field, rays and neurons of H = r^p cos(p θ), whose maxima are at multiples of 360°/p."""
    w, b = np.meshgrid(np.linspace(-1, 1, 13), np.linspace(-1, 1, 13))
    z = (w + 1j * b).ravel()
    slope = p * np.conj(z) ** (p - 1)
    angles = np.arange(2 * p) * 180 / p
    at = np.radians(np.tile(angles, 6)) + rng.normal(0, 0.04, 12 * p)
    size = rng.uniform(0.2, 0.9, 12 * p)
    neurons = zip(size * np.cos(at), size * np.sin(at), np.tile([1, -1], 6 * p), strict=True)
    return {
        "title": title,
        "arrows": [
            {"x": float(q.real), "y": float(q.imag), "dx": float(v.real), "dy": float(v.imag)}
            for q, v in zip(z, slope, strict=True)
        ],
        "rays": directions(angles),
        "points": [{"x": float(x), "y": float(y), "sign": int(s)} for x, y, s in neurons],
    }


def activation() -> dict[str, object]:
    """A softplus-like function: even at second order, and not zero at 0."""
    x = np.concatenate([-np.geomspace(1e-3, 3, 90)[::-1], np.geomspace(1e-3, 3, 90)])
    return {
        "x": list(x),
        "sigma": list(np.log(np.cosh(x)) + 0.5),
        "leading": list(x**2 / 2 + 0.5),
        "name": "log(cosh(x)) + 1/2",
        "order": 2,
        "value_at_zero": 0.5,
    }


def series() -> dict[str, dict]:
    """The series of one figure of each kind."""
    rng = np.random.default_rng(7)
    predicted = rng.uniform(0, 360, 60)
    planes = rng.normal(size=(6, 3))
    names = ["tanh(x)", "x·tanh(x)", "x²·tanh(x)", "GELU", "SiLU", "x·erf(x/√2)", HOSTILE]
    bounds = [2, 4, 6, 2, 2, 4, 2]
    errors = [
        {"label": "prediction", "role": "claim", "values": list(rng.gamma(2, 0.2, 80))},
        {"label": "turned by 10°", "role": "negative", "values": list(rng.normal(10, 1, 80))},
        {"label": "mirrored", "role": "negative", "values": list(rng.uniform(1, 90, 80))},
    ]
    return {
        "counts": {
            "categories": names,
            "bound": bounds,
            "values": [[int(v) for v in rng.binomial(b + 1, 0.75, 90)] for b in bounds],
            "xlabel": "activation function",
            "ylabel": "measured number of orientations",
        },
        "agreement": {
            "groups": [
                {"label": n, "predicted": list(predicted[k::3]), "measured": list(m[k::3])}
                for m in [predicted + rng.normal(0, 0.6, 60)]
                for k, n in enumerate(["tanh(x)", "x·tanh(x)", "x²·tanh(x)"])
            ],
            "margin": 2.0,
            "unit": "degree",
            "errors": errors,
        },
        "directions": {
            "panels": [
                {
                    "title": f"{name}, data set {k}",
                    "predicted": directions(np.linspace(20, 20 + 360 * (1 - 1 / n), n)),
                    "measured": directions(
                        np.tile(np.linspace(20, 20 + 360 * (1 - 1 / n), n), 12)
                        + rng.normal(0, 1, 12 * n)
                    ),
                }
                for k, (name, n) in enumerate([("tanh(x)", 2), ("x·tanh(x)", 4), (LONG, 6)])
            ]
        },
        "activation": activation(),
        "field": {
            "panels": [field_panel(title, p, rng) for title, p in FIELDS],
            "xlabel": "w",
            "ylabel": "b",
        },
        "sphere": {
            "panels": [
                {
                    "title": title,
                    "predicted": points(planes),
                    "measured": points(np.tile(planes, (8, 1)) + rng.normal(0, 0.05, (48, 3))),
                }
                for title in ("tanh(x), d = 2", "x·tanh(x), d = 2")
            ],
            "bound": 4,
            "counts": [
                {"label": "tanh(x)", "values": [2] * 30 + [1] * 4},
                {"label": "x·tanh(x)", "values": [4] * 20 + [3] * 8 + [5]},
            ],
        },
        "groups": {
            "groups": [
                {"label": "prediction", "role": "claim", "values": list(rng.gamma(2, 0.1, 40))},
                {"label": "wrong", "role": "negative", "values": list(rng.normal(3, 0.4, 40))},
                {"label": "proved", "role": "positive", "values": list(rng.gamma(2, 0.05, 40))},
            ],
            "ylabel": "relative error of the fitted slope",
            "margin": 0.5,
        },
        "intervals": {
            "rows": [
                _row("every orientation found", "claim", (0.974, 0.93, 0.995), 0.9, "AGREE"),
                _row("bound violated", "claim", (0.081, 0.055, 0.12), 0.05, "DISAGREE"),
                _row(LONG, "negative", (0.01, 0.0, 0.04), 0.9, "DISAGREE"),
                _row("few units", "claim", (0.5, 0.2, 0.8), 0.9, "INCONCLUSIVE"),
            ],
            "xlabel": "share of data sets",
        },
        "scaling": {
            "panels": [_law("power law", True), _law("logarithm", False), _law(LONG, True)]
        },
        "heatmap": {
            "panels": [
                {"title": title, "matrix": cosines(rng, count)}
                for title, count in (("tanh(x), seed 0: 1 line", 50), (LONG, 18), (HOSTILE, 1))
            ],
            "columns": 3,
        },
    }


def _law(title: str, power: bool) -> dict[str, Any]:
    x = np.logspace(-8, -2, 4)
    y = 3 / x if power else -2 * np.log(x)
    points = [
        {
            "label": "data sets",
            "x": list(x),
            "y": list(y),
            "lo": list(0.9 * y),
            "hi": list(1.2 * y),
        },
        {"label": HOSTILE, "x": list(x), "y": list(1.1 * y), "lo": None, "hi": None},
    ]
    lines = [
        {"label": "prediction", "role": "claim", "x": list(x), "y": list(y)},
        {"label": "wrong law", "role": "negative", "x": list(x), "y": list(2 * y)},
    ]
    axes = {"xlabel": "ε", "ylabel": "time", "xlog": True, "ylog": power}
    return {"title": title, **axes, "points": points, "lines": lines}


def cosines(rng: np.random.Generator, count: int) -> list[list[int]]:
    """Cosines in percent between vectors near two lines, sorted."""
    centers = np.repeat(np.eye(3)[:2], [count - count // 3, count // 3], axis=0)
    vectors = centers * rng.choice([-1, 1], (count, 1)) + rng.normal(0, 0.1, (count, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.rint(100 * vectors @ vectors.T).astype(int).tolist()


def _row(
    label: str, role: str, share: tuple[float, float, float], threshold: float, verdict: str
) -> dict[str, object]:
    numbers = dict(zip(("measured", "lo", "hi"), share, strict=True))
    side = "above" if threshold > 0.5 else "below"
    row = {"label": label, "role": role, "side": side, "verdict": verdict}
    return {**row, "threshold": threshold, **numbers}


def figures() -> dict[str, Figure]:
    verdicts = [*Verdict, None]
    return {
        kind: Figure(
            kind=kind,
            title=f"{kind}: what was predicted and what was measured",
            caption="Dots are neurons, rays the prediction. Every unit is one data set.",
            series=values,
            verdict=verdicts[position % len(verdicts)],
            settings_hash="3fd2a9c1",
        )
        for position, (kind, values) in enumerate(series().items())
    }


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
            control("negative", Verdict.DISAGREE),
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
        assumptions=("The initialization is small.", "The activation is smooth at 0."),
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
        controls=(control("negative", Verdict.INCONCLUSIVE, as_required=False),),
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
