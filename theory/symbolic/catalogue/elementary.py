"""Elementary and special functions; those without a formula are sympy's."""

ELEMENTARY = """
sin(x)
cos(x)
tan(x)
sinh(x)
cosh(x)
tanh(x)
atan(x)
asinh(x)
asin(x) = 2*atan(x/(1 + sqrt((1 - x)*(1 + x))))
acos(x) = pi/2 - 2*atan(x/(1 + sqrt((1 - x)*(1 + x))))
atanh(x) = (log(1 + x) - log(1 - x))/2
acosh(x) = log(x + sqrt(x - 1)*sqrt(x + 1))
cot(x) = 1/tan(x)
sec(x) = 1/cos(x)
csc(x) = 1/sin(x)
sech(x) = 1/cosh(x)
csch(x) = 1/sinh(x)
coth(x) = 1/tanh(x)
acot(x) = atan(1/x)
acoth(x) = atanh(1/x)
atan2(y|input|x1, x|other|x2)
    = where(x > 0, atan(y/x),
    where(x < 0, where(y >= 0, atan(y/x) + pi, atan(y/x) - pi), sign(y)*pi/2))
sinc(x)
gd(x) = 2*atan(tanh(x/2))
exp(x)
expm1(x)
exprel(x) = expm1(x)/x
cosm1(x) = cos(x) - 1
exp2(x) = 2**x
exp10(x) = 10**x
log(x)
log(x, base|b) = log(x)/log(base)
log1p(x)
log2(x) = log(x)/log(2)
log10(x) = log(x)/log(10)
logaddexp(x|x1|input, y|x2|other) = log(exp(x) + exp(y))
logaddexp2(x|x1|input, y|x2|other) = log(2**x + 2**y)/log(2)
xlogy(x|input, y|other) = x*log(y)
xlog1py(x|input, y|other) = x*log(1 + y)
logcosh(x) = log(cosh(x))
sqrt(x)
rsqrt(x) = 1/sqrt(x)
cbrt(x) = sign(x)*abs(x)**(1/3)
root(x, n) = x**(1/n)
square(x) = x**2
cube(x) = x**3
reciprocal(x) = 1/x
negative(x) = -x
identity(x) = x
hypot(x, y) = sqrt(x**2 + y**2)
pow(x|base|input|a, y|exp|exponent|b) = x**y
add(x, y) = x + y
subtract(x, y) = x - y
multiply(x, y) = x*y
divide(x, y) = x/y
abs(x)
sign(x)
copysign(x, y) = where(y >= 0, abs(x), -abs(x))
Heaviside(x)
Heaviside(x, h0|values|x2|H0) = where(x > 0, 1, where(x < 0, 0, h0))
step(x) = where(x >= 0, 1, 0)
Max(x<*)
Min(x>*)
clip(x|a|input, lo|min|a_min|min_value|clip_value_min|x_min<=None,
    hi|max|a_max|max_value|clip_value_max|x_max>=None)
    = min(max(x, lo), hi)
clamp_min(x, lo|min) = max(x, lo)
clamp_max(x, hi|max) = min(x, hi)
floor(x)
ceil(x) = -floor(-x)
trunc(x) = where(x >= 0, floor(x), -floor(-x))
round(x) = floor(x + 1/2)
round(x, decimals|ndigits|digits#) = floor(x*10**decimals + 1/2)/10**decimals
frac(x) = x - trunc(x)
mod(x|dividend|input, y|divisor|other) = x - y*floor(x/y)
fmod(x|input, y|other) = x - y*trunc(x/y)
floor_divide(x, y) = floor(x/y)
radians(x) = x*pi/180
degrees(x) = x*180/pi
erf(x)
erfc(x)
erfi(x)
erfinv(x)
erfcx(x) = exp(x**2)*erfc(x)
normcdf(x) = (1 + erf(x/sqrt(2)))/2
normcdf(x, loc|mu, scale|sigma=1) = (1 + erf((x - loc)/(scale*sqrt(2))))/2
normpdf(x) = exp(-x**2/2)/sqrt(2*pi)
normpdf(x, loc|mu, scale|sigma=1) = exp(-((x - loc)/scale)**2/2)/(scale*sqrt(2*pi))
normsf(x) = erfc(x/sqrt(2))/2
log_ndtr(x) = log(erfc(-x/sqrt(2))/2)
ndtri(p) = sqrt(2)*erfinv(2*p - 1)
gamma(x)
gammaln(x)
digamma(x)
LambertW(x)
Si(x)
j0(x)
j1(x)
i0(x)
i1(x)
i0e(x) = exp(-abs(x))*i0(x)
i1e(x) = exp(-abs(x))*i1(x)
besselj(n|v#, x|z)
besseli(n|v#, x|z)
airyai(x)
airybi(x)
legendre(n#, x)
chebyt(n#, x)
chebyu(n#, x)
hermite(n#, x)
hermitenorm(n#, x)
laguerre(n#, x)
"""

NAMES = """
atan: arctan arctg
tan: tg
asinh: arcsinh arsinh
asin: arcsin
acos: arccos
atanh: arctanh artanh
acosh: arccosh arcosh
cot: cotan ctg
acot: arccot
acoth: arccoth
atan2: arctan2
gd: gudermannian
exp: exponential
log: ln
logcosh: log_cosh lncosh
rsqrt: inverse_sqrt
square: sqr
reciprocal: inv
negative: neg
identity: linear id positive no_act
pow: power float_power integer_pow
subtract: sub
multiply: mul
divide: div true_divide truediv
abs: Abs absolute fabs
sign: sgn signum
Heaviside: H Theta theta
step: unit_step binary_step heaviside_step
Max: max maximum fmax maxout
Min: min minimum fmin
clip: clamp clip_by_value clipped
ceil: ceiling
trunc: fix truncate
round: rint around
mod: remainder floormod Mod
floor_divide: floordiv
radians: deg2rad
degrees: rad2deg
normcdf: ndtr Phi norm_cdf cdf
normpdf: norm_pdf pdf
normsf: sf
ndtri: norm_ppf ppf probit
gamma: Gamma tgamma
gammaln: lgamma loggamma
digamma: psi
LambertW: lambertw W
j0: J0 bessel_j0
j1: J1 bessel_j1
i0: I0 bessel_i0
i1: I1 bessel_i1
i0e: bessel_i0e
i1e: bessel_i1e
besselj: jv jn
besseli: iv
airyai: Ai airy_ai
airybi: Bi airy_bi
legendre: eval_legendre legendreP
chebyt: eval_chebyt chebyshevt
chebyu: eval_chebyu chebyshevu
hermite: eval_hermite hermiteH
hermitenorm: eval_hermitenorm hermite_prob
laguerre: eval_laguerre
"""
