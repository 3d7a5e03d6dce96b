// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import MonteCarlo
import Observables
import RandomStreams

extension RunSpecification {
  public var lattice: Lattice { Lattice(extents: extents) }

  public var action: Phi4 { Phi4(lattice: lattice, couplings: theory.parametrisation) }

  /// The streams of this run: they depend on the seed and on what is sampled, not on where the run
  /// stands in its sweep.
  public var streams: RandomStreams { RandomStreams(seed: seed).derived(identity) }

  /// The Markov chain with its parameters, before tuning.
  private func kernel(_ chain: MarkovChainSpecification) -> any TunableKernel {
    let local = localKernel(chain)
    guard chain.clusterUpdates > 0 else { return local }
    return CompositeKernel(local, WolffCluster(action: action, clusters: chain.clusterUpdates))
  }

  private func localKernel(_ chain: MarkovChainSpecification) -> any TunableKernel {
    let target = chain.tuning?.targetAcceptance
    switch chain.method {
    case .hmc(let trajectory):
      return hmc(trajectory, .unitMass, target)
    case .fourierHMC(let trajectory, let massSquared):
      let mass = SpectralMass(accelerating: action, massSquared: massSquared)
      return hmc(trajectory, .spectral(mass), target)
    case .mala(let step):
      guard let target else { return HMC.mala(target: action, stepSize: step) }
      return HMC.mala(target: action, stepSize: step, targetAcceptance: target)
    case .metropolis(let step):
      guard let target else { return Metropolis(action: action, stepSize: step) }
      return Metropolis(action: action, stepSize: step, targetAcceptance: target)
    }
  }

  private func hmc(
    _ trajectory: MarkovChainSpecification.Trajectory, _ kinetic: KineticEnergy, _ target: Double?
  ) -> HMC {
    var hmc = HMC(
      target: action, scheme: trajectory.scheme.splitting, steps: trajectory.steps,
      length: trajectory.length, kinetic: kinetic, jitter: trajectory.jitter)
    if let target { hmc.targetAcceptance = target }
    return hmc
  }

  /// The same theory as a file of this run describes it.
  var storedTheory: StoredTheory {
    StoredTheory(lattice: lattice, coefficients: action.coefficients, label: label)
  }

  /// What can be derived from the run's averages.
  public var quantities: ScalarQuantities { storedTheory.quantities }

  /// The run as values that can be carried out, if it is one of Markov chains.
  public var chainRun: MarkovChainRun? {
    guard case .markovChain(let chain) = sampler else { return nil }
    return MarkovChainRun(
      action: action, kernel: kernel(chain), chains: chain.chains,
      trajectories: chain.trajectories, thermalisation: chain.thermalisation,
      start: chain.start.fields, isTuned: chain.tuning != nil,
      observables: storedTheory.observables(
        measurement.observables, shells: measurement.shells),
      measurementInterval: measurement.every, configurationInterval: configurations?.every,
      configurationType: configurations?.precision == .single ? .float32 : .float64,
      reversibilityInterval: monitor.reversibility, streams: streams)
  }
}

extension SamplerSpecification.Scheme {
  var splitting: SplittingScheme {
    switch self {
    case .leapfrog: .leapfrog
    case .omelyan: .omelyan
    case .fourthOrder: .fourthOrder
    }
  }
}

extension MarkovChainSpecification.Start {
  var fields: MarkovChainRun.Start {
    switch self {
    case .hot: .hot
    case .cold: .cold
    case .mixed: .mixed
    }
  }
}
