// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics

/// Annealed importance sampling, sequential Monte Carlo, or the non-equilibrium transport sampler: a
/// path to the run's theory, what carries walkers along it, and how many.
public struct AnnealingSpecification: Sendable, Equatable {
  public typealias Tuning = SamplerSpecification.Tuning

  /// What carries walkers from one density to the next, with what only it needs.
  public enum Transition: Sendable, Equatable {
    case hmc(scheme: SamplerSpecification.Scheme, steps: Int, updates: Int)
    case mala(updates: Int)
    case ula(Weight)
    case metropolis(updates: Int)
    case langevin(Splitting, friction: Double)

    /// What sweep files call the transitions.
    public static let names = ["hmc", "mala", "ula", "metropolis", "langevin"]

    /// What sweep files call this transition.
    public var name: String {
      switch self {
      case .hmc: "hmc"
      case .mala: "mala"
      case .ula: "ula"
      case .metropolis: "metropolis"
      case .langevin: "langevin"
      }
    }
  }

  /// How the weight of an unadjusted Langevin step is reckoned.
  public enum Weight: String, Sendable, CaseIterable {
    case kernelRatio = "kernel-ratio"
    case continuum
  }

  /// The splitting of underdamped Langevin dynamics.
  public enum Splitting: String, Sendable, CaseIterable {
    case baoab, obabo, aboba, oabao
  }

  /// The times at which the path is visited.
  public enum Schedule: Sendable, Equatable {
    case uniform(steps: Int)
    case adaptive(conditionalESS: Double)
    /// Increasing, in (0, 1], the last 1.
    case given(times: [Double])
  }

  /// Where the path begins, with the hopping coefficient J of the theory or without any.
  public enum Origin: Sendable, Equatable {
    /// The free field of this canonical m².
    case free(massSquared: Double)
    /// The theory without its hopping term.
    case independent
    /// The free field to which the curve of constant susceptibility leads back from the first target;
    /// the path is that curve, and straight from stop to stop.
    case constantSusceptibility
  }

  /// Theories that the path goes through: values of one coupling of the run's own.
  public struct Stops: Sendable, Equatable {
    public enum Key: String, Sendable, CaseIterable {
      case lambda, m2, kappa
    }

    public var key: Key
    public var values: [Double]

    public init(key: Key, values: [Double]) {
      self.key = key
      self.values = values
    }
  }

  public struct Resampling: Sendable, Equatable {
    public var scheme: ResamplingScheme
    /// The effective sample size, as a fraction of the walkers, below which they are resampled.
    public var threshold: Double

    public init(scheme: ResamplingScheme, threshold: Double) {
      self.scheme = scheme
      self.threshold = threshold
    }
  }

  /// What sweep files call the methods.
  public static let methodNames = ["ais", "smc", "nets"]

  public var name: String
  /// Walkers in each population.
  public var walkers: Int
  public var populations: Int
  public var transition: Transition
  /// M² of the Fourier acceleration; nil without.
  public var acceleration: Double?
  public var schedule: Schedule
  /// The step size, or where tuning starts.
  public var step: Double
  public var tuning: Tuning?
  public var origin: Origin
  /// What the path goes through before the run's theory.
  public var stops: Stops?
  /// Nil for annealed importance sampling, in which walkers stay independent.
  public var resampling: Resampling?
  /// Walkers of the pilot that finds the schedule and the step sizes.
  public var pilotWalkers: Int
  /// Updates that calm the walkers for a way back; 0 for no way back.
  public var reverseUpdates: Int
  /// The drift that carries the walkers along; nil for annealing without transport.
  public var transport: TransportSpecification?

  /// What sweep files call the method.
  public var methodName: String {
    transport != nil ? "nets" : resampling == nil ? "ais" : "smc"
  }

  /// Targets of the path: the stops and the theory.
  public var legs: Int { (stops?.values.count ?? 0) + 1 }

  /// The steps of a path whose number of them is known before the pilot.
  public var steps: Int? {
    switch schedule {
    case .uniform(let steps): (steps + legs - 1) / legs * legs
    case .given: times?.count
    case .adaptive: nil
    }
  }

