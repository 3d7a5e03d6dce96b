# SPDX-License-Identifier: GPL-3.0-or-later
"""A training step of a drift network in PyTorch, on one thread, in double precision.

The network, the batch and the loss are those of `driftfield-bench --network`: a drift of three convolutions on
64 fields of 32 x 32, kernels tied over orbits of the square's symmetries,

    b = sum_f W_f * (beta_f tanh(alpha'_f K1_f * sum_c M_fc tanh(alpha_c K0_c * phi))),

its divergence, and the gradient of mean |div b - grad U . b - dU/dt + dF/dt|^2 by all parameters. With --probe the
divergence is one probe's estimate by a forward derivative, else it is exact by the formula of the tool. Value and
tangent are written out by hand and share each transform, and transforms are real: faster here than torch.func.jvp.

Prints steps a second of processor time. Arguments: [--probe] [--compile] [--channels C] [--seconds S] [--check]
"""
import statistics
import sys
import time

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

EXTENT, BATCH = 32, 64


def option(name, default):
    return type(default)(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


CHANNELS = option("--channels", 8)
SECONDS = option("--seconds", 1.0)


def orbits():
    """For every displacement the number of its orbit under reflections and the exchange of the axes."""
    numbers, table = {}, torch.empty(EXTENT, EXTENT, dtype=torch.long)
    for x in range(EXTENT):
        for y in range(EXTENT):
            key = tuple(sorted((min(x, EXTENT - x), min(y, EXTENT - y))))
            table[x, y] = numbers.setdefault(key, len(numbers))
    return table, len(numbers)


TABLE, ORBITS = orbits()
generator = torch.Generator().manual_seed(1)


def normal(*shape, scale=1.0):
    return scale * torch.randn(*shape, generator=generator)


def parameters():
    c = CHANNELS
    values = [
        normal(c, ORBITS, scale=0.02), normal(c, ORBITS, scale=0.02), normal(c, ORBITS, scale=0.1),
        normal(c, c, scale=c**-0.5), torch.ones(c), torch.ones(c), torch.ones(c),
    ]
    values[0][:, 0] += 1
    values[1][:, 0] += 1
    return [value.requires_grad_() for value in values]


def transform(x):
    return torch.fft.rfft2(x)


def back(x):
    return torch.fft.irfft2(x, s=(EXTENT, EXTENT))


def reflected(kernel):
    return torch.roll(torch.flip(kernel, (-2, -1)), (1, 1), (-2, -1))


def network(phi, theta, probe):
    """Velocity and divergence; `phi` is [batch, 1, L, L]."""
    k0, k1, w = (values[:, TABLE] for values in theta[:3])
    matrix, alpha0, alpha1, beta = theta[3:]
    f0, f1, fw = transform(k0), transform(k1), transform(w)
    scale0, scale1, scale2 = (values[:, None, None] for values in (alpha0, alpha1, beta))

    def mix(x):
        return torch.matmul(matrix, x.flatten(2)).view_as(x)

    def first(x):
        return scale0 * back(transform(x) * f0)

    def second(x):
        return scale1 * back(transform(mix(x)) * f1)

    def third(x):
        return back((transform(scale2 * x) * fw).sum(1, keepdim=True))

    count = len(phi)
    if probe is not None:
        u = first(torch.cat((phi, probe)))
        a = torch.tanh(u[:count])
        u = second(torch.cat((a, (1 - a * a) * u[count:])))
        s = torch.tanh(u[:count])
        result = third(torch.cat((s, (1 - s * s) * u[count:])))
        return result[:count], (result[count:] * probe).sum((1, 2, 3))
    a = torch.tanh(first(phi))
    s = torch.tanh(second(a))
    # div b = sum_fc <D2_f, Q_fc * D1_c>, Q_fc(z) = M_fc K1_f(z) (K0_c * W_f)(-z).
    composed = back(fw[:, None] * f0[None])
    q = transform(matrix[:, :, None, None] * k1[:, None] * reflected(composed))
    slopes = transform(scale0 * (1 - a * a))
    carried = back(torch.einsum("fcxy,bcxy->bfxy", q, slopes))
    return third(s), (scale1 * scale2 * (1 - s * s) * carried).sum((1, 2, 3))


def loss(phi, gradient, rate, theta, probe):
    velocity, divergence = network(phi, theta, probe)
    return ((divergence - (gradient * velocity).sum((1, 2, 3)) - rate) ** 2).mean()


def main():
    theta = parameters()
    phi, gradient = normal(BATCH, 1, EXTENT, EXTENT), normal(BATCH, 1, EXTENT, EXTENT)
    rate = normal(BATCH)
    probe = torch.sign(normal(BATCH, 1, EXTENT, EXTENT)) if "--probe" in sys.argv else None
    if "--check" in sys.argv:
        # The exact divergence is the mean over probes.
        exact = network(phi, theta, None)[1]
        means = [network(phi, theta, torch.sign(normal(*phi.shape)))[1] for _ in range(100)]
        means = torch.stack(means)
        error = means.std(0) / len(means) ** 0.5
        print(f"largest deviation in errors {((means.mean(0) - exact) / error).abs().max():.1f}")
        return
    function = torch.compile(loss) if "--compile" in sys.argv else loss

    def step():
        value = function(phi, gradient, rate, theta, probe)
        value.backward()
        for values in theta:
            values.grad = None

    step()
    times = []
    start = time.process_time()
    while len(times) < 5 or time.process_time() - start < SECONDS:
        begin = time.process_time()
        step()
        times.append(time.process_time() - begin)
    print(f"{1 / statistics.median(times):.2f}")


main()
