// SPDX-License-Identifier: GPL-3.0-or-later
import Annealing
import Ensembles
import Targets

/// The path to a target by way of a mixture that resembles it, its guide: first the guide's own path,
/// slow at both ends, and then the geometric one from the guide to the target,
///
///     U_t = U_guide(x, α(t/τ)) for t ≤ τ, α(u) = u²(3 − 2u);
///     U_t = (1 − λ) U_guide(x, 1) + λ U_1(x) for t ≥ τ, λ = (t − τ)/(1 − τ).
///
/// The weights are exact whatever the guide is; a mode of the target that it lacks is not found.
public struct GuidedPath<Guide: LocationScaleMixture, End: Target>: Path {
  public let guide: MixturePath<Guide>
  public let end: End
  /// τ.
  public let turn: Double

  public init(to end: End, by guide: Guide, startScale: Double, turn: Double = 0.7) {
    precondition(end.dimension == guide.dimension && turn > 0 && turn < 1)
    self.guide = MixturePath(to: guide, startScale: startScale)
    self.end = end
    self.turn = turn
  }

  public var start: Guide { guide.start }

  /// α and dα/dt on the guide's path.
  func progress(at time: Double) -> (value: Double, rate: Double) {
    let u = min(1, time / turn)
    return (u * u * (3 - 2 * u), 6 * u * (1 - u) / turn)
  }

  public func snapshot(at time: Double) -> GeometricMixture<Guide, End> {
    GeometricPath(from: guide.snapshot(at: progress(at: time).value), to: end)
      .snapshot(at: max(0, time - turn) / (1 - turn))
  }

  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    if time < turn {
      let (value, rate) = progress(at: time)
      guide.timeDerivatives(of: batch, at: value, into: &derivatives)
      for member in derivatives.indices { derivatives[member] *= rate }
    } else {
      GeometricPath(from: guide.end, to: end).timeDerivatives(
        of: batch, at: 1, into: &derivatives)
      for member in derivatives.indices { derivatives[member] /= 1 - turn }
    }
  }
}

/// The exact drift on the guide's part of a guided path, and none on the rest.
public struct GuidedDrift<Guide: LocationScaleMixture, End: Target>: DivergenceDrift {
  public let path: GuidedPath<Guide, End>

  public init(along path: GuidedPath<Guide, End>) { self.path = path }

  public var dimension: Int { path.dimension }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    guard time < path.turn else {
      return ZeroDrift(dimension: dimension).velocities(
        of: batch, at: time, into: &velocities, divergences: &divergences)
    }
    let (value, rate) = path.progress(at: time)
    MixtureDrift(along: path.guide).velocities(
      of: batch, at: value, into: &velocities, divergences: &divergences)
    for index in velocities.values.indices { velocities.values[index] *= rate }
    for member in divergences.indices { divergences[member] *= rate }
  }
}
