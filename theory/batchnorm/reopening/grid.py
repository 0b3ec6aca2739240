"""Interpolation in r and y = ln(γB/η) for `theory.batchnorm.reopening.chance`."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

Rows = Float[np.ndarray, "*shape nodes"]


def chebyshev(low: float, high: float, count: int) -> Float[np.ndarray, " count"]:
    """Extrema of a Chebyshev polynomial, put between two numbers, both included."""
    angle = np.pi * np.arange(count) / (count - 1)
    nodes = high - (high - low) * (1 + np.cos(angle)) / 2
    nodes[[0, -1]] = low, high
    return nodes


@dataclass(frozen=True)
class Grid:
    """Nodes in r, from where no input comes any more to −τ, and in y."""

    ratios: Float[np.ndarray, " ratios"]
    logs: Float[np.ndarray, " logs"]

    def at_ratio(self, r: Float[np.ndarray, "*shape"]) -> Rows:
        """Weights of the nodes in r, by the barycentric formula; r is put into their range."""
        nodes = self.ratios
        weights = (-1.0) ** np.arange(len(nodes))
        weights[[0, -1]] /= 2
        gap = np.clip(r, nodes[0], nodes[-1])[..., None] - nodes
        hit = np.abs(gap) < 1e-13
        parts = weights / np.where(hit, 1.0, gap)
        parts = np.where(hit.any(-1, keepdims=True), hit, parts)
        return parts / parts.sum(-1, keepdims=True)

    def at_log(self, y: Float[np.ndarray, "*shape"]) -> Rows:
        """Weights of the nodes in y, of a cubic through four; y is put into their range."""
        count = len(self.logs)
        place = np.clip((y - self.logs[0]) / (self.logs[1] - self.logs[0]), 0, count - 1)
        first = np.clip(np.floor(place).astype(int) - 1, 0, count - 4)
        t = (place - first)[..., None]
        node = np.arange(4)
        weights = np.ones((*t.shape[:-1], 4))
        for k in node:
            for other in node[node != k]:
                weights[..., k] *= (t[..., 0] - other) / (k - other)
        dense = np.zeros((*t.shape[:-1], count))
        np.put_along_axis(dense, first[..., None] + node, weights, axis=-1)
        return dense
