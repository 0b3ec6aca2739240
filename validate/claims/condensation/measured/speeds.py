"""What claims on times and rates of condensation share: data, activations, looks."""

from sim.condensation.escape import Source

SOURCES: tuple[Source, ...] = ("random-labels", "gaussian-coefficients")
LOOKS = (2, 4, 8)

TANH, RELU = "tanh(x)", "relu(x)"
POWERS = {2: "x*tanh(x)", 3: "x**2*tanh(x)"}
NAMES = {TANH: "tanh", RELU: "ReLU", POWERS[2]: "x·tanh", POWERS[3]: "x²·tanh"}
