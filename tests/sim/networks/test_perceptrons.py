"""Batched networks are those of torch.nn, one by one; their parts train on their own."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from sim.batchnorm.collapse import Collapse
from sim.batchnorm.network_noise import NetworkNoise
from sim.networks.backpropagation import gradients_of
from sim.networks.convolutions import ConvolutionalNetworks, initial_convolutions
from sim.networks.optimizers import Optimizers
from sim.networks.perceptrons import Networks, cross_entropy, initial
from sim.post_shifted import PostShiftedBatchNorm1d, PostShiftedBatchNorm2d
from tests.sim.reproducible import assert_a_block_is_a_function_of_seed_and_index

SIZES, SHIFTS = (6, 5, 4, 3), (0.0, 0.1)
SMALL = Collapse(hidden=(8, 8), batch=16, steps=12, block=3)
NOISE = NetworkNoise(hidden=(8, 8), batch=16, warmup=2, draws=4, block=3)


def ensemble(slope=0.0):
    streams = [np.random.default_rng(seed) for seed in range(2)]
    weights, readout = initial(streams, SIZES, torch.float64)
    return Networks(weights, readout, torch.tensor(SHIFTS, dtype=torch.float64), slope)


def alone(networks, k):
    """The same network from torch's modules."""
    layers = []
    for w in networks.weights:
        linear = nn.Linear(w.shape[2], w.shape[1], bias=False, dtype=torch.float64)
        linear.weight.data.copy_(w[k].detach())
        norm = PostShiftedBatchNorm1d(w.shape[1], shift=SHIFTS[k], dtype=torch.float64)
        layers += [linear, norm, nn.LeakyReLU(networks.slope) if networks.slope else nn.ReLU()]
    readout = nn.Linear(SIZES[-2], SIZES[-1], dtype=torch.float64)
    readout.weight.data.copy_(networks.readout[k].detach())
    readout.bias.data.zero_()
    return nn.Sequential(*layers, readout)


def batches(number, samples=20):
    generator = torch.Generator().manual_seed(0)
    for _ in range(number):
        x = torch.randn(2, SIZES[0], samples, generator=generator, dtype=torch.float64)
        yield x, torch.randint(SIZES[-1], (2, samples), generator=generator)


@pytest.mark.parametrize("slope", [0.0, 0.2])
@pytest.mark.parametrize(
    ("kind", "single"),
    [
        ("sgd", lambda p, lr, wd: torch.optim.SGD(p, lr=lr, weight_decay=wd)),
        ("momentum", lambda p, lr, wd: torch.optim.SGD(p, lr=lr, momentum=0.9, weight_decay=wd)),
        ("adam", lambda p, lr, wd: torch.optim.Adam(p, lr=lr, weight_decay=wd)),
        ("adamw", lambda p, lr, wd: torch.optim.AdamW(p, lr=lr, weight_decay=wd)),
    ],
)
def test_training_is_that_of_torch_modules(kind, single, slope):
    """Each network with its own rate, decay and shift; the test set sees the training statistics.

    Rounding differs between the batched and the single products: 1e-15 grows in 20 steps."""
    networks = ensemble(slope)
    modules = [alone(networks, k) for k in range(2)]
    settings = ((0.05, 0.01), (0.2, 0.0))
    optimizers = Optimizers(kind, networks.parameters(), settings)
    singles = [single(m.parameters(), *s) for m, s in zip(modules, settings, strict=True)]
    for x, labels in batches(20):
        optimizers.step(gradients_of(networks, x.shape[-1])(x, labels))
        for k, (module, one) in enumerate(zip(modules, singles, strict=True)):
            one.zero_grad()
            nn.functional.cross_entropy(module(x[k].T), labels[k]).backward()
            one.step()
    (x, _), (test, _) = batches(2)
    with torch.no_grad():
        seen = networks.forward(x)
        unseen = networks.forward(test, seen.statistics)
        for k, module in enumerate(modules):
            torch.testing.assert_close(seen.output[k].T, module(x[k].T), rtol=1e-6, atol=1e-9)
            biased = [m for m in module if isinstance(m, PostShiftedBatchNorm1d)]
            for norm, (mean, var) in zip(biased, seen.statistics, strict=True):
                assert norm.running_mean is not None
                assert norm.running_var is not None
                norm.running_mean.copy_(mean.view(2, -1)[k])
                norm.running_var.copy_(var.view(2, -1)[k])
            module.eval()
            torch.testing.assert_close(unseen.output[k].T, module(test[k].T), rtol=1e-6, atol=1e-9)


