"""What the reader of a check of a torch callable has to know about the callable."""

from theory.symbolic.activation import Activation


def remarks(described: Activation) -> tuple[str, ...]:
    """Notes on a torch callable: parameters that are kept fixed; none for an expression."""
    from sim.activation.numerical import NumericalActivation

    if not isinstance(described, NumericalActivation):
        return ()
    parameters = described.function.parameters
    if not parameters:
        return ()
    values = ", ".join(f"{name} = {value}" for name, value in parameters)
    what = "the parameter is" if len(parameters) == 1 else "the parameters are"
    return (f"{what} not trained but kept fixed: {values}",)
