"""The most memory that a process has taken."""

import platform
import resource
from contextlib import suppress
from pathlib import Path

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_memory() -> int:
    """Of this process, in bytes, since it started or `forget_peak`.

    Linux has two counts; that of `resource` goes on from the process which started this one.
    """
    with suppress(OSError, StopIteration):
        lines = _STATUS.read_text(encoding="utf-8").splitlines()
        kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(kilobytes) * 1024
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def forget_peak() -> None:
    """Start again from what is taken now, where the system can."""
    with suppress(OSError):
        _FORGET.write_text("5", encoding="utf-8")
