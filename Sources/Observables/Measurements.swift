// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// The recorded series of an ensemble, one replica for each chain.
public struct Measurements: Sendable {
  public let chains: Int
  /// Rows of each chain.
  public let count: Int
  private var columns: [String: (size: Int, values: [Double])] = [:]

  public init(chains: Int, count: Int) {
    self.chains = chains
    self.count = count
  }

  /// The variables of one table of an ensemble, all of them or those that are wanted: correlators
  /// take much memory. Throws what the reader throws.
  public init(
    _ reader: any EnsembleReader, table name: String = "observables",
    variables wanted: Set<String>? = nil
  ) throws {
    guard let table = reader.layout.table(name) else {
      throw EnsembleError("the ensemble has no table '\(name)'")
    }
    self.init(
      chains: table.isPerChain ? reader.layout.chains : 1, count: try reader.rows(of: name).count)
    for variable in table.variables where wanted?.contains(variable.name) ?? true {
      insert(
        variable.name, size: variable.size, try reader.values(of: variable.name, in: name))
    }
  }

  /// Adds a variable of `size` numbers a row; `values` in the order (chain, row, number).
  public mutating func insert(_ name: String, size: Int, _ values: [Double]) {
    precondition(values.count == chains * count * size, "one value for each chain and row")
    columns[name] = (size, values)
  }

  public func contains(_ name: String) -> Bool { columns[name] != nil }

  /// The numbers in one value of a variable, 0 if it was not measured.
  public func size(of name: String) -> Int { columns[name]?.size ?? 0 }

  /// The series of a primary quantity: one array for each chain.
  public func series(_ primary: Primary) -> [[Double]] {
    guard let (size, values) = columns[primary.variable] else {
      preconditionFailure("the variable '\(primary.variable)' was not measured")
    }
    return (0..<chains).map { chain in
      (0..<count).map { row in
        let first = (chain * count + row) * size
        return primary.transform.apply(
          primary.indices.reduce(0) { $0 + values[first + $1] } / Double(primary.indices.count))
      }
    }
  }

  /// The same series without their first `rows` rows.
  public func dropping(_ rows: Int) -> Measurements {
    let rows = min(rows, count)
    var result = Measurements(chains: chains, count: count - rows)
    for (name, column) in columns {
      var values: [Double] = []
      for chain in 0..<chains {
        let first = (chain * count + rows) * column.size
        values.append(contentsOf: column.values[first..<(chain + 1) * count * column.size])
      }
      result.insert(name, size: column.size, values)
    }
    return result
  }
}

/// What is averaged before anything is derived: a recorded variable, or a function of it, on each
/// configuration.
public struct Primary: Sendable, Hashable {
  public enum Transform: Sendable, Hashable {
    case identity, magnitude, square, fourthPower

    func apply(_ x: Double) -> Double {
      switch self {
      case .identity: x
      case .magnitude: abs(x)
      case .square: x * x
      case .fourthPower: x * x * x * x
      }
    }
  }

  public var variable: String
  /// The components that are averaged before the transform.
  public var indices: [Int]
  public var transform: Transform

  public init(_ variable: String, _ indices: [Int] = [0], _ transform: Transform = .identity) {
    self.variable = variable
    self.indices = indices
    self.transform = transform
  }
}
