"""Records of the activation checker for one, two and five inputs, and hostile ones."""

from typing import Any, Literal

import numpy as np
import sympy

from tests.reports.texts import BIDI, HOSTILE, LONG, REFERENCE
from theory.direction import Direction
from theory.symbolic.expression import dump
from validate.activation.figures import (
    Neurons,
    activation_figure,
    field_figure,
    field_panel,
    grid,
    neurons_figure,
)
from validate.results.activation import (
    ActivationCheck,
    NamedVerdict,
    OptimizerCheck,
    Side,
)
from validate.results.records import DerivationStep, Figure, Verdict

X = sympy.Symbol("x", real=True)
SETTINGS = {"seed": 0, "alpha": 0.01, "versions": {"python": "3.12.1", "torch": "2.5.1"}}


def directions(count: int, dimension: int, tilt: float = 0.0) -> tuple[Direction, ...]:
    """Orientations with signs in turn: evenly around the circle, else along the axes."""
    found = []
    for k in range(count):
        if dimension == 2:
            angle = np.radians(360 * k / count + 17 + tilt)
            vector = [float(np.cos(angle)), float(np.sin(angle))]
        else:
            vector = [0.0] * dimension
            vector[k // 2 % dimension] = 1.0 if k % 2 else -1.0
            vector[-1] += float(np.radians(tilt))
        found.append(Direction.of(vector, 1 - 2 * (k % 2), 1 / count))
    return tuple(found)


def neurons(predicted: tuple[Direction, ...], each: int = 12) -> Neurons:
    """Neurons around the orientations."""
    rng = np.random.default_rng(5)
    at = np.repeat(np.array([p.direction for p in predicted]), each, axis=0)
    weights = at * rng.uniform(0.3, 1, (len(at), 1)) + rng.normal(0, 0.02, at.shape)
    return Neurons(predicted, weights, np.repeat([float(p.sign) for p in predicted], each))


def check_of(count: int, dimension: int, trained: bool = True) -> OptimizerCheck:
    measured = directions(count, dimension, tilt=0.7)[: count - 1] if trained else ()
    return OptimizerCheck(
        predicted=directions(count, dimension),
        measured=measured,
        trained=trained,
        dead_share=0.04 if trained else None,
        margin_degrees=5.0,
    )


def verdicts(optimizer: Literal["gd", "adam"], verdict: Verdict) -> tuple[NamedVerdict, ...]:
    reason = "5 of 6 predicted orientations have neurons within 5°, nothing else was found."
    where = {"gd": "gradient descent", "adam": "Adam"}[optimizer]
    return (
        NamedVerdict(
            name=f"which orientations, {where}",
            verdict=verdict,
            reason=reason,
            optimizer=optimizer,
        ),
        NamedVerdict(
            name=f"at most 2p, {where}",
            verdict=Verdict.AGREE,
            reason="5 orientations, bound 6.",
            optimizer=optimizer,
        ),
    )


def derivation() -> tuple[DerivationStep, ...]:
    sigma, h = sympy.Function("sigma"), sympy.Function("H")
    c, p, n = sympy.symbols("c p n", positive=True)
    i = sympy.Idx("i")
    y: Any = sympy.IndexedBase("y")
    x: Any = sympy.IndexedBase("x")
    u, a = sympy.Symbol("u"), sympy.Symbol("a")
    steps = (
        ("The activation at 0.", sympy.Eq(sigma(X) - sigma(0), X**3 - X**5 / 3 + sympy.O(X**7))),
        (
            "The leading form of the data.",
            sympy.Eq(h(u), c / n * sympy.Sum(y[i] * (u * x[i]) ** p, (i, 1, n))),
        ),
        (
            "Neurons end at its maxima, on the sphere under gradient descent and on the cube "
            "under Adam.",
            sympy.Gt(sympy.sign(a) * h(u), 0),
        ),
    )
    return tuple(DerivationStep(text=text, formula=dump(formula)) for text, formula in steps)


def field(predicted: tuple[Direction, ...]) -> Figure:
    w, b = np.meshgrid(np.linspace(-1, 1, 13), np.linspace(-1, 1, 13))
    z = (w + 1j * b).ravel()
    slope = 3 * np.conj(z) ** 2
    at, step = (np.stack([np.real(v), np.imag(v)], 1) for v in (z, slope))
    panels = [
        field_panel(name, at, step, neurons(predicted)) for name in ("gradient descent", "Adam")
    ]
    return field_figure(panels, "3fd2a9c1")


def smooth(dimension: int = 2, trained: bool = True) -> ActivationCheck:
    """x² tanh x, with so many components of a direction (the bias included)."""
    count = 6 if dimension < 4 else 10
    one = check_of(count, dimension, trained)
    x = grid()
    drawn = activation_figure("x**2*tanh(x)", x, x**2 * np.tanh(x), x**3, 3, 0.0, "3fd2a9c1")
    seen = {"gd": neurons(one.predicted), "adam": neurons(one.predicted)}
    neuron_figure = field(one.predicted) if dimension == 2 else neurons_figure(seen, 5.0)
    return ActivationCheck(
        expression="x**2*tanh(x)",
        formula=dump(X**2 * sympy.tanh(X)),
        value_at_zero=0.0,
        right=Side(order=3, coefficient=1.0),
        left=Side(order=3, coefficient=-1.0),
        multiplicity=3,
        bound=6,
        reason=None,
        optimizers={"gd": one, "adam": one},
        verdicts=(*verdicts("gd", Verdict.INCONCLUSIVE), *verdicts("adam", Verdict.AGREE))
        if trained
        else (),
        data=f"built-in target, 40 rows, {dimension - 1} input(s) and bias",
        effective_order=3,
        notes=("The smallest basin has 4.6 % of the neurons.",),
        derivation=derivation(),
        figures=(drawn, neuron_figure) if trained else (drawn,),
        references=(REFERENCE,),
        reproduce="python -m validate activation 'x**2*tanh(x)' --seed 0",
        seconds=7.31,
        **SETTINGS,
    )


def kinked() -> ActivationCheck:
    """ReLU: no multiplicity, and the reason."""
    one = check_of(4, 2)
    x = grid()
    relu = np.maximum(x, 0.0)
    return ActivationCheck(
        expression="relu(x)",
        formula=dump(sympy.Piecewise((X, X > 0), (0, True))),
        value_at_zero=0.0,
        right=Side(order=1, coefficient=1.0),
        left=Side(order=1, coefficient=0.0),
        multiplicity=None,
        bound=None,
        reason="one-sided expansions differ: 1·x for x>0, 0 for x<0",
        optimizers={"gd": one},
        verdicts=verdicts("gd", Verdict.DISAGREE),
        data="built-in target, 40 rows, 1 input and bias",
        figures=(activation_figure("relu(x)", x, relu, relu, 1),),
        reproduce="python -m validate activation 'relu(x)' --optimizer gd",
        **SETTINGS,
    )


def empty() -> ActivationCheck:
    """No expansion at 0: nothing is predicted, nothing trained."""
    return ActivationCheck(
        expression="log(x)",
        value_at_zero=None,
        right=None,
        left=None,
        multiplicity=None,
        bound=None,
        reason="infinite at 0",
        reproduce="python -m validate activation 'log(x)'",
        **SETTINGS,
    )


def hostile() -> ActivationCheck:
    """Text that tries to break out of page, terminal and notebook."""
    texts = f"{HOSTILE} <script>alert(1)</script> [red]:smile:[/red] \x1b[31m {BIDI} äöü 日本"
    figure = smooth().figures[1].model_copy(update={"title": texts, "caption": texts})
    return smooth().model_copy(
        update={
            "expression": f"{LONG}{HOSTILE}" + "+x" * 300,
            "formula": dump(sympy.Add(*(sympy.sin(k * X) ** (k + 2) for k in range(1, 40)))),
            "reason": texts,
            "data": f"{texts} {LONG}.csv",
            "notes": (texts, "a" * 400),
            "figures": (figure,),
            "verdicts": (
                NamedVerdict(name=texts, verdict=Verdict.ERROR, reason=texts, optimizer="gd"),
            ),
            "derivation": (
                DerivationStep(text=texts, formula=dump(sympy.Symbol('#panic("x")') + 1)),
                DerivationStep(text="unreadable", formula="__import__('os')"),
                DerivationStep(text="words only"),
            ),
            "references": ("this is not BibTeX #panic() {",),
            "reproduce": f"python -m validate activation {texts}",
            "versions": {texts: texts},
        }
    )


def every() -> tuple[ActivationCheck, ...]:
    untrained = smooth(trained=False)
    return smooth(), smooth(3), smooth(6), untrained, kinked(), empty(), hostile()
