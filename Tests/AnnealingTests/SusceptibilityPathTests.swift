// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import RandomStreams
import Testing

/// Paths along which the susceptibility stays what it is.
@Suite(.serialized) struct SusceptibilityPathTests {
  /// χ = V⟨M²⟩ with its error, by hybrid Monte Carlo.
  private func susceptibility(_ theory: Phi4, seed: UInt64) -> (value: Double, error: Double) {
    let streams = RandomStreams(seed: seed)
    let volume = theory.lattice.volume
    let chains = 200
    var fields = Configurations(count: chains, dimension: volume)
    let steps = 8
    var sums = [Double](repeating: 0, count: chains)
    let kernel = HMC(target: theory, scheme: .omelyan, steps: steps, length: 1.2, jitter: 0.2)
    let (rest, measured) = (60, 240)
    for number in 0..<rest + measured {
      _ = kernel.update(
        &fields, in: UpdateContext(streams: streams, number: number, workers: Workers(2)))
      guard number >= rest else { continue }
      for chain in 0..<chains {
        let sum = fields[chain].reduce(0, +)
        sums[chain] += sum * sum / Double(volume * measured)
      }
    }
    let mean = sums.reduce(0, +) / Double(chains)
    let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, variance.squareRoot() / Double(chains))
  }

  @Test(
    arguments: [
      ([12], Phi4Couplings.Parametrisation.unhalved(massSquared: -1, coupling: 1)),
      ([5, 6], .unhalved(massSquared: -1, coupling: 1)),
      ([4, 4], .hopping(kappa: 0.22, coupling: 0.5)),
      ([3, 4, 3], .continuum(massSquared: 0.2, coupling: 3)),
    ])
  func isConstant(extents: [Int], couplings: Phi4Couplings.Parametrisation) throws {
    let theory = Phi4(lattice: Lattice(extents: extents), couplings: couplings)
    var search = SusceptibilityPath(to: theory)
    search.workers = Workers(2)
    let path = try #require(search.find(streams: RandomStreams(seed: 4)))
    #expect(path.coefficients(at: 1) == theory.coefficients)
    #expect(path.corners == [0, 1])
    let end = susceptibility(theory, seed: 1)
    #expect(end.error < 0.01 * end.value)
    // At the start exactly: χ = 1/(2 K(0)), K(0) = c2 − J D.
    let first = path.coefficients(at: 0)
    #expect(first.quartic == 0)
    let start = 0.5 / (first.quadratic - first.hopping * Double(extents.count))
    #expect(abs(start / end.value - 1) < 0.06, "\(start) \(end)")
    for (number, time) in [0.25, 0.6].enumerated() {
      let middle = susceptibility(path.snapshot(at: time), seed: UInt64(2 + number))
      #expect(
        abs(middle.value / end.value - 1) < 0.03 + 4 * middle.error / middle.value,
        "\(time): \(middle) \(end)")
    }
    // A straight line from a free field of mass 1 is far from that.
    let line = CouplingPath(
      from: .free(
        FreeField(
          lattice: theory.lattice,
          couplings: .common(
            .init(
              hopping: theory.coefficients.hopping,
              quadratic: theory.coefficients.hopping * (Double(extents.count) + 0.5), quartic: 0)))),
      through: [theory])
    #expect(abs(susceptibility(line.snapshot(at: 0.5), seed: 9).value / end.value - 1) > 0.08)
  }

  /// The same path for any number of threads.
  @Test func threads() {
    let theory = Phi4(lattice: Lattice(extents: [3, 3]), massSquared: -1, coupling: 1)
    let paths = [1, 2, 3].map { count in
      var search = SusceptibilityPath(to: theory)
      search.workers = Workers(count)
      search.chains = 31
      search.thermalisation = 20
      search.updates = 8
      search.points = 5
      return search.find(streams: RandomStreams(seed: 2))?.knots
    }
    #expect(paths[0] != nil)
    #expect(paths[0] == paths[1])
    #expect(paths[0] == paths[2])
  }
}
