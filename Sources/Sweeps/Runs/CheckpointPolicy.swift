// SPDX-License-Identifier: GPL-3.0-or-later

/// When a run makes its work durable: after so many seconds or so many bytes, whichever is first.
public struct CheckpointPolicy: Sendable, Equatable {
  public var seconds: Double
  public var bytes: Int

  public init(seconds: Double = 300, bytes: Int = 64 << 20) {
    self.seconds = seconds
    self.bytes = bytes
  }
}

/// How a run ended.
public enum RunOutcome: Sendable, Equatable {
  case complete
  /// A stop was asked for; everything done so far is durable.
  case stopped(update: Int)
}

/// What a run tells while it goes on; asked and told between updates, on the runner's thread.
public protocol RunObserver: AnyObject {
  /// Whether to stop after a checkpoint.
  var shouldStop: Bool { get }
  /// `done` of `total` updates are made.
  func progressed(done: Int, total: Int, isThermalising: Bool)
}
