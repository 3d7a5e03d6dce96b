// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Statistics
import TestSupport
import Testing

@Suite struct SamplerTests {
  /// Averages of ⟨φ²⟩, ⟨φ_x φ_{x+1}⟩ and ⟨φ⁴⟩ over 16 chains.
  private static func averages(
    of action: Phi4, by kernel: any MarkovKernel, updates: Int
  ) throws -> [GammaEstimate] {
    let c = action.coefficients
    let moments = FieldMoments(
      lattice: action.lattice, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic)
    let ensemble = MemoryEnsemble(
      layout: EnsembleLayout(
        chains: 16, tables: [Table(name: "observables", variables: moments.variables)]))
    var chains = Configurations(count: 16, dimension: action.dimension)
    for number in 0..<updates + 100 {
      let context = UpdateContext(
        streams: RandomStreams(seed: 3), number: number, workers: Workers(2))
      _ = kernel.update(&chains, in: context)
      if number >= 100 {
        try ensemble.append(row: number, to: "observables", moments.measure(chains))
      }
    }
    let measurements = try Measurements(ensemble)
    return try ["phi2", "hop", "phi4"].map { name in
      let all = Array(0..<(name == "hop" ? action.lattice.dimensions : 1))
      return try DerivedQuantity.mean(name, "", "", of: Primary(name, all))
        .estimate(from: measurements)
    }
  }

  /// Rings of four and five sites (two and three colours), in two wells and in one.
  static let rings = [(4, -2.0, 1.5), (5, -2.0, 1.5), (5, 0.5, 0.3)]

  @Test(arguments: rings) func ringsHaveTheirExactAverages(
    _ length: Int, _ massSquared: Double, _ coupling: Double
  ) throws {
    let action = Phi4(
      lattice: Lattice(extents: [length]), massSquared: massSquared, coupling: coupling)
    let c = action.coefficients
    let exact = ExactPhi4.chain(
      length: length, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic, cutoff: 4)
    for kernel in [HeatBath(action: action), HeatBath(action: action).timeReversal] {
      let found = try Self.averages(of: action, by: kernel, updates: 4000)
      for (estimate, value) in zip(found, [exact.phi2, exact.neighbours, exact.phi4]) {
        #expect(estimate.isReliable)
        #expect(estimate.error < 0.02 * value)
        #expect(abs(estimate.value - value) < 4 * estimate.error)
      }
    }
  }

  @Test func itAgreesWithHMC() throws {
    let action = Phi4(lattice: Lattice(extents: [4, 6]), massSquared: -4, coupling: 5)
    let heatBath = try Self.averages(of: action, by: HeatBath(action: action), updates: 2000)
    let hmc = try Self.averages(of: action, by: HMC(target: action), updates: 2000)
    for (a, b) in zip(heatBath, hmc) {
      let error = (a.error * a.error + b.error * b.error).squareRoot()
      #expect(error < 0.02 * b.value)
      #expect(abs(a.value - b.value) < 4 * error)
    }
  }

  /// Numbers are addressed by chain and update: threads and neighbours in the batch change no bit.
  @Test func bitsDependOnTheAddressAlone() {
    let action = Phi4(lattice: Lattice(extents: [3, 4]), massSquared: -1, coupling: 1)
    let kernel = HeatBath(action: action)
    func updated(_ count: Int, first: Int, threads: Int) -> (fields: [Double], info: UpdateInfo) {
      var chains = Configurations(count: count, dimension: 12)
      let context = UpdateContext(
        streams: RandomStreams(seed: 1), number: 9, workers: Workers(threads), firstWalker: first)
      let info = kernel.update(&chains, in: context)
      return (chains.values, info)
    }
    let whole = updated(5, first: 0, threads: 1)
    let shared = updated(5, first: 0, threads: 3)
    #expect(shared.fields == whole.fields)
    #expect(shared.info == whole.info)
    let part = updated(2, first: 3, threads: 1)
    #expect(part.fields == Array(whole.fields[36...]))
    #expect(part.info.acceptance == Array(whole.info.acceptance[3...]))
  }
}
