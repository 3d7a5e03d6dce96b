// SPDX-License-Identifier: GPL-3.0-or-later

/// Makes typed values of the legal values of a section at one grid point, and checks the rules that
/// join several keys. Strings from the file end here.
///
/// Each method returns nil if the section is incomplete or after reporting a problem.
struct SpecificationAssembly {
  let problems: ProblemCollector

  /// Sites of a lattice whose number still fits a 32-bit index.
  static let largestVolume = 1 << 31

  func extents(_ lattice: SectionValues, gridPoint: String) -> [Int]? {
    guard lattice.isComplete else { return nil }
    let isExplicit = lattice.has("extents")
    let extents =
      isExplicit
      ? lattice.content("extents").integers
      : Array(
        repeating: lattice.content("extent").integer, count: lattice.content("dimensions").integer)
    var volume = 1
    for extent in extents {
      let (product, overflows) = volume.multipliedReportingOverflow(by: extent)
      guard !overflows, product <= SpecificationAssembly.largestVolume else {
        problems.report(
          "'lattice' must have at most 2^31 sites",
          at: lattice.mark(of: isExplicit ? "extents" : "extent"),
          gridPoint: gridPoint)
        return nil
      }
      volume = product
    }
    return extents
  }

  /// The theory, if its weight exp(−S) can be normalised. With λ > 0 it always can; with λ = 0 the
  /// smallest eigenvalue of the quadratic form must be positive: m² in the two forms with a
  /// derivative, 1 − 2Dκ in the hopping form (largest eigenvalue of Σ_μ φ φ' is D per φ²).
  func theory(
    _ theory: SectionValues, dimensions: Int?, gridPoint: String
  ) -> TheorySpecification? {
    guard theory.isComplete,
      let model = TheorySpecification.Model(rawValue: theory.content("name").text)
    else { return nil }
    let hasCoupling = theory.has("lambda")
    let coupling = hasCoupling ? theory.content("lambda").real : 0
    func specification(_ parametrisation: TheorySpecification.Parametrisation)
      -> TheorySpecification
    { TheorySpecification(model: model, parametrisation: parametrisation) }

    if theory.content("parametrisation").text == "hopping" {
      let kappa = theory.content("kappa").real
      guard let dimensions else { return nil }
      if coupling == 0 && 2 * Double(dimensions) * kappa >= 1 {
        problems.report(
          "'theory.kappa' must be < 1/(2D) = 1/\(2 * dimensions) where lambda = 0:"
            + " the weight exp(-S) cannot be normalised",
          at: theory.mark(of: "kappa"), gridPoint: gridPoint)
        return nil
      }
      return specification(.hopping(kappa: kappa, coupling: coupling))
    }
    let massSquared = theory.content("m2").real
    if coupling == 0 && massSquared <= 0 {
      let (key, rule) =
        hasCoupling
        ? ("lambda", "'theory.lambda' must be > 0 where m2 <= 0")
        : ("m2", "'theory.m2' must be > 0 in the free theory")
      problems.report(
        "\(rule): the weight exp(-S) cannot be normalised", at: theory.mark(of: key),
        gridPoint: gridPoint)
      return nil
    }
    return theory.content("parametrisation").text == "unhalved"
      ? specification(.unhalved(massSquared: massSquared, coupling: coupling))
      : specification(.continuum(massSquared: massSquared, coupling: coupling))
  }

  func sampler(
    _ sampler: SectionValues, name: String, line: CouplingLine?, gridPoint: String
  ) -> SamplerSpecification? {
    guard sampler.isComplete else { return nil }
    return AnnealingSpecification.methodNames.contains(sampler.content("method").text)
      ? annealing(sampler, name: name, line: line, gridPoint: gridPoint).map { .annealing($0) }
      : chain(sampler, name: name, gridPoint: gridPoint).map { .markovChain($0) }
  }

