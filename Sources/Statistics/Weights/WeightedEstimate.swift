// SPDX-License-Identifier: GPL-3.0-or-later

/// A function of weighted averages with its error from the spread over independent units.
///
/// Two errors that agree to leading order in 1/units: the delta method, error^2 = U/(U-1) sum_u
/// d_u^2 with d_u the first-order change of the value due to unit u, and the jackknife that leaves
/// out one block of units at a time. Where they differ by much, neither is to be believed.
public struct WeightedEstimate: Sendable, Equatable {
  /// f(weighted means).
  public var value: Double
  /// The standard error by the delta method; NaN with fewer than `minimumUnits` units.
  public var error: Double
  /// The standard error by the jackknife; NaN with fewer than `minimumUnits` units, or if f is
  /// undefined with a block left out.
  public var jackknifeError: Double
  /// `value` with the jackknife estimate of its bias, which is of order 1/N_eff, subtracted; NaN
  /// where `jackknifeError` is.
  public var biasCorrectedValue: Double
  /// How many units were treated as independent.
  public var units: Int

  /// The least number of units that an error is computed from: with 8 it is itself uncertain by
  /// 1/sqrt(2 (8 - 1)) = 27 %.
  public static let minimumUnits = 8
  /// The largest number of blocks in the jackknife; more units are put together in blocks.
  public static let maximumBlocks = 200

  /// The value with its error by the delta method, as in 1.2345(67).
  public var uncertain: Uncertain { Uncertain(value, error) }

  /// From the influence d_u of each unit and what the jackknife over blocks of them found.
  init(value: Double, influences: [Double], jackknife: ResamplingEstimate?) {
    self.init(valueOnly: value, units: influences.count)
    if units < Self.minimumUnits { return }
    let squares = influences.reduce(0) { $0 + $1 * $1 }
    error = (squares * Double(units) / Double(units - 1)).squareRoot()
    if let jackknife, jackknife.error.isFinite {
      (jackknifeError, biasCorrectedValue) = (jackknife.error, jackknife.biasCorrectedValue)
    }
  }

  /// The jackknife over units, or over blocks of as many of them as leave `maximumBlocks` at most;
  /// nil where there are too few for an error.
  static func jackknife(units: Int) throws(StatisticsError) -> Jackknife? {
    if units < minimumUnits { return nil }
    let size = (units + maximumBlocks - 1) / maximumBlocks
    return Jackknife(try Binning(lengths: [units], size: size))
  }

  /// A value without an error.
  init(valueOnly value: Double, units: Int) {
    (self.value, self.units) = (value, units)
    (error, jackknifeError, biasCorrectedValue) = (.nan, .nan, .nan)
  }
}
