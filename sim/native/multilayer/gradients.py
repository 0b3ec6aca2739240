"""Gradients of multilayer networks in machine code, of tensors on a CPU."""

import itertools
from collections.abc import Sequence
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.native.machine import MachineFunction
from sim.native.multilayer.networks import FIXED_ARRAYS, FIXED_SIZES, NAME, module_of, rows
from sim.native.samples import filled_up
from sim.native.vectors import FORMATS


class NativeGradients:
    """Gradients of the losses (1/2n) Σᵢ (f(xᵢ) − yᵢ)² on some data, kept in the form needed.

    Args:
        activations: of the hidden layers, one at least.
        residual: whether a layer's inputs are added to its outputs where they are as many.
        x, y: data sets.

    Raises:
        ValueError: x and y are not as many.
    """

    def __init__(
        self,
        activations: Sequence[TorchActivation],
        residual: bool,
        x: Float[Tensor, "networks samples inputs"],
        y: Float[Tensor, "networks samples"],
    ) -> None:
        self.networks, samples, self.inputs = x.shape
        if tuple(y.shape) != (self.networks, samples):
            raise ValueError(f"outputs of shape {tuple(y.shape)} for {self.networks} x {samples}")
        self.dtype, self.depth = x.dtype, len(activations)
        x, y, self._share = filled_up(x, y.to(x), FORMATS[x.dtype].lanes)
        self.columns, self._y = x.shape[1], y.contiguous()
        self._x = torch.cat([x, torch.ones_like(x[..., :1])], -1).mT.contiguous()
        self._call = machine_function(tuple(activations), residual, x.dtype)

    def __call__(
        self, layers: Sequence[Tensor], output: Float[Tensor, "networks width"]
    ) -> tuple[tuple[Tensor, ...], Float[Tensor, "networks width"]]:
        """The gradients by the layers' weights (networks, width, inputs + 1), and by the output's.

        Raises:
            ValueError: weights of other shapes or types than the data ask for.
        """
        widths = [self.inputs, *(w.shape[1] for w in layers)]
        self._check(widths, layers, output)
        weights, a = [w.contiguous() for w in layers], output.contiguous()
        slopes, da = [torch.empty_like(w) for w in weights], torch.empty_like(a)
        f, scratch = torch.empty_like(self._y), a.new_ones(rows(widths[1:]), self.columns)
        arrays = [self._x, self._y, self._share, a, da, f, scratch, *weights, *slopes]
        places = [one.data_ptr() for one in arrays]
        self._call(self.networks, self.columns, max(widths[1:]), *widths, *places)
        return tuple(slopes), da

    def _check(self, widths: Sequence[int], layers: Sequence[Tensor], output: Tensor) -> None:
        """Machine code reads what it is told to read."""
        shapes = [
            (self.networks, units, inputs + 1) for inputs, units in itertools.pairwise(widths)
        ]
        found = [*map(tuple, (w.shape for w in layers)), tuple(output.shape)]
        if len(layers) != self.depth or found != [*shapes, (self.networks, widths[-1])]:
            raise ValueError(f"weights of shapes {found} for {self.depth} layers of such data")
        if any((one.dtype, one.device.type) != (self.dtype, "cpu") for one in (*layers, output)):
            raise ValueError(f"weights must be of type {self.dtype}, on a CPU")


@lru_cache(maxsize=256)
def machine_function(
    activations: tuple[TorchActivation, ...], residual: bool, dtype: torch.dtype
) -> MachineFunction:
    """What `module_of` makes of layers with these activations, compiled or read from the cache."""
    distinct = list(dict.fromkeys(activations))
    layers = [distinct.index(one) for one in activations]

    def assembly() -> str:
        pairs = [(one.graph, one.value, one.slope) for one in distinct]
        return module_of(pairs, layers, residual, FORMATS[dtype])

    graphs = [
        (one.graph.nodes, [one.graph.materialize(root) for root in (one.value, one.slope)])
        for one in distinct
    ]
    depth = len(layers)
    made_of = (graphs, layers, residual, str(dtype))
    sizes, arrays = FIXED_SIZES + depth, FIXED_ARRAYS + 2 * depth
    return MachineFunction(assembly, made_of, NAME, sizes, arrays)
