// SPDX-License-Identifier: GPL-3.0-or-later

extension SweepKey {
  /// Every key of a sweep file but `grid`, in the order of the manual.
  public static let all: [SweepKey] =
    topKeys + theoryKeys + latticeKeys + samplerKeys + measureKeys + storageKeys

  static func keys(of section: SweepSection) -> [SweepKey] { bySection[section] ?? [] }

  private static let bySection = Dictionary(grouping: all, by: \.section)

  static func key(
    _ section: SweepSection, _ name: String, _ kind: ValueKind, _ presence: Presence,
    varies: Bool = true, only applicability: [Applicability] = [], _ meaning: String
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
      only: [Applicability(selector: "parametrisation", values: ["unhalved", "continuum"])],
      "the bare mass squared in lattice units; it may be negative if lambda > 0"),
    key(
      .theory, "kappa", .real(.positive), .required,
      only: [Applicability(selector: "parametrisation", values: ["hopping"])],
      "the hopping parameter; < 1/(2D) in D dimensions if lambda = 0"),
    key(
      .theory, "lambda", .real(.nonNegative), .required,
      only: [Applicability(selector: "name", values: ["phi4"])], "the quartic coupling"),
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

  private static let measureKeys = [
    key(
      .measure, "every", .count(from: 1), .fixed("1"),
      "the number of trajectories per measurement; annealing measures at every stop"),
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
      "the number of trajectories, or populations, per stored configuration; without the section "
        + "none is stored"),
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
