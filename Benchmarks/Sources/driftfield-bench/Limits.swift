// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import ProcessorLimits

/// What the processor reaches at best, measured with the instruction set the kernels use.
struct Limits {
  /// Multiplications and additions a second, mixed as in a leapfrog update.
  let operations: Double

  static func measured(seconds: Double) -> Limits {
    let level = df_kernel_level()
    var done = 0.0
    let timing = Timing.of(seconds: seconds) { done = df_limit_arithmetic(level, 100_000) }
    return Limits(operations: done / timing.least)
  }

  /// Bytes a second, loaded and stored together, when two arrays of `bytes` altogether are read and
  /// written again and again.
  static func traffic(bytes: Int, seconds: Double) -> Double {
    let level = df_kernel_level()
    let count = max(8, bytes / 16 / 8 * 8)
    // The second array does not start at the first one's place in the cache sets.
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: 2 * count + 64 + 8)
    defer { memory.deallocate() }
    memory.initialize(repeating: 1, count: 2 * count + 64 + 8)
    let aligned = UnsafeMutablePointer<Double>(
      bitPattern: (UInt(bitPattern: memory) + 63) / 64 * 64)!
    let rounds = max(1, 4_000_000 / count)
    let timing = Timing.of(seconds: seconds) {
      df_limit_traffic(level, aligned, aligned + count + 64, count, rounds)
    }
    return 32 * Double(count * rounds) / timing.least
  }
}
