// SPDX-License-Identifier: GPL-3.0-or-later

/// MSER-5: where to cut the beginning of a chain so that the rest pins down its mean best.
///
/// Over means of batches of five, Z_1 ... Z_n, the cut d minimises
/// MSER(d) = sum_{i>d} (Z_i - <Z>_{i>d})^2 / (n - d)^2 with d <= n/2; K. P. White, M. J. Cobb and
/// S. C. Spratt, Proc. Winter Simulation Conf. (2000) 755. It finds transients; it cannot see that
/// a chain never arrived.
public struct MarginalStandardError: Sendable, Equatable {
  /// How many measurements at the beginning to leave out, a multiple of five.
  public var truncation: Int
  /// False if the minimum lies in the last allowed place: the chain is still drifting, or too
  /// short.
  public var isReliable: Bool

  /// Throws for chains of fewer than 20 measurements, four batches.
  public init(_ chain: [Double]) throws(StatisticsError) {
    try requireMeasurements([chain], minimumLength: 20)
    let batches = stride(from: 0, through: chain.count - 5, by: 5).map { chain[$0..<$0 + 5].mean }
    let last = batches.count / 2
    // Welford's update from the end of the chain, so that every cut costs one step.
    var (mean, squares, kept) = (0.0, 0.0, 0.0)
    var best = (cut: last, measure: Double.infinity)
    for cut in batches.indices.reversed() {
      kept += 1
      let deviation = batches[cut] - mean
      mean += deviation / kept
      squares += deviation * (batches[cut] - mean)
      let measure = squares / (kept * kept)
      if cut <= last && measure <= best.measure { best = (cut, measure) }
    }
    truncation = 5 * best.cut
    isReliable = best.cut < last
  }
}
