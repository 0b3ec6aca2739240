"""A canary: Python's own audit events tell whether a text was executed.

`ast.parse` raises one event ``compile`` with the file name ``<unknown>``; every other attempt to
compile, run or import code, to open a file or to start a process is a finding.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from theory.symbolic.functions import ActivationError
from theory.symbolic.parsing import spelled

_WATCHED = (
    *("exec", "compile", "import", "open", "code.", "marshal.", "pickle.", "builtins.input"),
    *("os.", "subprocess.", "shutil.", "socket.", "ctypes.", "pty.", "tempfile.", "urllib."),
)


# functions of our libraries that write loops for a number of terms: of a hypergeometric series, or
# of a monomial
LOOPS = {
    ("mpmath.libmp.libhyper", "make_hyp_summator"),
    ("sympy.polys.monomials", "_build"),
}


LIBRARIES = ("sympy.", "mpmath.")


class Canary:
    """Collects the audit events of the calling process while `watching`; one for a process."""

    def __init__(self) -> None:
        self.findings: list[str] = []
        self._allowed: bytes | None = None
        self._watching = False
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, text: str) -> Iterator[None]:
        """Within the block, what ``text`` is spelled as may be read by `ast.parse` once."""
        self._allowed = _given_to_parser(text)
        self.findings, self._watching = [], True
        try:
            yield
        finally:
            self._watching = False

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self._watching or not event.startswith(_WATCHED):
            return
        if event == "compile" and arguments == (self._allowed, "<unknown>"):
            self._allowed = None
            return
        if event in ("compile", "exec") and _writes_loops(sys._getframe(1)):
            return
        if _loads_more_of_sympy(event, arguments, sys._getframe(1)):
            return
        # An error here would end the process, and formatting may raise events of its own.
        self._watching = False
        self.findings.append(f"{event} {str(arguments)[:200]}")
        self._watching = True


def _writes_loops(frame: FrameType) -> bool:
    """Whether it is one of `LOOPS`: their source follows from numbers of terms, not from texts."""
    return (frame.f_globals.get("__name__"), frame.f_code.co_name) in LOOPS


def _loads_more_of_sympy(
    event: str, arguments: tuple[object, ...], frame: FrameType | None
) -> bool:
    """Whether a module of sympy or mpmath is loaded that was not needed before."""
    if event == "import":
        return str(arguments[0]).startswith(LIBRARIES)
    while frame is not None:
        if frame.f_code.co_name == "_find_and_load":
            return str(frame.f_locals.get("name")).startswith(LIBRARIES)
        frame = frame.f_back
    return False


def _given_to_parser(text: str) -> bytes | None:
    try:
        return spelled(text)[1].encode()
    except ActivationError:
        return None
