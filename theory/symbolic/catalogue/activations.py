"""Activation functions of torch, jax, Keras, TensorFlow and papers."""

ACTIVATIONS = """
relu(x)
relu(x, negative_slope|alpha=0, max_value>=None, threshold=0)
    = min(where(x >= threshold, x, negative_slope*(x - threshold)), max_value)
relu6(x)
squared_relu(x) = relu(x)**2
leaky_relu(x)
leaky_relu(x, negative_slope|alpha|slope|a) = where(x > 0, x, negative_slope*x)
prelu(x, weight|init|alpha|a=0.25) = where(x > 0, x, weight*x)
sigmoid(x)
logsigmoid(x)
softplus(x)
softplus(x, beta) = log(1 + exp(beta*x))/beta
softplus(x, beta=1, threshold=20) = where(beta*x > threshold, x, log(1 + exp(beta*x))/beta)
softsign(x)
tanhshrink(x)
gelu(x, approximate$='none')
gelu_tanh(x)
gelu_fast(x) = 0.5*x*(1 + tanh(x*0.7978845608*(1 + 0.044715*x*x)))
quick_gelu(x) = x*sigmoid(1.702*x)
silu(x)
silu(x, beta|b|a) = x*sigmoid(beta*x)
mish(x)
elu(x)
elu(x, alpha|a)
celu(x)
celu(x, alpha|a)
selu(x)
hardsigmoid(x)
hardswish(x)
hardshrink(x)
hardshrink(x, lambd|threshold|lamda)
softshrink(x)
softshrink(x, lambd|threshold|lamda)
hardtanh(x)
hardtanh(x, min_val|min_value=-1, max_val|max_value=1) = min(max(x, min_val), max_val)
hard_mish(x) = x*clip(x + 2, 0, 2)/2
threshold(x, threshold|theta, value|default_value=0) = where(x > threshold, x, value)
rrelu(x, lower=1/8, upper=1/3) = where(x >= 0, x, (lower + upper)/2*x)
logit(x) = log(x/(1 - x))
squareplus(x, b=4) = (x + sqrt(x**2 + b))/2
sparse_plus(x) = where(x <= -1, 0, where(x >= 1, x, (x + 1)**2/4))
sparse_sigmoid(x) = clip((x + 1)/2, 0, 1)
ssp(x) = log(1 + exp(x)) - log(2)
bent_identity(x) = (sqrt(x**2 + 1) - 1)/2 + x
isru(x, alpha=1) = x/sqrt(1 + alpha*x**2)
isrlu(x, alpha=1) = where(x >= 0, x, x/sqrt(1 + alpha*x**2))
snake(x, a|alpha|frequency=1) = x + sin(a*x)**2/a
lisht(x) = x*tanh(x)
serf(x) = x*erf(log(1 + exp(x)))
smish(x) = x*tanh(log(1 + sigmoid(x)))
logish(x) = x*log(1 + sigmoid(x))
gish(x) = x*log(2 - exp(-exp(x)))
phish(x) = x*tanh(gelu(x))
tanhexp(x) = x*tanh(exp(x))
loglogish(x) = x*(1 - exp(-exp(x)))
gcu(x) = x*cos(x)
lecun_tanh(x) = 1.7159*tanh(2*x/3)
thresholded_relu(x, theta=1) = where(x > theta, x, 0)
elish(x) = where(x >= 0, x*sigmoid(x), (exp(x) - 1)*sigmoid(x))
hard_elish(x) = where(x >= 0, x, exp(x) - 1)*clip((x + 1)/2, 0, 1)
sqnl(x) = where(x > 2, 1, where(x >= 0, x - x**2/4, where(x >= -2, x + x**2/4, -1)))
penalized_tanh(x, alpha|a=0.25) = where(x > 0, tanh(x), alpha*tanh(x))
nlrelu(x, beta|b=1) = log(1 + beta*relu(x))
bsilu(x, alpha|a=1.67) = (x + alpha)*sigmoid(x) - alpha/2
dsilu(x) = sigmoid(x)*(1 + x*(1 - sigmoid(x)))
star_relu(x) = 0.8944*relu(x)**2 - 0.4472
laplace_activation(x, mu=0.707107, sigma=0.282095) = (1 + erf((x - mu)/(sigma*sqrt(2))))/2
"""

NAMES = """
relu: rectifier
squared_relu: relu2 relu_squared sqrrelu
leaky_relu: lrelu
sigmoid: expit logistic sigma sigm
logsigmoid: log_expit
softplus: smooth_relu
gelu_tanh: gelu_new gelu_pytorch_tanh
quick_gelu: gelu_quick
silu: swish swish1
hardsigmoid: hsigmoid
hardswish: hard_silu hswish
hardtanh: htanh
ssp: shifted_softplus
tanhexp: tanh_exp
"""
