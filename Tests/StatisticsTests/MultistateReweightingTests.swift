// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Statistics
import Testing

/// Harmonic ensembles u_k = (x - m_k)^2 / (2 s_k^2) sampled by AR(1) chains: f_k - f_0 =
/// -log(s_k / s_0).
@Suite struct MultistateReweightingTests {
  struct Harmonic {
    var center: Double
    var width: Double
    func potential(_ x: Double) -> Double { pow((x - center) / width, 2) / 2 }
  }

  static let states = [
    Harmonic(center: 0, width: 1), Harmonic(center: 1.2, width: 0.7),
    Harmonic(center: 2, width: 1.1),
  ]
  static let target = Harmonic(center: 0.8, width: 0.9)

  static func positions(
    _ generator: inout TestGenerator, _ a: Double, lengths: [[Int]], of states: [Harmonic] = states
  ) -> [[[Double]]] {
    zip(states, lengths).map { state, lengths in
      lengths.map {
        generator.autoregressive(a, count: $0).map { state.center + state.width * $0 }
      }
    }
  }

  static func potentials(_ x: [[[Double]]], of states: [Harmonic] = states) -> [[[[Double]]]] {
    x.map { chains in
      chains.map { chain in states.map { state in chain.map { state.potential($0) } } }
    }
  }

  static func map(_ x: [[[Double]]], _ f: (Double) -> Double) -> [[[Double]]] {
    x.map { $0.map { $0.map(f) } }
  }

