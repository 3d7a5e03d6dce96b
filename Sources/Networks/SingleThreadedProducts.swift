// SPDX-License-Identifier: GPL-3.0-or-later
import COpenBLAS

/// OpenBLAS on the thread that calls, for the whole process: threads share batches by chunks instead,
/// and the bits of a product never depend on their number.
enum SingleThreadedProducts {
  private static let done: Void = openblas_set_num_threads(1)

  static func ensure() { done }
}
