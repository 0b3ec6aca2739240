"""Simulation: an experiment of which an author writes the settings and `measure`."""

import dataclasses
import inspect
import pickle
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext, redirect_stdout, suppress
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sim.engine.errors import described
from sim.experiment import Experiment, Measurement
from validate.author.faults import AuthorError, UnusableError, at, here, refuse
from validate.author.files import file_of, loaded, named
from validate.author.simulations.outputs import checked
from validate.author.simulations.seeded import seeded

SECONDS = 0.01  # of a replicate, where nobody measured it
TRIAL = -1  # seed of trials: no run has it


@dataclass(frozen=True)
class Simulation(Experiment):
    """Settings, as a frozen dataclass, and what is measured on one replicate.

    Subclasses add settings, fields with defaults (numbers, texts, tuples of these), and write
    `measure`, or `measure_all` to train the replicates of a block together. Whatever they draw
    from ``rng``, torch, numpy or random is that of the replicate alone. A class stands in
    the file itself, not within a function: worker processes load it from there.

    Attributes:
        block: replicates that are trained together; 0 for as many as the claim's looks need.
    """

    name: ClassVar[str] = "simulation"
    dtype: ClassVar[str] = "as the simulation says"

    # by name alone: what is given by place is the author's
    block: int = dataclasses.field(default=0, kw_only=True)

    def __init_subclass__(cls, **options: Any) -> None:
        """A name of its own, from module and class: streams and stored results hang on it."""
        super().__init_subclass__(**options)
        if "name" not in cls.__dict__:
            cls.name = f"{named(cls.__module__)}.{cls.__qualname__}"
        for method, argument in (("measure", "rng"), ("measure_all", "rngs")):
            if method in cls.__dict__:
                _check_arguments(cls, method, argument)

    def __new__(cls, *settings: Any, **named: Any) -> Any:
        """Made only of classes whose settings were read."""
        if "__dataclass_fields__" not in cls.__dict__:
            refuse(f"{cls.__name__} lacks @dataclass(frozen=True)")
        return super().__new__(cls)

    def measure(self, rng: np.random.Generator) -> Mapping[str, Any]:
        """What is measured on one replicate, which an author writes.

        Args:
            rng: the replicate's stream of random numbers.

        Returns:
            Names, which are no names of settings, each with a number or an array (of torch or
            numpy). Names and shapes are the same in all replicates, numbers are finite.
        """
        raise NotImplementedError(f"{type(self).__name__} has no measure(self, rng)")

    def measure_all(self, rngs: Sequence[np.random.Generator]) -> Any:
        """The same for a block of replicates, to train them together; by default one by one.

        Args:
            rngs: a stream of random numbers for each of the n replicates.

        Returns:
            A sequence of n mappings as `measure` returns them, or one mapping of arrays of shape
            (n, …), whose first axis is the replicates'.
        """
        measured = []
        for rng in rngs:
            with seeded(rng):
                measured.append(self.measure(rng))
        return measured

    def simulate(self, seed: int, replicates: Sequence[int], device: str) -> list[Measurement]:
        """Measurements of the replicates, checked; tensors are made on ``device``.

        Raises:
            AuthorError: they are no finite numbers under the same names and of the same shapes.
        """
        streams = [self.stream(seed, replicate, "measure") for replicate in replicates]
        of_block = self.stream(seed, replicates[0], "block")
        try:
            # standard output is for results
            with _making_tensors_on(device), seeded(of_block), redirect_stdout(sys.stderr):
                returned = self.measure_all(streams)
            return list(checked(returned, replicates, self._settings))
        except UnusableError as error:
            raise AuthorError(str(error), self.written_at()) from error
        except SystemExit as error:
            raise AuthorError("it ends the program", self.written_at()) from error

    @property
    def _settings(self) -> set[str]:
        return {one.name for one in dataclasses.fields(self)}

    def cost(self) -> float:
        """Seconds of a replicate: measured if `timed_cost` was asked for, else a guess."""
        return _COSTS.get(self, SECONDS)

    def timed_cost(self) -> float:
        """Seconds of a replicate, from a trial of one.

        Raises:
            AuthorError: it fails.
        """
        if self not in _COSTS:
            import torch  # noqa: F401, takes longer than most replicates

            start = time.perf_counter()
            trial(self, 1)
            _COSTS[self] = time.perf_counter() - start
        return _COSTS[self]

    @classmethod
    def written_at(cls) -> str:
        """File and line of what measures."""
        method = cls.measure_all if cls.measure is Simulation.measure else cls.measure
        code = inspect.unwrap(method).__code__
        return at(code.co_filename, code.co_firstlineno)

    def __reduce__(self) -> tuple[Any, ...]:
        """By the file that the class is in, where that was loaded by its path."""
        cls = type(self)
        fields = {one.name: getattr(self, one.name) for one in dataclasses.fields(self)}
        file = file_of(cls.__module__)
        if file is None:
            return _of_class, (cls, fields)
        # settings may be objects of the same file: it is loaded first
        return _of_file, (cls.__module__, str(file), cls.__qualname__, pickle.dumps(fields))


def _check_arguments(cls: type[Simulation], method: str, argument: str) -> None:
    """Refuse a method of the author's that cannot be called as it will be."""
    written = inspect.getattr_static(cls, method)
    function = inspect.unwrap(getattr(written, "__func__", written))
    code = getattr(function, "__code__", None)
    if code is not None and not isinstance(written, (staticmethod, classmethod)):
        with suppress(TypeError):
            inspect.signature(function).bind(None, None)
            return
    place = here() if code is None else at(code.co_filename, code.co_firstlineno)
    raise AuthorError(
        f"{cls.__name__}.{method} is called with a simulation and {argument}: write "
        f"def {method}(self, {argument})",
        place,
    )


_COSTS: dict[Simulation, float] = {}


def trial(experiment: Experiment, count: int) -> list[Measurement]:
    """Measurements of a few replicates of no run.

    Raises:
        AuthorError: it fails.
    """
    try:
        return experiment.simulate(TRIAL, range(count), "cpu")
    except AuthorError:
        raise
    except Exception as error:  # whatever an author's code raises
        parts: Any = getattr(experiment, "parts", (experiment,))
        if not isinstance(parts[0], Simulation):
            raise
        raise AuthorError(described(error), parts[0].written_at()) from error


def _making_tensors_on(device: str) -> Any:
    if device == "cpu":
        return nullcontext()
    import torch

    torch.cuda.init()
    return torch.device(device)


def _of_class(cls: type[Simulation], fields: Mapping[str, Any]) -> Simulation:
    made = cls.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def _of_file(module: str, file: str, qualname: str, pickled: bytes) -> Simulation:
    """A simulation of a file that is loaded by its path, in another process maybe."""
    found: Any = loaded(module, file)
    for part in qualname.split("."):
        found = getattr(found, part)
    return _of_class(found, pickle.loads(pickled))
