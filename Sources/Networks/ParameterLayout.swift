// SPDX-License-Identifier: GPL-3.0-or-later
import RandomStreams

/// The named parts of a flat list of parameters.
public struct ParameterLayout: Sendable, Equatable {
  /// One part: where it lies, and the standard deviation it begins with.
  public struct Slice: Sendable, Equatable {
    public let name: String
    public let range: Range<Int>
    public let scale: Double
  }

  public private(set) var slices: [Slice] = []
  public private(set) var count = 0

  public init() {}

  /// Appends a part; returns its range.
  @discardableResult
  public mutating func add(_ name: String, count size: Int, scale: Double = 0) -> Range<Int> {
    precondition(!slices.contains { $0.name == name }, "names of parameters differ")
    let range = count..<count + size
    slices.append(Slice(name: name, range: range, scale: scale))
    count += size
    return range
  }

  public subscript(name: String) -> Range<Int>? { slices.first { $0.name == name }?.range }

  /// Independent normals, each part with its own standard deviation; what has none is zero.
  public func random(using streams: RandomStreams, purpose: Purpose = .training) -> [Double] {
    var values = Array(repeating: 0.0, count: count)
    for (number, slice) in slices.enumerated() where slice.scale > 0 && !slice.range.isEmpty {
      var part = Array(repeating: 0.0, count: slice.range.count)
      streams.fillNormals(&part, count: part.count, purpose: purpose, walker: number, step: 0)
      for (offset, value) in part.enumerated() {
        values[slice.range.lowerBound + offset] = slice.scale * value
      }
    }
    return values
  }
}
