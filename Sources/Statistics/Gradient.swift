// SPDX-License-Identifier: GPL-3.0-or-later

/// The gradient of a derived quantity at the primary means by central differences.
///
/// The step h of each primary is a thousandth of its naive error sqrt(Gamma(0)/N). A whole error, as
/// in hep-lat/0306017, is too far for functions that are steep on the scale of the noise: an
/// effective mass acosh[(G(t-1) + G(t+1))/(2 G(t))] near 1 needs all G(t) to move together, and one
/// of them alone, moved by its error, leaves its domain. One Richardson extrapolation,
/// (4 D(h/2) - D(h))/3, leaves an error of order h^4; rounding leaves about 1e-16 mean/h, 1e-10 for
/// errors of a thousandth of the mean. A primary that does not fluctuate does not contribute:
/// component 0.
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
    let step = steps[index] / 1000
    return (4 * (try difference(step / 2)) - (try difference(step))) / 3
  }
}
