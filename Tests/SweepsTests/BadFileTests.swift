// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

/// Lines of `complete`: 1 seed, 2 output, 3 theory, 4 name, 5 parametrisation, 6 m2, 7 lambda,
/// 8 lattice, 9 extents, 10 samplers, 11 method, 12 trajectories.
@Suite struct BadFileTests {
  static let values = [
    BadFile("seed: 1\n", "", "1:1: 'seed' is missing; it must be an integer >= 0"),
    BadFile("seed: 1", "seed: -1", "1:7: 'seed' must be an integer >= 0, got '-1'"),
    BadFile("seed: 1", "seed:", "1:6: 'seed' must be an integer >= 0, got nothing"),
    BadFile("seed: 1", "seed: ~", "1:7: 'seed' must be an integer >= 0, got '~'"),
    BadFile("seed: 1", "seed: [1]", "1:7: 'seed' must be an integer >= 0, got a list"),
    BadFile("seed: 1", "seed: {a: 1}", "1:7: 'seed' must be an integer >= 0, got a map of keys"),
    BadFile("seed: 1", "seed: 010", "1:7: 'seed' must be an integer >= 0, got '010'"),
    BadFile("seed: 1", "seed: 0x1F", "1:7: 'seed' must be an integer >= 0, got '0x1F'"),
    BadFile("seed: 1", "seed: 1:30", "1:7: 'seed' must be an integer >= 0, got '1:30'"),
    BadFile("seed: 1", "seed: 1_000", "1:7: 'seed' must be an integer >= 0, got '1_000'"),
    BadFile("seed: 1", "seed: ٣", "1:7: 'seed' must be an integer >= 0, got '٣'"),
    BadFile(
      "seed: 1", "seed: 1e3",
      "1:7: 'seed' must be an integer >= 0, got '1e3'; write an integer as digits alone"),
    BadFile(
      "seed: 1", "seed: 2.0",
      "1:7: 'seed' must be an integer >= 0, got '2.0'; write an integer as digits alone"),
    BadFile(
      "seed: 1", "seed: 9223372036854775808",
      "1:7: 'seed' must be an integer >= 0, got '9223372036854775808'; the largest legal"
        + " value is 9223372036854775807"),
    BadFile(
      "seed: 1", "seed: -1.5e0",
      "1:7: 'seed' must be an integer >= 0, got '-1.5e0'; write an integer as digits alone"),
    BadFile("seed: 1", "seed: +1", "1:7: 'seed' must be an integer >= 0, got '+1'"),
    BadFile(
      "seed: 1", "seed: -9223372036854775809",
      "1:7: 'seed' must be an integer >= 0, got '-9223372036854775809'"),
    BadFile(
      "seed: 1", "seed: \"1\"",
      "1:7: 'seed' must be an integer >= 0, got the text \"1\"; remove the quotes"),
    BadFile(
      "trajectories: 1000", "trajectories: 3000000000",
      "12:19: 'samplers.hmc.trajectories' must be an integer >= 1, got '3000000000'; the largest"
        + " legal value is 2147483647"),
    BadFile(
      "output: results", "output: ''",
      "2:9: 'output' must be the name of a folder, got the text \"\""),
    BadFile(
      "output: results", "output: ~/results",
      "2:9: 'output' must be the name of a folder, got '~/results'; write the folder out, '~' is"
        + " not replaced"),
    BadFile(
      "output: results", "output: \"a\\nb\"",
      "2:9: 'output' must be the name of a folder, got the text \"a b\""),
    BadFile("m2: -4", "m2: .inf", "6:7: 'theory.m2' must be a number, got '.inf'"),
    BadFile("m2: -4", "m2: .nan", "6:7: 'theory.m2' must be a number, got '.nan'"),
    BadFile("m2: -4", "m2: nan", "6:7: 'theory.m2' must be a number, got 'nan'"),
    BadFile("m2: -4", "m2: 1e999", "6:7: 'theory.m2' must be a number, got '1e999'"),
    BadFile("m2: -4", "m2: 1e-999", "6:7: 'theory.m2' must be a number, got '1e-999'"),
    BadFile("m2: -4", "m2: -.", "6:7: 'theory.m2' must be a number, got '-.'"),
    BadFile("m2: -4", "m2: 1,5", "6:7: 'theory.m2' must be a number, got '1,5'"),
    BadFile("m2: -4", "m2: no", "6:7: 'theory.m2' must be a number, got 'no'"),
    BadFile(
      "lambda: 4.5", "lambda: -4.5", "7:11: 'theory.lambda' must be a number >= 0, got '-4.5'"),
    BadFile(
      "[8, 8]", "[8, 1]", "9:16: 'lattice.extents[1]' must be an integer >= 2, got '1'"),
    BadFile(
      "[8, 8]", "[8, 8, 8, 8, 8]",
      "9:12: 'lattice.extents' must be a list of 1 to 4 integers >= 2, got 5"),
    BadFile(
      "[8, 8]", "[]", "9:12: 'lattice.extents' must be a list of 1 to 4 integers >= 2, got 0"),
    BadFile(
      "[8, 8]", "8x8",
      "9:12: 'lattice.extents' must be a list of 1 to 4 integers >= 2, got '8x8'"),
    BadFile(
      "[8, 8]", "[65536, 65536]", "9:12: 'lattice' must have at most 2^31 sites"),
    BadFile(
      "method: hmc", "method: hcm",
      "11:13: 'samplers[0].method' must be hmc, fourier-hmc, mala, metropolis, ais, smc or nets, got"
        + " 'hcm', did you mean 'hmc'?"),
    BadFile(
      "method: hmc", "method: nuts",
      "11:13: 'samplers[0].method' must be hmc, fourier-hmc, mala, metropolis, ais, smc or nets, got"
        + " 'nuts', did you mean 'nets'?"),
    BadFile(
      "method: hmc", "method: hmc\n    tune: yes",
      "12:11: 'samplers.hmc.tune' must be true or false, got 'yes'"),
    BadFile(
      "method: hmc", "method: hmc\n    tune: \"true\"",
      "12:11: 'samplers.hmc.tune' must be true or false, got the text \"true\"; remove the quotes"),
    BadFile(
      "method: hmc", "method: hmc\n    jitter: 1",
      "12:13: 'samplers.hmc.jitter' must be a number >= 0 and < 1, got '1'"),
    BadFile(
      "method: hmc", "method: hmc\n    target_acceptance: 1.0",
      "12:24: 'samplers.hmc.target_acceptance' must be a number > 0 and < 1, got '1.0'"),
    BadFile(
      "method: hmc", "method: hmc\n    length: 0",
      "12:13: 'samplers.hmc.length' must be a number > 0, got '0'"),
    BadFile(
      "method: hmc", "method: hmc\n    name: a b",
      "12:11: 'samplers[0].name' must be a name of letters, digits, '-' and '_', got 'a b'"),
    BadFile(
      adding: "measure: {observables: [moments, moment, moments]}",
      "13:34: 'measure.observables[1]' must be moments, correlator or propagator, got 'moment', did"
        + " you mean 'moments'?"),
    BadFile(
      adding: "measure: {observables: [moments, moments]}",
      "13:34: 'measure.observables' has 'moments' twice"),
    BadFile(
      adding: "measure: {observables: []}",
      "13:24: 'measure.observables' must be a list of different words out of moments, correlator,"
        + " propagator, got an empty list"),
    BadFile(
      adding: "checkpoint: {megabytes: 3.9}",
      "13:25: 'checkpoint.megabytes' must be a number >= 4, got '3.9'"),
  ]

