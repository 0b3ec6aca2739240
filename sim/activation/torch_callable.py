"""A torch function or module as an activation, in hand or named as ``package.module:Name``, with
literal arguments where it takes some: ``torch.nn:PReLU(init=0.1)``.

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

from sim.activation.elementwise import fault, one_line, without_forks
from sim.activation.torch_arguments import EXAMPLE, NAME, Named, named
from sim.activation.torch_modules import fixed_parameters, is_empty, network, randomness
from theory.symbolic.functions import ActivationError


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

    Attributes:
        parameters: names of a module's learnable parameters, which are kept as they are, and their
            values in words.
    """

    def __init__(
        self, function: Callable[[Tensor], Tensor], name: str, importable: bool = False
    ) -> None:
        if isinstance(function, torch.nn.Module):
            # A copy: the user's module keeps its type and mode.
            function = copy.deepcopy(function).double().eval().requires_grad_(False)
        self.parameters: tuple[tuple[str, str], ...] = ()
        if isinstance(function, torch.nn.Module):
            self.parameters = fixed_parameters(function)
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
        with contextlib.redirect_stdout(io.StringIO()), without_forks():
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
    """The torch callable of a name such as ``torch.nn:GELU`` or ``torch.nn:PReLU(init=0.1)``.

    A class is created, with the arguments that are given or without; a function gets those with a
    keyword at every call. Arguments are literals and are not evaluated.

    Raises:
        ActivationError: no such module or attribute, its import fails, it is not callable, a
            class that needs other arguments, or what `in_hand` refuses; one line that says which.
    """
    parts = named(name)
    with contextlib.redirect_stdout(sys.stderr):
        found = _created(_attribute(parts), name, parts)
    return _checked(found, name, importable=True)


def in_hand(function: Callable[..., Any]) -> TorchCallable:
    """A torch callable or module (or its class) as an activation.

    Functions and classes that can be imported by their own name get that name.

    Raises:
        ActivationError: it is no elementwise function of a float64 tensor that is deterministic
            (in training too), finite near 0 and has its derivative by autograd.
    """
    if isinstance(function, TorchCallable):
        return function
    if not callable(function):
        raise ActivationError(f"an expression or a torch callable, not {type(function).__name__}")
    for name in _own_names(function):
        if NAME.fullmatch(name) and _imported(name) is function:
            return resolve(name)
    shown = getattr(function, "__name__", None) or one_line(str(function))
    return _checked(_created(function, shown, None), shown, importable=False)


def _checked(function: Any, name: str, importable: bool) -> TorchCallable:
    if not callable(function):
        raise ActivationError(f"{name} is not callable but a {type(function).__name__}")
    try:
        wrapped = TorchCallable(cast(Any, function), name, importable)
    except Exception as error:
        raise ActivationError(f"{name} cannot be copied: {one_line(error)}") from error
    problem = _fault(function, wrapped)
    if problem is not None:
        raise ActivationError(f"{name} {problem}")
    return wrapped


def _fault(function: Any, wrapped: TorchCallable) -> str | None:
    """What keeps it from being an activation, as the end of a sentence, None if nothing does."""
    if is_empty(function):
        return "is a network without layers, not an activation function"
    problem, layer = fault(wrapped), network(function)
    if problem is not None and layer is not None:
        return _is_network(layer)
    is_module = isinstance(function, torch.nn.Module)
    return problem or (randomness(function) if is_module else None)


def _is_network(layer: str) -> str:
    return f"is a network or a layer of one ({layer}), not an activation function of one number"


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


def _attribute(parts: Named) -> Any:
    try:
        found: Any = importlib.import_module(parts.module)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also sys.exit at import
        raise ActivationError(f"importing {parts.module} failed: {one_line(error)}") from error
    for part in parts.path.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ActivationError(f"{parts.module} has no {parts.path}") from None
    return found


def _created(found: Any, name: str, parts: Named | None) -> Any:
    """The callable itself with its keywords, an object of a class with its arguments."""
    if not isinstance(found, type):
        return found if parts is None or not parts.called else _with_keywords(found, name, parts)
    given = parts is not None and parts.with_arguments
    if given and not issubclass(found, torch.nn.Module):
        raise ActivationError(f"{name}: arguments are given to torch modules and functions alone")
    layer = network(found)
    if layer is not None:
        raise ActivationError(f"{name} {_is_network(layer)}")
    try:
        return found(*parts.positional, **parts.keywords) if parts is not None else found()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        how = "with these arguments" if given else f"without arguments (give them {EXAMPLE})"
        raise ActivationError(f"{name} cannot be created {how}: {one_line(error)}") from error


def _with_keywords(found: Any, name: str, parts: Named) -> Any:
    if isinstance(found, torch.nn.Module) or not parts.keywords or parts.positional:
        raise ActivationError(
            f"{name}: of a function the tensor is the first argument, others are given by their "
            "keywords, as in torch.nn.functional:leaky_relu(negative_slope=0.1)"
        )
    return functools.partial(found, **parts.keywords)
