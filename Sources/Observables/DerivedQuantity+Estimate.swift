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

  /// The quantity with its error by the jackknife over bins of several τ_int.
  /// Throws where there are too few measurements for such bins.
  public func jackknife(
    from measurements: Measurements, tauIntegrated: Double
  ) throws -> ResamplingEstimate {
    let series = primaries.map { measurements.series($0) }
    let binning = try Binning.automatic(
      lengths: Array(repeating: measurements.count, count: measurements.chains),
      tauIntegrated: tauIntegrated)
    return Jackknife(binning).estimate(
      primaries: (0..<measurements.chains).map { chain in series.map { $0[chain] } }, of: value)
  }
}
