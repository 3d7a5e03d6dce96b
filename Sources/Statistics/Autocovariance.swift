// SPDX-License-Identifier: GPL-3.0-or-later

/// The autocovariance function of centred series, computed as far as it is asked for.
///
/// Gamma(t) = sum_r sum_i d_r(i) d_r(i+t) / sum_r (N_r - t), hep-lat/0306017; replica shorter
/// than t drop out of both sums. The first 256 lags are summed directly, N products each;
/// whoever asks for more gets all of them from one Fourier transform in O(N log N).
struct Autocovariance {
  /// One more than the largest lag: half of the longest replica.
  let lagLimit: Int
  private let fluctuations: [[Double]]
  private var values: [Double] = []
  static let blockLength = 8
  static let directLags = 256

  init(of fluctuations: [[Double]]) {
    self.fluctuations = fluctuations
    lagLimit = (fluctuations.map(\.count).max() ?? 0) / 2
  }

  subscript(lag: Int) -> Double {
    mutating get {
      precondition(lag < lagLimit)
      while values.count <= lag {
        let lags =
          lag < Self.directLags
          ? values.count..<values.count + Self.blockLength : values.count..<lagLimit
        let sums = lag < Self.directLags ? directSums(lags) : transformedSums(lags)
        values += zip(lags, sums).map { lag, sum in sum / pairs(lag) }
      }
      return values[lag]
    }
  }

  private func pairs(_ lag: Int) -> Double {
    Double(max(1, fluctuations.reduce(0) { $0 + max(0, $1.count - lag) }))
  }

  /// Eight neighbouring lags in one pass over the data.
  func directSums(_ lags: Range<Int>) -> [Double] {
    precondition(lags.count == Self.blockLength)
    var total = SIMD8<Double>()
    for series in fluctuations {
      series.withUnsafeBufferPointer { data in
        let whole = max(0, data.count - lags.upperBound + 1)
        let shifted = UnsafeRawBufferPointer(data)
        var sum = SIMD8<Double>()
        for index in 0..<whole {
          let neighbours = shifted.loadUnaligned(
            fromByteOffset: 8 &* (index &+ lags.lowerBound), as: SIMD8<Double>.self)
          sum += SIMD8(repeating: data[index]) * neighbours
        }
        for (slot, lag) in lags.enumerated() where lag < data.count {
          for index in whole..<data.count - lag { sum[slot] += data[index] * data[index + lag] }
        }
        total += sum
      }
    }
    return (0..<Self.blockLength).map { total[$0] }
  }

  /// The Wiener-Khinchin theorem on series padded with zeros against wrapping around.
  func transformedSums(_ lags: Range<Int>) -> [Double] {
    var total = [Double](repeating: 0, count: lags.count)
    for series in fluctuations {
      var count = 1
      while count < series.count + min(lags.upperBound, series.count) { count *= 2 }
      let fourier = FourierTransform(count: count)
      var real = series + [Double](repeating: 0, count: count - series.count)
      var imaginary = [Double](repeating: 0, count: count)
      fourier.transform(real: &real, imaginary: &imaginary)
      for k in 0..<count {
        real[k] = real[k] * real[k] + imaginary[k] * imaginary[k]
        imaginary[k] = 0
      }
      // |X_k|^2 is even in k, so the forward transform serves as the inverse.
      fourier.transform(real: &real, imaginary: &imaginary)
      for (slot, lag) in lags.enumerated() where lag < series.count {
        total[slot] += real[lag] / Double(count)
      }
    }
    return total
  }
}
