"""A torch function or module as an activation, in hand or named as ``package.module:Name``.

Naming it imports that module, which runs its code: the user's explicit wish, never a part of
reading an expression. `sim.activation.numerical` finds its behavior at 0.
"""

import contextlib
import copy
import functools
import importlib
import io
import re
import sys
from collections.abc import Callable
from typing import Any, cast

import torch
from jaxtyping import Float
from torch import Tensor

from sim.activation.elementwise import fault, one_line
from theory.symbolic.functions import ActivationError

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_LONGEST = 80  # characters of a name that are shown


class TorchCallable:
    """σ and σ' from a torch callable, with the interface of
    `sim.activation.compiled.TorchActivation`.

    σ' is autograd's; at a kink it is what autograd says there, and 0 where that is not finite
    exactly at 0. σ is computed in float64 whatever the type of the argument, modules in
    evaluation mode. What the callable prints is not shown.

    Args:
        function: elementwise, Tensor -> Tensor of the same shape and type.
        name: what reports call it.
        importable: whether `resolve` finds it by this name, also in another process.
    """

    def __init__(
        self, function: Callable[[Tensor], Tensor], name: str, importable: bool = False
    ) -> None:
        if isinstance(function, torch.nn.Module):
            # A copy: the user's module keeps its type and mode.
            function = copy.deepcopy(function).double().eval().requires_grad_(False)
        self.name, self.importable = name, importable
        self._function = function
        self._copies: dict[torch.device, Callable[[Tensor], Tensor]] = {}

    @property
    def short(self) -> str:
        """An identifier: the last part of the name, σ where that is none."""
        found = re.match(r"[A-Za-z_]\w*", re.split(r"[:.]", self.name.split("(")[0])[-1])
        return found[0] if found else "sigma"

    def __call__(
        self, z: Float[Tensor, "*shape"]
    ) -> tuple[Float[Tensor, "*shape"], Float[Tensor, "*shape"]]:
        """σ(z) and σ'(z); neither shares memory with z nor has a gradient."""
        with torch.inference_mode(False), torch.enable_grad():
            leaf = z.detach().double().clone().requires_grad_()
            value, slope = self.value_only(leaf), None
            if value.requires_grad:
                (slope,) = torch.autograd.grad(value.sum(), leaf, allow_unused=True)
        if slope is None:
            slope = torch.zeros_like(leaf)
        # Where z = w·x is exactly 0 so is x: its slope has no part in any gradient.
        slope = torch.where((leaf == 0) & ~slope.isfinite(), 0.0, slope)
        return value.detach().to(z.dtype), slope.detach().to(z.dtype)

    def value_only(self, z: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """σ(z), for autograd or where no derivative is needed."""
        return self.raw(z.double()).to(z.dtype)

    def raw(self, z: Tensor) -> Any:
        """What the callable gives for a tensor, whatever that is."""
        with contextlib.redirect_stdout(io.StringIO()):
            # A copy of the argument, for functions that work in place.
            return self._on(z.device)(z.clone())

    def _on(self, device: torch.device) -> Callable[[Tensor], Tensor]:
        if not isinstance(self._function, torch.nn.Module):
            return self._function
        if device not in self._copies:
            self._copies[device] = copy.deepcopy(self._function).to(device)
        return self._copies[device]


@functools.lru_cache(maxsize=64)
def resolve(name: str) -> TorchCallable:
    """The torch callable of a name such as ``torch.nn:GELU`` or ``my.module:activation``.

    A class is created without arguments.

    Raises:
        ActivationError: no such module or attribute, its import fails, it is not callable, a
            class that needs arguments, or what `in_hand` refuses; one line that says which.
    """
    if not _NAME.fullmatch(name):
        shown = one_line(name)[:_LONGEST]
        raise ActivationError(f"{shown!r} is no name of the form package.module:Name")
    with contextlib.redirect_stdout(sys.stderr):
        found = _created(_attribute(name), name)
    return _checked(found, name, importable=True)


def in_hand(function: Callable[..., Any]) -> TorchCallable:
    """A torch callable or module (or its class) as an activation.

    Functions and classes that can be imported by their own name get that name.

    Raises:
        ActivationError: it is no elementwise function of a float64 tensor that is deterministic,
            finite near 0 and has its derivative by autograd.
    """
    if isinstance(function, TorchCallable):
        return function
    if not callable(function):
        raise ActivationError(f"an expression or a torch callable, not {type(function).__name__}")
    for name in _own_names(function):
        if _NAME.fullmatch(name) and _imported(name) is function:
            return resolve(name)
    shown = getattr(function, "__name__", None) or one_line(str(function))
    return _checked(_created(function, shown), shown, importable=False)


def _checked(function: Any, name: str, importable: bool) -> TorchCallable:
    if not callable(function):
        raise ActivationError(f"{name} is not callable but a {type(function).__name__}")
    try:
        wrapped = TorchCallable(cast(Any, function), name, importable)
    except Exception as error:
        raise ActivationError(f"{name} cannot be copied: {one_line(error)}") from error
    problem = fault(wrapped)
    if problem is not None:
        raise ActivationError(f"{name} {problem}")
    return wrapped


def _own_names(function: Callable[..., Any]) -> tuple[str, str]:
    """What a callable says of its place; torch's own built-in functions say nothing."""
    module, path = (getattr(function, key, None) for key in ("__module__", "__qualname__"))
    return f"{module}:{path}", f"torch:{getattr(function, '__name__', '')}"


def _imported(name: str) -> Any:
    """What is already imported by this name and will be so elsewhere, else None."""
    module, _, path = name.partition(":")
    if module == "__main__":
        return None
    return functools.reduce(
        lambda found, part: getattr(found, part, None), path.split("."), sys.modules.get(module)
    )


def _attribute(name: str) -> Any:
    module_name, _, path = name.partition(":")
    try:
        found: Any = importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit at import
        raise ActivationError(f"importing {module_name} failed: {one_line(error)}") from error
    for part in path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ActivationError(f"{module_name} has no {path}") from None
    return found


def _created(found: Any, name: str) -> Any:
    """The callable itself, an object of a class."""
    if not isinstance(found, type):
        return found
    try:
        return found()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        message = f"{name} cannot be created without arguments: {one_line(error)}"
        raise ActivationError(message) from error
