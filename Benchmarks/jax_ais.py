# SPDX-License-Identifier: GPL-3.0-or-later
"""Annealed Langevin steps of 1000 walkers of a 32 x 32 lattice as a compiled array program, on one thread.

As driftfield-bench --annealing does, each step draws its normals, moves along the gradient of the couplings
before, takes gradient and action of the couplings after, and adds S_old − S_new + log B/F to the walker's log
weight. Prints the rate in 10^6 site updates a second: that of the fastest way to write it. With --all, the rate
of each.
"""
import os
import statistics
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
from jax import lax

jax.config.update("jax_enable_x64", True)

WALKERS, EXTENT, STEPS = 1000, 32, 16
HOPPING, SIZE = 2.0, 0.01
C2 = jnp.linspace(5.0, 3.5, STEPS + 1)
C4 = jnp.linspace(0.0, 0.5, STEPS + 1)


def neighbours(phi, axes):
    return sum(jnp.roll(phi, shift, axis) for axis in axes for shift in (1, -1))


def steps(phi, gradient, energy, key, axes):
    """All steps of a batch of walkers; `axes` are those of the lattice."""

    def step(state, couplings):
        phi, gradient, energy, weight, key = state
        c2, c4 = couplings
        key, now = jax.random.split(key)
        noise = jax.random.normal(now, phi.shape, jnp.float64)
        phi = phi - SIZE * gradient + jnp.sqrt(2 * SIZE) * noise
        around = HOPPING * neighbours(phi, axes)
        square = phi * phi
        after = phi * (2 * c2 + 4 * c4 * square) - around
        action = jnp.sum(phi * (phi * (c2 + c4 * square) - 0.5 * around), axes)
        drift = jnp.sqrt(SIZE / 2) * (gradient + after)
        ratio = jnp.sum(drift * (noise - 0.5 * drift), axes)
        return (phi, after, action, weight + energy - action + ratio, key), None

    state = (phi, gradient, energy, jnp.zeros_like(energy), key)
    return lax.scan(step, state, (C2[1:], C4[1:]))[0][:4]


def rate(axes, chunk, generator):
    """`chunk` walkers go through all steps before the next ones, if they are not all."""

    def batch(phi, gradient, energy, key):
        if chunk == WALKERS:
            return steps(phi, gradient, energy, key, axes)

        def part(of):
            return steps(*of, axes)

        def split(values):
            return values.reshape(WALKERS // chunk, chunk, *values.shape[1:])

        keys = jax.random.split(key, WALKERS // chunk)
        results = lax.map(part, (split(phi), split(gradient), split(energy), keys))
        return tuple(values.reshape(WALKERS, *values.shape[2:]) for values in results)

    shape = [EXTENT] * 2
    shape.insert(2 - axes[0] * 2, WALKERS)
    shape = tuple(shape)
    run = jax.jit(batch, donate_argnums=(0, 1, 2))
    key = jax.random.key(1, impl=generator)
    phi = 0.3 * jax.random.normal(key, shape, jnp.float64)
    around = HOPPING * neighbours(phi, axes)
    gradient = 2 * C2[0] * phi - around
    energy = jnp.sum(phi * (C2[0] * phi - 0.5 * around), axes)
    times = []
    start = time.perf_counter()
    while len(times) < 4 or time.perf_counter() - start < 3.0:
        before = time.perf_counter()
        phi, gradient, energy, weight = jax.block_until_ready(run(phi, gradient, energy, key))
        times.append(time.perf_counter() - before)
        if len(times) > 4 and time.perf_counter() - start > 8.0:
            break
    assert bool(jnp.all(jnp.isfinite(weight)))
    # The first call compiles.
    return WALKERS * EXTENT * EXTENT * STEPS / statistics.median(times[1:]) * 1e-6


WAYS = {
    "all walkers at once": ((1, 2), WALKERS, "threefry2x32"),
    "all walkers at once, last": ((0, 1), WALKERS, "threefry2x32"),
    "10 walkers at a time": ((1, 2), 10, "threefry2x32"),
    "1 walker at a time": ((1, 2), 1, "threefry2x32"),
    "all walkers at once, generator rbg": ((1, 2), WALKERS, "rbg"),
    "10 walkers at a time, generator rbg": ((1, 2), 10, "rbg"),
}

best = 0.0
for name, way in WAYS.items():
    value = rate(*way)
    best = max(best, value)
    if "--all" in sys.argv[1:]:
        print(f"{name}: {value:.1f}", flush=True)
if "--all" not in sys.argv[1:]:
    print(f"{best:.1f}")
