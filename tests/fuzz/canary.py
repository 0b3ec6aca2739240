"""A canary: Python's own audit events tell whether a text was executed.

`ast.parse` raises one event ``compile`` with the file name ``<unknown>``; every other attempt to
compile, run or import code, to open a file or to start a process is a finding.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from theory.symbolic.functions import ActivationError
from theory.symbolic.parsing import spelled

_WATCHED = (
    *("exec", "compile", "import", "open", "code.", "marshal.", "pickle.", "builtins.input"),
    *("os.", "subprocess.", "shutil.", "socket.", "ctypes.", "pty.", "tempfile.", "urllib."),
)


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
        if event in ("compile", "exec") and _is_library():
            return
        if event == "compile" and arguments == (self._allowed, "<unknown>"):
            self._allowed = None
            return
        # An error here would end the process, and formatting may raise events of its own.
        self._watching = False
        self.findings.append(f"{event} {str(arguments)[:200]}")
        self._watching = True


# These make functions out of the types of their arguments, such as sums of a hypergeometric series.
_GENERATORS = ("mpmath.ctx_mp", "mpmath.libmp", "sympy.polys.monomials")


def _is_library() -> bool:
    """Is the code that is compiled or run one that a library makes for itself?"""
    frame = sys._getframe(2)
    for _ in range(3):
        if frame is None:
            return False
        if frame.f_globals.get("__name__", "").startswith(_GENERATORS):
            return True
        frame = frame.f_back
    return False


def _given_to_parser(text: str) -> bytes | None:
    try:
        return spelled(text)[1].encode()
    except ActivationError:
        return None
