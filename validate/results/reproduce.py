"""The command that makes the results of a run again."""

import shlex
from collections.abc import Iterator
from itertools import pairwise

from validate.results.records import Results


def command(results: Results) -> str:
    """One line: all claims, whole families of them or some by name, with the run's settings."""
    run = results.run
    return (
        f"python -m validate {_what(results)} --seed {run.seed} --budget {run.budget} "
        f"--alpha {run.alpha:g} --device {run.device}{_files(results)}"
    )


def _files(results: Results) -> str:
    """The files that claims from outside are in, as the claims' own commands say them."""
    words = [shlex.split(claim.reproduce) for claim in results.claims]
    files = [b for one in words for a, b in pairwise(one) if a == "--claims"]
    return "".join(f" --claims {shlex.quote(file)}" for file in dict.fromkeys(files))


def _what(results: Results) -> str:
    names = [*_names(results)]
    if results.run.everything or not names:
        return "all"
    return "run " + " ".join(shlex.quote(name) for name in names)


def _names(results: Results) -> Iterator[str]:
    """Families all of whose claims were run, and the other claims."""
    registered = {part.id: set(part.claims) for part in results.parts}
    ran: dict[str, list[str]] = {}
    for claim in results.claims:
        ran.setdefault(claim.part, []).append(claim.id)
    for family, claims in ran.items():
        yield from [family] if registered.get(family) == set(claims) else claims
