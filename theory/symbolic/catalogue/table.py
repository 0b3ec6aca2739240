"""Looking functions up by the name that somebody gave them."""

import difflib

from theory.symbolic.catalogue import activations, elementary
from theory.symbolic.catalogue.entries import Entry, aliases, table
from theory.symbolic.catalogue.libraries import MODULES, NOTES, OWN, PREFIXES

# Names that differ from others in capitals alone: Phi is the distribution function of the normal
# law, phi may be its density or an activation.
_CASED = {"Phi", "phi", "H", "theta", "Theta", "J0", "J1", "I0", "I1", "Si", "Ai", "Bi", "psi", "W"}
_CASED |= {"Gamma", "gamma"}


def key(name: str) -> str:
    """Names that differ in capitals and underscores alone are one: LeakyReLU is leaky_relu."""
    return name if name in _CASED else name.lower().replace("_", "")


_TABLE = {**table(elementary.ELEMENTARY, key), **table(activations.ACTIVATIONS, key)}
_ALIASES = {**aliases(elementary.NAMES, key), **aliases(activations.NAMES, key)}
_ALIASES = {other: name for other, name in _ALIASES.items() if name in _TABLE}
# One letter may be a function only where brackets follow it.
_LETTERS = {name for name in (*_TABLE, *_ALIASES) if len(name) == 1}

# What is no function of one number, and why.
REFUSED: dict[str, str] = {
    **dict.fromkeys(
        (
            "softmax",
            "logsoftmax",
            "softmin",
            "glu",
            "crelu",
            "layernorm",
            "batchnorm",
            "normalize",
        ),
        "mixes several inputs; an activation is a function of one number",
    ),
    **dict.fromkeys(
        ("sum", "mean", "prod", "std", "var", "cumsum", "logsumexp", "norm", "amax", "amin"),
        "takes an array; an activation is a function of one number",
    ),
    **dict.fromkeys(
        ("dropout", "alphadropout", "gumbelsoftmax", "rand", "randn", "random", "normal"),
        "is random; an activation is a function of one number",
    ),
    "softclipping": "depends on its alpha; write log((1 + exp(a*x))/(1 + exp(a*(x - 1))))/a with a "
    "number in place of a",
    "softexponential": "depends on its alpha; write (exp(a*x) - 1)/a + a where it is positive, "
    "-log(1 - a*(x + a))/a where negative, with a number in place of a",
    "gaussian": "has several meanings; write exp(-x**2) or exp(-x**2/2)",
    "factorial": "is not accepted; write gamma(x + 1)",
    "phi": "has several meanings; write normpdf(x) or normcdf(x)",
    **dict.fromkeys(
        ("diff", "integrate", "derivative", "grad", "integral", "limit"),
        "is not accepted; write out the derivative or integral",
    ),
}


def lookup(name: str, library: str = "") -> list[Entry]:
    """The ways to call a function of this name; none where it is unknown."""
    found = key(name)
    if (library, found) in OWN:
        return OWN[library, found]
    found = _ALIASES.get(found, found)
    return OWN.get((library, found)) or _TABLE.get(found, [])


def convention(entry: Entry) -> str | None:
    """What others define otherwise, for the function without a library of its own."""
    found = key(entry.name)
    return entry.note or NOTES.get(found)


def is_function(name: str) -> bool:
    """Whether a name, dotted or not, is that of a function that is known or known to be refused."""
    last = name.rpartition(".")[2]
    if len(name) == 1 or last in ("phi", "theta", "psi", "gamma", "sigma"):
        return False
    found = key(last)
    return bool(lookup(last)) or found in REFUSED or last in OTHER_CALLS


# Calls that take conditions or lists; `theory.symbolic.spelling` reads them.
OTHER_CALLS = {"where", "select", "Piecewise", "piecewise"}


def names() -> list[str]:
    """All names of functions."""
    return sorted({entry.name for entries in _TABLE.values() for entry in entries})


def spellings() -> list[str]:
    """Names and all that they are called besides."""
    return [*names(), *_ALIASES]


def nearest(name: str) -> str | None:
    """The known name that is most like this one."""
    every = {key(one): one for one in names()}
    every.update({other: every[key(_TABLE[target][0].name)] for other, target in _ALIASES.items()})
    close = difflib.get_close_matches(key(name), list(every), n=1, cutoff=0.78)
    return every[close[0]] if close else None


def library_of(prefix: str) -> str | None:
    """The library of a dotted prefix such as ``torch.nn.functional``; None where it is none."""
    words = prefix.split(".")
    if words[0] not in PREFIXES or not set(words[1:]) <= MODULES:
        return None
    library = ""
    for count in range(1, len(words) + 1):
        library = PREFIXES.get(".".join(words[:count]), library)
    return layers_of(library) if library == "keras" and "layers" in words else library


def layers_of(library: str, prefix: str = "") -> str:
    """The library of what is called twice, as in ``nn.ELU(0.5)(x)``.

    jax has no layers; ``nn`` is then torch's, and those of flax are named with it.
    """
    if library == "jax":
        library = "flax" if prefix.split(".")[0] in ("flax", "linen") else "torch"
    return f"{library} layers".strip()
