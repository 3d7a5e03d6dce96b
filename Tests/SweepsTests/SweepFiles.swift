// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

/// A sweep file without its `theory`, `lattice` and `samplers`, which tests write themselves.
let head = """
  seed: 1
  output: results

  """

/// A legal file to which tests add lines at the end; `grid` or an optional section, say.
let complete =
  head + """
    theory:
      name: phi4
      parametrisation: unhalved
      m2: -4
      lambda: 4.5
    lattice:
      extents: [8, 8]
    samplers:
      - method: hmc
        trajectories: 1000

    """

func parse(_ text: String) throws -> SweepDefinition {
  try SweepDefinition(parsing: text, fileName: "sweep.yaml")
}

/// The messages of a bad file, one a line; empty for a good one.
func messages(_ text: String) -> [String] {
  do {
    _ = try parse(text)
    return []
  } catch {
    return "\(error)".split(separator: "\n").map(String.init)
  }
}

/// A legal file with the four methods and every section, one key a line.
let everything = """
  title: every key
  seed: 9223372036854775807
  output: results/every
  threads: 2
  theory:
    name: phi4
    parametrisation: continuum
    m2: -0.5
    lambda: 2
  lattice:
    extents: [4, 6, 8]
  samplers:
    - name: A
      method: hmc
      chains: 3
      trajectories: 1234
      thermalisation: 7
      start: cold
      cluster: 2
      tune: true
      target_acceptance: 0.75
      scheme: fourth-order
      length: 2.5
      steps: 11
      jitter: 0.25
    - name: B
      method: fourier-hmc
      trajectories: 10
      mass2: 0.125
    - name: C-1
      method: mala
      trajectories: 1
      step: 1e-2
    - name: D_2
      method: metropolis
      trajectories: 1001
      tune: false
  measure:
    every: 1
    observables: [propagator, moments]
    shells: 5
  configurations:
    every: 1
    precision: single
  checkpoint:
    seconds: 1.5
    megabytes: 4
  monitor:
    reversibility: 0

  """
