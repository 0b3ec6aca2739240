"""Time limits: they end slow work in any thread, and leave nothing behind."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import FrameType

import mpmath
import pytest
import sympy

from sim.activation.compiled import compile
from theory.symbolic import expansion, series
from theory.symbolic.activation import ActivationError, X, activation, parse
from theory.symbolic.guards import deadline
from theory.symbolic.guards.deadline import TimeLimit, check


class slow(sympy.Function):  # noqa: N801, printed as a function's name
    """A function whose evaluation takes sympy and mpmath a minute."""

    nargs = 1

    def _eval_evalf(self, prec: int) -> sympy.Expr:
        del prec
        end = time.monotonic() + 60
        while time.monotonic() < end:
            (sympy.sqrt(2) + sympy.pi).evalf(50)
        return sympy.Float(1)


def loop() -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


def stubborn() -> None:
    """Swallows everything, twice."""
    for _ in range(3):
        try:
            loop()
        except:  # noqa: E722
            continue


def converting() -> None:
    """Turns every exception into another."""
    try:
        loop()
    except BaseException:
        raise TypeError("something else") from None


def replace_by(error: BaseException) -> None:
    with suppress(BaseException):
        loop()
    raise error


CONSTANT: sympy.Expr = slow(sympy.Integer(2))  # type: ignore[call-arg]


def evalf() -> None:
    CONSTANT.evalf()


def precise() -> None:
    mpmath.mp.dps = 40
    series.MP.dps = 40
    loop()


def series_loop() -> None:
    wave = expansion.expand(sympy.exp(X) + sympy.sin(X), 1, 30)[0]
    while True:
        wave = wave * wave


SLOW = [loop, stubborn, converting, evalf, precise, series_loop]


def limited(work: Callable[[], None], seconds: float = 0.2) -> float:
    """Run slow work under a limit; the seconds that it took."""
    start = time.monotonic()
    with pytest.raises(ActivationError, match=r"^the work took longer than 0\.\d s$"):
        TimeLimit(seconds, "the work")(work)()
    return time.monotonic() - start


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    handler, precision = signal.getsignal(signal.SIGALRM), mpmath.mp.prec
    yield
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) == handler
    assert mpmath.mp.prec == precision
    assert series.MP.dps == 300
    assert sys.getprofile() is None
    check()


# The bounds on time leave a busy machine ten times what is needed.
@pytest.mark.parametrize("work", SLOW)
def test_slow_work_is_ended(work: Callable[[], None]) -> None:
    assert limited(work) < 3.0


@pytest.mark.parametrize("work", [loop, converting, evalf, series_loop])
def test_slow_work_is_ended_in_other_threads(work: Callable[[], None]) -> None:
    def in_thread() -> tuple[float, object]:
        seconds = limited(work)
        check()
        return seconds, sys.getprofile()

    with ThreadPoolExecutor(2) as threads:
        for future in [threads.submit(in_thread) for _ in range(2)]:
            seconds, left = future.result()
            assert seconds < 3.0
            assert left is None


def test_checks_hold_where_a_profiler_is_in_use() -> None:
    def profiler(frame: FrameType, event: str, argument: object) -> None:
        del frame, event, argument

    def in_thread() -> tuple[float, object]:
        sys.setprofile(profiler)
        return limited(series_loop), sys.getprofile()

    with ThreadPoolExecutor(1) as threads:
        seconds, left = threads.submit(in_thread).result()
    assert seconds < 3.0
    assert left is profiler


def test_what_is_late_is_refused_even_if_nothing_could_interrupt_it() -> None:
    # One call into C; signals only reach Python when it returns.
    assert limited(lambda: pow(7, 7**8) and None, 0.1) < 20.0


def test_fast_work_is_left_alone() -> None:
    @TimeLimit(5.0, "the work")
    def work(argument: int) -> int:
        """Words."""
        return argument + 1

    assert work(1) == 2
    assert (work.__name__, work.__doc__) == ("work", "Words.")
    with pytest.raises(ZeroDivisionError), TimeLimit(5.0, "the work"):
        print(1 / 0)
    with pytest.raises(ActivationError, match="own words"), TimeLimit(0.1, "the work"):
        replace_by(ActivationError("own words"))


def test_keyboard_interrupts_pass() -> None:
    with pytest.raises(KeyboardInterrupt), TimeLimit(0.05, "the work"):
        replace_by(KeyboardInterrupt())


@pytest.mark.parametrize(("outer", "inner"), [(0.2, 50.0), (50.0, 0.2)])
def test_the_earlier_of_nested_limits_counts(outer: float, inner: float) -> None:
    start = time.monotonic()
    nested = TimeLimit(outer, "the outer work")(TimeLimit(inner, "the inner work")(loop))
    with pytest.raises(ActivationError, match=r"took longer than 0\.2 s"):
        nested()
    assert time.monotonic() - start < 3.0


def test_an_outer_limit_goes_on_after_an_inner_one() -> None:
    @TimeLimit(0.4, "the outer work")
    def outer() -> None:
        limited(loop, 0.1)
        loop()

    with pytest.raises(ActivationError, match=r"the outer work took longer than 0\.4 s"):
        outer()


def test_the_programs_own_timer_is_kept() -> None:
    fired: list[float] = []
    former = signal.signal(signal.SIGALRM, lambda *_: fired.append(time.monotonic()))
    try:
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        limited(loop, 0.3)  # due meanwhile: fires right afterwards
        time.sleep(0.05)
        assert len(fired) == 1
        assert fired[0] - start >= 0.3
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        limited(loop, 0.1)
        remaining = signal.getitimer(signal.ITIMER_REAL)[0]
        assert 0.0 < remaining <= 0.4
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    finally:
        signal.signal(signal.SIGALRM, former)


def test_many_short_limits_never_leak() -> None:
    """The alarm may come at any bytecode, that of entering and leaving included."""
    ended = 0
    for k in range(3000):
        try:
            with TimeLimit(1e-6 * (k % 50) ** 2, "the work"):
                for _ in range(k % 60):
                    check()
        except ActivationError:
            ended += 1
    assert 0 < ended < 3000
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_every_call_of_the_analysis_and_the_translation_is_limited() -> None:
    """In real time, 5 s, side by side in three threads."""
    expression = X + CONSTANT * X**2
    fine = activation("x + x**2")
    hostile = type(fine)(expression, "hostile", *list(vars(fine).values())[2:])
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(compile, hostile), threads.submit(activation, expression + 1)]
        with pytest.raises(ActivationError, match="the analysis took longer than 5 s"):
            activation(expression)
        for call, task in zip(calls, ("the translation to torch", "the analysis"), strict=True):
            with pytest.raises(ActivationError, match=f"{task} took longer than 5 s"):
                call.result(timeout=30)


def test_reading_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from theory.symbolic import functions

    monkeypatch.setitem(functions.FUNCTIONS, "sin", (1, 1, lambda u: CONSTANT.evalf() + u))
    limited(lambda: parse("sin(x)") and None)


def test_an_interrupted_analysis_leaves_no_wrong_answer() -> None:
    text = "mish(x)**2 - gelu(x)*x + 17"
    with pytest.raises(ActivationError), TimeLimit(0.002, "the work"):
        activation(text)
    again = activation(text)
    assert again.multiplicity == 2
    assert again == activation.__wrapped__(text)


def test_limits_hold_without_alarm_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline.signal, "getsignal", lambda _: None)
    assert limited(evalf) < 3.0
    monkeypatch.undo()


def test_threads_do_not_share_their_limits() -> None:
    ended = threading.Event()

    def unlimited() -> bool:
        return ended.wait(10.0) and check() is None

    with ThreadPoolExecutor(1) as threads:
        beside = threads.submit(unlimited)
        limited(loop, 0.1)
        ended.set()
        assert beside.result(timeout=10.0)
