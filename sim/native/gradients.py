"""Gradients of ensembles in machine code, on tensors on a CPU."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.native.activation import FORMATS
from sim.native.ensemble import ARRAYS, AT_ONCE, NAME, SIZES, module_of, scratch_rows
from sim.native.machine import MachineFunction


class NativeGradients:
    """Minus the gradients of the loss of networks, on data that are kept in the form needed.

    Args:
        sigma: the activation.
        x, y: data sets.
        coupled: all neurons of a data set are one network, else each is one.
    """

    def __init__(
        self,
        sigma: TorchActivation,
        x: Float[Tensor, "sets samples inputs"],
        y: Float[Tensor, "sets samples"],
        coupled: bool,
    ) -> None:
        sets, self.samples, self.inputs = x.shape
        self.coupled, self.lanes = coupled, FORMATS[x.dtype].lanes
        self.rows = _filled(self.samples, AT_ONCE)
        self._x, self._y = x.new_zeros(sets, self.rows, self.inputs), y.new_zeros(sets, self.rows)
        self._share = x.new_zeros(self.rows)
        self._x[:, : self.samples], self._y[:, : self.samples] = x, y
        self._share[: self.samples] = 1 / self.samples
        self._call = _function(sigma, x.dtype, coupled)

    def __call__(
        self,
        w: Float[Tensor, "sets neurons inputs"],
        a: Float[Tensor, "sets neurons"],
        outputs: bool,
    ) -> tuple[
        Float[Tensor, "sets neurons inputs"],
        Float[Tensor, "sets neurons"],
        Float[Tensor, "sets networks samples"] | None,
        Float[Tensor, "sets neurons"],
    ]:
        """(dw, da, f, max |w·x|); f is None where it is neither wanted nor needed."""
        w, a = w.contiguous(), a.contiguous()
        sets, neurons, _ = w.shape
        columns = _filled(neurons, self.lanes)
        dw, da, amplitude = torch.empty_like(w), torch.empty_like(a), torch.empty_like(a)
        wide = () if self.coupled else (columns,)
        f = a.new_empty(sets, self.rows, *wide) if outputs or self.coupled else None
        scratch = a.new_empty(scratch_rows(self.inputs), columns)
        arrays = (self._x, self._y, self._share, w, a, dw, da, amplitude, f, scratch)
        places = [None if one is None else one.data_ptr() for one in arrays]
        self._call(sets, self.rows, self.inputs, neurons, columns, *places)
        return dw, da, None if f is None else self._networks(f, neurons), amplitude

    def _networks(self, f: Tensor, neurons: int) -> Tensor:
        if self.coupled:
            return f[:, None, : self.samples]
        return f[:, : self.samples, :neurons].mT


def _filled(number: int, unit: int) -> int:
    return -(-number // unit) * unit


@lru_cache(maxsize=256)
def _function(sigma: TorchActivation, dtype: torch.dtype, coupled: bool) -> MachineFunction:
    assembly = module_of(sigma.graph, sigma.value, sigma.slope, FORMATS[dtype], coupled)
    return MachineFunction(assembly, NAME, SIZES, ARRAYS)
