// SPDX-License-Identifier: GPL-3.0-or-later

/// A partition of several chains into bins of consecutive measurements, none across two replica.
///
/// Each replica of N_r measurements is cut into floor(N_r / size) bins as equal as possible, so
/// that every measurement is used: bins have `size` measurements or a few more.
public struct Binning: Sendable, Equatable {
  /// The least number of measurements in a bin.
  public let size: Int
  /// The measurements of each bin, in the order of the replica.
  public let bins: [Bin]

  /// Consecutive measurements of one replica.
  public struct Bin: Sendable, Equatable {
    public var replica: Int
    public var measurements: Range<Int>
  }

  /// Throws if a replica is shorter than one bin or if there are fewer than two bins in all.
  public init(lengths: [Int], size: Int) throws(StatisticsError) {
    if lengths.isEmpty { throw .noReplica }
    if size < 1 {
      throw .illegalParameter(name: "binSize", value: Double(size), legal: "1 or more")
    }
    var bins: [Bin] = []
    for (replica, length) in lengths.enumerated() {
      if length < size {
        throw .tooFewMeasurements(replica: replica, measurements: length, needed: size)
      }
      let count = length / size
      for bin in 0..<count {
        bins.append(
          Bin(
            replica: replica,
            measurements: bin * length / count..<(bin + 1) * length / count))
      }
    }
    if bins.count < 2 { throw .tooFewBins(binSize: size, bins: bins.count, needed: 2) }
    self.size = size
    self.bins = bins
  }

  /// Bins of 2 ceil(tau_int) lengthFactor measurements, which are independent up to a relative
  /// error of about 1/(4 lengthFactor) in the standard error (5 % for the default).
  ///
  /// Throws if that leaves fewer than `minimumBins`: with B bins the error is itself uncertain by
  /// the fraction 1/sqrt(2 (B - 1)), 16 % for 20.
  public static func automatic(
    lengths: [Int], tauIntegrated: Double, lengthFactor: Int = 5, minimumBins: Int = 20
  ) throws(StatisticsError) -> Binning {
    if !(tauIntegrated >= 0.5 && tauIntegrated < 1e12) {
      throw .illegalParameter(
        name: "tauIntegrated", value: tauIntegrated, legal: "finite and at least 1/2")
    }
    if lengthFactor < 1 {
      throw .illegalParameter(
        name: "lengthFactor", value: Double(lengthFactor), legal: "1 or more")
    }
    // Uncorrelated measurements are their own bins.
    let size = tauIntegrated == 0.5 ? 1 : 2 * Int(tauIntegrated.rounded(.up)) * lengthFactor
    let count = lengths.reduce(0) { $0 + $1 / size }
    if count < max(2, minimumBins) {
      throw .tooFewBins(binSize: size, bins: count, needed: max(2, minimumBins))
    }
    return try Binning(lengths: lengths, size: size)
  }

  /// The mean of each bin of one observable, indexed [replica][measurement].
  public func means(of replica: [[Double]]) -> [Double] {
    bins.map { replica[$0.replica][$0.measurements].mean }
  }
}

/// One line of a binning table: the error of the mean that bins of one size give.
public struct BinningRow: Sendable, Equatable {
  public var binSize: Int
  public var bins: Int
  /// The standard error, by the jackknife over the bins.
  public var error: Double
  /// error / sqrt(2 (bins - 1)), as for independent Gaussian bins.
  public var errorOfError: Double
}

extension Binning {
  /// The error of the mean against the bin size 1, 2, 4, ... while at least `minimumBins` remain.
  ///
  /// It rises towards sqrt(2 tau_int) times the naive error; only a plateau over several sizes is a
  /// measured error. H. Flyvbjerg and H. G. Petersen, J. Chem. Phys. 91 (1989) 461.
  public static func plateau(
    replica: [[Double]], minimumBins: Int = 20
  ) throws(StatisticsError) -> [BinningRow] {
    try requireMeasurements(replica, minimumLength: 1)
    let lengths = replica.map(\.count)
    var rows: [BinningRow] = []
    var size = 1
    while lengths.allSatisfy({ $0 >= size })
      && lengths.reduce(0, { $0 + $1 / size }) >= max(2, minimumBins)
    {
      let binning = try Binning(lengths: lengths, size: size)
      let error = Jackknife(binning).estimate(mean: replica).error
      let count = binning.bins.count
      rows.append(
        BinningRow(
          binSize: size, bins: count, error: error,
          errorOfError: error / Double(2 * (count - 1)).squareRoot()))
      size *= 2
    }
    if rows.isEmpty {
      throw .tooFewBins(
        binSize: 1, bins: lengths.reduce(0, +), needed: max(2, minimumBins))
    }
    return rows
  }
}
