// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Targets
import Testing

/// A target that hides how fast it can integrate.
private struct Plain: Target {
  let action: Phi4
  var dimension: Int { action.dimension }
  func energies(of batch: Configurations, into energies: inout [Double]) {
    action.energies(of: batch, into: &energies)
  }
  func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    action.gradients(of: batch, into: &gradients, energies: &energies)
  }
}

/// The list of all kernels: each goes through the same checks.
func allKernels(_ action: Phi4) -> [any TunableKernel] {
  let mass = KineticEnergy.spectral(SpectralMass(accelerating: action, massSquared: 1))
  let local: [any TunableKernel] = [
    HMC(target: action, scheme: .leapfrog, steps: 6),
    HMC(target: action, scheme: .omelyan, steps: 4, jitter: 0.2),
    HMC(target: action, scheme: .fourthOrder, steps: 2),
    HMC(target: action, scheme: .omelyan, steps: 4, kinetic: mass, jitter: 0.1),
    HMC.mala(target: action, stepSize: 0.3),
    Metropolis(action: action, stepSize: 0.6),
  ]
  return local + local.map { CompositeKernel($0, WolffCluster(action: action, clusters: 2)) }
}

func hotFields(_ action: Phi4, count: Int, seed: UInt64 = 1) -> Configurations {
  var fields = Configurations(count: count, dimension: action.dimension)
  fields.withMutableRows {
    RandomStreams(seed: seed).fillNormals(
      $0, count: count * action.dimension, purpose: .initialField, walker: 0, step: 0)
  }
  return fields
}

@Suite struct KernelContractTests {
  @Test func threadsGiveTheSameBits() {
    let action = Phi4(lattice: Lattice(extents: [5, 4]), massSquared: -1, coupling: 0.8)
    for kernel in allKernels(action) {
      var reference = hotFields(action, count: 7)
      var infos: [UpdateInfo] = []
      for number in 0..<5 {
        infos.append(
          kernel.update(
            &reference, in: UpdateContext(streams: RandomStreams(seed: 2), number: number)))
      }
      for threads in [2, 3, 8] {
        var fields = hotFields(action, count: 7)
        for number in 0..<5 {
          let info = kernel.update(
            &fields,
            in: UpdateContext(
              streams: RandomStreams(seed: 2), number: number, workers: Workers(threads)))
          #expect(info == infos[number])
        }
        #expect(fields == reference)
      }
    }
  }

  @Test func diagnosticsMatchTheirTables() {
    let action = Phi4(lattice: Lattice(extents: [4, 4]), massSquared: -1, coupling: 0.8)
    for kernel in allKernels(action) {
      var fields = hotFields(action, count: 3)
      let info = kernel.update(
        &fields, in: UpdateContext(streams: RandomStreams(seed: 2), number: 0))
      #expect(info.values.count == kernel.diagnostics.count)
      for (table, values) in zip(kernel.diagnostics, info.values) {
        #expect(values.count == table.variables.count)
        #expect(values.allSatisfy { $0.count == 3 })
      }
      #expect(info.acceptance.allSatisfy { (0...1).contains($0) })
    }
  }

  /// What is set comes back, for a checkpoint stores the step size and sets it again; and HMC then
  /// takes the number of steps that comes nearest to its length.
  @Test func stepSizeIsKept() {
    let action = Phi4(lattice: Lattice(extents: [4, 4]), massSquared: -1, coupling: 0.8)
    for kernel in allKernels(action) {
      for wanted in stride(from: 0.011, to: 0.9, by: 0.0173) {
        var kernel = kernel
        kernel.stepSize = wanted
        #expect(kernel.stepSize == wanted)
        if let hmc = kernel as? HMC, hmc.scheme != .leapfrog {
          #expect(abs(hmc.length - 1) <= wanted / 2 * (1 + 1e-12))
        }
      }
    }
    for steps in 1...200 {
      let hmc = HMC(target: action, steps: steps, length: 0.7)
      #expect(hmc.steps == steps && abs(hmc.length - 0.7) < 1e-12)
    }
  }

