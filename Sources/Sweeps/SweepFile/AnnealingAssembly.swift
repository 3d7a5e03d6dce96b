// SPDX-License-Identifier: GPL-3.0-or-later
import Statistics

/// The sections of annealing samplers as typed values.
extension SpecificationAssembly {
  func annealing(
    _ sampler: SectionValues, name: String, gridPoint: String
  ) -> AnnealingSpecification? {
    guard sampler.isComplete, let transition = transition(sampler) else { return nil }
    func count(_ key: String) -> Int { sampler.content(key).integer }
    // From 8 populations that were resampled an error is known to a quarter only.
    let populations =
      sampler.has("populations")
      ? count("populations") : sampler.content("method").text == "smc" ? 16 : 8
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
      origin: sampler.content("origin").text == "free"
        ? .free(massSquared: sampler.content("origin_m2").real) : .independent,
      stops: AnnealingSpecification.Stops.Key(rawValue: stopKey).flatMap { key in
        sampler.values["stops"].map {
          AnnealingSpecification.Stops(key: key, values: $0.content.reals)
        }
      }, resampling: resampling(sampler), pilotWalkers: count("pilot"),
      reverseUpdates: sampler.has("reverse") ? count("reverse") : 0)
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
    guard sampler.content("method").text == "smc" else { return nil }
    return ResamplingScheme(rawValue: sampler.content("resampling").text).map {
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
