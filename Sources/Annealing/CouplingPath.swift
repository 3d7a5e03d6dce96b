// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import RandomStreams
import Targets

/// A path through φ⁴ theories on one lattice: curves in the space of the coefficients (J, c2, c4) of
/// S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ].
///
/// It has one leg or more, which meet at corners. A leg of one knot is the straight line to it; a leg of
/// many knots is the cubic spline through them, twice continuously differentiable, with the third
/// derivative continuous at the second knot and at the last but one ("not a knot"). Two theories in one
/// parametrisation are joined by a straight line in their couplings too, but for the hopping form's κ
/// and λ, which is straight as well, c2 = 1 − 2λ.
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
  /// The times at which legs begin and end, 0 and 1 among them; the path is smooth between them.
  public let corners: [Double]
  /// J, c2 and c4 between the knots.
  private let curves: [Spline]

  /// A path from its start through legs of knots at increasing times in (0, 1], the last at 1.
  public init(from start: ExactlySampledPhi4, legs: [[Knot]]) {
    let first = Knot(time: 0, coefficients: start.phi4.coefficients)
    let knots = [first] + legs.flatMap { $0 }
    precondition(knots.last?.time == 1, "a path ends at time 1")
    precondition(
      zip(knots, knots.dropFirst()).allSatisfy { $0.time < $1.time },
      "the times of the knots increase")
    self.start = start
    self.knots = knots
    corners = [0] + legs.compactMap { $0.last?.time }
    var begin = first
    var pieces: [[Spline]] = [[], [], []]
    for leg in legs where !leg.isEmpty {
      let points = [begin] + leg
      for (index, values) in [
        points.map(\.coefficients.hopping), points.map(\.coefficients.quadratic),
        points.map(\.coefficients.quartic),
      ].enumerated() {
        pieces[index].append(Spline(points.map(\.time), values))
      }
      begin = points[points.count - 1]
    }
    curves = pieces.map { Spline(joining: $0) }
  }

  /// Straight lines from the start through knots at increasing times in (0, 1], the last at 1.
  public init(from start: ExactlySampledPhi4, through knots: [Knot]) {
    self.init(from: start, legs: knots.map { [$0] })
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
    if let knot = knots.first(where: { $0.time == time }) { return knot.coefficients }
    return Phi4Couplings.Coefficients(
      hopping: curves[0].value(time), quadratic: curves[1].value(time),
      quartic: curves[2].value(time))
  }

  public func snapshot(at time: Double) -> Phi4 {
    Phi4(lattice: lattice, couplings: .common(coefficients(at: time)))
  }

  /// dJ/dt, dc2/dt and dc4/dt; at a corner of the path, to the right.
  public func velocity(at time: Double) -> Phi4Couplings.Coefficients {
    Phi4Couplings.Coefficients(
      hopping: curves[0].slope(time), quadratic: curves[1].slope(time),
      quartic: curves[2].slope(time))
  }

  /// S with the coefficients dJ/dt, dc2/dt and dc4/dt.
  public func timeDerivatives(
    of batch: Configurations, at time: Double, into derivatives: inout [Double]
  ) {
    Phi4(lattice: lattice, couplings: .common(velocity(at: time)))
      .energies(of: batch, into: &derivatives)
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
