"""A card that is not there: tensors on the CPU that behave as if they were on another device.

Inside `PretendedCard` what is made with ``device="cuda"`` is a `CardTensor`, and torch is refused
what a card refuses: operations on tensors of both devices (unless one of them has no dimension),
their numbers as a numpy array or by their address, a generator of the other device. Calls are
looked at as Python makes them, so values are those of the CPU. It shows where tensors are, and
says nothing about a card's kernels, rounding, memory and speed.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

CARD, CPU = torch.device("cuda"), torch.device("cpu")
MOVING = {Tensor.to, Tensor.cpu, Tensor.copy_}  # what may take tensors from one to the other
OUTSIDE = {Tensor.numpy, Tensor.__array__, Tensor.data_ptr, Tensor.untyped_storage}
FORM = {  # what is asked most, and is the same on both
    Tensor.dim, Tensor.size, Tensor.numel, Tensor.__len__,
    *(getattr(Tensor, name).__get__ for name in ("shape", "dtype", "ndim", "layout")),
}  # fmt: skip
WHERE = Tensor.device.__get__  # type: ignore[attr-defined]


class MixedDevicesError(Exception):
    """A card would have refused this."""


class CardTensor(Tensor):
    """One that pretends to be on the card."""


class PlacedGenerator(torch.Generator):
    """A generator that says where it was asked to be."""

    place: torch.device

    def __new__(cls, device: torch.device | str = "cpu") -> "PlacedGenerator":
        made = super().__new__(cls)
        made.place = torch.device(device)
        return made

    @property
    def device(self) -> torch.device:
        return self.place


class PretendedCard(TorchFunctionMode):
    """Where ``device="cuda"`` is a `CardTensor`.

    Attributes:
        there, elsewhere: calls on tensors of the card, and on tensors of the CPU alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.there = self.elsewhere = 0

    def __enter__(self):
        self._generator, torch.Generator = torch.Generator, PlacedGenerator  # type: ignore[misc]
        return super().__enter__()

    def __exit__(self, *error):
        torch.Generator = self._generator  # type: ignore[misc]
        return super().__exit__(*error)

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if func is torch.device or func in FORM:
            with torch._C.DisableTorchFunctionSubclass():
                return func(*args, **kwargs)
        given = list(_leaves((args, *kwargs.values())))
        tensors = [one for one in given if isinstance(one, Tensor)]
        here = [one for one in tensors if isinstance(one, CardTensor)]
        if func == WHERE:
            return CARD if here else CPU
        self.there += bool(here)
        self.elsewhere += bool(tensors and not here)
        if here and func in OUTSIDE:
            raise MixedDevicesError(f"{_name(func)} of a tensor on the card")
        asked = next((one for one in map(_device, given) if one is not None), None)
        if func is Tensor.to and len(tensors) > 1:
            asked = CARD if isinstance(tensors[1], CardTensor) else CPU
        on_card = func is not Tensor.cpu and (asked == CARD if asked else bool(here))
        _check(func, given, tensors if here else [], on_card)
        if asked == CARD:
            args = tuple(CPU if _device(one) == CARD else one for one in args)
            kwargs = {name: CPU if _device(one) == CARD else one for name, one in kwargs.items()}
        with torch._C.DisableTorchFunctionSubclass():
            out = func(*args, **kwargs)
        return _placed(out, on_card, tensors, moved=func in (Tensor.to, Tensor.cpu))


def _check(func: object, given: list, tensors: list[Tensor], on_card: bool) -> None:
    """Refuse what is given from both devices."""
    elsewhere = [one for one in tensors if not isinstance(one, CardTensor) and one.dim()]
    if elsewhere and func not in MOVING:
        shapes = ", ".join(str(tuple(one.shape)) for one in elsewhere)
        raise MixedDevicesError(f"{_name(func)} on the card of tensors on the CPU: {shapes}")
    drawing = (one for one in given if isinstance(one, torch.Generator))
    if any((one.device.type == "cuda") != on_card for one in drawing):
        raise MixedDevicesError(f"{_name(func)} by a generator of the other device")


def _leaves(given: object) -> Iterator[object]:
    """What is given, lists and tuples taken apart."""
    if isinstance(given, list | tuple):
        for one in given:
            yield from _leaves(one)
    else:
        yield given


def _device(given: Any) -> torch.device | None:
    """The kind of device that an argument names."""
    if isinstance(given, torch.device):
        return torch.device(given.type)
    named = isinstance(given, str) and given in ("cpu", "cuda", "cuda:0")
    return torch.device(given[:4]) if named else None


def _placed(out: Any, on_card: bool, given: list[Tensor], moved: bool) -> Any:
    """Results on their device; what was changed in place stays where it is."""
    if type(out) in (list, tuple):
        return type(out)(_placed(one, on_card, given, moved) for one in out)
    if isinstance(out, tuple):  # such as values and indices
        return type(out)([_placed(one, on_card, given, moved) for one in out])
    if not isinstance(out, Tensor) or isinstance(out, CardTensor) == on_card:
        return out
    if any(out is one for one in given):
        if not moved:
            return out
        out = out.clone()  # for torch nothing had to move
    return out.as_subclass(CardTensor if on_card else Tensor)


def _name(func: object) -> str:
    return getattr(func, "__name__", str(func))