  static let structure = [
    BadFile(
      "trajectories: 1000", "trajectories: 1000\n    thermalization: 7",
      "13:5: unknown key 'thermalization' in 'samplers.hmc', did you mean 'thermalisation'?"),
    BadFile(
      "parametrisation: unhalved", "parametrization: unhalved",
      "5:3: unknown key 'parametrization' in 'theory', did you mean 'parametrisation'?"),
    BadFile(
      "theory:", "theroy:",
      "3:1: unknown key 'theroy', did you mean 'theory'?"),
    BadFile(
      "seed: 1", "seed: 1\nlambda: 4",
      "2:1: unknown key 'lambda'; 'lambda' is a key of 'theory'"),
    BadFile(
      "extents: [8, 8]", "extents: [8, 8]\n  boundary: open",
      "10:3: unknown key 'boundary' in 'lattice'; legal keys are extents, extent, dimensions"),
    BadFile(
      "method: hmc", "method: mala\n    scheme: leapfrog",
      "12:5: 'scheme' is a key of hmc, fourier-hmc, ais, smc and nets, not of mala"),
    BadFile(
      "method: hmc", "method: hmc\n    mass2: 1",
      "12:5: 'mass2' is a key of fourier-hmc, ais, smc and nets, not of hmc"),
    BadFile(
      "method: hmc", "method: hmc\n    step: 1",
      "12:5: 'step' is a key of mala, metropolis, ais, smc and nets, not of hmc, did you mean 'steps'?"
    ),
    BadFile(
      "m2: -4", "m2: -4\n  kappa: 0.2", "7:3: 'kappa' is a key of hopping, not of unhalved"),
    BadFile(
      "name: phi4", "name: free",
      "7:3: 'lambda' is a key of phi4, not of free"),
    BadFile(
      "  m2: -4\n", "", "3:1: 'theory.m2' is missing; it must be a number"),
    BadFile(
      "parametrisation: unhalved\n  m2: -4", "parametrisation: hopping",
      "3:1: 'theory.kappa' is missing; it must be a number > 0"),
    BadFile(
      "  lambda: 4.5\n", "", "3:1: 'theory.lambda' is missing; it must be a number >= 0"),
    BadFile(
      "lattice:\n  extents: [8, 8]\n", "", "1:1: the section 'lattice' is missing"),
    BadFile(
      "lattice:\n  extents: [8, 8]\n", "lattice: 8\n",
      "8:10: 'lattice' must be a map of keys, got '8'"),
    BadFile(
      "extents: [8, 8]", "extents: [8, 8]\n  dimensions: 2",
      "10:3: 'lattice' has either 'extents' or 'extent' with 'dimensions', got both"),
    BadFile(
      "extents: [8, 8]", "extent: 8",
      "9:3: 'lattice.extent' needs 'lattice.dimensions', an integer from 1 to 4"),
    BadFile(
      "extents: [8, 8]", "dimensions: 2",
      "9:3: 'lattice.dimensions' needs 'lattice.extent', an integer >= 2"),
    BadFile(
      "extents: [8, 8]", "extent: 8\n  dimensions: 5",
      "10:15: 'lattice.dimensions' must be an integer from 1 to 4, got '5'"),
    BadFile(
      "extents: [8, 8]", "{}",
      "8:1: 'lattice' needs 'extents', such as [16, 16], or 'extent' with 'dimensions'"),
    BadFile(
      "samplers:\n  - method: hmc\n    trajectories: 1000\n", "",
      "1:1: the section 'samplers' is missing"),
    BadFile(
      "samplers:\n  - method: hmc\n    trajectories: 1000\n", "samplers: []\n",
      "10:11: 'samplers' must be a list of one or more samplers, each begun by '- ', got an empty"
        + " list"),
    BadFile(
      "  - method: hmc\n    traj", "  hmc:\n    traj",
      "11:3: 'samplers' must be a list of one or more samplers, each begun by '- ', got a map of"
        + " keys"),
    BadFile(
      "  - method: hmc", "  - hmc\n  - method: hmc",
      "11:5: 'samplers[0]' must be a map of keys, got 'hmc'"),
    BadFile(
      "    trajectories: 1000\n", "",
      "11:5: 'samplers.hmc.trajectories' is missing; it must be an integer >= 1"),
    BadFile(
      "trajectories: 1000\n",
      "trajectories: 1000\n  - method: hmc\n    trajectories: 5\n",
      "13:5: the sampler in line 11 has the name 'hmc' too; give each its own 'name'"),
    BadFile(
      "trajectories: 1000\n",
      "trajectories: 1000\n  - {name: hmc, method: mala, trajectories: 5}\n",
      "13:5: the sampler in line 11 has the name 'hmc' too; give each its own 'name'"),
    BadFile(
      adding: "configurations: {}",
      "13:1: 'configurations.every' is missing; it must be an integer >= 1"),
    BadFile(adding: "measure:", "13:9: 'measure' must be a map of keys, got nothing"),
  ]

