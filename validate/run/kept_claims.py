"""Claims that were judged before: their records, kept beside the blocks they were judged on.

A record is found again by all that it follows from: the source that the claim's module and those
of a run import, however far, the options of the run, the versions of libraries, and what the claim
says that it reads (``reads`` of `validate.registry.claim`). So nothing need be built, looked at or
drawn up for it. Where that may not be all (a claim from outside, one that opened files which it
does not speak of) the record is kept for its units alone (`validate.run.stored_units`): nothing
asks for its key. A claim that ended in an error has none.
"""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError

from sim.engine.fingerprint import Source, closure_of, digest
from sim.engine.loaded import other_than
from sim.engine.store import Store
from validate.decisions.rules.base import modules_of_kinds
from validate.registry import Claim, claims
from validate.results.records import ClaimResult, Verdict
from validate.run.claim_progress import Options
from validate.run.judged import Judged
from validate.run.versions import versions

RUN = "validate.run.runner"
KEPT = "judged claim"  # in place of an experiment's name


class JudgedClaims:
    """Records of judged claims in a store."""

    def __init__(self, store: Store, options: Options) -> None:
        self.store, self.options = store, options

    def find(self, claim: Claim) -> Judged | None:
        """What was kept of a claim, if its blocks are still there too."""
        if not _says_all(claim):
            return None
        kept = self.store.get(self._key(claim))
        found = None if kept is None else _read(kept)
        if found is None or not all(block in self.store for block in found.blocks):
            return None
        return found

    def keep(self, claim: Claim, made: Judged, opened: set[str]) -> None:
        """Keep what became of a claim, to be found again if it follows from what its key holds.

        Args:
            claim, made: the claim, and what it gave.
            opened: files that were opened while it was built and judged.
        """
        if made.result.verdict is Verdict.ERROR:
            return
        plain = _plain(made)
        key = self._key(claim) if _follows(claim, opened) else f"units of {_hash(plain)}"
        self.store.put(key, KEPT, [plain], made.result.seconds)

    def _key(self, claim: Claim) -> str:
        parts = {
            "claim": [claim.id, claim.build.__module__, claim.build.__qualname__],
            "code": digest(_sources(claim)),
            "options": dataclasses.asdict(self.options),
            "versions": versions(),
            "reads": claim.reads() if claim.reads is not None else None,
        }
        return _hash(parts)


def judged_in(store: Store) -> Iterator[Judged]:
    """All records of judged claims that can be read, whatever their code and options; the last
    ones first."""
    for key in store.keys_of(KEPT):
        kept = store.get(key)
        found = None if kept is None else _read(kept)
        if found is not None:
            yield found


def _hash(parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _follows(claim: Claim, opened: set[str]) -> bool:
    """Whether what became of a claim follows from what its key holds."""
    if not _says_all(claim) or (opened and claim.reads is None):
        return False
    return other_than({name: one.digest for name, one in _sources(claim).items()}) is None


def _says_all(claim: Claim) -> bool:
    """Whether the claim is what its module says: declared there, its builder a function of it."""
    if any(claim is one for one in claims()):
        return bool(_sources(claim))
    build = claim.build
    name = getattr(build, "__qualname__", "<unnamed>")
    declared = getattr(sys.modules.get(build.__module__), name, None)
    return declared is claim and bool(_sources(claim))


def _sources(claim: Claim) -> Mapping[str, Source]:
    return _sources_of(claim.build.__module__)


@cache
def _sources_of(module: str) -> Mapping[str, Source]:
    """What a module of claims and a run import; empty where the module has no source."""
    own = closure_of(module, ())
    return {**_sources_of_runs(), **own} if own else {}


@cache
def _sources_of_runs() -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    for module in (RUN, *modules_of_kinds()):
        found |= closure_of(module, ())
    return found


def _plain(made: Judged) -> dict[str, Any]:
    return {**vars(made), "result": made.result.model_dump(mode="json")}


def _read(kept: Sequence[Mapping[str, Any]]) -> Judged | None:
    """What `_plain` was made from; None where it is anything else."""
    try:
        (content,) = kept
        return Judged(
            result=ClaimResult.model_validate(content["result"]),
            shares=int(content["shares"]),
            settings=content["settings"],
            code=tuple(map(str, content["code"])),
            blocks=tuple(map(str, content["blocks"])),
        )
    except (ValueError, TypeError, KeyError, ValidationError):
        return None
