"""Ensembles of two-layer networks trained in machine code, on tensors on a CPU."""

from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.compiled import TorchActivation
from sim.engine.optimizers import BETAS
from sim.native import scratch
from sim.native.ensemble import ARRAYS, NAME, SIZES, module_of
from sim.native.machine import MachineFunction
from sim.native.samples import filled, filled_up
from sim.native.vectors import FORMATS

# dw, da, f and max |w·x|
Found = tuple[Tensor, Tensor, Tensor | None, Tensor]


class NativeTraining:
    """Training of networks on some data, which are kept in the form needed.

    Args:
        sigma: the activation.
        x, y: data sets.
        coupled: all neurons of a data set are one network, else each is one.
        kind: of a step, one of `sim.native.moves.KINDS`.
    """

    def __init__(
        self,
        sigma: TorchActivation,
        x: Float[Tensor, "sets samples inputs"],
        y: Float[Tensor, "sets samples"],
        coupled: bool,
        kind: str = "network clock",
    ) -> None:
        _, self.samples, self.inputs = x.shape
        self.coupled, self.kind, self.lanes = coupled, kind, FORMATS[x.dtype].lanes
        x, y, self._share = filled_up(x, y, scratch.AT_ONCE)
        self.rows, self._x, self._y = x.shape[1], x.contiguous(), y.contiguous()
        self._call = machine_function(sigma, x.dtype, coupled, kind)
        self._averages: tuple[Tensor, ...] = ()
        self._count = 0  # of Adam's steps

    def gradients(
        self,
        w: Float[Tensor, "sets neurons inputs"],
        a: Float[Tensor, "sets neurons"],
        outputs: bool,
    ) -> Found:
        """Minus the gradients dw and da, f where it is wanted (or needed), and max |w·x|."""
        w, a = w.contiguous(), a.contiguous()
        dw, da = torch.empty_like(w), torch.empty_like(a)
        networks = a.new_ones(len(a), 1 if self.coupled else a.shape[1])
        return self._train(w, a, dw, da, networks, a.new_empty(0), steps=0, outputs=outputs)

    def descend(
        self, w: Tensor, a: Tensor, dw: Tensor, da: Tensor, open_: Tensor, steps: int, *,
        step: float, longest: float,
    ) -> Found:  # fmt: skip
        """Steps of gradient descent, in place, from known gradients, which are changed too.

        ``open_`` says which networks move; those that do not keep their gradients where coupled.
        """
        settings = a.new_tensor([step, longest])
        return self._train(w, a, dw, da, open_.to(a.dtype), settings, steps, outputs=True)

    def plain(
        self, w: Tensor, a: Tensor, dw: Tensor, da: Tensor, open_: Tensor, steps: int, *,
        rate: float,
    ) -> Found:  # fmt: skip
        """Steps of gradient descent likewise, with a fixed learning rate."""
        settings = a.new_tensor([rate])
        return self._train(w, a, dw, da, open_.to(a.dtype), settings, steps, outputs=True)

    def adam(
        self, w: Tensor, a: Tensor, dw: Tensor, da: Tensor, open_: Tensor, steps: int, *,
        rate: float, eps: float,
    ) -> Found:  # fmt: skip
        """Steps of Adam likewise; its averages are kept from call to call."""
        if not self._averages:
            self._averages = tuple(map(torch.zeros_like, (w, a, w, a)))
        counts = range(self._count + 1, self._count + steps + 1)
        self._count += steps
        first, second = BETAS
        fixed = [eps, 1 - first, second, 1 - second]
        settings = [
            [rate / (1 - first**count), (1 - second**count) ** 0.5, *fixed] for count in counts
        ]
        return self._train(
            w, a, dw, da, open_.to(a.dtype), a.new_tensor(settings), steps, outputs=True
        )

    def _train(
        self, w: Tensor, a: Tensor, dw: Tensor, da: Tensor, open_: Tensor, settings: Tensor,
        steps: int, outputs: bool,
    ) -> Found:  # fmt: skip
        if not all(one.is_contiguous() for one in (w, a, dw, da, open_)):
            raise ValueError("weights, gradients and what is open must be contiguous in memory")
        (sets, neurons), amplitude = a.shape, torch.empty_like(a)
        columns = filled(neurons, self.lanes)
        wide = () if self.coupled else (columns,)
        f = a.new_empty(sets, self.rows, *wide) if outputs or self.coupled else None
        adam = self.kind == "adam"
        averages = self._averages or (tuple(map(torch.zeros_like, (w, a, w, a))) if adam else ())
        arrays = [
            *(self._x, self._y, self._share, w, a, dw, da, amplitude, f),
            *(open_, settings, *averages),
            a.new_empty(scratch.rows(self.inputs, adam), columns),
        ]
        places = [None if one is None else one.data_ptr() for one in arrays]
        self._call(sets, self.rows, self.inputs, neurons, columns, steps, int(steps > 0), *places)
        return dw, da, None if f is None else self._networks(f, neurons), amplitude

    def _networks(self, f: Tensor, neurons: int) -> Float[Tensor, "sets networks samples"]:
        if self.coupled:
            return f[:, None, : self.samples]
        return f[:, : self.samples, :neurons].mT


@lru_cache(maxsize=256)
def machine_function(
    sigma: TorchActivation, dtype: torch.dtype, coupled: bool, kind: str
) -> MachineFunction:
    """What trains, of `sim.native.ensemble.module_of`, compiled or read from the cache."""

    def assembly() -> str:
        return module_of(sigma.graph, sigma.value, sigma.slope, FORMATS[dtype], coupled, kind)

    roots = [sigma.graph.materialize(root) for root in (sigma.value, sigma.slope)]
    made_of = (sigma.graph.nodes, roots, str(dtype), coupled, kind)
    return MachineFunction(assembly, made_of, NAME, SIZES, ARRAYS + (4 if kind == "adam" else 0))
