// SPDX-License-Identifier: GPL-3.0-or-later
import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as a wish to stop at the next update, after a checkpoint. A second one ends the
/// program at once: what was committed before stays.
final class Interruption {
  /// Outlives the sources, whose handlers run on other threads.
  private final class Requests: Sendable { let count = Atomic<Int>(0) }

  private let requests = Requests()
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(
        signal: number, queue: .global(qos: .userInteractive))
    }
    for source in sources {
      source.setEventHandler { [requests] in
        if requests.count.add(1, ordering: .relaxed).newValue > 1 { _exit(Software.stopped) }
        Software.complain("\nstopping after a checkpoint; once more to stop at once")
      }
      source.resume()
    }
  }

  var isRequested: Bool { requests.count.load(ordering: .relaxed) > 0 }
}
