// SPDX-License-Identifier: GPL-3.0-or-later

/// A symmetric splitting integrator of Hamilton's equations, as its list of coefficients.
///
/// One step of size ε is: p −= kicks[0] ε ∇U; then for each i: φ += drifts[i] ε v,
/// p −= kicks[i+1] ε ∇U. Kicks and drifts each sum to 1 and read the same backwards, which makes the
/// step reversible and its order even. Force evaluations per step: `drifts.count` when steps follow
/// each other, since the last kick of one step joins the first of the next.
public struct SplittingScheme: Sendable, Equatable {
  public let name: String
  public let kicks: [Double]
  public let drifts: [Double]
  /// The error of the energy after a trajectory of fixed length is of this order in ε.
  public let order: Int

  public init(name: String, kicks: [Double], drifts: [Double], order: Int) {
    precondition(kicks.count == drifts.count + 1, "a step begins and ends with a kick")
    precondition(
      kicks == kicks.reversed() && drifts == drifts.reversed(), "a step reads the same backwards")
    self.name = name
    self.kicks = kicks
    self.drifts = drifts
    self.order = order
  }

  /// Leapfrog, p-φ-p: one force a step.
  public static let leapfrog = SplittingScheme(
    name: "leapfrog", kicks: [0.5, 0.5], drifts: [1], order: 2)

  /// The second-order scheme of minimal error norm, p-φ-p-φ-p: two forces a step, with
  /// λ = 1/2 − (2√326 + 36)^(1/3)/12 + 1/(6 (2√326 + 36)^(1/3)).
  /// Omelyan, Mryglod, Folk, Comput. Phys. Commun. 151 (2003) 272, eq. (31).
  public static let omelyan: SplittingScheme = {
    let lambda = 0.193183327503783574
    return SplittingScheme(
      name: "omelyan", kicks: [lambda, 1 - 2 * lambda, lambda], drifts: [0.5, 0.5], order: 2)
  }()

  /// The fourth-order scheme of minimal error norm with five forces a step, velocity version.
  /// Omelyan, Mryglod, Folk, Comput. Phys. Commun. 151 (2003) 272, eqs. (63), (64).
  public static let fourthOrder: SplittingScheme = {
    let rho = 0.2539785108410595
    let theta = -0.03230286765269967
    let vartheta = 0.08398315262876693
    let lambda = 0.6822365335719091
    let middle = 0.5 - (lambda + vartheta)
    return SplittingScheme(
      name: "fourth-order", kicks: [vartheta, lambda, middle, middle, lambda, vartheta],
      drifts: [rho, theta, 1 - 2 * (theta + rho), theta, rho], order: 4)
  }()

  /// The coefficients of `steps` steps of size 1 in a row, neighbouring kicks joined.
  public func trajectory(steps: Int) -> (kicks: [Double], drifts: [Double]) {
    var allKicks = kicks
    var allDrifts = drifts
    for _ in 1..<max(steps, 1) {
      allKicks[allKicks.count - 1] += kicks[0]
      allKicks.append(contentsOf: kicks.dropFirst())
      allDrifts.append(contentsOf: drifts)
    }
    return (allKicks, allDrifts)
  }
}
