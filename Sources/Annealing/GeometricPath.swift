// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Targets

/// The geometric path between any start and any target, ρ_t ∝ ρ_0^(1−t) ρ_1^t, that is
/// U_t = (1 − t) U_0 + t U_1 and ∂U_t/∂t = U_1 − U_0. Neal, Stat. Comput. 11 (2001) 125, eq. (3).
public struct GeometricPath<Start: SampleableTarget, End: Target>: Path {
  public let start: Start
  public let end: End

  public init(from start: Start, to end: End) {
    precondition(start.dimension == end.dimension, "a path keeps its dimension")
    self.start = start
    self.end = end
  }

  public func snapshot(at time: Double) -> GeometricMixture<Start, End> {
    GeometricMixture(start: start, end: end, time: time)
  }

  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    var first = derivatives
    start.energies(of: batch, into: &first)
    end.energies(of: batch, into: &derivatives)
    for member in derivatives.indices { derivatives[member] -= first[member] }
  }
}

/// The density between two others, U = (1 − t) U_0 + t U_1. At t = 0 and t = 1 the other of the two is
/// not asked, so that it may be infinite there.
public struct GeometricMixture<Start: Target, End: Target>: Target {
  public let start: Start
  public let end: End
  public let time: Double

  public var dimension: Int { start.dimension }

  public func energies(of batch: Configurations, into energies: inout [Double]) {
    if time == 0 { return start.energies(of: batch, into: &energies) }
    end.energies(of: batch, into: &energies)
    if time == 1 { return }
    var first = energies
    start.energies(of: batch, into: &first)
    for member in energies.indices {
      energies[member] = (1 - time) * first[member] + time * energies[member]
    }
  }

  public func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    if time == 0 { return start.gradients(of: batch, into: &gradients, energies: &energies) }
    end.gradients(of: batch, into: &gradients, energies: &energies)
    if time == 1 { return }
    var first = gradients
    var firstEnergies = energies
    start.gradients(of: batch, into: &first, energies: &firstEnergies)
    for member in energies.indices {
      energies[member] = (1 - time) * firstEnergies[member] + time * energies[member]
    }
    for index in gradients.values.indices {
      gradients.values[index] = (1 - time) * first.values[index] + time * gradients.values[index]
    }
  }
}
