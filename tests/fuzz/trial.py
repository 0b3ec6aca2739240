"""One text through the parser, the analysis and torch: what came out, and what must not."""

import math
import re
import time
import traceback
from dataclasses import dataclass
from importlib import import_module

import torch

from sim.activation.compiled import compile
from tests.fuzz.canary import Canary
from tests.fuzz.reference import disagreement
from theory.symbolic.activation import Activation, ActivationError, activation

MAX_MESSAGE = 600  # some list all functions
BUSY = 2.5  # s: who reached the limit of 5 s with less processor time was kept waiting

_POINTS = [0.0, 1e-300, 1e-9, 1e-3, 0.5, 1.0, 3.0, 20.0, 1e3, 1e9, 1e300, math.inf]
LIBRARY = "sympy cannot evaluate"
_LATE = "time limit"
_QUOTED = re.compile(r"'.*'|\".*\"")
_WORD_WITH_DIGIT = re.compile(r"\S*\d\S*")


@dataclass(frozen=True)
class Trial:
    """What became of one text.

    Attributes:
        outcome: a class of outcomes, such as "refused: the name … is unknown".
        fault: what must not happen, or None.
        seconds: processor time of reading and analysis.
    """

    text: str
    outcome: str
    fault: str | None
    seconds: float


def warm_up() -> None:
    """Load what sympy and torch import only when it is needed first."""
    for name in ("assumptions.wrapper", "physics.units", "sets.handlers.functions"):
        import_module(f"sympy.{name}")
    for text in ("gelu(x)+tan(x)**(1/3)", "Piecewise((log(x), (x > 1) & (x < 2)), (1/x, True))"):
        compile(activation(text))(torch.zeros(2, dtype=torch.float64))


def try_text(text: str, canary: Canary, *, with_torch: bool, with_reference: bool) -> Trial:
    """Read and analyze a text; translate and evaluate it, and check its coefficients, if wanted."""
    found, failure, start = None, None, time.process_time()
    with canary.watching(text):
        try:
            found = activation.__wrapped__(text)
            outcome, fault = _analyzed(found), _inconsistency(found)
        except ActivationError as error:
            outcome, fault = _refused(str(error))
        except Exception as error:
            outcome, fault, failure = "TRACEBACK", "", error
        seconds = time.process_time() - start
        if fault is not None and fault.startswith(_LATE) and seconds < BUSY:
            outcome, fault = "refused: time limit on a busy machine", None
        if found is not None and with_torch and fault is None:
            start = time.process_time()
            try:
                fault = _torch_fault(found)
            except Exception as error:
                failure = error
            if fault is not None and "longer than" in fault and time.process_time() - start < BUSY:
                outcome, fault = "analyzed: translation on a busy machine", None
    # Only here, for a traceback is made by reading source files.
    if failure is not None:
        fault = "".join(traceback.format_exception(failure, limit=-6))
    if canary.findings:
        fault = f"audit events: {'; '.join(canary.findings[:3])}"
    if found is not None and with_reference and fault is None:
        fault = disagreement(found)
    return Trial(text, outcome, fault, seconds)


def _analyzed(found: Activation) -> str:
    if found.multiplicity is not None:
        order = found.multiplicity if found.multiplicity <= 3 else "4 or more"
        return f"analyzed: multiplicity {order}"
    return f"analyzed: none: {_class(found.reason or '')}"


def _refused(message: str) -> tuple[str, str | None]:
    fault = None
    if "longer than" in message:
        fault = f"{_LATE}: {message}"
    elif "\n" in message or len(message) > MAX_MESSAGE:
        fault = f"no short line: {message[:1000]!r}"
    return f"refused: {_class(message)}", fault


def _class(message: str) -> str:
    """A message without what varies in it."""
    message = _QUOTED.sub("…", message.split("; accepted are")[0])
    return _WORD_WITH_DIGIT.sub("#", message)[:60]


def _inconsistency(found: Activation) -> str | None:
    if (found.multiplicity is None) != (found.reason is not None):
        return f"a multiplicity {found.multiplicity} with the reason {found.reason}"
    if found.reason is not None and ("\n" in found.reason or len(found.reason) > MAX_MESSAGE):
        return f"no short line: {found.reason[:1000]!r}"
    sides = [side for side in (found.right, found.left) if side is not None]
    values = [side.coefficient for side in sides]
    if found.value_at_zero is not None:
        values.append(found.value_at_zero)
    if not all(math.isfinite(float(value)) for value in values):
        return f"numbers that are not finite: {values}"
    if found.multiplicity is not None and (len(sides) < 2 or 0 in values[:2]):
        return "a multiplicity without leading parts"
    return None


def _torch_fault(found: Activation) -> str | None:
    try:
        compiled = compile.__wrapped__(found)
        for dtype in (torch.float64, torch.float32):
            points = torch.tensor([*_POINTS, *(-p for p in _POINTS), math.nan]).to(dtype)
            for result in compiled(points):
                if result.shape != points.shape or result.dtype != dtype:
                    return f"torch: {result.dtype} {tuple(result.shape)}"
    except ActivationError as error:
        if str(error).startswith(LIBRARY):  # one line, of what sympy builds and cannot handle
            return None
        return f"torch refuses what was analyzed: {error}"
    return None
