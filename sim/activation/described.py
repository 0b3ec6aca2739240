"""Experiments with an activation function among their settings."""

from functools import cached_property

from sim.activation.compiled import TorchActivation
from sim.activation.sigma import sigma_of
from sim.activation.torch_callable import TorchCallable
from theory.symbolic.activation import Activation, activation
from theory.symbolic.leading_part import LeadingPart, leading_part


class WithActivation:
    """An experiment whose setting ``activation`` is an expression in x.

    The text is analyzed on first use, and the record goes with the experiment from then on, to
    other processes too.
    """

    activation: str

    @cached_property
    def described(self) -> Activation:
        """The record of the activation."""
        return activation(self.activation)

    @cached_property
    def part(self) -> LeadingPart:
        """The leading part of the activation.

        Raises:
            ValueError: it has none.
        """
        return leading_part(self.described)

    def sigma(self) -> TorchActivation | TorchCallable:
        """z -> (σ(z), σ'(z)) in torch."""
        return sigma_of(self.described)
