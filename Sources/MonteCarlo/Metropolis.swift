// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import RandomStreams

/// Local Metropolis updates of φ⁴ theory, one sweep of the lattice an update, colour by colour of
/// the checkerboard: φ_x → φ_x + δ η with η standard normal, accepted with min(1, exp(−ΔS)).
/// Metropolis et al., J. Chem. Phys. 21 (1953) 1087.
public struct Metropolis: TunableKernel {
  public private(set) var action: Phi4
  /// The width δ of the proposals, in units of the field.
  public var stepSize: Double
  public var targetAcceptance: Double
  private var colours: [[Int32]]

  public init(action: Phi4, stepSize: Double, targetAcceptance: Double = 0.5) {
    precondition(stepSize > 0, "a step size is positive")
    self.action = action
    self.stepSize = stepSize
    self.targetAcceptance = targetAcceptance
    colours = Checkerboard(action.lattice).colours
  }

  /// The sweep with its colours in the opposite order. Each local step obeys detailed balance; those
  /// of one colour commute.
  public var timeReversal: Metropolis {
    var result = self
    result.colours.reverse()
    return result
  }

  /// The same proposals for another action on the same lattice.
  public func retargeted(to action: Phi4) -> Metropolis {
    precondition(action.lattice == self.action.lattice, "the colours belong to one lattice")
    var result = self
    result.action = action
    return result
  }

  public var forceEvaluations: Int { 1 }

  public var diagnostics: [Table] {
    [
      Table(
        name: "metropolis",
        variables: [
          Variable(
            name: "accept", units: "1", longName: "accepted fraction of the sweep's proposals"),
          Variable(name: "step_size", longName: "width of the proposals"),
        ])
    ]
  }

  public func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    let count = chains.count
    let volume = action.lattice.volume
    var acceptance = Array(repeating: 0.0, count: count)
    acceptance.withUnsafeMutableBufferPointer { acceptance in
      chains.withMutableRows { rows in
        let acceptance = SharedRows(acceptance.baseAddress!)
        let rows = SharedRows(rows)
        context.workers.forEach(count) { range in
          var proposals = Array(repeating: 0.0, count: volume)
          var uniforms = Array(repeating: 0.0, count: volume)
          for chain in range {
            fill(&proposals, &uniforms, chain: chain, in: context)
            var accepted = 0
            var first = 0
            for sites in colours {
              accepted += action.metropolis(
                rows.pointer + chain * volume, sites: sites,
                proposals: proposals[first..<first + sites.count],
                uniforms: uniforms[first..<first + sites.count])
              first += sites.count
            }
            acceptance.pointer[chain] = Double(accepted) / Double(volume)
          }
        }
      }
    }
    let sizes = Array(repeating: stepSize, count: count)
    return UpdateInfo(acceptance: acceptance, values: [[acceptance, sizes]])
  }

  private func fill(
    _ proposals: inout [Double], _ uniforms: inout [Double], chain: Int, in context: UpdateContext
  ) {
    proposals.withUnsafeMutableBufferPointer {
      context.streams.fillNormals(
        $0.baseAddress!, count: $0.count, purpose: .proposal,
        walker: context.firstWalker + chain, step: context.number)
      for index in $0.indices { $0[index] *= stepSize }
    }
    uniforms.withUnsafeMutableBufferPointer {
      context.streams.fillUniforms(
        $0.baseAddress!, count: $0.count, purpose: .acceptance,
        walker: context.firstWalker + chain, step: context.number)
    }
  }
}
