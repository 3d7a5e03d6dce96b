// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// Compares layouts and says in words where they first differ. Numbers are compared by their bits,
/// so that a NaN equals itself.
enum LayoutDifference {
  /// Nil when the two are equal.
  static func between(_ stored: EnsembleLayout, _ given: EnsembleLayout) -> String? {
    if stored.chains != given.chains {
      return "the number of chains is \(stored.chains), not \(given.chains)"
    }
    if let text = between(stored.attributes, given.attributes, of: "") { return text }
    if Set(stored.descriptions.keys) != Set(given.descriptions.keys) {
      return "the descriptions are \(stored.descriptions.keys.sorted()), "
        + "not \(given.descriptions.keys.sorted())"
    }
    for (name, attributes) in stored.descriptions.sorted(by: { $0.key < $1.key }) {
      if let text = between(attributes, given.descriptions[name]!, of: name) { return text }
    }
    if stored.tables.map(\.name) != given.tables.map(\.name) {
      return "the tables are \(stored.tables.map(\.name)), not \(given.tables.map(\.name))"
    }
    for (one, other) in zip(stored.tables, given.tables) {
      if let text = between(one, other) { return text }
    }
    return nil
  }

  static func isSame(
    _ one: [String: [String: AttributeValue]], _ other: [String: [String: AttributeValue]]
  ) -> Bool {
    Set(one.keys) == Set(other.keys)
      && one.keys.allSatisfy { between(one[$0]!, other[$0]!, of: $0) == nil }
  }

  static func isSame(_ one: AttributeValue, _ other: AttributeValue) -> Bool {
    switch (one, other) {
    case (.real(let one), .real(let other)): one.bitPattern == other.bitPattern
    case (.reals(let one), .reals(let other)):
      one.map(\.bitPattern) == other.map(\.bitPattern)
    default: one == other
    }
  }

  private static func between(_ stored: Table, _ given: Table) -> String? {
    if stored.rowName != given.rowName || stored.isPerChain != given.isPerChain {
      return "table '\(stored.name)' has other axes"
    }
    if let text = between(stored.attributes, given.attributes, of: stored.name) { return text }
    if stored.variables.map(\.name) != given.variables.map(\.name) {
      return "table '\(stored.name)' has the variables \(stored.variables.map(\.name)), "
        + "not \(given.variables.map(\.name))"
    }
    for (one, other) in zip(stored.variables, given.variables) where one != other {
      let place = "variable '\(stored.name)/\(one.name)'"
      if one.type != other.type {
        return "\(place) is \(one.type.rawValue), not \(other.type.rawValue)"
      }
      if one.axes != other.axes { return "\(place) has other axes" }
      return "\(place) has another meaning (units, long name, definition or flags)"
    }
    return nil
  }

  private static func between(
    _ stored: [String: AttributeValue], _ given: [String: AttributeValue], of group: String
  ) -> String? {
    for name in Set(stored.keys).union(given.keys).sorted() {
      guard let one = stored[name], let other = given[name] else {
        return "attribute '\(name)' of group '/\(group)' is only in "
          + (given[name] == nil ? "the file" : "the given layout")
      }
      if !isSame(one, other) {
        return "attribute '\(name)' of group '/\(group)' is \(one), not \(other)"
      }
    }
    return nil
  }
}
