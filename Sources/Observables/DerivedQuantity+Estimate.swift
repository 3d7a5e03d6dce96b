// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics

extension DerivedQuantity {
  /// The quantity with its error by the Gamma method; every chain is a replica.
  /// Throws where the series are too short or the quantity is undefined at the averages.
  public func estimate(
    from measurements: Measurements, method: GammaMethod = GammaMethod()
  ) throws -> GammaEstimate {
    let series = primaries.map { measurements.series($0) }
    return try method.estimate(
      primaries: (0..<measurements.chains).map { chain in series.map { $0[chain] } }, of: value)
  }
}
