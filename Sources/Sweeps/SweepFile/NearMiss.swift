// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds the word somebody probably meant.
enum NearMiss {
  /// The candidate closest to `word`, or nil if none is close: at most one edit for words of up to
  /// five letters, and one more for every three further letters. Of equally close candidates one of
  /// the same letters wins, then the one with the longer common beginning and end, then the first.
  static func closest(to word: String, among candidates: [String]) -> String? {
    let written = Array(word.lowercased().unicodeScalars)
    guard written.count <= 80 else { return nil }
    let allowed = max(1, written.count / 3)
    var best: (candidate: String, distance: Int, agreement: Int)?
    for candidate in candidates {
      let meant = Array(candidate.lowercased().unicodeScalars)
      let distance = distance(written, meant)
      guard distance <= allowed, distance < meant.count else { continue }
      let isRearranged = written.sorted() == meant.sorted()
      let agreement =
        (isRearranged ? written.count : 0)
        + zip(written, meant).prefix { $0 == $1 }.count
        + zip(written.reversed(), meant.reversed()).prefix { $0 == $1 }.count
      if let best, (best.distance, -best.agreement) <= (distance, -agreement) { continue }
      best = (candidate, distance, agreement)
    }
    return best?.candidate
  }

  /// The end of a message that suggests a candidate: `, did you mean 'lambda'?`, or nothing.
  static func hint(for word: String, among candidates: [String]) -> String {
    closest(to: word, among: candidates).map { ", did you mean '\($0)'?" } ?? ""
  }

  /// The Damerau-Levenshtein distance with adjacent transpositions (optimal string alignment): the
  /// number of insertions, deletions, substitutions and swaps of neighbours from one to the other.
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious: [Int] = []
    var previous = Array(0...right.count)
    for i in left.indices {
      var current = [i + 1]
      for j in right.indices {
        var cost = min(previous[j + 1] + 1, current[j] + 1)
        cost = min(cost, previous[j] + (left[i] == right[j] ? 0 : 1))
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          cost = min(cost, beforePrevious[j - 1] + 1)
        }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
