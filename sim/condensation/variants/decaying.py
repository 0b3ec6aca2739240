"""How fast the angle to the final orientation fades under weight decay: for controls."""

from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from sim.condensation.approach import Approach
from sim.networks.ensemble import Data, Sigma, Weights
from sim.networks.gradient_flow import Flow
from sim.networks.gradients import Slopes


class DecayingFlow(Flow):
    """Gradient flow with decay: all weights also shrink at a rate of each data set."""

    def __init__(
        self,
        sigma: Sigma,
        data: Data,
        weights: Weights,
        *,
        step: float,
        coupled: bool,
        decay: Float[Tensor, " sets"],
    ) -> None:
        super().__init__(sigma, data, weights, step=step, coupled=coupled)
        plain = self.gradients

        def decayed(weights: Weights, outputs: bool) -> Slopes:
            slopes = plain(weights, outputs)
            w = slopes.w - decay[:, None, None] * weights.w
            return slopes._replace(w=w, a=slopes.a - decay[:, None] * weights.a)

        self.gradients = decayed


@dataclass(frozen=True)
class DecayingApproach(Approach):
    """An `Approach` experiment for p = 1 under weight decay.

    For p = 1 a neuron grows along the orientation at the rate |H| there, and what is across stays
    as it was. If all weights decay at the rate δ|H|, what is across shrinks at δ|H| and the neuron
    grows at (1 − δ)|H| only, so that its angle falls like G^(−1/(1 − δ)). (Our derivation.)

    Attributes:
        decay: δ, below 1.
    """

    name: ClassVar[str] = "approach-decaying"

    decay: float = 0.2

    def __post_init__(self) -> None:
        if self.order != 1:
            raise ValueError("rates are those of neurons for p = 1 only")

    def _flow(
        self, sigma: Sigma, data: Data, direction: Float[Tensor, "sets 2"], start: Weights
    ) -> Flow:
        along = (data.x * direction[:, None, :]).sum(-1)
        height = abs(self.coefficient) * (data.y * along).mean(1).abs()
        decay = self.decay * height
        return DecayingFlow(sigma, data, start, step=self.step, coupled=False, decay=decay)