  static let meaning = [
    BadFile(
      "lambda: 4.5", "lambda: 0",
      "7:11: 'theory.lambda' must be > 0 where m2 <= 0: the weight exp(-S) cannot be normalised"),
    BadFile(
      "name: phi4\n  parametrisation: unhalved\n  m2: -4\n  lambda: 4.5",
      "{name: free, parametrisation: continuum, m2: 0}",
      "4:48: 'theory.m2' must be > 0 in the free theory: the weight exp(-S) cannot be normalised"),
    BadFile(
      "parametrisation: unhalved\n  m2: -4\n  lambda: 4.5",
      "parametrisation: hopping\n  kappa: 0.25\n  lambda: 0",
      "6:10: 'theory.kappa' must be < 1/(2D) = 1/4 where lambda = 0: the weight exp(-S) cannot be"
        + " normalised"),
    BadFile(
      "method: hmc", "method: hmc\n    thermalisation: 0",
      "12:21: 'samplers.hmc.thermalisation' must be > 0 for tuning; without it set 'tune: false'"),
    BadFile(
      "method: hmc", "method: hmc\n    tune: false\n    target_acceptance: 0.8",
      "13:5: 'samplers.hmc.target_acceptance' is used by tuning only, which 'tune: false' turns off"
    ),
    BadFile(
      adding: "measure: {shells: 4, observables: [moments]}",
      "13:11: 'measure.shells' is used by the propagator only, which 'observables' leaves out"),
    BadFile(
      adding: "measure: {every: 1001}",
      "13:18: 'measure.every' must be at most the number of trajectories"),
    BadFile(
      adding: "configurations: {every: 1001}",
      "13:25: 'configurations.every' must be at most the number of trajectories"),
  ]

