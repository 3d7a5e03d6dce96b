// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles

extension AnnealingSpecification {
  /// The sampler as a file of its run describes it.
  var attributes: [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "name": .text(name), "method": .text(methodName), "family": .text("annealing"),
      "walkers": .integer(walkers), "populations": .integer(populations),
      "transition": .text(transition.name),
      "acceleration": .text(acceleration == nil ? "none" : "fourier"),
      "initial_step": .real(step), "tune": .text(tuning == nil ? "false" : "true"),
      "resampling": .text(resampling?.scheme.rawValue ?? "none"),
      "pilot": .integer(pilotWalkers), "reverse": .integer(reverseUpdates),
      "notes": .text(notes.joined(separator: "\n")),
    ]
    if let acceleration { result["mass2"] = .real(acceleration) }
    if let resampling { result["threshold"] = .real(resampling.threshold) }
    if let target = tuning?.targetAcceptance { result["target_acceptance"] = .real(target) }
    switch transition {
    case .hmc(let scheme, let steps, let updates):
      result["scheme"] = .text(scheme.rawValue)
      result["steps"] = .integer(steps)
      result["updates"] = .integer(updates)
    case .mala(let updates), .metropolis(let updates):
      result["updates"] = .integer(updates)
    case .ula(let weight):
      result["weight"] = .text(weight.rawValue)
    case .langevin(let splitting, let friction):
      result["splitting"] = .text(splitting.rawValue)
      result["friction"] = .real(friction)
    }
    switch schedule {
    case .uniform: result["schedule"] = .text("uniform")
    case .given: result["schedule"] = .text("given")
    case .adaptive(let fraction):
      result["schedule"] = .text("adaptive")
      result["conditional_ess"] = .real(fraction)
    }
    if let steps { result["path_steps"] = .integer(steps) }
    switch origin {
    case .free(let massSquared):
      result["origin"] = .text("free")
      result["origin_m2"] = .real(massSquared)
    case .independent: result["origin"] = .text("independent")
    }
    return result
  }
}

extension RunSpecification {
  /// Where the path begins and what it goes through.
  var stopAttributes: [String: AttributeValue] {
    guard let run = annealingRun, case .annealing(let annealing) = sampler else { return [:] }
    let coefficients = stopTheories.map(\.coefficients)
    let start = run.origin.phi4.coefficients
    let origin =
      switch annealing.origin {
      case .free(let massSquared): "free field, m2=\(NumberText.text(massSquared))"
      case .independent: "independent sites"
      }
    return [
      "J": .reals(coefficients.map(\.hopping)), "c2": .reals(coefficients.map(\.quadratic)),
      "c4": .reals(coefficients.map(\.quartic)), "time": .reals(run.stops.map(\.time)),
      "label": .texts(run.stops.map(\.label)), "origin": .text(origin),
      "origin_J": .real(start.hopping), "origin_c2": .real(start.quadratic),
      "origin_c4": .real(start.quartic), "log_z_origin": .real(run.origin.logNormalizer),
    ]
  }
}
