"""Kinds of spelling: every text means what the plain one beside it means."""

import re

import pytest
import sympy

from theory.symbolic.activation import ActivationError, X, activation, parse
from theory.symbolic.parsing import read

SAME = [
    # libraries by the names that people import them under
    ("np.tanh(x)", "tanh(x)"),
    ("jnp.maximum(0, x)", "Max(0, x)"),
    ("jax.nn.relu(x)", "relu(x)"),
    ("tf.nn.relu(x)", "relu(x)"),
    ("keras.activations.elu(x)", "elu(x)"),
    ("tf.keras.activations.selu(x)", "selu(x)"),
    ("torch.nn.functional.mish(x)", "mish(x)"),
    ("torch.special.expit(x)", "sigmoid(x)"),
    ("scipy.special.erf(x)", "erf(x)"),
    ("scipy.stats.norm.cdf(x)", "(1+erf(x/sqrt(2)))/2"),
    ("math.erf(x) * math.pi", "pi*erf(x)"),
    ("jax.lax.logistic(x)", "sigmoid(x)"),
    ("sympy.Max(0, x)", "Max(0, x)"),
    ("np.e**x - 1", "exp(x) - 1"),
    # modules and methods
    ("nn.ReLU()(x)", "relu(x)"),
    ("torch.nn.LeakyReLU(0.2)(x)", "leaky_relu(x, 0.2)"),
    ("nn.LeakyReLU(negative_slope=0.2, inplace=True)(x)", "leaky_relu(x, 0.2)"),
    ("nn.GELU(approximate='tanh')(x)", "gelu_tanh(x)"),
    ("nn.Hardtanh(-2, 2)(x)", "Min(Max(x, -2), 2)"),
    ("x.relu()", "relu(x)"),
    ("x.sigmoid() * x", "silu(x)"),
    ("x.clamp(min=0)", "Max(x, 0)"),
    ("(x > 0).float() * x", "Piecewise((1, x > 0), (0, True))*x"),
    ("torch.exp(-x).add(1).reciprocal()", "1/(1+exp(-x))"),
    ("x*x.gt(0).to(x.dtype)", "x*Piecewise((1, x > 0), (0, True))"),
    ("x*x.ge(0).float()", "x*Piecewise((1, x >= 0), (0, True))"),
    ("x.lt(0).type_as(x)", "Piecewise((1, x < 0), (0, True))"),
    ("F.prelu(x, torch.tensor([0.1]))", "leaky_relu(x, 0.1)"),
    ("torch.max(x, torch.tensor(0.1))", "Max(x, 0.1)"),
    ("scipy.special.exprel(x)", "(exp(x) - 1)/x"),
    ("scipy.special.log_expit(x)", "logsigmoid(x)"),
    ("scipy.special.cosm1(x)", "cos(x) - 1"),
    ("lax.integer_pow(x, 2)", "x**2"),
    ("keras.layers.ReLU(6)(x)", "relu6(x)"),
    ("keras.layers.PReLU()(x)", "relu(x)"),
    ("max([0, x])", "relu(x)"),
    ("math.remainder(x, 2)", "x - 2*floor(x/2 + 1/2)"),
    # keywords with the defaults of their library
    ("elu(x, alpha=0.5)", "elu(x, 0.5)"),
    ("F.softplus(x, beta=2)", "log(1+exp(2*x))/2"),
    ("F.gelu(x, approximate='none')", "gelu(x)"),
    ("jax.nn.gelu(x)", "gelu_tanh(x)"),
    ("jax.nn.gelu(x, approximate=False)", "gelu(x)"),
    ("tf.nn.leaky_relu(x)", "leaky_relu(x, 0.2)"),
    ("jax.nn.leaky_relu(x)", "leaky_relu(x)"),
    ("keras.layers.LeakyReLU()(x)", "leaky_relu(x, 0.3)"),
    ("np.clip(x, 0, None)", "Max(x, 0)"),
    ("np.clip(x, a_min=-1, a_max=1)", "hardtanh(x)"),
    ("clip(x, -inf, 1)", "Min(x, 1)"),
    ("np.clip(x, float('-inf'), 1)", "Min(x, 1)"),
    ("snake(x, a=5)", "x + sin(5*x)**2/5"),
    ("F.hardshrink(x, lambd=0.1)", "hardshrink(x, 0.1)"),
    ("F.threshold(x, 0.1, 20)", "Piecewise((x, x > 0.1), (20, True))"),
    ("log(x + 2, 2)", "log(x+2)/log(2)"),
    # conditions and conditionals
    ("x if x > 0 else 0.1*x", "Piecewise((x, x > 0), (0.1*x, True))"),
    ("1 if x > 1 else x if x > 0 else 0", "Piecewise((1, x > 1), (x, x > 0), (0, True))"),
    ("np.where(x > 0, x, 0.1*x)", "Piecewise((x, x > 0), (0.1*x, True))"),
    ("where((x > -1) & (x < 1), x, 0)", "Piecewise((x, (x > -1) & (x < 1)), (0, True))"),
    ("where(np.logical_and(x > -1, x < 1), x, 0)", "Piecewise((x, (x > -1) & (x < 1)), (0, True))"),
    ("torch.where(x > 0, x, torch.zeros_like(x))", "Piecewise((x, x > 0), (0, True))"),
    ("np.select([x < 0, x < 1], [0, x], 1)", "Piecewise((0, x < 0), (x, x < 1), (1, True))"),
    (
        "np.piecewise(x, [x < 0, x >= 0], [lambda x: 0, lambda x: x**2])",
        "Piecewise((0, x < 0), (x**2, x >= 0), (0, True))",
    ),
    ("x*(x>0) + 0.1*x*(x<=0)", "x*Piecewise((1,x>0),(0,True))+0.1*x*Piecewise((1,x<=0),(0,True))"),
    # notation of papers
    ("|x|", "abs(x)"),
    ("||x| - 1|", "abs(abs(x) - 1)"),
    ("x|x|", "x*abs(x)"),
    ("x^2", "x**2"),
    ("2x", "2*x"),
    ("2x^2 + 3x", "2*x**2 + 3*x"),
    ("(x+1)(x-1)", "(x+1)*(x-1)"),
    ("x(1-x)", "x*(1-x)"),
    ("x tanh(x)", "x*tanh(x)"),
    ("2 sin x cos x", "2*sin(x)*cos(x)"),
    ("sin 2x", "sin(2*x)"),
    ("sin²(x)", "sin(x)**2"),
    ("tanh^2 x", "tanh(x)**2"),
    ("e^-x", "exp(-x)"),
    ("x⁻¹ + x³", "1/x + x**3"),
    ("√(1+x²)", "sqrt(1+x**2)"),
    ("σ(x)·x", "sigmoid(x)*x"),
    ("½(1 + tanh(x))", "(1+tanh(x))/2"),
    ("log₂(1 + |x|)", "log(1+abs(x))/log(2)"),
    ("Φ(x)", "(1+erf(x/sqrt(2)))/2"),
    ("tanh(𝑥)", "tanh(x)"),
    ("x − tanh(x)", "x - tanh(x)"),
    ("ln cosh x", "log(cosh(x))"),
    ("sin 2|x|", "sin(2*abs(x))"),
    ("sin 2e^x", "sin(2*exp(x))"),
    ("e^[-x]", "exp(-x)"),
    ("(ln|x|)^2", "log(abs(x))**2"),
    ("sin(x)|x|", "sin(x)*abs(x)"),
    ("|x| ln|x| (x+1)", "abs(x)*log(abs(x))*(x+1)"),
    ("1/2 sin^2(x)", "sin(x)**2/2"),
    ("x.*tanh(x)", "x*tanh(x)"),
    ("x.^2./(1 + x.^2)", "x**2/(1 + x**2)"),
    (r"\log_2(1+x^2)", "log(1+x**2)/log(2)"),
    (r"\log_{10}(1+x^2)", "log(1+x**2)/log(10)"),
    ("softplus(x) - ln2", "log(1 + exp(x)) - log(2)"),
    ("Tanh[x]", "tanh(x)"),
    ("Max[0, x]", "relu(x)"),
    ("x Tanh[Log[1 + Exp[x]]]", "mish(x)"),
    ("0.5x(1+tanh[√(2/π)(x+0.044715x³)])", "gelu_tanh(x)"),
    ("0.5x[1 + tanh[√[2/π][x + 0.044715x³]]]", "gelu_tanh(x)"),
    ("x·1[x > 0]", "x*Piecewise((1, x > 0), (0, True))"),
    ("⌊x + ½⌋", "floor(x + 1/2)"),
    ("x mod 2", "x - 2*floor(x/2)"),
    (r"\frac{x}{1+e^{-x}}", "silu(x)"),
    (r"x \cdot \sigma(1.702 x)", "x*sigmoid(1.702*x)"),
    (r"\max\{0, x\}", "relu(x)"),
    (r"x\tanh\left(\ln(1+e^{x})\right)", "mish(x)"),
    (r"\sqrt{1+x^2} - \operatorname{erf}(x)", "sqrt(1+x**2) - erf(x)"),
    # headings, and any letter
    ("f(x) = tanh(x)", "tanh(x)"),
    ("σ(z) = z/(1 + e^-z)", "silu(x)"),
    ("y = x", "x"),
    ("lambda t: t*(t > 0)", "x*Piecewise((1, x > 0), (0, True))"),
    ("lambda inputs: tf.nn.relu(inputs)", "relu(x)"),
    ("def f(x): return tanh(x)", "tanh(x)"),
    ("x ↦ x²", "x**2"),
    ("tanh(θ)", "tanh(x)"),
    ("tanh(z)", "tanh(x)"),
]


