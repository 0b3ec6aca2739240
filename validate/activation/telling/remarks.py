"""What the reader of a check has to know about the activation itself."""

from theory.symbolic.activation import Activation


def remarks(described: Activation) -> tuple[str, ...]:
    """Notes: parameters that are kept fixed and digits that are lost in a torch callable, orders
    that differ between the sides.
    """
    return (*_of_callable(described), *_of_orders(described))


def _of_callable(described: Activation) -> tuple[str, ...]:
    if type(described) is Activation:  # of an expression, for which torch is not imported
        return ()
    from sim.activation.numerical import NumericalActivation

    if not isinstance(described, NumericalActivation):
        return ()
    notes, parameters = [], described.function.parameters
    if parameters:
        values = ", ".join(f"{name} = {value}" for name, value in parameters)
        what = "the parameter is" if len(parameters) == 1 else "the parameters are"
        notes.append(f"{what} not trained but kept fixed: {values}")
    if described.lost_within is not None and described.multiplicity is not None:
        notes.append(
            f"within |x| < {described.lost_within:.0e} its values are lost in rounding: the "
            "leading part is that of larger x; written as an expression it is known to all digits"
        )
    return tuple(notes)


def _of_orders(described: Activation) -> tuple[str, ...]:
    if not described.orders_differ:
        return ()
    return (
        "the orders of the sides differ: under gradient descent neurons that only the higher one "
        "drives are left where they were, and belong to no orientation",
    )
