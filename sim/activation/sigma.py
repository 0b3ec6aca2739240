"""σ and σ' for training: of an expression, or the torch function that an activation came from."""

from sim.activation.compiled import TorchActivation
from sim.activation.compiled import compile as compile_activation
from sim.activation.numerical import NumericalActivation
from sim.activation.torch_callable import TorchCallable
from theory.symbolic.activation import Activation


def sigma_of(described: Activation) -> TorchActivation | TorchCallable:
    """z -> (σ(z), σ'(z)) in torch.

    Raises:
        ActivationError: an expression without translation to torch.
    """
    if isinstance(described, NumericalActivation):
        return described.function
    return compile_activation(described)
