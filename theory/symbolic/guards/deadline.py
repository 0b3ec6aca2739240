"""A time limit on work whose cost depends on what a user wrote.

The limits of the parser make nearly every expression cheap; this is for what they do not foresee.
It interrupts sympy and mpmath in the middle of their loops: by an alarm signal in the main
thread, by a profile hook (run at every function call, which makes the work there about four
times as slow) in other threads and where there are no such signals. Our own loops call `check`
besides. Only a single call into C, which nothing in Python can end, is noticed afterwards.
"""

import contextlib
import math
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any, no_type_check

import mpmath
from sympy.core.cache import clear_cache

from theory.symbolic.functions import ActivationError

# An interruption may be swallowed by a bare `except:` of a library: it comes again after so long.
_REPEAT = 0.05

_thread = threading.local()
# Contexts whose precision an interruption may leave changed.
_contexts: list[Any] = [mpmath.mp]


class _Expired(BaseException):
    """The time is over. No `Exception`, for libraries catch these."""


def check() -> None:
    """End the work here if the time of the limit around it is over; takes 0.1 µs."""
    if time.monotonic() >= getattr(_thread, "end", math.inf):
        raise _Expired


def keep_precision(context: Any) -> Any:
    """Have the precision of an mpmath context restored after every interruption."""
    _contexts.append(context)
    return context


# Without type checks at run time: their frames around the methods could be interrupted.
@no_type_check
class TimeLimit(contextlib.ContextDecorator):
    """At most so many seconds for the block or, as a decorator, for every call of the function.

    Limits may be nested; the one that ends first counts. A timer that the program has set on
    SIGALRM goes on afterwards; if it is due meanwhile, it fires right after.

    Args:
        seconds: wall-clock time.
        task: what the message says took longer, such as "the analysis".

    Raises:
        ActivationError: "the analysis took longer than 5 s".
    """

    def __init__(self, seconds: float, task: str) -> None:
        self.seconds, self.task = seconds, task

    def _recreate_cm(self) -> "TimeLimit":
        return type(self)(self.seconds, self.task)

    def __enter__(self) -> None:
        self._own_end = time.monotonic() + self.seconds
        self._outer_end = getattr(_thread, "end", math.inf)
        self._precisions = [(context, context.prec) for context in _contexts]
        end = min(self._own_end, self._outer_end)
        self._interruption = _interruption(end)
        _thread.end = end
        self._interruption.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._interruption.stop()
        _thread.end = self._outer_end
        late = time.monotonic() >= self._own_end
        if late or kind is _Expired:
            self._clean()
        # An interruption that was swallowed, or turned into another error, still counts.
        if late and (kind is None or kind is _Expired or _unexpected(kind)):
            raise ActivationError(f"{self.task} took longer than {self.seconds:g} s") from None

    def _clean(self) -> None:
        # Sympy notes "unknown" for a property while it works the property out.
        clear_cache()
        for context, precision in self._precisions:
            context.prec = precision


def _unexpected(kind: type[BaseException]) -> bool:
    return issubclass(kind, Exception) and not issubclass(kind, ActivationError)


@no_type_check
class _Alarm:
    """Raises `_Expired` in the main thread, from a signal handler."""

    def __init__(self, end: float) -> None:
        self.end = end

    def start(self) -> None:
        self.former_timer = signal.setitimer(signal.ITIMER_REAL, 0.0)
        self.started = time.monotonic()
        self.former_handler = signal.signal(signal.SIGALRM, self.fire)
        self.set(self.end - self.started, _REPEAT)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, self.former_handler)
        remaining, interval = self.former_timer
        if remaining:
            self.set(remaining - (time.monotonic() - self.started), interval)

    def set(self, seconds: float, interval: float) -> None:
        # Zero would stop the timer.
        signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-6), interval)

    def fire(self, number: int, frame: FrameType | None) -> None:
        if time.monotonic() >= self.end and not _in_between(frame):
            raise _Expired


@no_type_check
class _Hook:
    """Raises `_Expired` at a call or return of the thread, unless it is being profiled."""

    def __init__(self, end: float) -> None:
        self.end = end

    def start(self) -> None:
        self.former = sys.getprofile()
        # An outer limit's hook ends no earlier than this one's.
        self.used = self.former is None or type(getattr(self.former, "__self__", 0)) is _Hook
        if self.used:
            sys.setprofile(self.fire)

    def stop(self) -> None:
        if self.used:
            sys.setprofile(self.former)

    def fire(self, frame: FrameType, event: str, argument: object) -> None:
        if time.monotonic() >= self.end and not _in_between(frame):
            raise _Expired


_BETWEEN = {TimeLimit.__enter__.__code__, TimeLimit.__exit__.__code__}


@no_type_check
def _in_between(frame: FrameType | None) -> bool:
    """Is a limit being entered or left? An interruption then would leave half of it behind."""
    while frame is not None:
        if frame.f_code in _BETWEEN:
            return True
        frame = frame.f_back
    return False


def _interruption(end: float) -> _Alarm | _Hook:
    main = threading.current_thread() is threading.main_thread()
    # A handler that was not set from Python could not be put back.
    if main and hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is not None:
        return _Alarm(end)
    return _Hook(end)
