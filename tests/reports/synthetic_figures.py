"""A figure of every kind, with hostile and long labels."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from reports.drawing import drawn
from tests.reports.texts import HOSTILE, LONG
from validate.results.records import Figure, Verdict


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
        {"label": "turned by 10°", "role": "resolution", "values": list(rng.normal(10, 1, 80))},
        {"label": "mirrored", "role": "resolution", "values": list(rng.uniform(1, 90, 80))},
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
                {"label": "wrong", "role": "resolution", "values": list(rng.normal(3, 0.4, 40))},
                {"label": "proved", "role": "positive", "values": list(rng.gamma(2, 0.05, 40))},
            ],
            "ylabel": "relative error of the fitted slope",
            "margin": 0.5,
        },
        "intervals": {
            "rows": [
                _row("every orientation found", "claim", (0.974, 0.93, 0.995), 0.9, "AGREE"),
                _row("bound violated", "claim", (0.081, 0.055, 0.12), 0.05, "DISAGREE"),
                _row(LONG, "resolution", (0.01, 0.0, 0.04), 0.9, "DISAGREE"),
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
        {"label": "wrong law", "role": "resolution", "x": list(x), "y": list(2 * y)},
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


def drawn_by_kind(wanted: Iterable[Figure]) -> Iterator[str]:
    """SVG text of figures of the tests, whose series and verdict follow from their kind."""
    return (_of_kind(figure.kind, figure.verdict) for figure in wanted)


@cache
def _of_kind(kind: str, verdict: Verdict | None) -> str:
    (figure,) = [one for one in figures().values() if one.kind == kind]
    return drawn(figure.model_copy(update={"verdict": verdict}))
