// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Statistics

/// The search for crossings of two curves: the difference on a grid of couplings with its errors, and
/// the places where it is beyond doubt on both sides, with opposite signs.
struct CrossingSearch {
  /// The number of grid points.
  static let points = 25
  /// The distance from zero, in standard errors, from which on a sign is beyond doubt.
  static let certainty = 3.0

  /// Brackets in which the sign changes, one for each crossing.
  private(set) var brackets: [ClosedRange<Double>] = []
  private(set) var remarks: [String] = []
  /// Why there is no crossing; nil where there is one.
  private(set) var failure: String?

  /// From both curves at the same couplings.
  init(_ first: [InterpolatedCurve.Point], _ second: [InterpolatedCurve.Point], names: String) {
    let pairs = zip(first, second).filter { $0.isTrustworthy && $1.isTrustworthy }
    let untrusted = first.count - pairs.count
    if untrusted > 0 {
      remarks.append(
        "\(names): \(untrusted) of \(first.count) couplings were not looked at: runs there overlap "
          + "too little, or are too short")
    }
    let rows = pairs.map { a, b in
      (g: a.coupling, difference: a.value - b.value, error: hypot(a.error, b.error))
    }
    let certain = rows.indices.filter {
      abs(rows[$0].difference) > Self.certainty * rows[$0].error
    }
    for (left, right) in zip(certain, certain.dropFirst())
    where rows[left].difference * rows[right].difference < 0 {
      let changes = (left..<right).filter {
        rows[$0].difference * rows[$0 + 1].difference <= 0
      }
      // An odd number of them: the one in the middle has the slope of the whole.
      let middle = changes[changes.count / 2]
      brackets.append(rows[middle].g...rows[middle + 1].g)
      if changes.count > 1 {
        remarks.append("\(names): the curves meet \(changes.count) times within their errors")
      }
    }
    if brackets.count > 1 {
      remarks.append("\(names): there are \(brackets.count) crossings beyond doubt")
    }
    if !brackets.isEmpty { return }
    if pairs.isEmpty {
      failure = "\(names): nothing could be compared"
    } else if certain.isEmpty {
      failure =
        "\(names): the curves agree within errors "
        + (untrusted == 0 ? "in the whole range" : "where they could be compared")
    } else {
      let sign = rows[certain[0]].difference > 0 ? "above" : "below"
      failure =
        "\(names): no crossing; the smaller lattice is \(sign) the larger wherever they differ by "
        + "more than \(Int(Self.certainty)) errors (simulate further to the side where they approach)"
    }
  }
}
