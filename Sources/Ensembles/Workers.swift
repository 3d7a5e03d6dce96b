// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch

/// The threads that share a batch.
///
/// Members of a batch never depend on each other and every sum over members is taken afterwards in
/// member order, so any number of threads gives the same bits.
public struct Workers: Sendable {
  public let count: Int

  public init(_ count: Int) {
    precondition(count >= 1, "at least one thread is needed")
    self.count = count
  }

  /// Splits `0..<total` into one contiguous range per thread, with bounds on multiples of `grain`,
  /// and runs `body` on each; returns when all are done.
  public func forEach(
    _ total: Int, grain: Int = 1, _ body: @Sendable (Range<Int>) -> Void
  ) {
    let grains = (total + grain - 1) / grain
    let parts = min(count, grains)
    if parts <= 1 {
      if total > 0 { body(0..<total) }
      return
    }
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let lower = part * grains / parts * grain
      let upper = min(total, (part + 1) * grains / parts * grain)
      body(lower..<upper)
    }
  }
}

/// A pointer handed to several threads that write to disjoint parts of what it points to.
public struct SharedRows: @unchecked Sendable {
  public let pointer: UnsafeMutablePointer<Double>
  public init(_ pointer: UnsafeMutablePointer<Double>) { self.pointer = pointer }
}

/// A pointer handed to several threads that only read.
public struct SharedReadRows: @unchecked Sendable {
  public let pointer: UnsafePointer<Double>
  public init(_ pointer: UnsafePointer<Double>) { self.pointer = pointer }
}