  /// When each target is reached; exactly 1 for the last.
  public var stopTimes: [Double] {
    (1...legs).map { $0 == legs ? 1 : Double($0) / Double(legs) }
  }

  /// The times of the steps, without 0, where they are known before the pilot. Every stop is one.
  public var times: [Double]? {
    switch schedule {
    case .adaptive: return nil
    case .uniform(let steps):
      let each = (steps + legs - 1) / legs
      return stopTimes.enumerated().flatMap { leg, end in
        (1...each).map {
          $0 == each ? end : (Double(leg) + Double($0) / Double(each)) / Double(legs)
        }
      }
    case .given(let times):
      // A stop such as 1/3 cannot be written down exactly.
      let own = times.filter { time in !stopTimes.contains { abs($0 - time) < 1e-9 } }
      return (own + stopTimes).sorted()
    }
  }

  /// What a reader of the run's numbers must know of the choices made in its sweep file.
  public var notes: [String] {
    var notes: [String] = []
    if case .ula(.continuum) = transition {
      notes.append(
        "weight: continuum is the rule of continuous time and biased by the step size, however good "
          + "the effective sample size looks; use it for comparison only")
    }
    if case .uniform(let wanted) = schedule, let steps, steps != wanted {
      notes.append(
        "path_steps was rounded up from \(wanted) to \(steps), a multiple of the \(legs) legs")
    }
    return notes
  }
}

extension AnnealingSpecification {
  /// The sampler in one line of fixed form, without the number of populations and the way back.
  var identity: String {
    func list(_ values: [Double]) -> String {
      values.map(NumberText.text).joined(separator: ",")
    }
    var parts = ["\(name) method=\(methodName) walkers=\(walkers)", dynamicsIdentity]
    switch schedule {
    case .uniform(let steps): parts.append("schedule=uniform path_steps=\(steps)")
    case .adaptive(let fraction):
      parts.append("schedule=adaptive conditional_ess=\(NumberText.text(fraction))")
    case .given(let times): parts.append("times=\(list(times))")
    }
    parts.append(tuningIdentity)
    parts.append(pathIdentity)
    if let resampling {
      parts.append(
        "resampling=\(resampling.scheme.rawValue) threshold=\(NumberText.text(resampling.threshold))"
      )
    }
    parts.append("pilot=\(pilotWalkers)")
    if let transport { parts.append(transport.identity) }
    return parts.joined(separator: " ")
  }

  /// What moves the walkers beside a drift.
  var dynamicsIdentity: String {
    "\(transition.identity) acceleration=\(acceleration.map(NumberText.text) ?? "none")"
  }

  var tuningIdentity: String {
    let target = tuning?.targetAcceptance.map(NumberText.text) ?? "own"
    return "step=\(NumberText.text(step)) "
      + (tuning == nil ? "tune=false" : "tune=true target_acceptance=\(target)")
  }

  /// The curve of theories that the walkers follow.
  var pathIdentity: String {
    let start =
      switch origin {
      case .free(let massSquared): "origin=free origin_m2=\(NumberText.text(massSquared))"
      case .independent: "origin=independent"
      case .constantSusceptibility: "path=constant-susceptibility"
      }
    guard let stops else { return start }
    let values = stops.values.map(NumberText.text).joined(separator: ",")
    return "\(start) stops=\(stops.key.rawValue):\(values)"
  }
}

extension AnnealingSpecification.Transition {
  fileprivate var identity: String {
    switch self {
    case .hmc(let scheme, let steps, let updates):
      "transition=hmc scheme=\(scheme.rawValue) steps=\(steps) updates=\(updates)"
    case .mala(let updates), .metropolis(let updates):
      "transition=\(name) updates=\(updates)"
    case .ula(let weight): "transition=ula weight=\(weight.rawValue)"
    case .langevin(let splitting, let friction):
      "transition=langevin splitting=\(splitting.rawValue) friction=\(NumberText.text(friction))"
    }
  }
}
