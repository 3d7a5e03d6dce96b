// SPDX-License-Identifier: GPL-3.0-or-later

/// The features of two sets, those of the first before those of the second.
public struct JoinedFeatures<First: VelocityFeatures, Second: VelocityFeatures>: VelocityFeatures {
  public let first: First
  public let second: Second

  public init(_ first: First, _ second: Second) {
    precondition(first.dimension == second.dimension, "features of one space")
    self.first = first
    self.second = second
  }

  public var dimension: Int { first.dimension }

  public var count: Int { first.count + second.count }

  public func slice(at time: Double) -> JoinedSlice<First.Slice, Second.Slice> {
    JoinedSlice(
      first: first.slice(at: time), second: second.slice(at: time), firstCount: first.count,
      dimension: dimension)
  }
}

/// The features of two sets at one time.
public struct JoinedSlice<First: FeatureSlice, Second: FeatureSlice>: FeatureSlice {
  let first: First
  let second: Second
  let firstCount: Int
  let dimension: Int

  public func regressors(
    at position: UnsafePointer<Double>, gradient: UnsafePointer<Double>,
    into row: UnsafeMutablePointer<Double>
  ) {
    first.regressors(at: position, gradient: gradient, into: row)
    second.regressors(at: position, gradient: gradient, into: row + firstCount)
  }

  public func velocity(
    at position: UnsafePointer<Double>, weights: UnsafePointer<Double>,
    into velocity: UnsafeMutablePointer<Double>
  ) -> Double {
    let one = first.velocity(at: position, weights: weights, into: velocity)
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: dimension) {
      let other = $0.baseAddress!
      let two = second.velocity(at: position, weights: weights + firstCount, into: other)
      for axis in 0..<dimension { velocity[axis] += other[axis] }
      return one + two
    }
  }
}
