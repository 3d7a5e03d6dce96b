// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// A tape and cotangents whose memory has been used before, so that the system need not find and clear
/// it anew for every batch. There are never more than threads used them at once.
final class WorkingMemory: @unchecked Sendable {
  // Unchecked: who borrowed it owns it.
  let tape = Tape()
  let cotangents = Cotangents()

  private static let lock = NSLock()
  nonisolated(unsafe) private static var idle: [WorkingMemory] = []

  static func borrow() -> WorkingMemory {
    lock.withLock { idle.popLast() } ?? WorkingMemory()
  }

  /// For the next to use.
  func giveBack() {
    tape.clear()
    tape.records = true
    cotangents.clear()
    Self.lock.withLock { Self.idle.append(self) }
  }
}
