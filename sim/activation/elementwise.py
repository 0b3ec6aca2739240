"""Is a torch callable an elementwise function that an activation can be?"""

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from sim.engine.errors import text_of

_SHAPE = (4, 3, 5)
# Rounding may depend on an element's place: vector units treat the ends of arrays differently.
_ROUNDING = 1e-12
_NEAR_ZERO = torch.tensor([s * 10.0**-k for k in range(2, 16) for s in (1, -1)]).double()
# Wrong for all steps is wrong: a long one sees bends, a short one the rounding of float32.
_STEPS, _SLOPE_ERROR = (1e-3, 1e-5, 1e-7), 1e-3
_LONGEST = 150  # characters of an error's text


class ForkError(RuntimeError):
    """A callable started a process."""


class _Calls(threading.local):
    """Of this thread: calls of users' functions that it is in, and forks in them."""

    depth = forks = 0


_calls = _Calls()


@contextlib.contextmanager
def without_forks() -> Iterator[None]:
    """A process that is forked meanwhile ends at once: else it would go on as this one does.

    Raises:
        ForkError: one was.
    """
    before = _calls.forks
    _calls.depth += 1
    try:
        yield
    finally:
        _calls.depth -= 1
    if _calls.forks > before:
        raise ForkError("a call starts a process")


def _count() -> None:
    _calls.forks += _calls.depth > 0


def _end_child() -> None:
    if _calls.depth:
        os._exit(0)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_count, after_in_child=_end_child)


@runtime_checkable
class Differentiable(Protocol):
    """σ alone, and σ with σ' by autograd; see `sim.activation.torch_callable.TorchCallable`."""

    def __call__(self, z: Tensor) -> tuple[Tensor, Tensor]: ...

    def value_only(self, z: Tensor) -> Tensor: ...

    def raw(self, z: Tensor) -> object: ...


def one_line(error: object) -> str:
    """An error (with its type) or a text on one line without control characters."""
    text = "".join(c for c in text_of(error) if c.isprintable())[:_LONGEST]
    if not isinstance(error, BaseException):
        return text
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def fault(function: Differentiable) -> str | None:
    """What keeps it from being one, as the end of a sentence, None if nothing does.

    Called on a few float64 tensors: the output must keep shape and type, be the same again, not
    change with other elements or with the shape, be finite near 0, and autograd must give the
    derivative of its values.
    """
    generator = torch.Generator().manual_seed(0)
    z = 2 * torch.randn(_SHAPE, dtype=torch.float64, generator=generator)
    other = torch.where(torch.rand(_SHAPE, generator=generator) < 0.5, z, -3 * z + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = _not_elementwise(function, z, other) or _not_finite(function)
        except ForkError:
            return "starts a process when it is called"
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also sys.exit
            return f"fails on a float64 tensor: {one_line(error)}"
        try:
            return found or _wrong_slope(function, z.flatten())
        except (Exception, SystemExit) as error:
            return f"has no derivative by autograd: {one_line(error)}"


def _not_elementwise(function: Differentiable, z: Tensor, other: Tensor) -> str | None:
    value = function.raw(z)
    if not isinstance(value, Tensor):
        return f"gives a {type(value).__name__}, not a tensor"
    if value.shape != z.shape:
        return f"is not elementwise: shape {tuple(z.shape)} becomes {tuple(value.shape)}"
    if value.dtype != z.dtype:
        return f"gives {value.dtype} for torch.float64"
    of = function.value_only
    if not all(torch.equal(_comparable(of(z)), _comparable(value)) for _ in range(3)):
        return "is random: it gives different values for the same argument"
    parts = [of(row) for row in z.reshape(-1, 1)]
    if any(part.shape != (1,) for part in parts):
        return "is not elementwise: it needs more than one element"
    alone = torch.cat(parts).reshape(z.shape)
    flat = of(z.flatten()).reshape(z.shape)
    neighbors = torch.where(other == z, of(other), value)
    if not all(_close(found, value) for found in (alone, flat, neighbors)):
        return "is not elementwise: an output depends on other elements"
    return None


def _not_finite(function: Differentiable) -> str | None:
    if not function.value_only(torch.zeros(1, dtype=torch.float64)).isfinite().all():
        return "is not finite at 0"
    return None if function.value_only(_NEAR_ZERO).isfinite().all() else "is not finite near 0"


def _wrong_slope(function: Differentiable, z: Tensor) -> str | None:
    """Training follows autograd's derivative, the prediction the values: they must agree."""
    slope = function(z)[1]
    missing = function.value_only(z).isfinite() & ~slope.isfinite()
    if missing.any():
        return f"has no finite derivative by autograd at {float(z[missing][0]):.3g}"
    wrong = slope.isfinite()
    known = function.value_only(z.clone().requires_grad_()).requires_grad
    for step in _STEPS:
        expected = (function.value_only(z + step) - function.value_only(z - step)) / (2 * step)
        # What is not finite far from 0 is left to training.
        error = (slope - expected).abs() / (1 + expected.abs())
        wrong &= error > _SLOPE_ERROR
    if wrong.any() and not known:
        return "is not differentiable by autograd: its result carries no gradient"
    if wrong.any():
        at = float(z[wrong][0])
        return f"has values whose derivative is not the one that autograd gives, at {at:.3g}"
    return None


def _comparable(value: Tensor) -> Tensor:
    return value.detach().nan_to_num(nan=1.2345e300)


def _close(found: Tensor, expected: Tensor) -> bool:
    return torch.allclose(found, expected, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)