  static let syntax = [
    BadFile(
      adding: "seed: 2\nseed: 3", "13:1: the key 'seed' is given twice, first in line 1",
      "14:1: the key 'seed' is given twice, first in line 1"),
    BadFile(
      "name: phi4", "\"name\": phi4\n  name: free",
      "5:3: the key 'name' is given twice, first in line 4"),
    BadFile(
      adding: "measure: {every: 1, every: 2, evry: 3}",
      "13:21: the key 'every' is given twice, first in line 13",
      "13:31: unknown key 'evry' in 'measure', did you mean 'every'?"),
    BadFile(
      "seed: 1", "? &a seed\n: 1\n*a : 2", "1:3: the key 'seed' is given twice"),
    BadFile("seed: 1", "\tseed: 1", "1:1: not valid YAML: a tab cannot indent; use spaces"),
    BadFile(
      "name: phi4", "name: phi4: 2",
      "4:13: not valid YAML: mapping values are not allowed in this context"),
    BadFile(
      "[8, 8]", "[8, 8",
      "10:9: not valid YAML: did not find expected ',' or ']' (while parsing a flow sequence, from"
        + " line 9)"),
    BadFile(
      adding: "---\nseed: 2", "13:1: a sweep file is one document; a second one begins here"),
    BadFile(
      "m2: -4", "m2: &mass -4",
      "6:7: anchors (&) and aliases (*) are not supported; write the value out"),
    BadFile("m2: -4", "m2: *mass", "6:7: not valid YAML: found undefined alias"),
    BadFile(
      adding: "measure: {<<: {every: 2}}",
      "13:11: merge keys (<<) are not supported; write the keys out"),
    BadFile(
      "m2: -4", "m2: !!float -4",
      "6:7: tags such as '!!int' are not supported; write the value alone"),
    BadFile(
      "[8, 8]", "!!set [8, 8]",
      "9:12: tags such as '!!set' are not supported; write the value alone"),
    BadFile(
      "m2: -4", "[m2]: -4", "3:1: 'theory.m2' is missing; it must be a number",
      "6:3: a key must be text, got a list or a map"),
    BadFile(
      "m2: -4", "m2: \u{7}", "6:7: not valid YAML: control characters are not allowed (code 7)"),
    BadFile(
      adding: "x: " + String(repeating: "[", count: 5000),
      "13:5: not valid YAML: lists and maps are nested too deeply"),
  ]