  /// The trajectory that the action integrates itself and the one built from gradients agree.
  @Test func fusedTrajectoryIsTheGenericOne() {
    for extents in [[5], [4, 6], [3, 2, 5], [2, 3, 2, 2]] {
      let action = Phi4(lattice: Lattice(extents: extents), massSquared: -1, coupling: 0.8)
      for scheme in [SplittingScheme.leapfrog, .omelyan, .fourthOrder] {
        let fused = HMC(target: action, scheme: scheme, steps: 5, jitter: 0.3)
        let generic = HMC(target: Plain(action: action), scheme: scheme, steps: 5, jitter: 0.3)
        var a = hotFields(action, count: 5)
        var b = a
        let context = UpdateContext(streams: RandomStreams(seed: 4), number: 1)
        let infoA = fused.update(&a, in: context)
        let infoB = generic.update(&b, in: context)
        for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-12) }
        for (x, y) in zip(infoA.values[0][0], infoB.values[0][0]) { #expect(abs(x - y) < 1e-11) }
      }
    }
  }

  /// The cluster update changes signs alone; at J = 0 every cluster is one site.
  @Test func clustersChangeSignsAlone() {
    let action = Phi4(lattice: Lattice(extents: [4, 3]), massSquared: -1, coupling: 0.8)
    var fields = hotFields(action, count: 4)
    let before = fields
    let info = WolffCluster(action: action, clusters: 3).update(
      &fields, in: UpdateContext(streams: RandomStreams(seed: 4), number: 1))
    #expect(fields != before)
    #expect(fields.values.map { abs($0) } == before.values.map { abs($0) })
    #expect(info.values[0][0].allSatisfy { $0 > 0 && $0 <= 1 })
    let decoupled = Phi4(
      lattice: action.lattice, couplings: .hopping(kappa: 0, coupling: 0.5))
    let single = WolffCluster(action: decoupled, clusters: 3).update(
      &fields, in: UpdateContext(streams: RandomStreams(seed: 4), number: 2))
    #expect(single.values[0][0].allSatisfy { abs($0 - 1.0 / 12) < 1e-15 })
  }

  /// Fourier acceleration with M² = m² makes every frequency of the free field 1, so that a
  /// trajectory of length π/2 forgets its start: the leapfrog map of every mode is then
  /// φ → cos(Nθ) φ + ..., cos θ = 1 − ε²/2, the same for all.
  @Test func accelerationMakesFrequenciesEqual() {
    let lattice = Lattice(extents: [6, 4])
    let free = FreeField(lattice, massSquared: 0.2)
    let mass = SpectralMass(accelerating: free.phi4, massSquared: 0.2)
    let steps = 5
    let length = 1.3
    let hmc = HMC(
      target: free, scheme: .leapfrog, steps: steps, length: length, kinetic: .spectral(mass))
    let context = UpdateContext(streams: RandomStreams(seed: 4), number: 1)
    // The same momenta from two starts: the ends differ by cos(Nθ) times the starts' difference.
    var a = hotFields(free.phi4, count: 2, seed: 1)
    var b = hotFields(free.phi4, count: 2, seed: 2)
    for index in a.values.indices {
      a.values[index] *= 1e-3
      b.values[index] *= 1e-3
    }
    let difference = zip(a.values, b.values).map { $0 - $1 }
    let accepted = [hmc.update(&a, in: context), hmc.update(&b, in: context)]
    #expect(accepted.allSatisfy { $0.values[0][1] == [1, 1] })
    let epsilon = length / Double(steps)
    let factor = cos(Double(steps) * acos(1 - epsilon * epsilon / 2))
    for index in difference.indices {
      #expect(abs(a.values[index] - b.values[index] - factor * difference[index]) < 1e-13)
    }
  }
}
