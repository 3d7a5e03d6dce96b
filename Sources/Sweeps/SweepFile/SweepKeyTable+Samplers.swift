// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Transport

extension SweepKey {
  static let samplerKeys =
    commonSamplerKeys + chainKeys + dynamicsKeys + annealingKeys + transportKeys
    + networkKeys

  private static let chains = Applicability(
    selector: "method", values: MarkovChainSpecification.Method.names)
  private static let annealing = Applicability(
    selector: "method", values: AnnealingSpecification.methodNames)

  /// Some of the methods.
  private static func methods(_ names: String...) -> Applicability {
    Applicability(selector: "method", values: names)
  }

  /// Some of the transitions of annealing.
  private static func transitions(_ names: String...) -> Applicability {
    Applicability(selector: "transition", values: names)
  }

  private static let commonSamplerKeys = [
    key(
      .samplers, "name", .name, .otherwise("the method"), varies: false,
      "what labels, folders and the grid call this sampler; no two may share it"),
    key(
      .samplers, "method", .choice(SamplerSpecification.methodNames), .required, varies: false,
      "the Markov chain, annealed importance sampling without (ais) or with resampling (smc), or the "
        + "non-equilibrium transport sampler (nets): annealing along a trained drift"),
  ]

  private static let chainKeys = [
    key(
      .samplers, "chains", .count(from: 1), .fixed("8"), only: [chains],
      "the number of independent chains"),
    key(
      .samplers, "trajectories", .count(from: 1), .required, only: [chains],
      "the number of updates per chain after thermalisation"),
    key(
      .samplers, "thermalisation", .count(from: 0),
      .otherwise("a fifth of trajectories, rounded up, and at least 100"), only: [chains],
      "the number of updates per chain that are made first and not measured"),
    key(
      .samplers, "start", .choice(MarkovChainSpecification.Start.allCases.map(\.rawValue)),
      .fixed("mixed"), only: [chains],
      "the first fields: hot, cold, or mixed for even chains hot and odd ones cold"),
    key(
      .samplers, "cluster", .count(from: 0), .fixed("0"), only: [chains],
      "the number of Wolff single-cluster updates after each trajectory"),
  ]

  /// Keys of the dynamics, which Markov chains and annealing share in part.
  private static let dynamicsKeys = [
    key(
      .samplers, "tune", .flag, .fixed("true"),
      "whether thermalisation, or the pilot of an annealing run, tunes the step size: towards the "
        + "target acceptance, or where nothing is rejected to the smallest variance of log w"),
    key(
      .samplers, "target_acceptance", .real(.openUnitInterval), .otherwise("the method's own"),
      only: [transitions("hmc", "mala", "metropolis")],
      "the mean acceptance that tuning aims at"),
    key(
      .samplers, "scheme", .choice(SamplerSpecification.Scheme.allCases.map(\.rawValue)),
      .fixed("omelyan"),
      only: [methods("hmc", "fourier-hmc", "ais", "smc", "nets"), transitions("hmc")],
      "the splitting scheme of a trajectory"),
    key(
      .samplers, "length", .real(.positive), .fixed("1"), only: [methods("hmc", "fourier-hmc")],
      "the length of a trajectory in molecular-dynamics time"),
    key(
      .samplers, "steps", .count(from: 1), .otherwise("10, or 5 for ais, smc and nets"),
      only: [methods("hmc", "fourier-hmc", "ais", "smc", "nets"), transitions("hmc")],
      "the number of steps in a trajectory; where tuning of a Markov chain starts if there is any"),
    key(
      .samplers, "jitter", .real(.halfOpenUnitInterval), .fixed("0"),
      only: [methods("hmc", "fourier-hmc")],
      "the step size is drawn uniformly from 1 - jitter to 1 + jitter times its value, "
        + "for each chain and trajectory"),
    key(
      .samplers, "mass2", .real(.positive), .fixed("1"),
      only: [
        methods("fourier-hmc", "ais", "smc", "nets"),
        Applicability(selector: "acceleration", values: ["fourier"]),
      ],
      "M^2 in the masses J (phat^2 + M^2) of the modes; J is the coefficient of the hopping term"),
    key(
      .samplers, "step", .real(.positive), .fixed("0.3"),
      only: [methods("mala", "metropolis", "ais", "smc", "nets")],
      "the step size; where tuning starts if there is any"),
  ]

