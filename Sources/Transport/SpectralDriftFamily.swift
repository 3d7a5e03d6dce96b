// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Foundation
import Lattices

/// Drifts for every theory on a straight line of couplings, made of the trained ones of a few: one
/// training serves a sweep.
///
/// The theories have the coefficients C(u) = (1 − u) C(0) + u C(1) of S. Drifts are trained at the nodes
/// u_i = ½ (1 − cos(π (2i + 1)/(2n))), i < n; the knots of the paths and the weights in time of a theory
/// between them are the polynomials in u through those of the nodes (Lagrange, barycentric form;
/// Berrut, Trefethen, SIAM Rev. 46 (2004) 501). Walkers have exact weights whatever drift they follow:
/// what the interpolation misses is seen in the effective sample size.
public struct SpectralDriftFamily: Sendable {
  public let drifts: [SpectralDrift]
  /// u of each drift.
  public let nodes: [Double]
  private let ends: (Phi4Couplings.Coefficients, Phi4Couplings.Coefficients)

  /// The places of `count` trained theories along the line.
  public static func nodes(count: Int) -> [Double] {
    (0..<count).map { 0.5 * (1 - cos(Double.pi * Double(2 * $0 + 1) / Double(2 * count))) }
  }

  /// The theory at u on the line between two.
  public static func theory(at u: Double, from first: Phi4, to second: Phi4) -> Phi4 {
    Phi4(
      lattice: first.lattice,
      couplings: .common(mix([first.coefficients, second.coefficients], [1 - u, u])))
  }

  /// A family of drifts that were trained for `theory(at: nodes[i])`, in order. They must have the same
  /// features, basis, lattice, polynomials in time, and times of knots.
  public init(from first: Phi4, to second: Phi4, drifts: [SpectralDrift]) {
    precondition(!drifts.isEmpty, "a family has members")
    precondition(
      drifts.allSatisfy {
        $0.features == drifts[0].features && $0.basis == drifts[0].basis
          && $0.path.knots.map(\.time) == drifts[0].path.knots.map(\.time)
          && $0.weights.coefficients.map(\.count) == drifts[0].weights.coefficients.map(\.count)
      }, "members of a family differ in their numbers alone")
    self.drifts = drifts
    nodes = Self.nodes(count: drifts.count)
    ends = (first.coefficients, second.coefficients)
  }

  /// Where a theory lies on the line; nil where it does not, to within 1e-9 of the line's length.
  public func place(of theory: Phi4) -> Double? {
    let c = theory.coefficients
    let directions = Self.keys.map { ends.1[keyPath: $0] - ends.0[keyPath: $0] }
    let offsets = Self.keys.map { c[keyPath: $0] - ends.0[keyPath: $0] }
    let square = directions.reduce(0) { $0 + $1 * $1 }
    guard square > 0, theory.lattice == drifts[0].lattice else { return nil }
    let u = zip(directions, offsets).reduce(0) { $0 + $1.0 * $1.1 } / square
    let distance = zip(directions, offsets).reduce(0) { $0 + pow($1.1 - u * $1.0, 2) }
    return distance <= 1e-18 * square && u >= -1e-9 && u <= 1 + 1e-9 ? u : nil
  }

  /// The drift for the theory at u, with a path that ends there exactly; nil where the path between
  /// those of the nodes does not begin at a theory with exact samples, since they are too far apart.
  public func drift(at u: Double) -> SpectralDrift? {
    drift(at: u, to: Self.mix([ends.0, ends.1], [1 - u, u]))
  }

  /// The drift for a theory on the line, with a path that ends there exactly; nil for others, and where
  /// `drift(at:)` is nil.
  public func drift(for theory: Phi4) -> SpectralDrift? {
    place(of: theory).flatMap { drift(at: $0, to: theory.coefficients) }
  }

  private func drift(at u: Double, to end: Phi4Couplings.Coefficients) -> SpectralDrift? {
    let shares = Self.shares(of: u, among: nodes)
    let first = drifts[0]
    let start = Self.mix(drifts.map { $0.path.start.phi4.coefficients }, shares)
    let knots = first.path.knots.indices.dropFirst().map { index in
      CouplingPath.Knot(
        time: first.path.knots[index].time,
        coefficients: index == first.path.knots.count - 1
          ? end
          : Self.mix(drifts.map { $0.path.knots[index].coefficients }, shares))
    }
    let legs = zip(first.path.corners, first.path.corners.dropFirst()).map { left, right in
      knots.filter { $0.time > left && $0.time <= right }
    }
    let lattice = first.lattice
    let origin: ExactlySampledPhi4
    switch first.path.start {
    case .free:
      guard start.quadratic > start.hopping * Double(lattice.dimensions) else { return nil }
      origin = .free(FreeField(lattice: lattice, couplings: .common(start)))
    case .independent:
      guard start.quartic > 0 else { return nil }
      origin = .independent(
        IndependentSites(lattice: lattice, quadratic: start.quadratic, quartic: start.quartic))
    }
    let series = first.weights.coefficients.indices.map { leg in
      first.weights.coefficients[leg].indices.map { index in
        zip(drifts, shares).reduce(0) { $0 + $1.1 * $1.0.weights.coefficients[leg][index] }
      }
    }
    return SpectralDrift(
      path: CouplingPath(from: origin, legs: legs), features: first.features, basis: first.basis,
      weights: ChebyshevCurve(
        knots: first.weights.knots, count: first.weights.count, coefficients: series))
  }

  private static let keys: [KeyPath<Phi4Couplings.Coefficients, Double> & Sendable] = [
    \.hopping, \.quadratic, \.quartic,
  ]

  private static func mix(
    _ values: [Phi4Couplings.Coefficients], _ shares: [Double]
  ) -> Phi4Couplings.Coefficients {
    func sum(_ key: KeyPath<Phi4Couplings.Coefficients, Double>) -> Double {
      zip(values, shares).reduce(0) { $0 + $1.0[keyPath: key] * $1.1 }
    }
    return Phi4Couplings.Coefficients(
      hopping: sum(\.hopping), quadratic: sum(\.quadratic), quartic: sum(\.quartic))
  }

  /// Lagrange's polynomials at u, one for each node.
  private static func shares(of u: Double, among nodes: [Double]) -> [Double] {
    nodes.indices.map { i in
      nodes.indices.reduce(1) { product, j in
        j == i ? product : product * (u - nodes[j]) / (nodes[i] - nodes[j])
      }
    }
  }
}

extension SpectralDrift {
  /// The same kernels on another lattice, along another path: a start for training there, or a drift as
  /// it is. The basis must be one of functions of p̂² alone or of orbits within a radius, which mean the
  /// same in every volume; nil for others. Corners of the paths must be at the same times.
  public func transferred(to path: CouplingPath) -> SpectralDrift? {
    let isLocal =
      switch basis.shape {
      case .scales: true
      case .orbits(let radius): radius != nil
      case .momentumSquared: path.lattice.dimensions == lattice.dimensions
      }
    guard isLocal, path.corners == self.path.corners else { return nil }
    let basis = KernelBasis(path.lattice, shape: basis.shape, symmetry: basis.symmetry)
    guard basis.count == self.basis.count else { return nil }
    return SpectralDrift(path: path, features: features, basis: basis, weights: weights)
  }
}
