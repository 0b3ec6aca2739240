"""σ and σ' in machine code, for tensors on a CPU."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.native.elementwise import NAME, module_of
from sim.native.machine import MachineFunction
from sim.native.vectors import FORMATS


class NativeActivation:
    """σ and σ' of tensors of one type, on a CPU."""

    def __init__(self, sigma: TorchActivation, dtype: torch.dtype) -> None:
        roots = [sigma.value, sigma.slope]
        made_of = (sigma.graph.nodes, [sigma.graph.materialize(root) for root in roots], str(dtype))
        self._call = MachineFunction(
            lambda: module_of(sigma.graph, roots, FORMATS[dtype]), made_of, NAME, sizes=1, arrays=3
        )

    def __call__(
        self, z: Float[Tensor, "*shape"]
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
        """σ(z) and σ'(z); neither shares memory with z."""
        z = z.contiguous()
        value, slope = torch.empty_like(z), torch.empty_like(z)
        self._call(z.numel(), z.data_ptr(), value.data_ptr(), slope.data_ptr())
        return value, slope


@lru_cache(maxsize=256)
def native_activation(sigma: TorchActivation, dtype: torch.dtype) -> NativeActivation:
    """An activation in machine code, compiled once in a process."""
    return NativeActivation(sigma, dtype)
