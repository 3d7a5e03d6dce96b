// SPDX-License-Identifier: GPL-3.0-or-later

/// The rules across keys that need no values: which keys exclude or need each other.
struct SectionRules {
  let problems: ProblemCollector

  func check(_ sections: inout SweepSections) {
    if var lattice = sections.single[.lattice] {
      checkLattice(&lattice)
      sections.single[.lattice] = lattice
    }
    if let measure = sections.single[.measure] { checkMeasure(measure) }
    for index in sections.samplers.indices {
      checkTuning(sections.samplers[index])
      checkPath(&sections.samplers[index])
      checkTransport(sections.samplers[index])
    }
  }

  private func checkLattice(_ lattice: inout SectionValues) {
    let given = lattice.given
    var message: String?
    var mark = lattice.mark
    if let extents = given["extents"] {
      if let other = given["extent"] ?? given["dimensions"] {
        message = "'lattice' has either 'extents' or 'extent' with 'dimensions', got both"
        mark = max(extents, other)
      }
    } else if let extent = given["extent"] {
      if given["dimensions"] == nil {
        message = "'lattice.extent' needs 'lattice.dimensions', an integer from 1 to 4"
        mark = extent
      }
    } else if let dimensions = given["dimensions"] {
      message = "'lattice.dimensions' needs 'lattice.extent', an integer >= 2"
      mark = dimensions
    } else if lattice.isComplete {
      message = "'lattice' needs 'extents', such as [16, 16], or 'extent' with 'dimensions'"
    }
    if let message {
      problems.report(message, at: mark)
      lattice.isComplete = false
    }
  }

  private func checkMeasure(_ measure: SectionValues) {
    // Keys with problems of their own are told already.
    guard let shells = measure.given["shells"], measure.has("shells"),
      measure.given["observables"] == nil || measure.has("observables")
    else { return }
    let propagator = MeasurementSpecification.Observable.propagator.rawValue
    if measure.values["observables"]?.content.texts.contains(propagator) != true {
      problems.report(
        "'measure.shells' is used by the propagator only, which 'observables' leaves out",
        at: shells)
    }
  }

  /// A uniform schedule has either a number of steps or the times themselves.
  private func checkPath(_ sampler: inout SectionValues) {
    let given = sampler.given
    if let key = given["stop_key"], given["stops"] == nil {
      problems.report(
        "'\(sampler.fullPath("stop_key"))' is used by stops only, and there are none", at: key)
    }
    if sampler.isCurved,
      let (name, key) = ["origin", "origin_m2"].lazy
        .compactMap({ name in given[name].map { (name, $0) } }).first
    {
      problems.report(
        "'\(sampler.fullPath(name))' is used by 'path: straight' only; a path of constant "
          + "susceptibility finds its origin", at: key)
    }
    guard sampler.values["schedule"]?.content == .text("uniform") else { return }
    if let steps = given["path_steps"], let times = given["times"] {
      problems.report(
        "'\(sampler.path)' has either 'path_steps' or 'times', got both", at: max(steps, times))
      sampler.isComplete = false
    } else if given["path_steps"] == nil, given["times"] == nil, sampler.isComplete {
      problems.report(
        "'\(sampler.fullPath("path_steps"))' is missing; it must be an integer >= 1 unless "
          + "'schedule: adaptive' or 'times' are given", at: sampler.mark)
      sampler.isComplete = false
    }
  }

  /// Resampling that smc cannot do without, and keys that another one leaves without use.
  private func checkTransport(_ sampler: SectionValues) {
    let given = sampler.given
    if sampler.method == "smc", sampler.has("resampling"), !sampler.isResampled {
      problems.report(
        "'\(sampler.fullPath("resampling"))' must be a way to draw walkers: smc without resampling "
          + "is 'method: ais'", at: sampler.mark(of: "resampling"))
    }
    guard sampler.method == "nets" else { return }
    if let threshold = given["threshold"], !sampler.isResampled,
      given["resampling"] == nil || sampler.has("resampling")
    {
      problems.report(
        "'\(sampler.fullPath("threshold"))' is used by resampling only, and there is none",
        at: threshold)
    }
    if let amortised = given["amortised"], given["stops"] != nil {
      problems.report(
        "'\(sampler.fullPath("amortised"))' needs a path without 'stops'", at: amortised)
    }
    if let amortised = given["amortised"],
      sampler.values["network"]?.content == .text(NetworkSpecification.name)
    {
      problems.report(
        "'\(sampler.fullPath("amortised"))' needs 'network: \(NetworkSpecification.none)': a network "
          + "serves one theory alone", at: amortised)
    }
    guard given["drift"] != nil else { return }
    let training = [
      "amortised", "training_walkers", "training_slices", "training_sweeps", "ridge",
    ]
    for name in training + SweepKey.networkKeys.map(\.name) {
      guard let key = given[name] else { continue }
      problems.report(
        "'\(sampler.fullPath(name))' is used by training only, which 'drift' replaces", at: key)
    }
  }

  private func checkTuning(_ sampler: SectionValues) {
    guard let target = sampler.given["target_acceptance"], let tune = sampler.values["tune"],
      tune.content == .flag(false)
    else { return }
    problems.report(
      "'\(sampler.fullPath("target_acceptance"))' is used by tuning only, which 'tune: false' turns"
        + " off", at: target)
  }
}
