"""What an author says of a check, read: what is missing or contradicts itself is refused."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy

from sim.experiment import Experiment
from validate.author import kinds
from validate.author.bodies import Check
from validate.author.faults import UnusableError
from validate.author.law import Formula, Law, power_of
from validate.author.simulations.simulation import Simulation
from validate.author.words import Given, Limit, Margin, Power

MOST_BEYOND = 0.5  # share of replicates that may exceed what is still called a bound
OURS = "sim."  # experiments of these modules can be trained as they are
KINDS = ("relative", "bound", "exponent", "curve", "ordering", "count", "identity")


def read(
    place: str, said: Mapping[str, Any], references: Sequence[str], assumptions: Sequence[str]
) -> Check:
    """The check of the arguments of `Theory.check`.

    Raises:
        UnusableError: it cannot be checked, and why.
    """
    margin = _margin(said["margin"])
    kind, given = _kind(said, margin), _given(said["given"])
    law = Law(said["law"])
    right = kind.formula(_formula(law.right, given, kind, "law"))
    wrong = _wrong(said["wrong"])
    on = _experiments(said["on"], kind, "on")
    controls = _experiments(said["wrong_experiment"] or {}, kind, "wrong_experiment")
    _check_wrong(controls, on)
    return Check(
        place=place,
        kind=kind,
        law=law,
        right=right,
        wrong={n: _formula(e, given, kind, f"wrong law '{n}'") for n, e in wrong.items()},
        equations={n: sympy.Eq(law.equation.lhs, e, evaluate=False) for n, e in wrong.items()},
        given=given,
        margin=margin,
        assumptions=(*assumptions, *said["assumptions"]),
        on=on,
        positive=_experiments(said["positive"] or {}, kind, "positive"),
        wrong_experiment=controls,
        regime=_regime(said["regime"] or {}),
        observed=_observed(said["observe"]),
        exemption=_exemption(said, kind),
        references=tuple(references),
        figures=said["figures"],
    )


def _margin(margin: Any) -> Margin:
    if not isinstance(margin, Margin):
        raise UnusableError("a margin and its reason are needed: margin=Margin(value, reason)")
    return margin


def _given(given: Any) -> tuple[Given, ...]:
    found = (given,) if isinstance(given, Given) else given
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise UnusableError(f"given: {given!r} is no tuple of Given(symbol, source, meaning)")
    for one in found:
        if not isinstance(one, Given):
            raise UnusableError(f"given: {one!r} is no Given(symbol, source, meaning)")
    return tuple(found)


def _wrong(wrong: Any) -> Mapping[str, Any]:
    if not wrong or not isinstance(wrong, Mapping):
        raise UnusableError(
            "at least one wrong law is needed that the measurements reject: wrong={name: formula}"
        )
    return wrong


def _exemption(said: Mapping[str, Any], kind: kinds.Kind) -> str:
    """Why there is no experiment control; an exact identity needs none."""
    why = said["no_wrong_experiment"]
    if said["wrong_experiment"]:
        if why:
            raise UnusableError("there is a wrong_experiment and a reason why there is none")
        return ""
    if not isinstance(why, str) or (not why.strip() and not isinstance(kind, kinds.IdentityKind)):
        raise UnusableError(
            "an experiment control is needed, where the law must fail because the experiment is "
            "wrong: wrong_experiment={name: simulation}; or no_wrong_experiment=why nothing can "
            "be trained that must fail"
        )
    return why


def _formula(expression: Any, given: Sequence[Given], kind: kinds.Kind, name: str) -> Formula:
    formula = Formula(expression, given, name)
    if not isinstance(kind, kinds.ExponentKind):
        return formula
    swept = [one.symbol for one in given if one.source == kind.power.setting]
    if swept:
        formula = Formula(power_of(formula.expression, swept[0]), given, name)
    if any(one.source is None for one in formula.given):
        left = ", ".join(str(one.symbol) for one in formula.given if one.source is None)
        axis = f"; no symbol stands for the setting '{kind.power.setting}' of Power"
        raise UnusableError(
            f"{name}: no setting or measured number gives {left}, nor cancels it"
            f"{'' if swept else axis}"
        )
    return formula


def _kind(said: Mapping[str, Any], margin: Margin) -> kinds.Kind:
    asked = [name for name in KINDS if said[name] not in (None, False)]
    if len(asked) > 1:
        raise UnusableError(f"it is of one kind, not of {' and '.join(asked)}")
    within = _within(said["within"])
    common: dict[str, Any] = {"observe": _observe(said["observe"]), "within": within}
    kind, value = (asked[0], said[asked[0]]) if asked else ("value", None)
    if kind == "exponent":
        if not isinstance(value, Power):
            raise UnusableError("exponent: which power is Power(setting, window)")
        return kinds.ExponentKind(**common, power=value)
    if kind in ("bound", "ordering", "count") and value is not True:
        if isinstance(value, bool) or not isinstance(value, float) or not 0 < value < 1:
            raise UnusableError(f"{kind}: {value!r} is no share between 0 and 1")
        if kind == "bound" and value > MOST_BEYOND:
            raise UnusableError(
                f"bound: {value:g} is the share of replicates that may exceed the law, and at most "
                f"{MOST_BEYOND:g} may; bound=True is 0.05"
            )
        common["share"] = value
    if kind == "ordering":
        return kinds.OrderingKind(**common, smallest=margin.value)
    plain = {
        "value": kinds.Kind,
        "relative": kinds.RelativeKind,
        "bound": kinds.BoundKind,
        "curve": kinds.CurveKind,
        "count": kinds.CountKind,
        "identity": kinds.IdentityKind,
    }
    return plain[kind](**common)


def _within(within: Any) -> tuple[float, float] | None:
    if within is None:
        return None
    if not isinstance(within, tuple) or len(within) != 2 or not within[0] < within[1]:
        raise UnusableError(f"within: {within!r} is no range (lowest, highest)")
    return float(within[0]), float(within[1])


def _observed(observe: Any) -> str:
    if isinstance(observe, str):
        return observe
    return "what is measured"


def _observe(observe: Any) -> kinds.Observe:
    if callable(observe):
        return observe
    if not isinstance(observe, str):
        raise UnusableError(f"observe: {observe!r} is no name of a measured number")

    def by_name(measured: Mapping[str, Any]) -> Any:
        if observe not in measured:
            there = ", ".join(f"'{name}'" for name in measured)
            raise UnusableError(f"observe: there is no '{observe}', measured is {there}")
        return measured[observe]

    return by_name


def _regime(regime: Any) -> Mapping[str, Limit]:
    if not all(isinstance(one, Limit) for one in regime.values()):
        raise UnusableError("regime: {name: Limit(source, at_most=…)} is what it takes")
    return regime


def _experiments(given: Any, kind: kinds.Kind, where: str) -> Mapping[str, Experiment]:
    named = given if isinstance(given, Mapping) else {"measured against law": given}
    if where == "on" and not named:
        raise UnusableError("on: there is no simulation")
    made: dict[str, Experiment] = {}
    for name, meant in named.items():
        for one in meant if isinstance(meant, tuple) else (meant,):
            _check_simulation(one, where)
        made[name] = kind.experiment(meant)
    twice = [name for name, one in made.items() if list(made.values()).count(one) > 1]
    if twice:
        raise UnusableError(f"{where}: {' and '.join(map(repr, twice))} are the same simulation")
    return made


def _check_wrong(controls: Mapping[str, Experiment], on: Mapping[str, Experiment]) -> None:
    for name, wrong in controls.items():
        for label, right in on.items():
            if wrong == right:
                raise UnusableError(
                    f"wrong_experiment '{name}' is the simulation '{label}' of on: nothing is "
                    "wrong with it"
                )


def _check_simulation(one: Any, where: str) -> None:
    """It can be run, hashed, told from others and sent to other processes."""
    cls = type(one)
    if isinstance(one, Experiment) and cls.__module__.startswith(OURS):
        return
    if not isinstance(one, Simulation):
        raise UnusableError(f"{where}: {one!r} is no Simulation")
    if "__dataclass_fields__" not in cls.__dict__:
        raise UnusableError(f"{where}: {cls.__name__} lacks @dataclass(frozen=True)")
    methods: tuple[Callable[..., Any], ...] = (cls.measure, cls.measure_all, cls.simulate)
    if methods == (Simulation.measure, Simulation.measure_all, Simulation.simulate):
        raise UnusableError(f"{where}: {cls.__name__} has no measure(self, rng)")
    if "<locals>" in cls.__qualname__:
        raise UnusableError(f"{where}: {cls.__name__} stands in a function, not in the file itself")
    for field in dataclasses.fields(one):
        if field.name != "block" and hasattr(Simulation, field.name):
            raise UnusableError(
                f"{where}: the setting {field.name} of {cls.__name__} hides what every simulation "
                "has under that name"
            )
        value = getattr(one, field.name)
        try:
            hash(value)
            json.dumps(value if not dataclasses.is_dataclass(value) else dataclasses.asdict(value))  # type: ignore[arg-type]
        except TypeError as error:
            raise UnusableError(
                f"{where}: the setting {field.name} of {cls.__name__} is a "
                f"{type(value).__name__}; settings are numbers, texts and tuples of these"
            ) from error
