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

/// A run of annealing that can have no result, because all its walkers ran away. It is so at every
/// repetition, since the same sweep file gives the same bits: the sampler must be changed.
public struct CollapsedRun: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// How a run ended.
public enum RunOutcome: Sendable, Equatable {
  case complete
  /// A stop was asked for; everything done so far is durable. Updates are steps of all populations in
  /// annealing.
  case stopped(update: Int)
}

/// What a run tells while it goes on; asked and told between updates, on the runner's thread.
public protocol RunObserver: AnyObject {
  /// Whether to stop after a checkpoint.
  var shouldStop: Bool { get }
  /// `done` of `total` updates are made.
  func progressed(done: Int, total: Int, isThermalising: Bool)
  /// An annealing run has come to this place.
  func progressed(_ place: AnnealingPlace)
  /// The training of a drift has come to this place.
  func progressed(_ place: TrainingPlace)
}

extension RunObserver {
  public func progressed(_ place: TrainingPlace) {}
  public func progressed(_ place: AnnealingPlace) {}
}

/// How far an annealing run has come.
public struct AnnealingPlace: Sendable, Equatable {
  public enum Phase: Sendable {
    /// Before the first population.
    case pilot
    /// On the way to the theory.
    case forward
    /// On the way back to the origin.
    case reverse
  }

  public var phase: Phase
  /// From 1.
  public var population: Int
  public var populations: Int
  /// Steps of this population that are made, and those in all.
  public var step: Int
  public var steps: Int
  /// From 0 to 1 along the path.
  public var time: Double

  public init(
    phase: Phase, population: Int, populations: Int, step: Int, steps: Int, time: Double
  ) {
    self.phase = phase
    self.population = population
    self.populations = populations
    self.step = step
    self.steps = steps
    self.time = time
  }
}
