"""Leading forms of smooth activations."""

import numpy as np

from theory.condensation.forms.homogeneous import HomogeneousForm


def smooth(x: np.ndarray, y: np.ndarray, p: int, c: float = 1.0) -> HomogeneousForm:
    return HomogeneousForm(x, y, p, c, (-1.0) ** p * c)
