// SPDX-License-Identifier: GPL-3.0-or-later

extension SweepKey {
  /// Every key of a sweep file but `grid`, in the order of the manual.
  public static let all: [SweepKey] =
    topKeys + theoryKeys + latticeKeys + samplerKeys + measureKeys + storageKeys

  static func keys(of section: SweepSection) -> [SweepKey] { bySection[section] ?? [] }

  private static let bySection = Dictionary(grouping: all, by: \.section)

  private static func key(
    _ section: SweepSection, _ name: String, _ kind: ValueKind, _ presence: Presence,
    varies: Bool = true, only applicability: Applicability? = nil, _ meaning: String
  ) -> SweepKey {
    SweepKey(
      section: section, name: name, kind: kind, presence: presence, isVariable: varies,
      applicability: applicability, meaning: meaning)
  }

  private static let topKeys = [
    key(.top, "title", .text, .fixed("\"\""), varies: false, "what the sweep is about"),
    key(
      .top, "seed", .integer(0...Int.max), .required,
      "the seed of all random numbers, up to 2^63 - 1; the same file gives the same numbers"),
    key(
      .top, "output", .folder, .required, varies: false,
      "the folder for the results, relative to the current folder unless it begins with '/'"),
    key(
      .top, "threads", .count(from: 1), .otherwise("all cores"), varies: false,
      "the number of threads; the command line overrides it, and it never changes a number"),
  ]

  private static let theoryKeys = [
    key(
      .theory, "name", .choice(TheorySpecification.Model.allCases.map(\.rawValue)), .required,
      varies: false, "the theory: phi4, or free for the Gaussian theory without lambda"),
    key(
      .theory, "parametrisation", .choice(["unhalved", "hopping", "continuum"]), .required,
      varies: false, "the form of the action in which the couplings are given"),
    key(
      .theory, "m2", .real(.finite), .required,
      only: Applicability(selector: "parametrisation", values: ["unhalved", "continuum"]),
      "the bare mass squared in lattice units; it may be negative if lambda > 0"),
    key(
      .theory, "kappa", .real(.positive), .required,
      only: Applicability(selector: "parametrisation", values: ["hopping"]),
      "the hopping parameter; < 1/(2D) in D dimensions if lambda = 0"),
    key(
      .theory, "lambda", .real(.nonNegative), .required,
      only: Applicability(selector: "name", values: ["phi4"]), "the quartic coupling"),
  ]

  private static let latticeKeys = [
    key(
      .lattice, "extents", .extents, .otherwise("extent and dimensions are given"),
      "the number of sites in each direction, periodic; any mix of sizes"),
    key(
      .lattice, "extent", .count(from: 2), .otherwise("extents is given"),
      "the number of sites in every direction"),
    key(
      .lattice, "dimensions", .integer(1...4), .otherwise("extents is given"),
      "the number of directions"),
  ]

  private static let hmcMethods = Applicability(selector: "method", values: ["hmc", "fourier-hmc"])
  private static let oneStepMethods = Applicability(
    selector: "method", values: ["mala", "metropolis"])

  private static let samplerKeys = [
    key(
      .samplers, "name", .name, .otherwise("the method"), varies: false,
      "what labels, folders and the grid call this sampler; no two may share it"),
    key(
      .samplers, "method", .choice(SamplerSpecification.Method.names), .required, varies: false,
      "the Markov chain"),
    key(.samplers, "chains", .count(from: 1), .fixed("8"), "the number of independent chains"),
    key(
      .samplers, "trajectories", .count(from: 1), .required,
      "the number of updates per chain after thermalisation"),
    key(
      .samplers, "thermalisation", .count(from: 0),
      .otherwise("a fifth of trajectories, rounded up, and at least 100"),
      "the number of updates per chain that are made first and not measured"),
    key(
      .samplers, "start", .choice(SamplerSpecification.Start.allCases.map(\.rawValue)),
      .fixed("mixed"), "the first fields: hot, cold, or mixed for even chains hot and odd ones cold"
    ),
    key(
      .samplers, "cluster", .count(from: 0), .fixed("0"),
      "the number of Wolff single-cluster updates after each trajectory"),
    key(
      .samplers, "tune", .flag, .fixed("true"),
      "whether thermalisation tunes the step size towards the target acceptance"),
    key(
      .samplers, "target_acceptance", .real(.openUnitInterval), .otherwise("the method's own"),
      "the mean acceptance that tuning aims at"),
    key(
      .samplers, "scheme", .choice(SamplerSpecification.Scheme.allCases.map(\.rawValue)),
      .fixed("omelyan"), only: hmcMethods, "the splitting scheme of a trajectory"),
    key(
      .samplers, "length", .real(.positive), .fixed("1"), only: hmcMethods,
      "the length of a trajectory in molecular-dynamics time"),
    key(
      .samplers, "steps", .count(from: 1), .fixed("10"), only: hmcMethods,
      "the number of steps in a trajectory; where tuning starts if there is any"),
    key(
      .samplers, "jitter", .real(.halfOpenUnitInterval), .fixed("0"), only: hmcMethods,
      "the step size is drawn uniformly from 1 - jitter to 1 + jitter times its value, "
        + "for each chain and trajectory"),
    key(
      .samplers, "mass2", .real(.positive), .fixed("1"),
      only: Applicability(selector: "method", values: ["fourier-hmc"]),
      "M^2 in the masses J (phat^2 + M^2) of the modes; J is the coefficient of the hopping term"),
    key(
      .samplers, "step", .real(.positive), .fixed("0.3"), only: oneStepMethods,
      "the step size; where tuning starts if there is any"),
  ]

  private static let measureKeys = [
    key(
      .measure, "every", .count(from: 1), .fixed("1"), "the number of trajectories per measurement"),
    key(
      .measure, "observables",
      .choices(MeasurementSpecification.Observable.allCases.map(\.rawValue)),
      .otherwise("moments, correlator"), varies: false, "what is measured"),
    key(
      .measure, "shells", .count(from: 1), .fixed("16"),
      "the number of momentum shells of the propagator, from the smallest momentum up"),
  ]

  private static let storageKeys = [
    key(
      .configurations, "every", .count(from: 1), .required,
      "the number of trajectories per stored configuration; without the section none is stored"),
    key(
      .configurations, "precision",
      .choice(ConfigurationSpecification.Precision.allCases.map(\.rawValue)), .fixed("double"),
      "the precision of stored configurations; a run always resumes from double precision"),
    key(
      .checkpoint, "seconds", .real(.positive), .fixed("300"), varies: false,
      "the time after which data and restart state are committed"),
    key(
      .checkpoint, "megabytes", .real(.atLeast(4)), .fixed("64"), varies: false,
      "the amount of data after which they are committed, if that comes first"),
    key(
      .monitor, "reversibility", .count(from: 0), .fixed("100"),
      "every so many trajectories one is run backwards to check reversibility; 0 for never"),
  ]
}
