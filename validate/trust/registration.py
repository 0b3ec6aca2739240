"""Whether a claim may be judged: what its verdict could not be trusted without is refused."""

from collections import Counter
from collections.abc import Sequence

from sim.engine.errors import PlacedError, described
from sim.experiment import Experiment
from validate.claim import MAX_LOOKS, Body, Decision, Role
from validate.decisions.rules.base import kind_of
from validate.registry import Claim


class RegistrationError(ValueError):
    """A claim lacks what makes its verdict trustworthy."""


def checked(claim: Claim) -> Body:
    """The body of a claim, built, if its verdict can be trusted.

    Raises:
        RegistrationError: it cannot be built, or `check` refuses it.
        PlacedError: it cannot be built, by an error that says where.
    """
    try:
        body = claim.build()
    except PlacedError:  # it says where
        raise
    except Exception as error:  # whatever is wrong in a claim is told with its name
        raise RegistrationError(f"{claim.id} cannot be built: {described(error)}") from error
    return check(claim, body)


def check(claim: Claim, body: Body) -> Body:
    """Refuse a claim whose verdict could not be trusted.

    Raises:
        RegistrationError: no control, two decisions of one name, too many looks, a margin too wide
            for its control, an experiment control of another prediction or on the claim's own
            experiments, a claim that may disagree without a positive control, more decisions than
            it has shares of α, or words about a decision that it does not have.
    """
    _check_names(claim.id, body)
    roles = [d.role for d in body.decisions]
    if Role.CLAIM not in roles:
        raise RegistrationError(f"{claim.id}: no decision about the claim itself")
    if Role.RESOLUTION not in roles:
        raise RegistrationError(f"{claim.id}: no resolution control")
    if claim.may_disagree and Role.POSITIVE not in roles:
        raise RegistrationError(f"{claim.id}: it may come out DISAGREE but has no positive control")
    for decision in body.decisions:
        _check_decision(claim.id, decision, body.grid)
        if decision.role is Role.EXPERIMENT:
            _check_experiment_control(claim.id, decision, body.decisions)
    if body.shares > claim.shares:
        raise RegistrationError(
            f"{claim.id}: its decisions take {body.shares} shares of α, and it reserves "
            f"{claim.shares} (shares=…)"
        )
    readable = {d.name for d in body.decisions if not d.role.must_fail}
    for reading in claim.readings:
        if reading.decision is not None and reading.decision not in readable:
            raise RegistrationError(
                f"{claim.id}: a reading is of '{reading.decision}', which is no decision that "
                "could agree"
            )
    return body


def _check_names(id: str, body: Body) -> None:
    """What is decided is found by its name."""
    names = Counter(decision.name for decision in body.decisions)
    for name, count in names.items():
        if count > 1:
            raise RegistrationError(f"{id}: {count} decisions are named '{name}'")


def _check_decision(id: str, decision: Decision, grid: tuple[Experiment, ...]) -> None:
    where = f"{id}, '{decision.name}'"
    looks = decision.looks
    if not looks or len(looks) > MAX_LOOKS or list(looks) != sorted(set(looks)) or looks[0] < 1:
        raise RegistrationError(f"{where}: {looks} is no plan of 1 to {MAX_LOOKS} growing looks")
    if not decision.experiments or not set(decision.experiments) <= set(grid):
        raise RegistrationError(f"{where}: its experiments are not in the claim's grid")
    if set(decision.fitted_on) & set(decision.experiments):
        raise RegistrationError(f"{where}: judged on the experiments that its law was fitted on")
    if decision.role is not Role.RESOLUTION:
        return
    if decision.distance is None or decision.distance <= 0:
        raise RegistrationError(f"{where}: a resolution control states its distance")
    margin = decision.prediction.margin
    if kind_of(decision.prediction).margin_is_distance and margin > decision.distance / 2:
        raise RegistrationError(
            f"{where}: the margin {margin:g} exceeds half the distance {decision.distance:g} "
            "to this control"
        )


def _check_experiment_control(id: str, control: Decision, decisions: Sequence[Decision]) -> None:
    """It could have come out otherwise only where other units are judged by the same prediction."""
    where = f"{id}, '{control.name}'"
    right = [d for d in decisions if not d.role.must_fail]
    same = [d for d in right if d.prediction == control.prediction]
    if not same:
        raise RegistrationError(f"{where}: an experiment control leaves the prediction as it is")
    if any(set(d.experiments) & set(control.experiments) for d in same):
        raise RegistrationError(
            f"{where}: an experiment control has experiments that its prediction is not claimed for"
        )
