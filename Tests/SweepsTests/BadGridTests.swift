// SPDX-License-Identifier: GPL-3.0-or-later
import Testing

/// Lines of `complete` are counted as in `BadFileTests`; a grid added at its end begins in line 13.
@Suite struct BadGridTests {
  static let grids = [
    BadFile(
      adding: "grid:\n  theory.kapa: [1]",
      "14:3: unknown key 'theory.kapa' in 'grid', did you mean 'theory.kappa'?"),
    BadFile(
      adding: "grid:\n  lambda: [1]",
      "14:3: unknown key 'lambda' in 'grid', did you mean 'theory.lambda'?"),
    BadFile(
      adding: "grid:\n  temperature: [1]",
      "14:3: unknown key 'temperature' in 'grid'; a grid varies dotted keys such as"
        + " 'theory.lambda' or 'samplers.NAME.steps'"),
    BadFile(
      adding: "grid:\n  theory: {lambda: [1]}",
      "14:3: 'theory' is a section; a grid varies keys such as 'theory.m2'"),
    BadFile(
      adding: "grid:\n  samplers.hcm.steps: [1]",
      "14:3: no sampler has the name 'hcm', did you mean 'hmc'?"),
    BadFile(
      adding: "grid:\n  samplers.other.steps: [1]",
      "14:3: no sampler has the name 'other'; the samplers are hmc"),
    BadFile(
      adding: "grid:\n  samplers.hmc.step: [1]",
      "14:3: 'step' is a key of mala, metropolis, ais, smc and nets, not of hmc, did you mean 'steps'?"
    ),
    BadFile(
      adding: "grid:\n  theory.kappa: [1]", "14:3: 'kappa' is a key of hopping, not of unhalved"),
    BadFile(
      adding: "grid:\n  theory.lambda: [1, 2]",
      "14:3: 'theory.lambda' is varied here but fixed in line 7; remove one of the two"),
    BadFile(
      adding: "grid:\n  theory.name: [free, phi4]",
      "14:3: 'theory.name' cannot be varied by a grid",
      "14:3: 'theory.name' is varied here but fixed in line 4; remove one of the two"),
    BadFile(
      adding: "grid:\n  together: {monitor.reversibility: [1, 2], measure.every: [1]}",
      "14:3: keys that vary together need as many values each: 'monitor.reversibility'"
        + " has 2, 'measure.every' has 1"),
    BadFile(
      adding: "grid:\n  together: {monitor.reversibility: [1, 1], measure.every: [5, 5]}",
      "14:3: 'together' repeats its point 1 as point 2"),
    BadFile(
      adding: "grid:\n  together: {monitor.reversibility: [1, 2], samplers.hmc.jitter: [0, 0.1]}",
      "14:3: 'monitor.reversibility' and 'samplers.NAME.jitter' cannot vary together: all keys of 'together' must be of one"
        + " sampler, or none of a sampler"),
    BadFile(
      adding: "grid:\n  together: {measure.every: [1, 2]}",
      "14:13: 'together' must have two keys or more: they vary together"),
    BadFile(
      adding: "grid:\n  together: [1]",
      "14:13: 'together' must be a map of keys with their lists, got a list"),
    BadFile(
      adding: "grid: [1]", "13:7: 'grid' must be a map of keys, got a list"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: [1, oops, 3, -1]\n",
      "8:22: 'theory.lambda[1]' must be a number >= 0, got 'oops'",
      "8:31: 'theory.lambda[3]' must be a number >= 0, got '-1'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: 4\n",
      "8:18: 'theory.lambda' must be a list of values or a range, got '4'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: []\n",
      "8:18: 'theory.lambda' must have at least one value, got an empty list"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: [4.5, 4.50]\n",
      "8:24: 'theory.lambda[1]' repeats the value 4.5"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 1, to: 2}\n",
      "8:18: 'theory.lambda': a range is {from, to, count} or {from, to, step}, with exactly these"
        + " keys"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 1, to: 2, count: 3, step: 1}\n",
      "8:18: 'theory.lambda': a range is {from, to, count} or {from, to, step}, with exactly these"
        + " keys"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 1, to: 2, conut: 3}\n",
      "8:35: unknown key 'conut' in 'theory.lambda', did you mean 'count'?"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 1, to: 2, count: 1}\n",
      "8:42: 'theory.lambda.count' must be an integer >= 2, got '1'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 0.2, to: 0.3, step: 0.03}\n",
      "8:45: 'theory.lambda.step' must lead from 0.2 to 0.3 in one or more whole steps, got '0.03'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 2, to: 1, step: 1}\n",
      "8:41: 'theory.lambda.step' must lead from 2 to 1 in one or more whole steps, got '1'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 2, to: 1, step: 0}\n",
      "8:41: 'theory.lambda.step' must lead from 2 to 1 in one or more whole steps, got '0'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 0, to: 1.2345678901234567, count: 9}\n",
      "8:18: 'theory.lambda' has more digits than a range can keep exactly; write its values as a"
        + " list"),
    BadFile(
      "  lambda: 4.5\n",
      "grid:\n  theory.lambda: {from: 0, to: 1e-9223372036854775808, count: 9}\n",
      "8:32: 'theory.lambda.to' must be a number, got '1e-9223372036854775808'"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  theory.lambda: {from: 1, to: 2, count: 100001}\n",
      "8:18: 'theory.lambda' has 100001 values, more than the 100000 runs a sweep may have"),
    BadFile(
      "  lambda: 4.5\n",
      "grid:\n  theory.lambda: {from: 1, to: 1000, count: 1000}\n"
        + "  samplers.hmc.steps: {from: 1, to: 101, count: 101}\n",
      "7:1: the grid makes more than 100000 runs"),
    BadFile(
      "  lambda: 4.5\n",
      "grid:\n  theory.lambda: [1]\n  measure.every: {from: 1, to: 2, count: 3}\n",
      "9:18: 'measure.every[1]' must be an integer >= 1, got '1.5'; write an integer as digits"
        + " alone"),
    BadFile(
      "lambda: 4.5\n", "lambda: 4.5\ngrid:\n  samplers.hmc.start: {from: 1, to: 2, count: 3}\n",
      "9:23: 'samplers.hmc.start' has no range; it needs a list of values"),
    BadFile(
      "  lambda: 4.5\n", "grid:\n  lattice.extent: [8]\n  theory.lambda: [1]\n",
      "11:3: 'lattice' has either 'extents' or 'extent' with 'dimensions', got both"),
    BadFile(
      "  m2: -4\n  lambda: 4.5\n",
      "grid:\n  theory.m2: [-1, 0, 1]\n  theory.lambda: [1, 0]\n",
      "8:22: at m2=-1 lambda=0: 'theory.lambda' must be > 0 where m2 <= 0: the weight exp(-S)"
        + " cannot be normalised (and at 1 more grid point)"),
    BadFile(
      "    trajectories: 1000\n",
      "grid:\n  samplers.hmc.trajectories: [1, 10, 20]\n  measure.every: [1, 10, 20]\n",
      "14:22: at every=10 hmc trajectories=1: 'measure.every' must be at most the number of"
        + " trajectories",
      "14:26: at every=20 hmc trajectories=1: 'measure.every' must be at most the number of"
        + " trajectories (and at 1 more grid point)"),
  ]

  @Test(arguments: grids) func gridIsRefused(file: BadFile) throws { try file.check() }
}
