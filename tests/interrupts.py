"""Child processes that hear Ctrl-C even where this one ignores it, as jobs in the background do."""

import os
import signal
from typing import Any

HEARING: dict[str, Any] = (
    {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    if os.name == "posix"
    else {}
)  # more arguments of subprocess.Popen