def test_a_shift_without_decay_is_an_initial_bias():
    """Training is the same to rounding for BN that starts at β = α."""
    networks = ensemble()
    plain = networks.part(slice(0, 2))
    plain.shift.zero_()
    with torch.no_grad():
        for bias in plain.biases:
            bias.add_(torch.tensor(SHIFTS, dtype=torch.float64)[:, None])
    pairs = [(one, Optimizers("sgd", one.parameters(), ((0.3, 0.0),))) for one in (networks, plain)]
    for x, labels in batches(50):
        outputs = []
        for one, descent in pairs:
            outputs.append(one.forward(x).output)
            descent.step(torch.autograd.grad(cross_entropy(outputs[-1], labels), one.parameters()))
        torch.testing.assert_close(*outputs, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("experiment", [SMALL, NOISE], ids=["collapse", "noise"])
def test_a_block_is_a_function_of_seed_and_index(experiment):
    assert_a_block_is_a_function_of_seed_and_index(experiment)


@pytest.mark.parametrize("labels", ["true", "random", "fresh"])
def test_a_seed_does_not_depend_on_those_trained_with_it(labels):
    """Nor on the other settings in the ensemble; float32 products differ by rounding alone."""
    experiment = dataclasses.replace(SMALL, labels=labels)
    together = experiment.run(0, 0)
    for replicate, expected in enumerate(together):
        (found,) = experiment.simulate(0, [replicate], "cpu")
        for key in ("collapsed", "active", "accuracy"):
            np.testing.assert_allclose(found[key], expected[key], atol=0.02)
    assert np.shape(together[0]["accuracy"]) == (len(SMALL.trained), len(SMALL.shifts))


def test_filters_that_no_image_reaches_count_as_collapsed():
    dead = dataclasses.replace(SMALL, trained=((0.0, 0.0),), shifts=(0.0, 20.0), steps=1)
    for measured in dead.run(0, 0):
        ((plain, shifted),) = measured["active"]
        assert 0.4 < plain < 0.6  # half of the images, as scale 1 and bias 0 have it
        assert shifted == 1.0  # a normalized input is above −20 on 1437 images within √1436 < 38
        assert measured["collapsed"] == [[0.0, 0.0]]


def test_convolutions_are_those_of_torch_modules():
    """Each network of the ensemble against torch's own modules, in training and on new images."""
    streams = [np.random.default_rng(seed) for seed in range(2)]
    weights, readout = initial_convolutions(streams, (3, 4), 10)
    networks = ConvolutionalNetworks(weights, readout, torch.tensor(SHIFTS))
    optimizers = Optimizers("sgd", networks.parameters(), ((0.1, 0.01),))
    modules = []
    for k, shift in enumerate(SHIFTS):
        layers = []
        for number, w in enumerate(weights):
            stride = 2 if number else 1
            conv = nn.Conv2d(w.shape[2], w.shape[1], 3, stride, padding=1, bias=False)
            conv.weight.data.copy_(w[k])
            layers += [conv, PostShiftedBatchNorm2d(w.shape[1], shift=shift), nn.ReLU()]
        linear = nn.Linear(4, 10)
        linear.weight.data.copy_(readout[k])
        linear.bias.data.zero_()
        modules.append(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), linear))
    singles = [torch.optim.SGD(m.parameters(), lr=0.1, weight_decay=0.01) for m in modules]
    generator = torch.Generator().manual_seed(0)
    for _ in range(5):
        x = torch.randn(2, 64, 12, generator=generator)
        labels = torch.randint(10, (2, 12), generator=generator)
        passed = networks.forward(x)
        optimizers.step(gradients_of(networks, 12)(x, labels))
        for k, (module, one) in enumerate(zip(modules, singles, strict=True)):
            output = module(x[k].T.reshape(12, 1, 8, 8))
            torch.testing.assert_close(passed.output[k].T, output, rtol=1e-4, atol=1e-5)
            active = module[:3](x[k].T.reshape(12, 1, 8, 8)) > 0
            share = (passed.active[0][k] > 0).float().mean()
            torch.testing.assert_close(share, active.float().mean(), rtol=0.0, atol=1e-3)
            one.zero_grad()
            nn.functional.cross_entropy(output, labels[k]).backward()
            one.step()
    with torch.no_grad():
        seen = networks.forward(x)
        again = networks.forward(x, seen.statistics)
    torch.testing.assert_close(again.output, seen.output, rtol=1e-4, atol=1e-5)


def test_convolutional_networks_are_judged_like_others():
    experiment = dataclasses.replace(SMALL, channels=(4, 4), steps=3, block=2)
    for measured in experiment.run(0, 0):
        assert np.shape(measured["collapsed"]) == (2, 2)
        assert np.all((np.array(measured["active"]) > 0.1) & (np.array(measured["active"]) < 0.9))


def test_networks_learn_true_labels_and_not_random_ones():
    """Certain for the fixed seed. Chance is 0.1; a network that knows nothing may favor some
    classes, by which its accuracy scatters to about 0.05, the mean of six by 0.03 at most.
    """
    learn = dataclasses.replace(SMALL, hidden=(32,), trained=((0.3, 0.0),), steps=150, batch=64)
    accuracy = [one["accuracy"] for one in learn.run(0, 0)]
    assert np.min(accuracy) > 0.8
    fresh = dataclasses.replace(learn, labels="fresh").run(0, 0)
    assert np.mean([one["accuracy"] for one in fresh]) < 0.25


@pytest.mark.parametrize("loss", ["noise", "true labels", "random labels", "fresh labels"])
def test_every_loss_is_measured_in_every_layer(loss):
    for network in dataclasses.replace(NOISE, loss=loss, rate=0.3).run(0, 0):
        assert len(network["layers"]) == len(NOISE.hidden)
        for layer in network["layers"]:
            assert np.all(np.array(layer["power"]) >= 0)
            assert layer["noise"] > 0
            assert len(layer["drift"]) == 8


def test_power_under_the_readout_is_the_squared_length_of_its_columns():
    """E[δ²] = Σ_c R_cj², rows of R of length 1, so that a layer's sum is the number of classes.

    Relative standard error of the mean over 400 batches of 64 at 10 classes: below 0.5 %.
    """
    experiment = dataclasses.replace(NOISE, batch=64, draws=400, warmup=0, block=2)
    for network in experiment.run(0, 0):
        assert sum(network["layers"][-1]["power"]) == pytest.approx(10, rel=0.03)
