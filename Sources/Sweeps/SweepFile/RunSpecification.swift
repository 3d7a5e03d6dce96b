// SPDX-License-Identifier: GPL-3.0-or-later

/// What is measured, and how often.
public struct MeasurementSpecification: Sendable, Equatable {
  public enum Observable: String, Sendable, CaseIterable {
    case moments, correlator, propagator

    /// What is measured where the file does not say. The propagator costs a Fourier transform for
    /// each configuration, more than the others together, and is left to those who want it.
    public static let standard: [Observable] = [.moments, .correlator]
  }

  /// Trajectories per measurement.
  public var every: Int
  /// In the order of `Observable.allCases`, each at most once.
  public var observables: [Observable]
  /// Momentum shells of the propagator.
  public var shells: Int

  public init(every: Int, observables: [Observable], shells: Int) {
    self.every = every
    self.observables = observables
    self.shells = shells
  }
}

/// Which configurations are stored.
public struct ConfigurationSpecification: Sendable, Equatable {
  public enum Precision: String, Sendable, CaseIterable {
    case double, single
  }

  /// Trajectories per stored configuration.
  public var every: Int
  public var precision: Precision

  public init(every: Int, precision: Precision) {
    self.every = every
    self.precision = precision
  }
}

/// When data and restart state are committed: after so many seconds or megabytes, whichever first.
public struct CheckpointSpecification: Sendable, Equatable {
  public var seconds: Double
  public var megabytes: Double

  public init(seconds: Double, megabytes: Double) {
    self.seconds = seconds
    self.megabytes = megabytes
  }
}

/// What is watched besides the observables.
public struct MonitorSpecification: Sendable, Equatable {
  /// Every so many trajectories one is run backwards; 0 for never.
  public var reversibility: Int

  public init(reversibility: Int) { self.reversibility = reversibility }
}

/// One run of a sweep: one sampler at one point of the grid.
public struct RunSpecification: Sendable, Equatable {
  /// The position in `SweepDefinition.runs`, from 0.
  public var index: Int
  /// What tells this run from the others of its sweep, such as `lambda=4.5 extents=16x16 hmc`.
  public var label: String
  public var seed: UInt64
  public var theory: TheorySpecification
  /// Sites in each direction, 1 to 4 of them.
  public var extents: [Int]
  public var sampler: SamplerSpecification
  public var measurement: MeasurementSpecification
  /// Nil if no configuration is stored.
  public var configurations: ConfigurationSpecification?
  public var monitor: MonitorSpecification

  /// A text of fixed form that, together with the seed, determines every random decision of the run:
  /// the theory, the lattice and the sampler, but not the number of trajectories (so that a run can
  /// be made longer), not what is measured or stored, and nothing about folders and threads.
  ///
  /// Random streams are derived from it and the seed, so two runs that differ in anything it names
  /// have independent ones, and a run keeps its own when the grid around it changes. Runs that agree
  /// in it and in the seed, but differ in what it leaves out, repeat each other's random numbers.
  public var identity: String {
    "theory: \(theory.identity)\n"
      + "lattice: \(extents.map(String.init).joined(separator: "x"))\n"
      + "sampler: \(sampler.identity)\n"
  }

  /// The name of the run's folder, such as `run-000-hmc`: the index and the sampler.
  public var folderName: String {
    let digits = String(index)
    return "run-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      + "-\(sampler.name)"
  }
}