  /// The solution solves eq. (11) of Shirts and Chodera to 1e-12; the overlap matrix is stochastic.
  @Test func equations() throws {
    var generator = TestGenerator(seed: 161)
    let lengths = [[150], [100, 60], [90]]
    let x = Self.positions(&generator, 0.5, lengths: lengths)
    let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x))
    let all = x.flatMap { $0.flatMap { $0 } }
    #expect(mbar.counts == [150, 160, 90])
    for (i, state) in Self.states.enumerated() {
      let sum = all.reduce(0) { sum, position in
        var denominator = 0.0
        for (k, other) in Self.states.enumerated() {
          denominator +=
            Double(mbar.counts[k]) * exp(mbar.freeEnergies[k] - other.potential(position))
        }
        return sum + exp(-state.potential(position)) / denominator
      }
      #expect(abs(-log(sum) - mbar.freeEnergies[i]) < 2e-12)
      #expect(abs(mbar.overlap[i].reduce(0, +) - 1) < 1e-12)
      for j in Self.states.indices {
        let balance = Double(mbar.counts[i]) * mbar.overlap[i][j]
        #expect(abs(balance - Double(mbar.counts[j]) * mbar.overlap[j][i]) < 1e-10)
      }
    }
    #expect(mbar.connectedEnsembles == [[0, 1, 2]] && mbar.verdict.outcome == .trustworthy)
    // A sampled ensemble as the target is itself.
    let potential = Self.map(x) { Self.states[2].potential($0) }
    let same = try mbar.freeEnergy(target: potential)
    let direct = try mbar.freeEnergyDifference(from: 0, to: 2)
    #expect(abs(same.value - direct.value) < 1e-11 && abs(same.error / direct.error - 1) < 1e-8)
  }

  /// Constants c_k move f_k by c_k; potentials common to all ensembles do nothing.
  @Test func shifts() throws {
    var generator = TestGenerator(seed: 162)
    let x = Self.positions(&generator, 0.3, lengths: [[200], [200], [100, 50]])
    let plain = Self.potentials(x)
    let constants = [0.0, 4000, -70]
    let shifted = zip(plain, x).map { chains, positions in
      zip(chains, positions).map { chain, series in
        zip(chain, constants).map { potential, constant in
          zip(potential, series).map { $0 + constant + 300 * $1 }
        }
      }
    }
    let first = try MultistateReweighting(reducedPotentials: plain)
    let second = try MultistateReweighting(reducedPotentials: shifted)
    for k in 0..<3 {
      #expect(
        abs(second.freeEnergies[k] - first.freeEnergies[k] - constants[k]) < 1e-8)
    }
    let target = Self.map(x) { Self.target.potential($0) }
    let moved = Self.map(x) { Self.target.potential($0) + 300 * $0 + 12 }
    let (a, b) = (
      try first.estimate(target: target, mean: x), try second.estimate(target: moved, mean: x)
    )
    #expect(abs(a.value - b.value) < 1e-8 && abs(a.error / b.error - 1) < 1e-7)
  }

  /// Two ensembles: Bennett's acceptance ratio, value and error.
  @Test func twoEnsemblesAreBennett() throws {
    var generator = TestGenerator(seed: 163)
    let states = Array(Self.states[0...1])
    let x = Self.positions(&generator, 0, lengths: [[4000], [9000]], of: states)
    let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x, of: states))
    func difference(_ x: Double) -> Double { states[1].potential(x) - states[0].potential(x) }
    let bennett = try WorkValues(
      forwardWork: x[0][0].map(difference), reverseWork: x[1][0].map { -difference($0) }
    ).bennettAcceptanceRatio()
    let estimate = try mbar.freeEnergyDifference(from: 0, to: 1)
    #expect(abs(estimate.value - bennett.value) < 1e-11)
    #expect(abs(estimate.error - bennett.error) < 4 * estimate.errorOfError)
    #expect(estimate.errorOfError < 0.05 * estimate.error)
    let back = try mbar.freeEnergyDifference(from: 1, to: 0)
    #expect(back.value == -estimate.value && back.error == estimate.error)
  }

  /// One ensemble: plain reweighting, value and error.
  @Test func oneEnsembleIsReweighting() throws {
    var generator = TestGenerator(seed: 164)
    let states = [Self.states[0]]
    let x = Self.positions(&generator, 0.6, lengths: [[900, 700]], of: states)
    let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x, of: states))
    let target = Self.map(x) { Self.target.potential($0) }
    let chains = try ReweightedChains(
      logWeights: x[0].map { $0.map { states[0].potential($0) - Self.target.potential($0) } },
      primaries: x[0].map { [$0] })
    let (first, second) = (
      try mbar.estimate(target: target, mean: x), try chains.estimate(primary: 0)
    )
    #expect(abs(first.value - second.value) < 1e-12)
    #expect(abs(first.error / second.error - 1) < 1e-9)
    let free = try mbar.freeEnergy(target: target)
    #expect(abs(free.value + chains.logMean.value) < 1e-12)
    #expect(abs(free.error / chains.logMean.error - 1) < 1e-9)
    #expect(mbar.freeEnergies == [0])
  }

  /// One-sigma errors of free energies and of averages in an ensemble that was never sampled.
  @Test func coverage() throws {
    var generator = TestGenerator(seed: 165)
    let (repetitions, a) = (500, 0.6)
    var covered = [0, 0, 0]
    var pulls: [[Double]] = [[], [], []]
    for _ in 0..<repetitions {
      let x = Self.positions(&generator, a, lengths: [[400], [250, 250], [300]])
      let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x))
      let target = Self.map(x) { Self.target.potential($0) }
      let squares = zip(x, Self.map(x) { $0 * $0 }).map { zip($0, $1).map { [$0, $1] } }
      let results = [
        (try mbar.freeEnergyDifference(from: 0, to: 2), -log(1.1)),
        (try mbar.freeEnergy(target: target), -log(0.9)),
        (
          try mbar.estimate(target: target, primaries: squares) { $0[1] - $0[0] * $0[0] }, 0.81
        ),
      ]
      for (index, (estimate, exact)) in results.enumerated() {
        let pull = (estimate.value - exact) / estimate.error
        pulls[index].append(pull)
        if abs(pull) < 1 { covered[index] += 1 }
      }
    }
    let n = Double(repetitions)
    for index in 0..<3 {
      // Chains of a hundred tau_int: errors are known to some 10 % and too small by 2 %.
      let rate = Double(covered[index]) / n
      #expect(abs(rate - 0.6827) < 4.5 * (0.6827 * 0.3173 / n).squareRoot() + 0.02)
      let (mean, variance) = meanAndVariance(pulls[index])
      #expect(abs(mean) < 4.5 * (variance / n).squareRoot() + 0.1)
      #expect(abs(variance - 1) < 4.5 * (2 / n).squareRoot() + 0.12)
    }
  }

  /// The influence functions against a jackknife that solves everything anew without each block.
  @Test func blockJackknife() throws {
    var generator = TestGenerator(seed: 166)
    let (blocks, size) = (60, 40)
    let x = Self.positions(
      &generator, 0.4, lengths: [[blocks * size], [blocks * size], [blocks * size]])
    func results(_ x: [[[Double]]]) throws -> [MultistateEstimate] {
      let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x))
      let target = Self.map(x) { Self.target.potential($0) }
      return [
        try mbar.freeEnergyDifference(from: 0, to: 1), try mbar.freeEnergy(target: target),
        try mbar.estimate(target: target, mean: x),
      ]
    }
    let full = try results(x)
    var variances = [0.0, 0, 0]
    for ensemble in 0..<3 {
      var left: [[Double]] = [[], [], []]
      for block in 0..<blocks {
        var without = x
        without[ensemble][0].removeSubrange(block * size..<(block + 1) * size)
        for (index, result) in try results(without).enumerated() {
          left[index].append(result.value)
        }
      }
      for index in 0..<3 {
        let g = Double(blocks)
        variances[index] += meanAndVariance(left[index]).variance * (g - 1) * (g - 1) / g
      }
    }
    for (estimate, variance) in zip(full, variances) {
      let noise = 1 / (2 * Double(3 * blocks)).squareRoot()
      let relative = estimate.errorOfError / estimate.error
      #expect(
        abs(estimate.error / variance.squareRoot() - 1)
          < 4 * (noise * noise + relative * relative).squareRoot() + 0.02)
      #expect(estimate.chainsAreTrustworthy && estimate.contributions.count == 3)
    }
  }

  @Test func ensemblesApart() throws {
    var generator = TestGenerator(seed: 167)
    let states = [
      Harmonic(center: 0, width: 1), Harmonic(center: 0.5, width: 1),
      Harmonic(center: 9, width: 1), Harmonic(center: 9.5, width: 1),
    ]
    let x = Self.positions(
      &generator, 0, lengths: [[500], [500], [500], [500]], of: states)
    let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x, of: states))
    #expect(mbar.connectedEnsembles == [[0, 1], [2, 3]])
    #expect(mbar.verdict.outcome == .untrustworthy)
    #expect(mbar.verdict.reasons[0].contains("{0, 1} and {2, 3} do not overlap"))
    let inside = try mbar.freeEnergyDifference(from: 2, to: 3)
    #expect(abs(inside.value) < 4.5 * inside.error && inside.error < 0.05)
  }

  @Test func identicalEnsembles() throws {
    var generator = TestGenerator(seed: 168)
    let states = [Self.states[0], Self.states[0]]
    let x = Self.positions(&generator, 0.2, lengths: [[300], [100]], of: states)
    let mbar = try MultistateReweighting(reducedPotentials: Self.potentials(x, of: states))
    #expect(mbar.freeEnergies.allSatisfy { abs($0) < 1e-13 })
    #expect(abs(mbar.overlap[1][0] - 0.75) < 1e-13)
    let difference = try mbar.freeEnergyDifference(from: 0, to: 1)
    #expect(difference.error < 1e-13)
  }

  @Test func illegalPotentials() throws {
    let series = (0..<10).map { Double($0) / 10 }
    #expect(throws: StatisticsError.noReplica) { try MultistateReweighting(reducedPotentials: []) }
    #expect(throws: StatisticsError.noReplica) {
      try MultistateReweighting(reducedPotentials: [[], [[series, series]]])
    }
    #expect(throws: StatisticsError.self) {
      try MultistateReweighting(reducedPotentials: [[[series]], [[series, series]]])
    }
    var bad = series
    bad[3] = .nan
    #expect(throws: StatisticsError.self) {
      try MultistateReweighting(reducedPotentials: [[[series, bad]], [[series, series]]])
    }
    // Density zero elsewhere is legal: hard walls that leave no common ground are not.
    let wall = [Double](repeating: .infinity, count: 10)
    #expect(throws: StatisticsError.self) {
      try MultistateReweighting(reducedPotentials: [[[series, wall]], [[wall, series]]])
    }
    let one = try MultistateReweighting(reducedPotentials: [[[series, wall]], [[series, series]]])
    #expect(one.freeEnergies[1].isFinite)
    #expect(throws: StatisticsError.self) { try one.freeEnergy(target: [[series]]) }
  }
}