  private static let annealingKeys =
    pathKeys + [
      key(
        .samplers, "walkers", .count(from: 2), .fixed("256"), only: [annealing],
        "the number of walkers in a population"),
      key(
        .samplers, "populations", .count(from: 1), .otherwise("8, or 16 with resampling"),
        only: [annealing],
        "the number of independent populations; with resampling errors are taken over them"),
      key(
        .samplers, "transition", .choice(AnnealingSpecification.Transition.names), .fixed("hmc"),
        varies: false, only: [annealing],
        "what moves the walkers at each step of the path, in nets after the drift: a Markov chain, or "
          + "unadjusted Langevin dynamics, overdamped (ula) or with inertia (langevin), whose weights "
          + "are exact as well"
      ),
      key(
        .samplers, "acceleration", .choice(["none", "fourier"]), .fixed("none"), varies: false,
        only: [annealing, transitions("hmc", "mala", "ula", "langevin")],
        "fourier gives every mode a mass of its own, see mass2"),
      key(
        .samplers, "updates", .count(from: 1), .fixed("1"),
        only: [annealing, transitions("hmc", "mala", "metropolis")],
        "the number of updates at each step of the path"),
      key(
        .samplers, "splitting",
        .choice(AnnealingSpecification.Splitting.allCases.map(\.rawValue)), .fixed("baoab"),
        only: [annealing, transitions("langevin")],
        "the order of kicks (b), drifts (a) and refreshes of the velocity (o) in a step"),
      key(
        .samplers, "friction", .real(.positive), .fixed("1"),
        only: [annealing, transitions("langevin")],
        "the rate at which the velocity is forgotten, per unit of time in which step is counted"),
      key(
        .samplers, "weight", .choice(AnnealingSpecification.Weight.allCases.map(\.rawValue)),
        .fixed("kernel-ratio"), only: [annealing, transitions("ula")],
        "kernel-ratio is exact at any step size; continuum is biased and for comparison only"),
      key(
        .samplers, "resampling",
        .choice(ResamplingScheme.allCases.map(\.rawValue) + [noResampling]),
        .otherwise("systematic, or none for nets"), only: [methods("smc", "nets")],
        "how walkers are drawn by their weights; smc without it is ais"),
      key(
        .samplers, "threshold", .real(.openUnitInterval), .fixed("0.5"),
        only: [methods("smc", "nets")],
        "walkers are resampled when the effective sample size, as a fraction, falls below this"),
      key(
        .samplers, "pilot", .count(from: 2), .fixed("128"), only: [annealing],
        "the number of walkers of the pilot that finds the schedule and the step sizes; they are "
          + "not measured"),
      key(
        .samplers, "reverse", .count(from: 0), .fixed("0"), only: [methods("ais")],
        "the number of updates that calm the walkers, resampled by weight, before they are carried "
          + "back to the origin; 0 for no way back"),
    ]

  /// What `resampling` is where there is none.
  static let noResampling = "none"

  /// The drift of nets.
  private static let transportKeys = [
    key(
      .samplers, "integrator", .choice(TransportIntegrator.allCases.map(\.rawValue)),
      .fixed("rk4"), only: [methods("nets")],
      "the Runge-Kutta rule that follows the drift, of order 2 or 4; its error is the only one of "
        + "the weights, and the run estimates it"),
    key(
      .samplers, "drift", .file, .otherwise("the run trains its own"), varies: false,
      only: [methods("nets")],
      "a trained drift to use: its folder, or the file that pack has made of it"),
    key(
      .samplers, "amortised", .integer(2...32),
      .otherwise("every coupling has a training of its own"), varies: false,
      only: [methods("nets")],
      "the number of couplings for which drifts are trained, between which those for all couplings of "
        + "the grid are interpolated; the grid varies one coupling"),
    key(
      .samplers, "bias_walkers", .count(from: 16), .fixed("64"), only: [methods("nets")],
      "the number of further walkers that measure, by halving steps, what the integrator biases"),
    key(
      .samplers, "training_walkers", .count(from: 2), .fixed("2048"), only: [methods("nets")],
      "the number of walkers on which the drift is trained; they are not measured"),
    key(
      .samplers, "training_slices", .count(from: 2), .fixed("50"), only: [methods("nets")],
      "the number of times along the path at which the drift is solved for"),
    key(
      .samplers, "training_sweeps", .count(from: 1), .fixed("2"), only: [methods("nets")],
      "how often walkers go along the path; from the second time on they follow the fitted drift"),
    key(
      .samplers, "ridge", .real(.positive), .fixed("1e-4"), only: [methods("nets")],
      "what is added to the diagonal of the normal equations of the training, relative to it"),
  ]

  /// The path and its steps.
  private static let pathKeys = [
    key(
      .samplers, "schedule", .choice(["uniform", "adaptive"]), .fixed("uniform"), varies: false,
      only: [annealing],
      "the steps of the path: equally long, or as long as the pilot finds good"),
    key(
      .samplers, "path_steps", .count(from: 1), .otherwise("required unless times are given"),
      only: [annealing, Applicability(selector: "schedule", values: ["uniform"])],
      "the number of steps, divided evenly among the legs of the path, and rounded up for that"),
    key(
      .samplers, "times", .times, .otherwise("path_steps"), varies: false,
      only: [annealing, Applicability(selector: "schedule", values: ["uniform"])],
      "the times of the steps instead of path_steps; those of the stops are added"),
    key(
      .samplers, "conditional_ess", .real(.openUnitInterval), .fixed("0.99"),
      only: [annealing, Applicability(selector: "schedule", values: ["adaptive"])],
      "what each step leaves of the effective sample size, as a fraction, before walkers move"),
    key(
      .samplers, "path", .choice(["straight", "constant-susceptibility"]),
      .otherwise("straight, or constant-susceptibility for nets"), varies: false,
      only: [annealing],
      "the curve of couplings to the first stop, or to the theory: straight from origin, or that of "
        + "constant susceptibility, which chains find and which begins at a free field of its own"),
    key(
      .samplers, "origin", .choice(["free", "independent"]), .fixed("free"), varies: false,
      only: [annealing],
      "where a straight path begins: a free field with the theory's hopping term, or the theory "
        + "without its hopping term"),
    key(
      .samplers, "origin_m2", .real(.positive), .fixed("1"),
      only: [annealing, Applicability(selector: "origin", values: ["free"])],
      "the mass squared of the free field, in the unhalved form"),
    key(
      .samplers, "stops", .numbers, .otherwise("none"), varies: false, only: [annealing],
      "values of one coupling of the theory that the path goes through before the theory itself, in "
        + "this order, at equal distances in time; walkers are measured at each of them"),
    key(
      .samplers, "stop_key",
      .choice(AnnealingSpecification.Stops.Key.allCases.map(\.rawValue)), .fixed("lambda"),
      varies: false, only: [annealing], "the coupling that stops are values of"),
  ]
}
