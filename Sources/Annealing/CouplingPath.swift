// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import RandomStreams
import Targets

/// A path through φ⁴ theories on one lattice: straight lines between knots in the space of the
/// coefficients (J, c2, c4) of S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ].
///
/// Two theories in one parametrisation are joined by a straight line in their couplings too, but for
/// the hopping form's κ and λ, which is straight as well, c2 = 1 − 2λ. Any curve (m²(t), λ(t)) is a
/// path with as many knots as its curvature asks for.
public struct CouplingPath: Path {
  /// A theory and when it is reached.
  public struct Knot: Sendable, Equatable {
    public var time: Double
    public var coefficients: Phi4Couplings.Coefficients

    public init(time: Double, coefficients: Phi4Couplings.Coefficients) {
      self.time = time
      self.coefficients = coefficients
    }
  }

  public let start: ExactlySampledPhi4
  /// The first at time 0, the last at time 1.
  public let knots: [Knot]

  /// A path from its start through knots at increasing times in (0, 1], the last at 1.
  public init(from start: ExactlySampledPhi4, through knots: [Knot]) {
    precondition(knots.last?.time == 1, "a path ends at time 1")
    self.start = start
    self.knots = [Knot(time: 0, coefficients: start.phi4.coefficients)] + knots
    precondition(
      zip(self.knots, self.knots.dropFirst()).allSatisfy { $0.time < $1.time },
      "the times of the knots increase")
  }

  /// A path from its start through theories that are equally spaced in time.
  public init(from start: ExactlySampledPhi4, through theories: [Phi4]) {
    precondition(theories.allSatisfy { $0.lattice == start.lattice }, "a path keeps its lattice")
    let count = Double(theories.count)
    self.init(
      from: start,
      through: theories.enumerated().map { index, theory in
        Knot(
          time: index + 1 == theories.count ? 1 : Double(index + 1) / count,
          coefficients: theory.coefficients)
      })
  }

  /// The straight line from a free field to a theory.
  public init(from start: FreeField, to theory: Phi4) {
    self.init(from: .free(start), through: [theory])
  }

  public var lattice: Lattice { start.lattice }

  /// J, c2 and c4 at a time; at a knot exactly the knot's.
  public func coefficients(at time: Double) -> Phi4Couplings.Coefficients {
    let (left, right) = leg(at: time)
    if time == left.time { return left.coefficients }
    if time == right.time { return right.coefficients }
    let x = (time - left.time) / (right.time - left.time)
    func mix(_ key: KeyPath<Phi4Couplings.Coefficients, Double>) -> Double {
      left.coefficients[keyPath: key] * (1 - x) + right.coefficients[keyPath: key] * x
    }
    return Phi4Couplings.Coefficients(
      hopping: mix(\.hopping), quadratic: mix(\.quadratic), quartic: mix(\.quartic))
  }

  public func snapshot(at time: Double) -> Phi4 {
    Phi4(lattice: lattice, couplings: .common(coefficients(at: time)))
  }

  /// dJ/dt, dc2/dt and dc4/dt; at a corner of the path, to the right.
  public func velocity(at time: Double) -> Phi4Couplings.Coefficients {
    let (left, right) = leg(at: time)
    let duration = right.time - left.time
    func slope(_ key: KeyPath<Phi4Couplings.Coefficients, Double>) -> Double {
      (right.coefficients[keyPath: key] - left.coefficients[keyPath: key]) / duration
    }
    return Phi4Couplings.Coefficients(
      hopping: slope(\.hopping), quadratic: slope(\.quadratic), quartic: slope(\.quartic))
  }

  /// S with the coefficients dJ/dt, dc2/dt and dc4/dt.
  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    Phi4(lattice: lattice, couplings: .common(velocity(at: time)))
      .energies(of: batch, into: &derivatives)
  }

  /// The knots on both sides of a time; the leg that begins there at a knot.
  private func leg(at time: Double) -> (left: Knot, right: Knot) {
    precondition((0...1).contains(time), "a path runs from time 0 to 1")
    let right = knots.indices.dropFirst().first { knots[$0].time > time } ?? knots.count - 1
    return (knots[right - 1], knots[right])
  }
}

/// The φ⁴ theories with exact samples, where a path of couplings can begin.
public enum ExactlySampledPhi4: Action, SampleableTarget {
  case free(FreeField)
  case independent(IndependentSites)

  /// The same theory as an action.
  public var phi4: Phi4 {
    switch self {
    case .free(let field): field.phi4
    case .independent(let sites): sites.phi4
    }
  }

  public var lattice: Lattice { phi4.lattice }

  public var logNormalizer: Double {
    switch self {
    case .free(let field): field.logNormalizer
    case .independent(let sites): sites.logNormalizer
    }
  }

  public func energies(of batch: Configurations, into energies: inout [Double]) {
    phi4.energies(of: batch, into: &energies)
  }

  public func gradients(
    of batch: Configurations, into gradients: inout Configurations, energies: inout [Double]
  ) {
    phi4.gradients(of: batch, into: &gradients, energies: &energies)
  }

  public func sample(
    into batch: inout Configurations, using streams: RandomStreams, purpose: Purpose,
    firstWalker: Int, step: Int
  ) {
    switch self {
    case .free(let field):
      field.sample(
        into: &batch, using: streams, purpose: purpose, firstWalker: firstWalker, step: step)
    case .independent(let sites):
      sites.sample(
        into: &batch, using: streams, purpose: purpose, firstWalker: firstWalker, step: step)
    }
  }
}
