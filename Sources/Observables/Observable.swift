// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A quantity that is measured on each configuration by itself; averages, errors and everything
/// derived from averages come later.
public protocol Observable: Sendable {
  /// What is measured, in the order of the outputs.
  var variables: [Variable] { get }

  /// Measures `count` configurations, one contiguous row each. `outputs` has one pointer for each
  /// variable, to the values of these configurations, one configuration after the other.
  func measure(
    _ rows: UnsafePointer<Double>, count: Int, into outputs: [UnsafeMutablePointer<Double>])
}

extension Observable {
  /// For each variable the values of all members of a batch, one member after the other.
  public func measure(_ batch: Configurations, workers: Workers = Workers(1)) -> [[Double]] {
    let alone: [any Observable] = [self]
    return alone.measure(batch, workers: workers)
  }
}

extension [any Observable] {
  /// For each variable of each observable the values of all members, one member after the other.
  ///
  /// All observables are measured on a few members before the next, while these are in the cache.
  public func measure(_ batch: Configurations, workers: Workers = Workers(1)) -> [[Double]] {
    let sizes = flatMap { $0.variables.map(\.size) }
    let counts = map(\.variables.count)
    // One column after the other.
    var columns = Configurations(count: batch.count, dimension: sizes.reduce(0, +))
    batch.withRows { rows in
      columns.withMutableRows { columns in
        let rows = SharedReadRows(rows)
        let columns = SharedRows(columns)
        workers.forEach(batch.count) { range in
          for first in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            var column = columns.pointer
            var outputs: [UnsafeMutablePointer<Double>] = []
            for size in sizes {
              outputs.append(column + first * size)
              column += batch.count * size
            }
            var next = 0
            for (observable, count) in zip(self, counts) {
              observable.measure(
                rows.pointer + first * batch.dimension,
                count: Swift.min(2, range.upperBound - first),
                into: outputs[next..<next + count].map { $0 })
              next += count
            }
          }
        }
      }
    }
    var start = 0
    return sizes.map { size in
      defer { start += batch.count * size }
      return [Double](columns.values[start..<start + batch.count * size])
    }
  }
}
