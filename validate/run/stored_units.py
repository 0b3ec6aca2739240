"""The units of a finished run, read from its store without training or building anything.

A store keeps blocks by hashed keys. Which settings a block has is told by the record of the claim
that was judged on it (`validate.run.kept_claims`): the settings of its experiments in the order of
its grid, and the keys of its blocks, one round of the grid after the other.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.engine.store import Store
from validate.results.records import ClaimResult, Results
from validate.run.judged import Judged
from validate.run.kept_claims import judged_in

COLUMNS = ("claim", "experiment", "settings_hash", "seed", "block", "replicate", "quantity")
VALUE, NESTED = "value", "json"
PARTS = "parts"  # setting of a series: the settings of its simulations, measured in their order
SETTING = "setting."  # before the names of settings, which are columns


@dataclass(frozen=True)
class StoredBlock:
    """A block that a claim was judged on.

    Attributes:
        claim: its id.
        settings: of the experiment, with its name.
        index: of the block among those of its experiment.
        key: under which it is stored.
    """

    claim: str
    settings: Mapping[str, Any]
    index: int
    key: str

    @property
    def settings_hash(self) -> str:
        """That of the experiment, see `sim.experiment.Experiment.settings_hash`."""
        return hashlib.sha256(_sorted(self.settings).encode()).hexdigest()[:16]


class UnitTable:
    """Units of a run's claims in long form: a row for each quantity of each replicate.

    Attributes:
        unknown: claims whose blocks the store does not tell.
        lost: blocks that the store does not have any more; known once the rows were read.
        left_out: quantities that are no single numbers, where they are left out; likewise.
    """

    def __init__(self, store: Store, results: Results, nested: bool = False) -> None:
        """
        Args:
            nested: whether quantities that are no single numbers have rows.
        """
        self.store, self.seed, self.nested = store, results.run.seed, nested
        found = _records(store, results.claims)
        self.unknown = tuple(claim.id for claim in results.claims if claim.id not in found)
        self.blocks = [block for one in found.values() for block in _blocks(one)]
        self.settings = _names(block.settings for block in self.blocks)
        self.lost, self.left_out = 0, dict[str, None]()

    @property
    def header(self) -> tuple[str, ...]:
        """The columns; the settings of all experiments come last."""
        values = (VALUE, NESTED) if self.nested else (VALUE,)
        return (*COLUMNS, *values, *(SETTING + name for name in self.settings))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, of one block after another; nested values as they are.

        Raises:
            StoreError: the store fails.
        """
        for block in self.blocks:
            measurements = self.store.get(block.key)
            if measurements is None:
                self.lost += 1
                continue
            yield from self._of_block(block, measurements)

    def _of_block(self, block: StoredBlock, measurements: Sequence[Mapping]) -> Iterator[tuple]:
        first = block.index * block.settings["block"]
        start = (block.claim, block.settings["experiment"], block.settings_hash, self.seed)
        for replicate, measurement in enumerate(measurements, first):
            for settings, measured in _parts(block.settings, measurement):
                shown = [settings.get(name) for name in self.settings]
                for quantity, value in measured.items():
                    single = value is None or isinstance(value, int | float)
                    if not single and not self.nested:
                        self.left_out[quantity] = None
                        continue
                    number = int(value) if isinstance(value, bool) else value if single else None
                    values = (number, None if single else value) if self.nested else (number,)
                    yield (*start, block.index, replicate, quantity, *values, *shown)


def _parts(settings: Mapping[str, Any], measurement: Mapping[str, Any]) -> Iterator[tuple]:
    """Settings and measurement of every simulation of a series, or those of the one there is."""
    parts = settings.get(PARTS)
    if not parts:
        yield settings, measurement
        return
    for k, part in enumerate(parts):
        yield part, {name: value[k] for name, value in measurement.items()}


def _records(store: Store, claims: Sequence[ClaimResult]) -> dict[str, Judged]:
    """The last record of each claim that gave the result at hand."""
    found: dict[str, Judged] = {}
    wanted = {claim.id: claim for claim in claims}
    for one in judged_in(store):
        id = one.result.id
        if id not in found and one.result == wanted.get(id):
            found[id] = one
    return {claim.id: found[claim.id] for claim in claims if claim.id in found}


def _blocks(one: Judged) -> Iterator[StoredBlock]:
    _, settings, _ = one.settings
    grid = [*{_sorted(each): each for each in settings}.values()]
    for place, key in enumerate(one.blocks):
        index, number = divmod(place, len(grid))
        yield StoredBlock(one.result.id, grid[number], index, key)


def _names(settings: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Names of the settings of all, in their order, without that of the experiment itself."""
    single = [one for each in settings for one in each.get(PARTS) or (each,)]
    names = dict.fromkeys(name for each in single for name in each)
    return tuple(name for name in names if name != "experiment")


def _sorted(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
