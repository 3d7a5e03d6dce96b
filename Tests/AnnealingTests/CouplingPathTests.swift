// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import Testing

/// Smooth legs and corners of paths of couplings.
@Suite struct CouplingPathTests {
  private static let lattice = Lattice(extents: [3, 4])
  /// Not equally spaced.
  private static let times = [0, 0.13, 0.3, 0.41, 0.7, 0.86, 1]

  /// One leg through knots at these times, from a free field.
  private static func path(
    _ times: [Double], _ coefficients: (Double) -> Phi4Couplings.Coefficients
  ) -> CouplingPath {
    CouplingPath(
      from: .free(FreeField(lattice: lattice, couplings: .common(coefficients(times[0])))),
      legs: [times.dropFirst().map { .init(time: $0, coefficients: coefficients($0)) }])
  }

  private static func components(_ c: Phi4Couplings.Coefficients) -> [Double] {
    [c.hopping, c.quadratic, c.quartic]
  }

  /// A spline through two knots is a line, through three a parabola, and through four and more any cubic
  /// curve is reproduced, with its slope.
  @Test(arguments: 2...7) func reproducesPolynomials(knots: Int) {
    let chosen = Array(Self.times.prefix(knots - 1)) + [1]
    let (square, cube) = (knots > 2 ? 1.0 : 0, knots > 3 ? 1.0 : 0)
    func curve(_ t: Double) -> Phi4Couplings.Coefficients {
      .init(
        hopping: 2 + 0.3 * t - square * 0.2 * t * t,
        quadratic: 6 - 3 * t + square * 2 * t * t - cube * 1.3 * t * t * t,
        quartic: t + square * 0.5 * t * t + cube * 0.4 * t * t * t)
    }
    func slope(_ t: Double) -> [Double] {
      [
        0.3 - square * 0.4 * t, -3 + square * 4 * t - cube * 3.9 * t * t,
        1 + square * t + cube * 1.2 * t * t,
      ]
    }
    let path = Self.path(chosen, curve)
    for t in [0, 0.05, 0.13, 0.2, 0.35, 0.5, 0.77, 0.9, 0.999, 1] {
      let exact = Self.components(curve(t))
      for (value, right) in zip(Self.components(path.coefficients(at: t)), exact) {
        #expect(abs(value - right) < 1e-13, "\(t)")
      }
      for (value, right) in zip(Self.components(path.velocity(at: t)), slope(t)) {
        #expect(abs(value - right) < 1e-12, "\(t)")
      }
    }
  }

  /// Knots without any pattern: values are kept, slopes and second derivatives are continuous, third
  /// ones at the second knot and the last but one. The slope is a parabola between knots, of which three
  /// values tell everything.
  @Test func isTwiceContinuouslyDifferentiable() {
    let quadratics = [6.0, 4.1, 5.3, 2.2, 3.9, 0.4, -1.7]
    let path = Self.path(Self.times) { t in
      let index = Self.times.firstIndex(of: t)!
      return .init(
        hopping: 2, quadratic: quadratics[index], quartic: t * (3 - quadratics[index] / 6))
    }
    for (t, value) in zip(Self.times, quadratics) {
      #expect(path.coefficients(at: t).quadratic == value)
    }
    func slope(_ t: Double) -> Double { path.velocity(at: t).quadratic }
    /// First, second and third derivative at `t`, from the side of `other`.
    func derivatives(_ t: Double, towards other: Double) -> [Double] {
      let h = (other - t) / 2
      // The slope at a knot is that of the piece that begins there; all pieces meet smoothly or not.
      let (a, b, c) = (slope(t + 0.5 * h), slope(t + h), slope(t + 1.5 * h))
      let d = 0.5 * h
      let third = (a - 2 * b + c) / (d * d)
      let second = (-5 * a + 8 * b - 3 * c) / (2 * d)
      return [3 * a - 3 * b + c, second, third]
    }
    for index in 1..<Self.times.count - 1 {
      let t = Self.times[index]
      let left = derivatives(t, towards: Self.times[index - 1])
      let right = derivatives(t, towards: Self.times[index + 1])
      #expect(abs(left[0] - right[0]) < 1e-9)
      #expect(abs(left[1] - right[1]) < 1e-7)
      let isNoKnot = index == 1 || index == Self.times.count - 2
      #expect((abs(left[2] - right[2]) < 1e-5) == isNoKnot)
    }
  }

  /// Between legs the path is continuous and turns: the slope at the corner is that to the right, and
  /// what comes after a corner does not change what comes before it.
  @Test func corners() {
    let start = FreeField(Self.lattice, massSquared: 2)
    func knot(_ t: Double, _ quadratic: Double, _ quartic: Double) -> CouplingPath.Knot {
      .init(time: t, coefficients: .init(hopping: 2, quadratic: quadratic, quartic: quartic))
    }
    let first = [knot(0.2, 5, 0.3), knot(0.35, 5.5, 0.6), knot(0.5, 3, 1)]
    let path = CouplingPath(from: .free(start), legs: [first, [knot(0.8, 4, 1.5), knot(1, 4, 2)]])
    let other = CouplingPath(from: .free(start), legs: [first, [knot(1, -3, 7)]])
    #expect(path.corners == [0, 0.5, 1])
    #expect(path.knots.map(\.time) == [0, 0.2, 0.35, 0.5, 0.8, 1])
    for t in [0, 0.1, 0.3, 0.49, 0.5] {
      #expect(path.coefficients(at: t) == other.coefficients(at: t))
    }
    #expect(path.velocity(at: 0.5.nextDown) == other.velocity(at: 0.5.nextDown))
    let h = 1e-7
    for (side, sign) in [(0.5, 1.0), (0.5.nextDown, -1.0)] {
      let quotient =
        sign
        * (path.coefficients(at: 0.5 + sign * h).quadratic - path.coefficients(at: 0.5).quadratic)
        / h
      #expect(abs(path.velocity(at: side).quadratic - quotient) < 1e-4)
    }
    #expect(abs(path.velocity(at: 0.5).quadratic - path.velocity(at: 0.5.nextDown).quadratic) > 1)
    // A straight second leg.
    for t in [0.6, 0.75, 0.9] {
      let s = (t - 0.5) / 0.5
      #expect(abs(other.coefficients(at: t).quadratic - (3 - 6 * s)) < 1e-13)
      #expect(abs(other.velocity(at: t).quartic - 12) < 1e-12)
    }
  }

  /// ∂_tU is the derivative of the energy in time.
  @Test func timeDerivatives() {
    let path = Self.path(Self.times) { t in
      .init(hopping: 2 + t, quadratic: 7 - 5 * t * t * t * t, quartic: t)
    }
    let batch = exactSamples(
      of: Phi4(lattice: Self.lattice, massSquared: 1, coupling: 1), count: 5, seed: 3)
    for t in [0.05, 0.3, 0.65] {
      var (exact, up, down) = ([0.0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0], [0.0, 0, 0, 0, 0])
      path.timeDerivatives(of: batch, at: t, into: &exact)
      let h = 1e-5
      path.snapshot(at: t + h).energies(of: batch, into: &up)
      path.snapshot(at: t - h).energies(of: batch, into: &down)
      for member in 0..<5 {
        #expect(abs(exact[member] - (up[member] - down[member]) / (2 * h)) < 1e-7)
      }
    }
  }
}
