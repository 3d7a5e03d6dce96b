// SPDX-License-Identifier: GPL-3.0-or-later

/// One sampler of a sweep.
public enum SamplerSpecification: Sendable, Equatable {
  case markovChain(MarkovChainSpecification)
  case annealing(AnnealingSpecification)

  /// The splitting scheme of a molecular-dynamics trajectory.
  public enum Scheme: String, Sendable, CaseIterable {
    case leapfrog, omelyan
    case fourthOrder = "fourth-order"
  }

  /// Tuning of the step size: of a Markov chain during thermalisation only, of annealing by a pilot.
  public struct Tuning: Sendable, Equatable {
    /// The mean acceptance it aims at; nil for the method's own.
    public var targetAcceptance: Double?

    public init(targetAcceptance: Double? = nil) { self.targetAcceptance = targetAcceptance }
  }

  /// What sweep files call the methods.
  public static let methodNames =
    MarkovChainSpecification.Method.names + AnnealingSpecification.methodNames

  /// The Markov chain, if it is one.
  public var markovChain: MarkovChainSpecification? {
    if case .markovChain(let chain) = self { return chain }
    return nil
  }

  /// The annealing, if it is one.
  public var annealing: AnnealingSpecification? {
    if case .annealing(let annealing) = self { return annealing }
    return nil
  }

  /// What labels, folders and the grid call the sampler.
  public var name: String {
    switch self {
    case .markovChain(let chain): chain.name
    case .annealing(let annealing): annealing.name
    }
  }

  /// What sweep files call its method.
  public var methodName: String {
    switch self {
    case .markovChain(let chain): chain.method.name
    case .annealing(let annealing): annealing.methodName
    }
  }

  /// The sampler in one line of fixed form, without the number of trajectories or populations.
  var identity: String {
    switch self {
    case .markovChain(let chain): chain.identity
    case .annealing(let annealing): annealing.identity
    }
  }
}
