// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics
import Transport

/// The sections of annealing samplers as typed values.
extension SpecificationAssembly {
  func annealing(
    _ sampler: SectionValues, name: String, line: CouplingLine?, gridPoint: String
  ) -> AnnealingSpecification? {
    guard sampler.isComplete, let transition = transition(sampler) else { return nil }
    func count(_ key: String) -> Int { sampler.content(key).integer }
    let resampling = resampling(sampler)
    // From 8 populations that were resampled an error is known to a quarter only.
    let populations =
      sampler.has("populations") ? count("populations") : resampling == nil ? 8 : 16
    let (addresses, overflows) = count("walkers").multipliedReportingOverflow(by: populations)
    guard !overflows, addresses < 1 << 32 else {
      problems.report(
        "'\(sampler.path)' must have less than 2^32 walkers in all populations",
        at: sampler.mark(of: "walkers"), gridPoint: gridPoint)
      return nil
    }
    let target =
      sampler.has("target_acceptance") ? sampler.content("target_acceptance").real : nil
    let stopKey = sampler.content("stop_key").text
    return AnnealingSpecification(
      name: name, walkers: count("walkers"), populations: populations,
      transition: transition,
      acceleration: sampler.values["acceleration"]?.content == .text("fourier")
        ? sampler.content("mass2").real : nil,
      schedule: schedule(sampler), step: sampler.content("step").real,
      tuning: sampler.content("tune").flag
        ? SamplerSpecification.Tuning(targetAcceptance: target) : nil,
      origin: origin(sampler),
      stops: AnnealingSpecification.Stops.Key(rawValue: stopKey).flatMap { key in
        sampler.values["stops"].map {
          AnnealingSpecification.Stops(key: key, values: $0.content.reals)
        }
      }, resampling: resampling, pilotWalkers: count("pilot"),
      reverseUpdates: sampler.has("reverse") ? count("reverse") : 0,
      transport: transport(sampler, line))
  }

  private func origin(_ sampler: SectionValues) -> AnnealingSpecification.Origin {
    if sampler.isCurved { return .constantSusceptibility }
    return sampler.content("origin").text == "free"
      ? .free(massSquared: sampler.content("origin_m2").real) : .independent
  }

  private func transport(
    _ sampler: SectionValues, _ line: CouplingLine?
  ) -> TransportSpecification? {
    guard sampler.content("method").text == "nets",
      let integrator = TransportIntegrator(rawValue: sampler.content("integrator").text)
    else { return nil }
    func count(_ key: String) -> Int { sampler.content(key).integer }
    return TransportSpecification(
      integrator: integrator,
      drift: sampler.has("drift")
        ? .file(sampler.content("drift").text)
        : .trained(
          TrainingSpecification(
            walkers: count("training_walkers"), slices: count("training_slices"),
            sweeps: count("training_sweeps"), ridge: sampler.content("ridge").real,
            network: sampler.network, line: line)),
      biasWalkers: count("bias_walkers"))
  }

  private func schedule(_ sampler: SectionValues) -> AnnealingSpecification.Schedule {
    if sampler.content("schedule").text == "adaptive" {
      return .adaptive(conditionalESS: sampler.content("conditional_ess").real)
    }
    return sampler.has("times")
      ? .given(times: sampler.content("times").reals)
      : .uniform(steps: sampler.content("path_steps").integer)
  }

  private func resampling(_ sampler: SectionValues) -> AnnealingSpecification.Resampling? {
    guard sampler.isResampled else { return nil }
    let scheme = sampler.has("resampling") ? sampler.content("resampling").text : "systematic"
    return ResamplingScheme(rawValue: scheme).map {
      AnnealingSpecification.Resampling(
        scheme: $0, threshold: sampler.content("threshold").real)
    }
  }