  private func chain(
    _ sampler: SectionValues, name: String, gridPoint: String
  ) -> MarkovChainSpecification? {
    guard let method = method(sampler),
      let start = MarkovChainSpecification.Start(rawValue: sampler.content("start").text)
    else { return nil }
    let trajectories = sampler.content("trajectories").integer
    let thermalisation =
      sampler.has("thermalisation")
      ? sampler.content("thermalisation").integer : max(100, (trajectories + 4) / 5)
    let isTuned = sampler.content("tune").flag
    if isTuned && thermalisation == 0 {
      problems.report(
        "'\(sampler.fullPath("thermalisation"))' must be > 0 for tuning; without it set"
          + " 'tune: false'", at: sampler.mark(of: "thermalisation"), gridPoint: gridPoint)
      return nil
    }
    let target =
      sampler.has("target_acceptance") ? sampler.content("target_acceptance").real : nil
    return MarkovChainSpecification(
      name: name, method: method, chains: sampler.content("chains").integer,
      trajectories: trajectories, thermalisation: thermalisation, start: start,
      clusterUpdates: sampler.content("cluster").integer,
      tuning: isTuned ? SamplerSpecification.Tuning(targetAcceptance: target) : nil)
  }

  private func method(_ sampler: SectionValues) -> MarkovChainSpecification.Method? {
    switch sampler.content("method").text {
    case "hmc": trajectory(sampler).map { .hmc($0) }
    case "fourier-hmc":
      trajectory(sampler).map { .fourierHMC($0, massSquared: sampler.content("mass2").real) }
    case "mala": .mala(step: sampler.content("step").real)
    case "metropolis": .metropolis(step: sampler.content("step").real)
    default: nil
    }
  }

  private func trajectory(_ sampler: SectionValues) -> MarkovChainSpecification.Trajectory? {
    SamplerSpecification.Scheme(rawValue: sampler.content("scheme").text).map { scheme in
      MarkovChainSpecification.Trajectory(
        scheme: scheme, length: sampler.content("length").real,
        steps: sampler.has("steps") ? sampler.content("steps").integer : 10,
        jitter: sampler.content("jitter").real)
    }
  }

  func measurement(_ measure: SectionValues) -> MeasurementSpecification? {
    guard measure.isComplete else { return nil }
    let all = MeasurementSpecification.Observable.allCases
    let wanted =
      measure.has("observables")
      ? measure.content("observables").texts
      : MeasurementSpecification.Observable.standard.map(\.rawValue)
    return MeasurementSpecification(
      every: measure.content("every").integer,
      observables: all.filter { wanted.contains($0.rawValue) },
      shells: measure.content("shells").integer)
  }

  func configurations(_ section: SectionValues) -> ConfigurationSpecification? {
    guard section.isComplete else { return nil }
    return ConfigurationSpecification.Precision(rawValue: section.content("precision").text).map {
      ConfigurationSpecification(every: section.content("every").integer, precision: $0)
    }
  }

  func checkpoint(_ section: SectionValues) -> CheckpointSpecification? {
    guard section.isComplete else { return nil }
    return CheckpointSpecification(
      seconds: section.content("seconds").real, megabytes: section.content("megabytes").real)
  }

  func monitor(_ section: SectionValues) -> MonitorSpecification? {
    guard section.isComplete else { return nil }
    return MonitorSpecification(reversibility: section.content("reversibility").integer)
  }

  /// Refuses a sampler that ends before the first measurement or configuration.
  func checkLength(
    of sampler: SamplerSpecification, against section: SectionValues?, gridPoint: String
  ) {
    guard let section, section.isComplete else { return }
    let (rows, what): (Int, String)
    switch sampler {
    case .markovChain(let chain): (rows, what) = (chain.trajectories, "trajectories")
    case .annealing(let annealing):
      // Walkers are measured at every stop.
      if section.section == .measure { return }
      (rows, what) = (annealing.populations, "populations")
    }
    if section.content("every").integer <= rows { return }
    problems.report(
      "'\(section.fullPath("every"))' must be at most the number of \(what)",
      at: section.mark(of: "every"), gridPoint: gridPoint)
  }
}
