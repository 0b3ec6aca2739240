"""What executors on other machines may lose; every message is one line for people.

Both are what `concurrent.futures` raises for processes that died, so whoever handles that handles
these.
"""

from concurrent.futures import BrokenExecutor


class ClusterError(Exception):
    """A cluster cannot be used at all."""


class BlockLost(BrokenExecutor):
    """One piece of work is lost, and only that; more can be submitted."""


class SchedulerLost(BrokenExecutor):
    """Nothing can be submitted any more, and what was not finished is lost."""