  @Test(arguments: values) func valueIsRefused(file: BadFile) throws { try file.check() }
  @Test(arguments: structure) func structureIsRefused(file: BadFile) throws { try file.check() }
  @Test(arguments: meaning) func meaningIsRefused(file: BadFile) throws { try file.check() }
  @Test(arguments: syntax) func syntaxIsRefused(file: BadFile) throws { try file.check() }

  @Test(arguments: [
    ("", "1:1: the file is empty; it needs 'seed', 'output', 'theory', 'lattice' and 'samplers'"),
    (
      "# a comment\n",
      "1:1: the file is empty; it needs 'seed', 'output', 'theory', 'lattice' and 'samplers'"
    ),
    (
      "- seed: 1\n",
      "1:1: a sweep file must be a map of keys such as 'theory' and 'lattice', got a list"
    ),
    (
      "seed:1\n",
      "1:1: a sweep file must be a map of keys such as 'theory' and 'lattice', got 'seed:1'"
    ),
  ])
  func wholeFileIsRefused(text: String, expected: String) {
    #expect(messages(text) == ["sweep.yaml:" + expected])
  }

  @Test func allProblemsAreToldInLineOrder() {
    let text = """
      sed: 1
      output: 5
      threads: none
      theory:
        name: phi5
        parametrisation: hoping
        kappa: 0
      lattice:
        extents: [8, 8, 1]
        extent: 8
      samplers:
        - methd: hmc
          trajectories: many
        - method: mala
          trajectories: 10
          steps: 3
      measure: {shells: 0}
      grid:
        theory.lamda: [1]
        samplers.mala.step: [x]
        seed: {from: 1}
      """
    #expect(
      messages(text) == [
        "sweep.yaml:1:1: unknown key 'sed', did you mean 'seed'?",
        "sweep.yaml:3:10: 'threads' must be an integer >= 1, got 'none'",
        "sweep.yaml:5:9: 'theory.name' must be phi4 or free, got 'phi5', did you mean 'phi4'?",
        "sweep.yaml:6:20: 'theory.parametrisation' must be unhalved, hopping or continuum, got"
          + " 'hoping', did you mean 'hopping'?",
        "sweep.yaml:7:10: 'theory.kappa' must be a number > 0, got '0'",
        "sweep.yaml:9:19: 'lattice.extents[2]' must be an integer >= 2, got '1'",
        "sweep.yaml:10:3: 'lattice' has either 'extents' or 'extent' with 'dimensions', got both",
        "sweep.yaml:12:5: unknown key 'methd' in 'samplers[0]', did you mean 'method'?",
        "sweep.yaml:13:19: 'samplers[0].trajectories' must be an integer >= 1, got 'many'",
        "sweep.yaml:16:5: 'steps' is a key of hmc, fourier-hmc, ais, smc and nets, not of mala, did you"
          + " mean 'step'?",
        "sweep.yaml:17:19: 'measure.shells' must be an integer >= 1, got '0'",
        "sweep.yaml:19:3: unknown key 'theory.lamda' in 'grid', did you mean 'theory.lambda'?",
        "sweep.yaml:20:24: 'samplers.mala.step[0]' must be a number > 0, got 'x'",
        "sweep.yaml:21:9: 'seed': a range is {from, to, count} or {from, to, step}, with exactly"
          + " these keys",
      ])
  }
}
