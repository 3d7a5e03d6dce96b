// SPDX-License-Identifier: GPL-3.0-or-later

/// The extents of a lattice on the command line, as in 16x16 or 16 16.
enum ExtentsText {
  /// Nil unless all of them are integers from 2 to 1000000, and as many as are asked for.
  static func numbers(_ words: [String], count: ClosedRange<Int>) -> [Int]? {
    let sites = words.flatMap { $0.split(separator: "x", omittingEmptySubsequences: false) }
    let numbers = sites.compactMap { Int($0) }
    let isLegal =
      numbers.count == sites.count && count.contains(numbers.count)
      && numbers.allSatisfy { (2...1_000_000).contains($0) }
    return isLegal ? numbers : nil
  }
}
