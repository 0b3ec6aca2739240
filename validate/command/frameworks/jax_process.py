"""JAX in a process of its own: what it is told about threads counts before it is imported."""

import importlib
import multiprocessing
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from validate.command.frameworks.memory import peak_memory

FLAGS = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


def is_installed() -> bool:
    """Whether there is a JAX to compare with (extra ``bench``)."""
    return find_spec("jax") is not None


class JaxProcess:
    """Compiles and runs one training after another; a context manager."""

    def __enter__(self) -> "JaxProcess":
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        return self

    def __exit__(self, *_: object) -> None:
        self._ours.close()  # which ends it
        self._process.join()

    def compile(
        self, activation: str, coupled: bool, rate: float, steps: int, arrays: list[np.ndarray]
    ) -> float:
        """Seconds of compilation of a training from w, a on x, y (in this order)."""
        return self._ask("compile", activation, coupled, rate, steps, arrays)

    def run(self) -> float:
        """Seconds of all steps."""
        return self._ask("run")

    def weights(self) -> list[np.ndarray]:
        """w and a after the last run."""
        return self._ask("weights")

    def memory(self) -> int:
        """Peak so far, in bytes."""
        return self._ask("memory")

    def _ask(self, *question: object) -> Any:
        self._ours.send(question)
        return self._ours.recv()


def _serve(asked: Connection) -> None:
    """Answer until nobody asks."""
    os.environ["XLA_FLAGS"] = FLAGS
    os.environ["JAX_PLATFORMS"] = "cpu"
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    served = _Served(jax)
    while True:
        try:
            name, *arguments = asked.recv()
        except EOFError:
            return
        asked.send(getattr(served, name)(*arguments))


class _Served:
    """The other side of `JaxProcess`."""

    def __init__(self, jax: Any) -> None:
        self._jax = jax

    def compile(
        self, activation: str, coupled: bool, rate: float, steps: int, arrays: list[np.ndarray]
    ) -> float:
        self._arrays = [self._jax.numpy.asarray(one) for one in arrays]
        train = _training(self._jax, _function(activation), coupled, rate, steps)
        begin = time.perf_counter()
        self._train = self._jax.jit(train).lower(*self._arrays).compile()
        return time.perf_counter() - begin

    def run(self) -> float:
        begin = time.perf_counter()
        self._ended = self._jax.block_until_ready(self._train(*self._arrays))
        return time.perf_counter() - begin

    def weights(self) -> list[np.ndarray]:
        return [np.asarray(one) for one in self._ended]

    def memory(self) -> int:
        return peak_memory()


def _function(expression: str) -> Callable[[Any], Any]:
    import sympy

    from theory.symbolic.activation import X, activation

    return sympy.lambdify(X, activation(expression).expression, modules="jax")


def _training(jax: Any, sigma: Callable[[Any], Any], coupled: bool, rate: float, steps: int):
    """(w, a, x, y) -> (w, a) after the steps, of all networks."""

    def loss(w: Any, a: Any, x: Any, y: Any) -> Any:
        f = sigma(x @ w.T) @ a if coupled else a * sigma(x @ w)
        return 0.5 * jax.numpy.mean((f - y) ** 2)

    gradient = jax.grad(loss, (0, 1))
    if not coupled:
        gradient = jax.vmap(gradient, (0, 0, None, None))
    gradient = jax.vmap(gradient)

    def train(w: Any, a: Any, x: Any, y: Any) -> Any:
        def step(weights: Any, _: None) -> Any:
            dw, da = gradient(*weights, x, y)
            return (weights[0] - rate * dw, weights[1] - rate * da), None

        return jax.lax.scan(step, (w, a), None, length=steps)[0]

    return train
