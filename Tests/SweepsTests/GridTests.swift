// SPDX-License-Identifier: GPL-3.0-or-later
import Sweeps
import Testing

@Suite struct GridTests {
  /// Two samplers on a square lattice; lambda and the extent are left to the grid.
  private func runs(grid: String) throws -> [RunSpecification] {
    try parse(
      head + """
        theory: {name: phi4, parametrisation: unhalved, m2: -4}
        lattice: {dimensions: 2}
        samplers:
          - {method: hmc, trajectories: 100}
          - {name: small, method: mala, trajectories: 100}
        grid:

        """ + grid
    ).runs
  }

  @Test func firstKeyIsSlowestAndSamplersAreInnermost() throws {
    let runs = try runs(
      grid: """
          theory.lambda: [4.0, 4.5]
          lattice.extent: [8, 16]
        """)
    #expect(
      runs.map(\.label) == [
        "lambda=4 extent=8 hmc", "lambda=4 extent=8 small",
        "lambda=4 extent=16 hmc", "lambda=4 extent=16 small",
        "lambda=4.5 extent=8 hmc", "lambda=4.5 extent=8 small",
        "lambda=4.5 extent=16 hmc", "lambda=4.5 extent=16 small",
      ])
    #expect(runs.map(\.index) == Array(0..<8))
    #expect(runs.prefix(3).map(\.folderName) == ["run-000-hmc", "run-001-small", "run-002-hmc"])
    #expect(runs.prefix(3).map(\.extents) == [[8, 8], [8, 8], [16, 16]])
    #expect(runs[5].theory.parametrisation == .unhalved(massSquared: -4, coupling: 4.5))
  }

  @Test func keysThatGoTogetherVaryInStep() throws {
    let runs = try runs(
      grid: """
          monitor.reversibility: [1, 2]
          together:
            lattice.extent: [4, 8, 8]
            theory.lambda: [4, 5, 6]
        """)
    #expect(
      runs.filter { $0.sampler.name == "small" }.map(\.label) == [
        "reversibility=1 extent=4 lambda=4 small", "reversibility=1 extent=8 lambda=5 small",
        "reversibility=1 extent=8 lambda=6 small", "reversibility=2 extent=4 lambda=4 small",
        "reversibility=2 extent=8 lambda=5 small", "reversibility=2 extent=8 lambda=6 small",
      ])
    #expect(runs.map(\.extents.last) == [4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 8, 8])
    #expect(runs[2].theory.parametrisation == .unhalved(massSquared: -4, coupling: 5))
    #expect(runs[2].monitor.reversibility == 1 && runs[8].monitor.reversibility == 2)
    // Of one sampler.
    let own = try self.runs(
      grid: """
          together: {samplers.small.step: [0.1, 0.2], samplers.small.thermalisation: [10, 20]}
          lattice.extent: [4]
          theory.lambda: [4]
        """)
    #expect(
      own.map(\.label) == [
        "extent=4 lambda=4 hmc", "extent=4 lambda=4 small step=0.1 thermalisation=10",
        "extent=4 lambda=4 small step=0.2 thermalisation=20",
      ])
  }

  @Test func keyOfOneSamplerMultipliesOnlyItsRuns() throws {
    let runs = try runs(
      grid: """
          samplers.hmc.steps: [5, 10]
          lattice.extent: [8, 16]
          samplers.small.step: [0.1, 0.2, 0.4]
          theory.lambda: [4]
        """)
    #expect(
      runs.map(\.label) == [
        "extent=8 lambda=4 hmc steps=5", "extent=8 lambda=4 small step=0.1",
        "extent=8 lambda=4 small step=0.2", "extent=8 lambda=4 small step=0.4",
        "extent=16 lambda=4 hmc steps=5", "extent=16 lambda=4 small step=0.1",
        "extent=16 lambda=4 small step=0.2", "extent=16 lambda=4 small step=0.4",
        "extent=8 lambda=4 hmc steps=10", "extent=16 lambda=4 hmc steps=10",
      ])
  }

  @Test func gridMakesWholeSectionsAndSeeds() throws {
    let sweep = try parse(
      """
      output: results
      theory: {name: phi4, parametrisation: unhalved, m2: -4, lambda: 4}
      samplers: [{method: hmc, trajectories: 100}]
      grid:
        lattice.extents: [[8, 8], [16, 8], [4, 4, 4]]
        configurations.every: [10, 20]
        measure.every: [1, 2]
        seed: [3, 4]
        monitor.reversibility: [0]
        configurations.precision: [double, single]
        samplers.hmc.tune: [true, false]
      """)
    #expect(sweep.runs.count == 3 * 2 * 2 * 2 * 2 * 2)
    #expect(
      sweep.runs.last?.label
        == "extents=4x4x4 configurations.every=20 measure.every=2 seed=4 reversibility=0"
        + " precision=single hmc tune=false")
    #expect(Set(sweep.runs.map(\.label)).count == sweep.runs.count)
    #expect(sweep.runs.last?.seed == 4)
    #expect(
      sweep.runs.last?.configurations == ConfigurationSpecification(every: 20, precision: .single))
    #expect(sweep.runs.first?.sampler.markovChain?.tuning == SamplerSpecification.Tuning())
    #expect(try #require(sweep.runs.last?.sampler.markovChain).tuning == nil)
  }

  /// A range and the list that one would write instead.
  static let ranges: [(range: String, list: String)] = [
    (
      "{from: 0.2, to: 0.3, count: 11}",
      "[0.2, 0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.27, 0.28, 0.29, 0.3]"
    ),
    (
      "{from: 0.2, to: 0.3, step: 0.01}",
      "[0.2, 0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.27, 0.28, 0.29, 0.3]"
    ),
    ("{from: 0.1, to: 0.7, step: 0.1}", "[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]"),
    ("{from: 1, to: 0.4, step: -0.3}", "[1, 0.7, 0.4]"),
    ("{to: 2e-3, from: 1e-3, count: 3}", "[0.001, 0.0015, 0.002]"),
    ("{from: 1, to: 2, count: 4}", "[1, 1.3333333333333333, 1.6666666666666667, 2]"),
    ("{from: 0.33717, to: 0.33720, step: 0.00001}", "[0.33717, 0.33718, 0.33719, 0.3372]"),
    ("{from: 1e6, to: 3e6, count: 3}", "[1000000, 2000000, 3000000]"),
  ]

  @Test(arguments: ranges)
  func rangeIsTheListOneWouldWrite(range: String, list: String) throws {
    func couplings(_ values: String) throws -> [TheorySpecification] {
      try runs(grid: "  theory.lambda: \(values)\n  lattice.extent: [8]\n").map(\.theory)
    }
    #expect(try couplings(range) == couplings(list))
  }

  @Test func rangeOfIntegersIsExact() throws {
    func extents(_ values: String) throws -> [[Int]] {
      try runs(grid: "  theory.lambda: [1]\n  lattice.extent: \(values)\n")
        .filter { $0.sampler.name == "hmc" }.map(\.extents)
    }
    #expect(
      try extents("{from: 8, to: 32, step: 8}") == [[8, 8], [16, 16], [24, 24], [32, 32]])
    #expect(try extents("{from: 32, to: 8, count: 3}") == [[32, 32], [20, 20], [8, 8]])
  }

  @Test func everyDecimalOfALongRangeIsCorrectlyRounded() throws {
    let runs = try runs(
      grid: """
          theory.lambda: {from: 0.0001, to: 1, count: 10000}
          lattice.extent: [2]
        """)
    var wrong = 0
    for (index, run) in runs.enumerated() {
      let expected = try #require(Double("\(index / 2 + 1)e-4"))
      if run.theory.parametrisation != .unhalved(massSquared: -4, coupling: expected) { wrong += 1 }
    }
    #expect(runs.count == 20_000)
    #expect(wrong == 0)
  }

  @Test func identityDoesNotDependOnTheRestOfTheGrid() throws {
    let small = try runs(grid: "  theory.lambda: [4.5]\n  lattice.extent: [8]\n")
    let large = try runs(
      grid: "  lattice.extent: [4, 8]\n  theory.lambda: {from: 4, to: 5, step: 0.5}\n")
    #expect(Set(large.map(\.identity)).count == large.count)
    for run in small {
      #expect(large.filter { $0.identity == run.identity }.count == 1)
    }
  }

  @Test func hundredThousandRunsAreTheMost() throws {
    let largest = SweepDefinition.largestRunCount
    let legal = try runs(
      grid: "  theory.lambda: {from: 1, to: \(largest / 2), count: \(largest / 2)}\n"
        + "  lattice.extent: [2]\n")
    #expect(legal.count == largest)
    #expect(legal.last?.folderName == "run-99999-small")
    #expect(Set(legal.map(\.folderName)).count == largest)
  }
}
