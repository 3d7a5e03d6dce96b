// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Observables
import Statistics

/// How the errors of several quantities of one ensemble are correlated, from their values with one bin
/// left out at a time.
struct BinCorrelations: Sendable {
  /// Indexed [quantity][quantity], 1 on the diagonal.
  let matrix: [[Double]]
  /// How many bins there are, or are worth where their weights differ, less one.
  let degreesOfFreedom: Double

  private static let mostBins = 400

  /// Nil where chains are too short for bins of several τ_int.
  init?(chains: Measurements, quantities: [DerivedQuantity], tau: Double) {
    let lengths = Array(repeating: chains.count, count: chains.chains)
    let total = chains.chains * chains.count
    guard tau >= 0.5, tau < 1e9, total > 0 else { return nil }
    let size = max(tau == 0.5 ? 1 : 10 * Int(tau.rounded(.up)), total / Self.mostBins)
    let binning: Binning
    do {
      binning = try Binning(lengths: lengths, size: size)
    } catch {
      return nil
    }
    let primaries = Self.primaries(of: quantities)
    let weights = binning.bins.map { Double($0.measurements.count) }
    let sums = primaries.map { primary in
      zip(weights, binning.means(of: chains.series(primary))).map { $0 * $1 }
    }
    self.init(quantities, primaries, weights: weights, sums: sums)
  }

  /// Bins are blocks of independent units.
  init?(weighted stop: WeightedStop, quantities: [DerivedQuantity]) {
    let weights = stop.weights
    let bins = min(weights.units, Self.mostBins)
    let primaries = Self.primaries(of: quantities)
    let blocks = (0..<bins).map {
      $0 * weights.units / bins * weights.unitSize..<($0 + 1) * weights.units / bins
        * weights.unitSize
    }
    let relative = weights.relativeWeights
    let sums = primaries.map { primary in
      let series = stop.measurements.series(primary).flatMap { $0 }
      return blocks.map { block in
        block.reduce(0.0) { relative[$1] > 0 ? $0 + relative[$1] * series[$1] : $0 }
      }
    }
    self.init(
      quantities, primaries, weights: blocks.map { relative[$0].reduce(0, +) }, sums: sums)
  }

  private static func primaries(of quantities: [DerivedQuantity]) -> [Primary] {
    var seen: Set<Primary> = []
    return quantities.flatMap(\.primaries).filter { seen.insert($0).inserted }
  }

  /// From the weight of each bin and the weighted sum of each primary over it.
  private init?(
    _ quantities: [DerivedQuantity], _ primaries: [Primary], weights: [Double], sums: [[Double]]
  ) {
    let places = Dictionary(uniqueKeysWithValues: zip(primaries, primaries.indices))
    let total = weights.reduce(0, +)
    let totals = sums.map { $0.reduce(0, +) }
    guard !quantities.isEmpty, weights.count >= 10, total > 0 else { return nil }
    let without = quantities.map { quantity in
      weights.indices.map { bin in
        quantity.value(
          quantity.primaries.map { primary in
            let place = places[primary] ?? 0
            return (totals[place] - sums[place][bin]) / (total - weights[bin])
          })
      }
    }
    let bins = Double(weights.count)
    let deviations = without.map { values in
      let mean = values.reduce(0, +) / bins
      return values.map { $0 - mean }
    }
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let norms = deviations.map { product($0, $0).squareRoot() }
    if !norms.allSatisfy({ $0 > 0 && $0.isFinite }) { return nil }
    matrix = deviations.indices.map { a in
      deviations.indices.map { b in
        a == b ? 1 : product(deviations[a], deviations[b]) / (norms[a] * norms[b])
      }
    }
    degreesOfFreedom = total * total / product(weights, weights) - 1
  }
}
