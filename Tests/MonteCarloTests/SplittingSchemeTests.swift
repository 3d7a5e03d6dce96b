// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Targets
import Testing

let schemes: [SplittingScheme] = [.leapfrog, .omelyan, .fourthOrder]

@Suite struct SplittingSchemeTests {
  @Test(arguments: schemes) func coefficientsSumToOne(scheme: SplittingScheme) {
    #expect(abs(scheme.kicks.reduce(0, +) - 1) < 1e-15)
    #expect(abs(scheme.drifts.reduce(0, +) - 1) < 1e-15)
    let (kicks, drifts) = scheme.trajectory(steps: 7)
    #expect(abs(kicks.reduce(0, +) - 7) < 1e-13 && abs(drifts.reduce(0, +) - 7) < 1e-13)
    #expect(drifts.count == 7 * scheme.drifts.count && kicks.count == drifts.count + 1)
  }

  /// λ of the second-order minimum-norm scheme in closed form.
  @Test func omelyanCoefficient() {
    let root = cbrt(2 * 326.0.squareRoot() + 36)
    #expect(abs(SplittingScheme.omelyan.kicks[0] - (0.5 - root / 12 + 1 / (6 * root))) < 1e-15)
  }

  /// The energy after a trajectory of fixed length and start is wrong by O(ε^order): halving ε
  /// divides the root mean square of ΔH over many starts by 2^order.
  @Test(arguments: zip(schemes, [(20, 0.03), (80, 0.03), (32, 0.1)]))
  func order(scheme: SplittingScheme, setting: (steps: Int, tolerance: Double)) {
    let action = Phi4(lattice: Lattice(extents: [4, 3]), massSquared: -1, coupling: 0.8)
    func violation(_ steps: Int) -> Double {
      Self.changes(action, scheme, steps: steps, length: 1).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    let slope = log2(violation(setting.steps) / violation(2 * setting.steps))
    #expect(abs(slope - Double(scheme.order)) < setting.tolerance)
  }

  /// ΔH of 50 trajectories from fixed fields and momenta.
  static func changes(
    _ action: Phi4, _ scheme: SplittingScheme, steps: Int, length: Double
  ) -> [Double] {
    let hmc = HMC(target: action, scheme: scheme, steps: steps, length: length)
    var chains = Configurations(count: 50, dimension: action.dimension)
    let streams = RandomStreams(seed: 5)
    chains.withMutableRows {
      streams.fillNormals(
        $0, count: 50 * action.dimension, purpose: .initialField, walker: 0, step: 0)
    }
    return hmc.update(&chains, in: UpdateContext(streams: streams, number: 0)).values[0][0]
  }

  /// The map of one step has Jacobian 1: determinant of central differences on a lattice of 2 sites
  /// (4 phase-space dimensions).
  @Test(arguments: schemes) func preservesVolume(scheme: SplittingScheme) {
    let action = Phi4(lattice: Lattice(extents: [2]), massSquared: -1, coupling: 0.8)
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: action.workspaceBytes, alignment: 64)
    defer { workspace.deallocate() }
    func step(_ point: [Double]) -> [Double] {
      var phi = Array(point[0..<2])
      var pi = Array(point[2..<4])
      _ = action.trajectory(
        position: &phi, momentum: &pi, kicks: scheme.kicks.map { 0.3 * $0 },
        drifts: scheme.drifts.map { 0.3 * $0 }, workspace: workspace)
      return phi + pi
    }
    let point = [0.7, -0.4, 1.1, 0.3]
    let h = 1e-5
    var jacobian = (0..<4).map { column in
      var plus = point
      var minus = point
      plus[column] += h
      minus[column] -= h
      return zip(step(plus), step(minus)).map { ($0 - $1) / (2 * h) }
    }
    var determinant = 1.0
    for k in 0..<4 {
      let pivot = (k..<4).max { abs(jacobian[$0][k]) < abs(jacobian[$1][k]) }!
      if pivot != k {
        jacobian.swapAt(k, pivot)
        determinant.negate()
      }
      determinant *= jacobian[k][k]
      for i in k + 1..<4 {
        let factor = jacobian[i][k] / jacobian[k][k]
        for j in k..<4 { jacobian[i][j] -= factor * jacobian[k][j] }
      }
    }
    #expect(abs(determinant - 1) < 1e-8)
  }

  /// There and back over 100 steps, 1e-10 on every site: every scheme that reads the same backwards
  /// is reversible, and the way back must read it so.
  @Test(arguments: schemes) func reversible(scheme: SplittingScheme) {
    let lattice = Lattice(extents: [6, 5])
    let action = Phi4(lattice: lattice, massSquared: -1, coupling: 0.8)
    let kinetics: [KineticEnergy] = [
      .unitMass, .spectral(SpectralMass(accelerating: action, massSquared: 1)),
    ]
    for kinetic in kinetics {
      let hmc = HMC(target: action, scheme: scheme, steps: 100, length: 5, kinetic: kinetic)
      var fields = Configurations(count: 1, dimension: 30)
      let streams = RandomStreams(seed: 9)
      fields.withMutableRows {
        streams.fillNormals($0, count: 30, purpose: .initialField, walker: 0, step: 0)
      }
      let context = UpdateContext(streams: streams, number: 3)
      let defect = hmc.reversibility(of: fields[0], chain: 0, in: context)
      #expect(defect.position < 1e-10 && defect.energy < 1e-10)
    }
  }
}
