// SPDX-License-Identifier: GPL-3.0-or-later

/// The gradient of a derived quantity at the primary means by central differences.
///
/// The step h of each primary is its own naive error sqrt(Gamma(0)/N), so that f is probed where
/// the data fluctuate, as in hep-lat/0306017. One Richardson extrapolation, (4 D(h/2) - D(h))/3,
/// leaves an error of order h^4. Where f is undefined a step away, as an effective mass can be when
/// one G(t) moves alone, the step is taken ten times smaller, up to three times. A primary that does
/// not fluctuate does not contribute: component 0.
func centralGradient(
  at means: [Double], steps: [Double], of quantity: ([Double]) throws -> Double
) throws -> [Double] {
  try means.indices.map { index in
    if steps[index] == 0 { return 0 }
    func difference(_ step: Double) throws -> Double {
      var (above, below) = (means, means)
      above[index] += step
      below[index] -= step
      return (try quantity(above) - quantity(below)) / (above[index] - below[index])
    }
    func extrapolated(_ step: Double) throws -> Double {
      (4 * (try difference(step / 2)) - (try difference(step))) / 3
    }
    var step = steps[index]
    var slope = try extrapolated(step)
    for _ in 0..<3 where !slope.isFinite {
      step /= 10
      slope = try extrapolated(step)
    }
    return slope
  }
}
