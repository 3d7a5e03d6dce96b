// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// Distances between the densities behind two sets of samples.
///
/// Both are noisy and not zero for two sets of the same density: what a sampler gets is to be read beside
/// what a second set of exact samples gets.
public enum SampleDistances {
  /// The maximum mean discrepancy with a normal kernel of width h, k(x, y) = exp(−|x − y|²/(2h²)),
  ///
  ///     MMD² = ⟨k(x, x')⟩ + ⟨k(y, y')⟩ − 2 ⟨k(x, y)⟩,
  ///
  /// over pairs of different members, so that it is unbiased and may come out negative. With `width` nil
  /// h is the median distance among the first 500 members of `second`, which is to be the reference.
  /// Gretton et al., J. Mach. Learn. Res. 13 (2012) 723, eq. (3).
  public static func maximumMeanDiscrepancySquared(
    _ first: Configurations, _ second: Configurations, width: Double? = nil
  ) -> Double {
    precondition(first.dimension == second.dimension && first.count > 1 && second.count > 1)
    let width = width ?? medianDistance(second, members: 500)
    let precision = -0.5 / (width * width)
    func within(_ set: Configurations) -> Double {
      let total = sumOverPairs(set, set) { row, column, square in
        column < row ? exp(precision * square) : 0
      }
      return 2 * total / (Double(set.count) * Double(set.count - 1))
    }
    let between = sumOverPairs(first, second) { _, _, square in exp(precision * square) }
    return within(first) + within(second)
      - 2 * between / (Double(first.count) * Double(second.count))
  }

  /// The Wasserstein distance of order 2 between two sets of equally many samples,
  ///
  ///     W_2 = min_π [ (1/N) Σ_i |x_i − y_π(i)|² ]^½,
  ///
  /// exactly, over all permutations π, in O(N³) operations: a second for a thousand samples.
  public static func wasserstein2(_ first: Configurations, _ second: Configurations) -> Double {
    precondition(first.count == second.count && first.dimension == second.dimension)
    let count = first.count
    var costs = [Double](repeating: 0, count: count * count)
    _ = sumOverPairs(first, second) { row, column, square in
      costs[row * count + column] = square
      return 0
    }
    let assignment = Assignment.cheapest(costs: costs, count: count)
    let total = assignment.indices.reduce(0.0) { $0 + costs[$1 * count + assignment[$1]] }
    return (total / Double(count)).squareRoot()
  }

  private static func medianDistance(_ set: Configurations, members: Int) -> Double {
    let count = min(members, set.count)
    var squares: [Double] = []
    set.withRows { rows in
      for row in 1..<count {
        for column in 0..<row {
          squares.append(
            squaredDistance(
              rows + row * set.dimension, rows + column * set.dimension, count: set.dimension))
        }
      }
    }
    squares.sort()
    return squares[squares.count / 2].squareRoot()
  }

  private static func sumOverPairs(
    _ first: Configurations, _ second: Configurations, _ value: (Int, Int, Double) -> Double
  ) -> Double {
    let dimension = first.dimension
    return first.withRows { left in
      second.withRows { right in
        var total = 0.0
        for row in 0..<first.count {
          var sum = 0.0
          for column in 0..<second.count {
            let square = squaredDistance(
              left + row * dimension, right + column * dimension, count: dimension)
            sum += value(row, column, square)
          }
          total += sum
        }
        return total
      }
    }
  }
}

/// The cheapest way to give every row a column of its own.
enum Assignment {
  /// The column of each row, by shortest augmenting paths with row and column potentials: rows are added
  /// one after the other, and each looks for the path of least reduced cost to a free column as in
  /// Dijkstra's algorithm. R. Jonker, A. Volgenant, Computing 38 (1987) 325.
  static func cheapest(costs: [Double], count: Int) -> [Int] {
    // Columns and rows are counted from 1; column 0 stands for the row that is looking for a place.
    var rowPotential = [Double](repeating: 0, count: count + 1)
    var columnPotential = rowPotential
    var rowOfColumn = [Int](repeating: 0, count: count + 1)
    var previous = rowOfColumn
    var distance = rowPotential
    var isDone = [Bool](repeating: false, count: count + 1)
    for row in 1..<count + 1 {
      rowOfColumn[0] = row
      var column = 0
      for other in 0...count {
        distance[other] = .infinity
        isDone[other] = false
      }
      repeat {
        isDone[column] = true
        let current = rowOfColumn[column]
        var least = Double.infinity
        var next = 0
        for other in 1..<count + 1 where !isDone[other] {
          let reduced =
            costs[(current - 1) * count + other - 1] - rowPotential[current]
            - columnPotential[other]
          if reduced < distance[other] {
            distance[other] = reduced
            previous[other] = column
          }
          if distance[other] < least {
            least = distance[other]
            next = other
          }
        }
        for other in 0...count {
          if isDone[other] {
            rowPotential[rowOfColumn[other]] += least
            columnPotential[other] -= least
          } else {
            distance[other] -= least
          }
        }
        column = next
      } while rowOfColumn[column] != 0
      while column != 0 {
        rowOfColumn[column] = rowOfColumn[previous[column]]
        column = previous[column]
      }
    }
    var columns = [Int](repeating: 0, count: count)
    for column in 1..<count + 1 { columns[rowOfColumn[column] - 1] = column - 1 }
    return columns
  }
}
