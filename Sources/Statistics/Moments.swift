// SPDX-License-Identifier: GPL-3.0-or-later

extension Collection where Element == Double {
  /// The arithmetic mean, summed as x_0 + <x - x_0> so that a constant series is reproduced
  /// exactly.
  var mean: Double {
    guard let origin = first else { return .nan }
    var sum = 0.0
    for value in self { sum += value - origin }
    return origin + sum / Double(count)
  }

  /// The unbiased sample variance sum (x - mean)^2 / (n - 1).
  var variance: Double {
    let center = mean
    var sum = 0.0
    for value in self { sum += (value - center) * (value - center) }
    return sum / Double(count - 1)
  }
}

/// The mean over all measurements of all replica, sum_r N_r a_r / N.
func pooledMean(of means: [Double], lengths: [Int]) -> Double {
  let origin = means[0]
  var sum = 0.0
  for (mean, length) in zip(means, lengths) { sum += Double(length) * (mean - origin) }
  return origin + sum / Double(lengths.reduce(0, +))
}
