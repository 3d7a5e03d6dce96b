// SPDX-License-Identifier: GPL-3.0-or-later

/// A batch of field configurations, or of momenta or gradients: one contiguous row of `dimension`
/// numbers for each of `count` members, in lattice units, the last lattice axis fastest.
public struct Configurations: Sendable, Equatable {
  public let count: Int
  public let dimension: Int
  /// All rows, one after the other; `values.count == count * dimension`.
  public var values: [Double]

  /// A batch of zero fields.
  public init(count: Int, dimension: Int) {
    self.init(
      count: count, dimension: dimension, values: Array(repeating: 0, count: count * dimension))
  }

  /// A batch from its rows; `values.count` must be `count * dimension`.
  public init(count: Int, dimension: Int, values: [Double]) {
    precondition(values.count == count * dimension, "a batch needs count * dimension values")
    self.count = count
    self.dimension = dimension
    self.values = values
  }

  /// The numbers of one member.
  public subscript(member: Int) -> ArraySlice<Double> {
    get { values[member * dimension..<(member + 1) * dimension] }
    set { values[member * dimension..<(member + 1) * dimension] = newValue }
  }

  /// Opens the rows once for a kernel; the pointer holds `count * dimension` numbers.
  public func withRows<Result>(
    _ body: (UnsafePointer<Double>) throws -> Result
  ) rethrows -> Result {
    try values.withUnsafeBufferPointer { try body($0.baseAddress!) }
  }

  /// Opens the rows once for a kernel that writes.
  public mutating func withMutableRows<Result>(
    _ body: (UnsafeMutablePointer<Double>) throws -> Result
  ) rethrows -> Result {
    try values.withUnsafeMutableBufferPointer { try body($0.baseAddress!) }
  }
}
