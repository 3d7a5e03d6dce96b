// SPDX-License-Identifier: GPL-3.0-or-later

/// What a run needs to go on to the same bits: the fields in double precision and its counters.
public struct RestartState: Sendable, Equatable {
  public var fields: Configurations
  public var integers: [String: Int]
  public var reals: [String: [Double]]

  public init(fields: Configurations, integers: [String: Int], reals: [String: [Double]] = [:]) {
    self.fields = fields
    self.integers = integers
    self.reals = reals
  }
}

/// Where a sampler's output goes. Samplers and runners see this protocol alone, never a path.
public protocol EnsembleWriter: AnyObject {
  var layout: EnsembleLayout { get }

  /// Bytes appended since the last commit.
  var pendingBytes: Int { get }

  /// Adds one row to a table: for each of its variables, in order, the values of all chains
  /// (chain, axes...), or (axes...) where the table is not per chain.
  /// Throws if `row` is not larger than the table's last one, or if a shape is wrong.
  func append(row: Int, to table: String, _ values: [[Double]]) throws

  /// Sets attributes of a group that are known only now; a later value replaces an earlier one.
  /// They become durable with the next commit.
  func record(_ attributes: [String: AttributeValue], in group: String) throws

  /// Makes all that was appended and recorded durable, together with the state to go on from.
  func commit(_ restart: RestartState) throws

  /// Commits a last time and marks the ensemble as complete.
  func finish(_ restart: RestartState, _ provenance: [String: AttributeValue]) throws
}

/// A way to read an ensemble back.
public protocol EnsembleReader: AnyObject {
  var layout: EnsembleLayout { get }
  var isComplete: Bool { get }

  /// The row numbers of a table, increasing.
  func rows(of table: String) throws -> [Int]

  /// All values of one variable, in the order (chain, row, axes...), or (row, axes...).
  func values(of variable: String, in table: String) throws -> [Double]

  /// The values of the rows at `positions` (indices into `rows(of:)`) alone, in the same order.
  func values(of variable: String, in table: String, positions: Range<Int>) throws -> [Double]

  /// Attributes of a group: those of the layout and those recorded later. The root is "".
  func attributes(of group: String) throws -> [String: AttributeValue]

  /// The state of the last commit.
  func restart() throws -> RestartState
}

/// A writer was handed something that does not fit its layout.
public struct EnsembleError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
