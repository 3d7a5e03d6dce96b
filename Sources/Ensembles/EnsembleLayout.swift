// SPDX-License-Identifier: GPL-3.0-or-later

/// How a number is kept in a file. In memory every number is a `Double`, which holds each of these
/// exactly (integers up to 2^53).
public enum ScalarType: String, Sendable {
  case float64, float32, int64, uint8
}

/// One named trailing axis of a variable, with a coordinate for every index.
public struct Axis: Sendable, Equatable {
  public var name: String
  public var coordinates: [Double]
  public var type: ScalarType
  public var units: String
  public var longName: String

  public init(
    name: String, coordinates: [Double], type: ScalarType = .int64, units: String = "1",
    longName: String
  ) {
    self.name = name
    self.coordinates = coordinates
    self.type = type
    self.units = units
    self.longName = longName
  }
}

/// A recorded quantity: its name, the axes of one value, and what it means.
public struct Variable: Sendable, Equatable {
  public var name: String
  public var axes: [Axis]
  public var type: ScalarType
  public var units: String
  public var longName: String
  /// The definition with its normalisation, in LaTeX.
  public var definition: String
  /// Meanings of the values 0, 1, ... of a flag.
  public var flagMeanings: [String]

  public init(
    name: String, axes: [Axis] = [], type: ScalarType = .float64, units: String = "lattice",
    longName: String, definition: String = "", flagMeanings: [String] = []
  ) {
    self.name = name
    self.axes = axes
    self.type = type
    self.units = units
    self.longName = longName
    self.definition = definition
    self.flagMeanings = flagMeanings
  }

  /// Numbers in one value: the product of the extents of its axes.
  public var size: Int { axes.reduce(1) { $0 * $1.coordinates.count } }
}

/// What a file says of itself besides its arrays.
public enum AttributeValue: Sendable, Equatable {
  case text(String)
  case real(Double)
  case integer(Int)
  case reals([Double])
  case integers([Int])
  case texts([String])
}

/// A set of variables that share one growing row axis, such as the observables after each measured
/// trajectory. Row numbers are explicit, unique and increasing.
public struct Table: Sendable, Equatable {
  public var name: String
  /// The name of the row axis, `trajectory` or `configuration`.
  public var rowName: String
  /// Whether every row has one value for each chain, or one in all.
  public var isPerChain: Bool
  public var variables: [Variable]
  public var attributes: [String: AttributeValue]

  public init(
    name: String, rowName: String = "trajectory", isPerChain: Bool = true, variables: [Variable],
    attributes: [String: AttributeValue] = [:]
  ) {
    self.name = name
    self.rowName = rowName
    self.isPerChain = isPerChain
    self.variables = variables
    self.attributes = attributes
  }
}

/// Everything about an ensemble that is known before it is made.
public struct EnsembleLayout: Sendable, Equatable {
  public var chains: Int
  /// Attributes of the whole: title, sweep text, seed, version.
  public var attributes: [String: AttributeValue]
  /// Groups that hold attributes alone, such as `theory` and `lattice`.
  public var descriptions: [String: [String: AttributeValue]]
  public var tables: [Table]

  public init(
    chains: Int, attributes: [String: AttributeValue] = [:],
    descriptions: [String: [String: AttributeValue]] = [:], tables: [Table]
  ) {
    self.chains = chains
    self.attributes = attributes
    self.descriptions = descriptions
    self.tables = tables
  }

  public func table(_ name: String) -> Table? { tables.first { $0.name == name } }
}
