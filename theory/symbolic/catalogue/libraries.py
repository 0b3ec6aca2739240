"""Libraries by the names that people import them under, and what is their own in each.

Sources: the documentation of torch 2, jax.nn, Keras 3, TensorFlow 2, numpy, scipy and sympy.
"""

from theory.symbolic.catalogue.entries import Entry, entry

# The first words of a dotted name and its library; the longest that fits counts.
PREFIXES: dict[str, str] = {
    **dict.fromkeys(("np", "numpy", "cp", "cupy", "jnp", "jax.numpy", "onp", "xp"), "numpy"),
    **dict.fromkeys(("torch", "F", "nn.functional", "functional", "torch.nn"), "torch"),
    **dict.fromkeys(("jax", "jax.nn", "jnn", "flax", "flax.linen", "linen", "lax", "nn"), "jax"),
    **dict.fromkeys(("jsp", "jsp.special", "jax.scipy", "jsp.stats.norm"), "scipy"),
    **dict.fromkeys(("tf", "tensorflow", "tf.nn", "tf.math"), "tensorflow"),
    **dict.fromkeys(("keras", "activations", "ops", "layers", "tf.keras"), "keras"),
    **dict.fromkeys(("tensorflow.keras",), "keras"),
    **dict.fromkeys(("K", "keras.backend", "backend", "tf.keras.backend"), "keras 2"),
    **dict.fromkeys(("math",), "math"),
    **dict.fromkeys(("scipy", "special", "scipy.special", "stats", "norm"), "scipy"),
    **dict.fromkeys(("sympy", "sy", "sym", "sp"), "sympy"),
    **dict.fromkeys(("mpmath", "mp"), "mpmath"),
}

# Words that may stand between a library and a function.
MODULES = {
    *("nn", "functional", "special", "numpy", "linen", "lax", "scipy", "stats", "norm", "math"),
    *("keras", "activations", "layers", "ops", "backend", "jax", "linalg", "modules", "activation"),
    *("experimental", "compat", "v1", "distributions"),
}

# Those of them that have layers, which are made first and called with x then.
LAYERS = {"nn", "layers", "linen", "modules", "activation"}

# Arguments of torch that stand before ``inplace``, the argument itself among them.
BEFORE_INPLACE: dict[str, int] = {
    **dict.fromkeys(("relu", "relu6", "selu", "silu", "mish", "hardswish", "hardsigmoid"), 1),
    **dict.fromkeys(("leakyrelu", "elu", "celu"), 2),
    **dict.fromkeys(("hardtanh", "threshold"), 3),
}

_SINC = "np.sinc, torch.sinc and jnp.sinc are sin(πx)/(πx); sinc alone is sin(x)/x, as in sympy"
_GELU = "jax.nn.gelu is the tanh approximation by default; approximate=False is the exact one"
_KERAS_SLOPE = "slope {} for x < 0, the default of {}; torch and jax have 0.01"
_HARD = "hard_sigmoid of Keras 2 is clip(0.2 x + 0.5, 0, 1); Keras 3 and torch have relu6(x + 3)/6"

_PRELU = "PReLU with slope {} for x < 0, the initial value of {}, fixed here"
_KERAS_PRELU = _PRELU.format("0", "Keras")

_SLOPED = "leaky_relu(x, negative_slope|alpha=0.2) = where(x > 0, x, negative_slope*x)"
_TORCH_LAYER = "prelu(x, num_parameters#=1, init|weight|alpha|a=0.25) = where(x > 0, x, init*x)"
_FLAX_LAYER = "prelu(x, negative_slope_init=0.01) = where(x > 0, x, negative_slope_init*x)"
_LAYER = "leaky_relu(x, negative_slope|alpha=0.3) = where(x > 0, x, negative_slope*x)"


def _normalized_sinc() -> Entry:
    return entry("sinc(x) = sinc(pi*x)", _SINC)


# (library, key): entries that differ from those of the same name without a library.
OWN: dict[tuple[str, str], list[Entry]] = {
    **{(one, "sinc"): [_normalized_sinc()] for one in ("numpy", "torch", "scipy", "tensorflow")},
    **{(one, "relu"): [entry("relu(x)")] for one in ("torch", "torch layers")},
    ("jax", "gelu"): [entry("gelu(x, approximate$=True)", _GELU)],
    ("tensorflow", "leakyrelu"): [
        entry(_SLOPED, _KERAS_SLOPE.format("0.2", "tf.nn.leaky_relu")),
    ],
    ("keras", "leakyrelu"): [entry(_SLOPED, _KERAS_SLOPE.format("0.2", "keras.activations"))],
    ("keras 2", "hardsigmoid"): [entry("hardsigmoid(x) = clip(0.2*x + 0.5, 0, 1)", _HARD)],
    ("keras layers", "leakyrelu"): [entry(_LAYER, _KERAS_SLOPE.format("0.3", "keras.layers"))],
    ("keras layers", "relu"): [
        entry(
            "relu(x, max_value>=None, negative_slope|alpha=0, threshold=0)"
            " = min(where(x >= threshold, x, negative_slope*(x - threshold)), max_value)"
        )
    ],
    ("keras layers", "prelu"): [entry("prelu(x) = max(x, 0)", _KERAS_PRELU)],
    **{
        (one, "prelu"): [entry(_TORCH_LAYER, _PRELU.format("0.25", "torch"))]
        for one in ("torch layers", "layers")
    },
    ("flax layers", "prelu"): [entry(_FLAX_LAYER, _PRELU.format("0.01", "flax"))],
    ("math", "remainder"): [entry("mod(x, y) = x - y*round(x/y)")],
    ("sympy", "heaviside"): [
        entry("Heaviside(x)"),
        entry("Heaviside(x, h0|H0) = where(x > 0, 1, where(x < 0, 0, h0))"),
    ],
}

# What others define otherwise, said where the function is used without a library.
NOTES: dict[str, str] = {
    "sinc": "sinc(x) is sin(x)/x, as in sympy; np.sinc and torch.sinc are sin(πx)/(πx)",
    "heaviside": "the step at 0 has the value 1/2, as in sympy; np.heaviside(x, h) says which",
    "step": "the step at 0 has the value 1; heaviside(x) has 1/2 there",
    "sign": "sign(0) = 0",
    "hardsigmoid": "hard_sigmoid is relu6(x + 3)/6, as in torch and Keras 3; that of Keras 2 is "
    "clip(0.2 x + 0.5, 0, 1)",
    "leakyrelu": "slope 0.01 for x < 0, as in torch and jax; Keras and TensorFlow have 0.2",
    "round": "halves are rounded up, Python, numpy and torch round them to even",
    "mod": "the remainder has the sign of the divisor, as in Python, numpy and torch.remainder",
    "prelu": "PReLU with slope 0.25 for x < 0, torch's initial value, fixed here",
    "rrelu": "RReLU with its mean slope, as outside training",
}
