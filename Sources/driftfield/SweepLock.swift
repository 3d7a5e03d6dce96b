// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// Keeps a second process from writing to the same sweep; released when the process ends, however.
final class SweepLock {
  private let descriptor: Int32

  init(_ folder: String) throws {
    descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system(folder, "cannot be opened as a folder") }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK {
      close(descriptor)
      throw Failure(
        "\(folder): another driftfield is at work in this folder; wait for it, or choose another "
          + "folder with 'run --output'")
    }
    // Any other failure means that this file system has no such locks; then there is none.
  }

  deinit { close(descriptor) }
}
