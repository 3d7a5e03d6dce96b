// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// What a layout must fulfil so that a file can hold it and hand it back, and every dimension of
/// the file has one name and one meaning.
enum LayoutRules {
  static func check(_ layout: EnsembleLayout) throws {
    guard layout.chains >= 1 else {
      throw EnsembleError("an ensemble needs at least one chain, got \(layout.chains)")
    }
    try check(layout.attributes, of: "")
    var groups: Set<String> = [StorageLayout.Restart.group]
    for (name, attributes) in layout.descriptions.sorted(by: { $0.key < $1.key }) {
      try checkGroup(name)
      try check(attributes, of: name)
      groups.insert(name)
    }
    for table in layout.tables {
      try checkGroup(table.name)
      guard groups.insert(table.name).inserted else {
        throw EnsembleError("two groups of the layout have the name '\(table.name)'")
      }
      try check(table.attributes, of: table.name)
      try check(table)
    }
    for group in groups.sorted() { try checkPlace(of: group, in: layout) }
  }

  /// Throws if a group would lie inside a table, whose members are its variables and axes.
  static func checkPlace(of group: String, in layout: EnsembleLayout) throws {
    if let table = layout.tables.first(where: { group.hasPrefix($0.name + "/") }) {
      throw EnsembleError("group '\(group)' cannot lie in the table '\(table.name)'")
    }
  }

  /// Checks attributes that go into a group, from the layout or recorded.
  static func check(_ attributes: [String: AttributeValue], of group: String) throws {
    for (name, value) in attributes {
      let place = "attribute '\(name)' of group '/\(group)'"
      if name.isEmpty || name.contains("/") || name.unicodeScalars.contains("\0") {
        throw EnsembleError("\(place): a name is not empty and has no '/'")
      }
      let reserved = [StorageLayout.Root.conventions, StorageLayout.Root.complete]
      if name.hasPrefix(StorageLayout.Structure.prefix)
        || (group.isEmpty && reserved.contains(name))
      {
        throw EnsembleError("\(place): this name belongs to the file format")
      }
      let texts =
        switch value {
        case .text(let text): [text]
        case .texts(let texts): texts
        default: [String]()
        }
      if texts.contains(where: { $0.unicodeScalars.contains("\0") }) {
        throw EnsembleError("\(place): a text cannot hold the character NUL")
      }
    }
  }

  static func checkGroup(_ name: String) throws {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    if parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." })
      || parts[0] == StorageLayout.Restart.group || name.unicodeScalars.contains("\0")
    {
      throw EnsembleError(
        "'\(name)' cannot name a group: legal are words joined by '/', other than "
          + "'\(StorageLayout.Restart.group)'")
    }
  }

  private static func check(_ table: Table) throws {
    let chain = StorageLayout.Dimension.chain
    var axes: [String: Axis] = [:]
    var names: Set<String> = [table.rowName]
    if table.isPerChain { names.insert(chain) }
    try checkName(table.rowName, in: table)
    if table.rowName == chain { throw twice(chain, in: table) }
    for variable in table.variables {
      try checkName(variable.name, in: table)
      if !names.insert(variable.name).inserted { throw twice(variable.name, in: table) }
    }
    for variable in table.variables {
      if variable.flagMeanings.contains(where: { $0.isEmpty || $0.contains(where: \.isWhitespace) })
      {
        throw EnsembleError(
          "'\(table.name)/\(variable.name)': a flag meaning is one word without blanks")
      }
      if Set(variable.axes.map(\.name)).count < variable.axes.count {
        throw EnsembleError("'\(table.name)/\(variable.name)' has the same axis twice")
      }
      for axis in variable.axes {
        try checkName(axis.name, in: table)
        if let known = axes[axis.name] {
          if known != axis {
            throw EnsembleError(
              "table '\(table.name)': two different axes have the name '\(axis.name)'")
          }
        } else if names.contains(axis.name) {
          throw twice(axis.name, in: table)
        }
        axes[axis.name] = axis
        try check(axis, in: table)
      }
    }
  }

  private static func check(_ axis: Axis, in table: Table) throws {
    let place = "axis '\(axis.name)' of table '\(table.name)'"
    if axis.coordinates.isEmpty { throw EnsembleError("\(place) has no coordinates") }
    for value in axis.coordinates where !axis.type.holds(value) || value.isNaN {
      throw EnsembleError("\(place): coordinate \(value) is no \(axis.type.rawValue)")
    }
  }

  private static func checkName(_ name: String, in table: Table) throws {
    if name.isEmpty || name.contains("/") || name == "." || name.unicodeScalars.contains("\0") {
      throw EnsembleError("'\(name)' cannot name a part of table '\(table.name)'")
    }
  }

  private static func twice(_ name: String, in table: Table) -> EnsembleError {
    EnsembleError("table '\(table.name)' uses the name '\(name)' twice")
  }
}

extension ScalarType {
  /// Whether a number keeps its meaning in this type: integers must be whole and in range (up to
  /// 2^53 in a double), and a finite number must stay finite in single precision.
  func holds(_ value: Double) -> Bool {
    switch self {
    case .float64: true
    case .float32: !value.isFinite || Float(value).isFinite
    case .int64: value.magnitude <= 9_007_199_254_740_992 && value == value.rounded(.towardZero)
    case .uint8: value >= 0 && value <= 255 && value == value.rounded(.towardZero)
    }
  }
}