  private func transition(_ sampler: SectionValues) -> AnnealingSpecification.Transition? {
    func text(_ key: String) -> String { sampler.content(key).text }
    func updates() -> Int { sampler.content("updates").integer }
    return switch text("transition") {
    case "hmc":
      SamplerSpecification.Scheme(rawValue: text("scheme")).map {
        .hmc(
          scheme: $0, steps: sampler.has("steps") ? sampler.content("steps").integer : 5,
          updates: updates())
      }
    case "mala": .mala(updates: updates())
    case "metropolis": .metropolis(updates: updates())
    case "ula": AnnealingSpecification.Weight(rawValue: text("weight")).map { .ula($0) }
    case "langevin":
      AnnealingSpecification.Splitting(rawValue: text("splitting")).map {
        .langevin($0, friction: sampler.content("friction").real)
      }
    default: nil
    }
  }

  /// Refuses a path of constant susceptibility to a theory without interaction.
  func checkCurve(of sampler: SectionValues, in theory: SectionValues, gridPoint: String) {
    guard sampler.isComplete, theory.isComplete, sampler.has("method"), sampler.isCurved,
      AnnealingSpecification.methodNames.contains(sampler.method ?? "")
    else { return }
    var coupling = theory.has("lambda") ? theory.content("lambda").real : 0
    var key = sampler.has("path") ? "path" : "method"
    if sampler.has("stops"), sampler.content("stop_key").text == "lambda" {
      coupling = sampler.content("stops").reals[0]
      key = "stops"
    }
    guard coupling == 0 else { return }
    problems.report(
      "'\(sampler.path)' needs 'path: straight' where lambda = 0: a curve of constant "
        + "susceptibility leads to a theory with interaction", at: sampler.mark(of: key),
      gridPoint: gridPoint)
  }

  /// Refuses stops that are no coupling of the theory, or with which its weight cannot be normalised.
  func checkStops(
    of sampler: SectionValues, in theory: SectionValues, dimensions: Int, gridPoint: String
  ) {
    guard sampler.isComplete, theory.isComplete, sampler.has("stops") else { return }
    let key = sampler.content("stop_key").text
    let path = sampler.fullPath("stops")
    let couplings = ["m2", "kappa", "lambda"].filter(theory.has)
    guard couplings.contains(key) else {
      problems.report(
        "'\(sampler.fullPath("stop_key"))' must be \(ValueKind.alternatives(couplings)), a coupling "
          + "of the theory, got '\(key)'", at: sampler.mark(of: "stop_key"), gridPoint: gridPoint)
      return
    }
    let legal = SweepKey.keys(of: .theory).first { $0.name == key }?.kind
    for (index, value) in sampler.content("stops").reals.enumerated() {
      let mark = sampler.mark(of: "stops")
      if case .real(let bounds)? = legal, !bounds.contains(value) {
        problems.report(
          "'\(path)[\(index)]' must be \(bounds.description), a value of \(key), got "
            + NumberText.text(value), at: mark, gridPoint: gridPoint)
        continue
      }
      var other = theory
      other.values[key] = SweepValue(content: .real(value), mark: mark)
      let silent = ProblemCollector()
      let trial = SpecificationAssembly(problems: silent).theory(
        other, dimensions: dimensions, gridPoint: gridPoint)
      if trial == nil {
        problems.report(
          "'\(path)[\(index)]': with \(key) = \(NumberText.text(value)) the weight exp(-S) cannot "
            + "be normalised", at: mark, gridPoint: gridPoint)
      }
    }
  }
}

extension SectionValues {
  /// Whether the path of annealing is the curve of constant susceptibility.
  var isCurved: Bool {
    (values["path"]?.content.text ?? (method == "nets" ? "constant-susceptibility" : "straight"))
      == "constant-susceptibility"
  }

  /// Whether walkers are resampled.
  var isResampled: Bool {
    guard let scheme = values["resampling"]?.content.text else { return method == "smc" }
    return method != "ais" && scheme != SweepKey.noResampling
  }

  var method: String? { values["method"]?.content.text }
}
