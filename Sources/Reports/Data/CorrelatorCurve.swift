// SPDX-License-Identifier: GPL-3.0-or-later
import Observables
import Statistics
import Sweeps

/// The two-point function G(t) and the effective mass of one sampler at one point.
struct CorrelatorCurve {
  /// One number at a distance.
  struct Value {
    let t: Int
    let value: Double
    let error: Double
    let isTrustworthy: Bool
  }

  private(set) var correlator: [Value] = []
  private(set) var masses: [Value] = []

  /// Of quantities by their distance; `estimate` may throw where one is undefined within the noise,
  /// which leaves it out.
  init(
    _ quantities: ScalarQuantities, _ estimate: (DerivedQuantity) throws -> ComparedQuantity
  ) {
    correlator = Self.values(quantities.twoPointFunction, from: 0, estimate)
    masses = Self.values(quantities.effectiveMasses, from: 1, estimate)
      // The noise of what is left would hide everything else.
      .filter { $0.error < 0.5 * abs($0.value) }
  }

  private static func values(
    _ quantities: [DerivedQuantity], from first: Int,
    _ estimate: (DerivedQuantity) throws -> ComparedQuantity
  ) -> [Value] {
    quantities.enumerated().compactMap { index, quantity in
      do {
        let found = try estimate(quantity)
        return Value(
          t: first + index, value: found.value, error: found.error,
          isTrustworthy: found.isTrustworthy)
      } catch {
        return nil
      }
    }
  }
}