@pytest.mark.parametrize(("text", "plain"), SAME)
def test_means_the_plain_one(text: str, plain: str) -> None:
    found, wanted = parse(text), parse(plain)
    if found == wanted:
        return
    for at in ("0.37", "-0.61", "1.3", "-2.4"):
        values = [sympy.N(one.xreplace({X: sympy.Rational(at)}), 30) for one in (found, wanted)]
        assert abs(values[0] - values[1]) < 1e-25, at


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("sinc(x)", "sinc(x) is sin(x)/x"),
        ("np.sinc(x)", "sin(πx)/(πx)"),
        ("sign(x)", "sign(0) = 0"),
        ("heaviside(x)", "1/2"),
        ("hard_sigmoid(x)", "relu6(x + 3)/6"),
        ("K.hard_sigmoid(x)", "clip(0.2 x + 0.5, 0, 1)"),
        ("leaky_relu(x)", "slope 0.01"),
        ("tf.nn.leaky_relu(x)", "slope 0.2"),
        ("jax.nn.gelu(x)", "tanh approximation"),
        ("x % 2", "sign of the divisor"),
    ],
)
def test_conventions_that_differ_are_told(text: str, note: str) -> None:
    assert any(note in one for one in read(text).notes)


@pytest.mark.parametrize("text", ["leaky_relu(x, 0.1)", "tanh(x)", "jax.nn.gelu(x, False)"])
def test_where_nothing_differs_nothing_is_told(text: str) -> None:
    assert read(text).notes == ()


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("1/2x", "two ways"),
        ("e^2x", "two ways"),
        ("√2x", "two ways"),
        ("tanh x/2", "two ways"),
        ("tanh 2*x", "two ways"),
        ("sign x |x|^2", "two ways"),
        ("sin x |x|", "two ways"),
        ("sin x e^(-x^2)", "two ways"),
        ("sin 2√x", "two ways"),
        ("sin x x", "two ways"),
        ("ln |x|^2", "two ways"),
        ("sin x (x+1)", "two ways"),
        ("sin 2x^2 (x+1)", "two ways"),
        ("ln cosh x(x+1)", "two ways"),
        ("sin^-1(x)", "asin"),
        ("ReLu6x", "did you mean"),
        ("tannh(x)", "did you mean tanh"),
        ("torch.tannh(x)", "did you mean tanh"),
        ("softmax(x)", "several inputs"),
        ("F.dropout(x)", "random"),
        ("nn.RReLU()(x)", "random"),
        ("x.mean()", "an array"),
        ("max(x)", "max(0, x)"),
        ("os.system(x)", "no function of a known library"),
        ("foo.tanh(x)", "did you mean tanh(x)"),
        ("np.tanh", "needs an argument"),
        ("nn.ReLU", "needs an argument"),
        ("elu(x, beta=1)", "it knows alpha"),
        ("gelu(x, approximate='erf')", "'none' or 'tanh'"),
        ("φ(x)", "normpdf"),
        ("xtanh(x)", "did you mean x*tanh"),
        ("2 3", "a sign is missing"),
        ("|x", "no partner"),
        ("f(x)", "write f*"),
        ("tanh(x²) + у", "did you mean y"),
        ("celu(x, 0)", "alpha"),
        ("max(x, inf)", "inf is not accepted"),
        ("J0", "needs an argument"),
        ("(x)+", "relu(x)"),
        ("tanh(x", "1 ) missing"),
        (r"\foo{x}", "plain text"),
        ("gaussian(x)", "exp(-x**2/2)"),
        ("x[0]", "no indices"),
        ("x[-1]", "no indices"),
        ("[x, 1]", "one formula"),
        ("tanh[x", "cannot be read at '['"),
        (r"\log_3(x)", "write log(…, 3)"),
        ("lambda x, a=0.1: a*x", "write the value of a in its place"),
        ("def f(x, a=0.1): return a*x", "write the value of a in its place"),
        ("x>0 ? x : 0", "write where(x > 0, x, 0)"),
        ("torch.tensor([0.1, 0.2])*x", "one formula"),
        ("x!", "no valid expression"),
    ],
)
def test_a_refusal_says_what_to_type_in_one_line(text: str, advice: str) -> None:
    with pytest.raises(ActivationError, match=re.escape(advice)) as caught:
        activation(text)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)
