// SPDX-License-Identifier: GPL-3.0-or-later

/// A publication and why it is cited.
public struct Citation: Sendable, Equatable {
  public var publication: Publication
  /// What of the code rests on it, in words.
  public var reason: String

  public init(publication: Publication, reason: String) {
    self.publication = publication
    self.reason = reason
  }

  /// Every publication the code rests on: the program, Markov chains, annealing, transport, observables
  /// and errors, what is done to finished ensembles, random numbers and libraries.
  public static let all = Rule.all.map(\.citation)
}

/// A publication with its reason, and which stored ensembles rest on it.
struct Rule: Sendable {
  let citation: Citation
  let applies: @Sendable (StoredMethods) -> Bool

  init(
    _ publication: Publication, _ reason: String,
    _ applies: @escaping @Sendable (StoredMethods) -> Bool
  ) {
    citation = Citation(publication: publication, reason: reason)
    self.applies = applies
  }

  /// In the order in which they are printed.
  static let all = program + chains + annealing + transport + analysis + tools

  private static let program = [
    Rule(.driftfield(version: nil), "the program") { _ in true }
  ]

  private static let chains = [
    Rule(.hybridMonteCarlo, "hybrid Monte Carlo") { $0.moves(by: "hmc", "fourier-hmc") },
    Rule(.omelyan, "the integrator of the trajectories, omelyan or fourth-order") {
      $0.has("scheme", "omelyan") || $0.has("scheme", "fourth-order")
    },
    Rule(.fourierLangevin, "Fourier acceleration") { $0.isFourierAccelerated },
    Rule(.fourierAcceleration, "Fourier acceleration of hybrid Monte Carlo") {
      $0.isFourierAccelerated && $0.moves(by: "hmc", "fourier-hmc")
    },
    Rule(.langevinConvergence, "Langevin steps, accepted or rejected (MALA) or not (ULA)") {
      $0.moves(by: "mala", "ula")
    },
    Rule(.metropolis, "local Metropolis updates") { $0.moves(by: "metropolis") },
    Rule(.embeddedDynamics, "clusters of the Ising model in φ⁴ theory") { $0.hasClusters },
    Rule(.wolffCluster, "growing single clusters") { $0.hasClusters },
    Rule(.dualAveraging, "tuning of the step size by dual averaging") {
      $0.isTunedByDualAveraging
    },
  ]

  private static let annealing = [
    Rule(.annealedImportanceSampling, "weighted walkers along a path of densities") {
      $0.hasWalkers
    },
    Rule(.jarzynski, "the mean weight as a ratio of normalisations") { $0.hasWalkers },
    Rule(.crooks, "weights of averages over walkers") { $0.hasWalkers },
    Rule(.candidateMonteCarlo, "weights of moves that are not in detailed balance") {
      $0.hasWalkers && ($0.moves(by: "ula", "langevin") || $0.hasDrift)
    },
    Rule(.discreteLangevin, "weights of underdamped Langevin dynamics in discrete time") {
      $0.hasWalkers && $0.moves(by: "langevin")
    },
    Rule(.langevinSplittings, "the splitting of Langevin dynamics") {
      $0.has("splitting", "baoab") || $0.has("splitting", "aboba") || $0.has("splitting", "oabao")
    },
    Rule(.accurateLangevin, "the splitting of Langevin dynamics, obabo") {
      $0.has("splitting", "obabo")
    },
    Rule(.adaptiveSchedule, "a schedule of constant conditional effective sample size") {
      $0.has("schedule", "adaptive")
    },
    Rule(.sequentialMonteCarlo, "resampling along a path of densities") { $0.isResampled },
    Rule(.resamplingSchemes, "the schemes of resampling") { $0.isResampled },
  ]

  private static let transport = [
    Rule(.transport, "the non-equilibrium transport sampler") { $0.hasDrift },
    Rule(.adam, "training of a network by gradients") { $0.hasNetwork },
    Rule(.barycentricInterpolation, "drifts interpolated between couplings") { $0.isAmortised },
  ]

  private static let analysis = [
    Rule(.binderCumulant, "the Binder cumulant U4") { $0.measures("m") },
    Rule(.secondMomentLength, "the second-moment correlation length xi2") {
      $0.measures("F_kmin")
    },
    Rule(.gammaMethod, "errors of averages over Markov chains") { $0.hasChains },
    Rule(.effectiveSampleSize, "the effective sample size of weights") { $0.hasWalkers },
    Rule(.paretoShape, "the verdict on the tail of the weights") { $0.hasWalkers },
    Rule(.crooksTheorem, "the law of works there and back") { $0.goesBack },
    Rule(.acceptanceRatio, "log Z from works there and back") { $0.goesBack },
    Rule(.multistate, "several ensembles in one estimate, driftfield reweight") { _ in false },
    Rule(.multipleHistograms, "curves between couplings, driftfield interpolate") { _ in false },
    Rule(.isingRatios, "the known values at the transition in two dimensions, driftfield scaling") {
      _ in false
    },
    Rule(.isingExponents, "the exponents in three dimensions, driftfield scaling") { _ in false },
    Rule(.hastings, "weighted walkers as proposals, driftfield unweight") {
      $0.has("method", "imh")
    },
    Rule(.particleChains, "populations as proposals, driftfield unweight") {
      $0.has("method", "pimh")
    },
    Rule(.iteratedResampling, "iterated sampling importance resampling, driftfield unweight") {
      $0.has("method", "i-sir")
    },
    Rule(.higherOrderRenormalisation, "log Z by tensor renormalisation, driftfield logz") { _ in
      false
    },
    Rule(.scalarTensorNetwork, "the tensor network of φ⁴ theory, driftfield logz") { _ in false },
    Rule(.boundaryRenormalisation, "projections from both sides of a cut, driftfield logz") { _ in
      false
    },
  ]

  private static let tools = [
    Rule(.philox, "random numbers") { $0.isPhilox },
    Rule(.fftw, "Fourier transforms") { $0.usesTransforms },
    Rule(.hdf5, "the files") { $0.isHDF5 },
  ]
}
