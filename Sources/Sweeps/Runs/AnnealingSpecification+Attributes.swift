// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles

extension AnnealingSpecification {
  static let family = "annealing"
  static let driftFamily = "drift"

  /// The sampler as a file of its run describes it.
  var attributes: [String: AttributeValue] {
    var result = dynamicsAttributes
    result["family"] = .text(Self.family)
    result["walkers"] = .integer(walkers)
    result["populations"] = .integer(populations)
    result["resampling"] = .text(resampling?.scheme.rawValue ?? "none")
    result["pilot"] = .integer(pilotWalkers)
    result["reverse"] = .integer(reverseUpdates)
    result["notes"] = .text(notes.joined(separator: "\n"))
    if let resampling { result["threshold"] = .real(resampling.threshold) }
    switch schedule {
    case .uniform: result["schedule"] = .text("uniform")
    case .given: result["schedule"] = .text("given")
    case .adaptive(let fraction):
      result["schedule"] = .text("adaptive")
      result["conditional_ess"] = .real(fraction)
    }
    if let steps { result["path_steps"] = .integer(steps) }
    if let transport {
      result["integrator"] = .text(transport.integrator.rawValue)
      result["bias_walkers"] = .integer(transport.biasWalkers)
      if case .file(let name) = transport.drift { result["drift"] = .text(name) }
    }
    return result
  }

  /// The training of the sampler's drift as its file describes it.
  var trainingAttributes: [String: AttributeValue] {
    var result = dynamicsAttributes
    result["family"] = .text(Self.driftFamily)
    if let training = transport?.training {
      result["training_walkers"] = .integer(training.walkers)
      result["training_slices"] = .integer(training.slices)
      result["training_sweeps"] = .integer(training.sweeps)
      result["ridge"] = .real(training.ridge)
      if let network = training.network { result.merge(network.attributes) { $1 } }
      if let line = training.line { result["amortised"] = .integer(line.nodes) }
    }
    return result
  }

  /// What moves walkers, and along which path.
  private var dynamicsAttributes: [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "name": .text(name), "method": .text(methodName), "transition": .text(transition.name),
      "acceleration": .text(acceleration == nil ? "none" : "fourier"),
      "initial_step": .real(step), "tune": .text(tuning == nil ? "false" : "true"),
    ]
    if let acceleration { result["mass2"] = .real(acceleration) }
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
    switch origin {
    case .free(let massSquared):
      result["origin"] = .text("free")
      result["origin_m2"] = .real(massSquared)
    case .independent: result["origin"] = .text("independent")
    case .constantSusceptibility: result["origin"] = .text("free")
    }
    result["path"] = .text(isCurved ? "constant-susceptibility" : "straight")
    return result
  }
}

extension RunSpecification {
  /// Where the path begins, unless it has to be found, and what it goes through.
  var stopAttributes: [String: AttributeValue] {
    guard let run = annealingRun, case .annealing(let annealing) = sampler else { return [:] }
    let coefficients = stopTheories.map(\.coefficients)
    let origin =
      switch annealing.origin {
      case .free(let massSquared): "free field, m2=\(NumberText.text(massSquared))"
      case .independent: "independent sites"
      case .constantSusceptibility: "free field, of the susceptibility of the first stop"
      }
    let stops: [String: AttributeValue] = [
      "J": .reals(coefficients.map(\.hopping)), "c2": .reals(coefficients.map(\.quadratic)),
      "c4": .reals(coefficients.map(\.quartic)), "time": .reals(run.stops.map(\.time)),
      "label": .texts(run.stops.map(\.label)), "origin": .text(origin),
    ]
    return run.isCurved ? stops : stops.merging(run.path.originAttributes) { $1 }
  }
}

extension CouplingPath {
  /// The theory at which the path begins.
  var originAttributes: [String: AttributeValue] {
    let theory = start.phi4.coefficients
    return [
      "origin_J": .real(theory.hopping), "origin_c2": .real(theory.quadratic),
      "origin_c4": .real(theory.quartic), "log_z_origin": .real(start.logNormalizer),
    ]
  }
}
