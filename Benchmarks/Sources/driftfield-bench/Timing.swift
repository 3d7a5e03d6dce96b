// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation

/// The median of repeated measurements and their spread.
struct Timing {
  /// Median and median absolute deviation, in seconds.
  let median: Double
  let deviation: Double
  /// The shortest time: what a limit is taken from, since others on the machine only ever slow it down.
  let least: Double
  let repetitions: Int

  /// Repeats `body` at least five times and for at least `seconds`, after one call to warm up.
  static func of(seconds: Double, _ body: () -> Void) -> Timing {
    body()
    let clock = ContinuousClock()
    let start = clock.now
    var times: [Double] = []
    while times.count < 5 || clock.now - start < .seconds(seconds) {
      times.append(clock.measure(body) / .seconds(1))
    }
    let middle = median(times)
    return Timing(
      median: middle, deviation: median(times.map { abs($0 - middle) }), least: times.min()!,
      repetitions: times.count)
  }

  /// The same in time of the processor instead of the clock on the wall, where others share the machine.
  static func ofProcessor(seconds: Double, _ body: () -> Void) -> Timing {
    body()
    let start = processorTime
    var times: [Double] = []
    while times.count < 5 || processorTime - start < seconds {
      let before = processorTime
      body()
      times.append(processorTime - before)
    }
    let middle = median(times)
    return Timing(
      median: middle, deviation: median(times.map { abs($0 - middle) }), least: times.min()!,
      repetitions: times.count)
  }

  /// Seconds that this process has used of all processors.
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }
}
