"""A run in a process of its own, with all that it starts in a session of its own.

Processes are forked from the harness, which has imported already what a run needs; the workers of a
run are spawned, as they always are.
"""

import contextlib
import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SECONDS = 120.0  # no run here takes so long unless it hangs
ORPHAN_SECONDS = 20.0  # for processes that have lost their parent to end
UNEXPECTED = 99  # exit status of an exception that nothing turned into one line
_LOOK = 0.002  # seconds between two looks at a process


@dataclass
class Process:
    """A forked process, the leader of its session, and the file of what it says."""

    number: int
    said_in: Path
    status: int | None = None

    def said(self) -> str:
        """Standard output and error."""
        return self.said_in.read_text(errors="replace") if self.said_in.exists() else ""

    def ended(self) -> bool:
        """Whether it has ended; its exit status is known then, -9 of one that was killed."""
        if self.status is None:
            number, status = os.waitpid(self.number, os.WNOHANG)
            if number:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def wait(self, until: Callable[[], bool] = lambda: False) -> bool:
        """Wait for its end, or until something is so; whether it has ended.

        One that hangs is killed.
        """
        late = time.monotonic() + SECONDS
        while not self.ended() and not until():
            if time.monotonic() > late:
                self.kill()
                self.status = UNEXPECTED
                with self.said_in.open("a") as file:
                    file.write("it hung")
                return True
            time.sleep(_LOOK)
        return self.status is not None

    def kill(self) -> None:
        """SIGKILL it; those that it started are not told."""
        if not self.ended():
            os.kill(self.number, signal.SIGKILL)
            while not self.ended():
                time.sleep(_LOOK)

    def others(self) -> list[int]:
        """The other processes of its session."""
        return [one for one in _of_session(self.number) if one != self.number]

    def workers(self) -> list[int]:
        """Those of them that were spawned to do work."""
        return [one for one in self.others() if b"spawn_main" in _command(one)]

    def orphans(self) -> list[int]:
        """What is left of the session a while after the process ended; it is killed."""
        late = time.monotonic() + ORPHAN_SECONDS
        while left := self.others():
            if time.monotonic() > late:
                for one in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(one, signal.SIGKILL)
                return left
            time.sleep(_LOOK)
        return []


def forked(work: Callable[[], int], said_in: Path, **environment: str) -> Process:
    """Start some work, whose value is the exit status, in a process with an environment."""
    number = os.fork()
    if number:
        return Process(number, said_in)
    status = UNEXPECTED
    try:
        os.setsid()
        os.environ.update(environment)
        out = os.open(said_in, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(out, 1)
        os.dup2(out, 2)
        status = work()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _of_session(session: int) -> list[int]:
    found = []
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            with contextlib.suppress(OSError):
                # pid (name) state parent group session …, and the name may hold anything
                fields = (one / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[3]) == session and fields[0] not in "ZX":
                    found.append(int(one.name))
    return found


def _command(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""
