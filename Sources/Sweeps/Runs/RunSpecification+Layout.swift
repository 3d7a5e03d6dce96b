// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import RandomStreams

extension RunSpecification {
  /// Everything a file says of the run before it begins. It depends on the sweep file alone, so a
  /// resumed run finds it equal.
  public func layout(title: String, sweepText: String) -> EnsembleLayout {
    var descriptions = [
      "theory": theoryAttributes, "lattice": latticeAttributes, "sampler": samplerAttributes,
    ]
    let chains: Int
    let tables: [Table]
    switch sampler {
    case .markovChain(let chain):
      chains = chain.chains
      tables = chainRun?.tables ?? []
    case .annealing:
      chains = 1
      tables = annealingRun?.tables ?? []
      descriptions["stops"] = stopAttributes
    }
    return EnsembleLayout(
      chains: chains, attributes: rootAttributes(title: title, sweepText: sweepText),
      descriptions: descriptions, tables: tables)
  }

  /// What a file says of the whole.
  func rootAttributes(title: String, sweepText: String) -> [String: AttributeValue] {
    [
      "title": .text(title),
      "label": .text(label),
      "ensemble_id": .text(Self.stableHash("\(theory.identity) \(extents)")),
      "run_id": .text(Self.stableHash("\(seed) \(identity)")),
      "seed": .text(String(seed)),
      "rng": .text("Philox4x32-10"),
      "stream_key": .text(String(streams.key)),
      "units": .text("lattice"),
      "sweep": .text(sweepText),
      "run_index": .integer(index),
    ]
  }

  static func stableHash(_ text: String) -> String {
    let hexadecimal = String(RandomStreams(seed: 0).derived(text).key, radix: 16)
    return String(repeating: "0", count: 16 - hexadecimal.count) + hexadecimal
  }

  var theoryAttributes: [String: AttributeValue] { action.attributes(model: theory.model) }

  var latticeAttributes: [String: AttributeValue] { lattice.attributes }

  private var samplerAttributes: [String: AttributeValue] {
    switch sampler {
    case .markovChain(let chain):
      chain.attributes.merging(["measure_every": .integer(measurement.every)]) { $1 }
    case .annealing(let annealing): annealing.attributes
    }
  }
}

extension MarkovChainSpecification {
  fileprivate var attributes: [String: AttributeValue] {
    var result: [String: AttributeValue] = [
      "name": .text(name), "method": .text(method.name), "family": .text("markov"),
      "chains": .integer(chains), "thermalisation": .integer(thermalisation),
      "start": .text(start.rawValue), "cluster": .integer(clusterUpdates),
      "tune": .text(tuning == nil ? "false" : "true"),
    ]
    switch method {
    case .hmc(let trajectory), .fourierHMC(let trajectory, _):
      result["scheme"] = .text(trajectory.scheme.rawValue)
      result["length"] = .real(trajectory.length)
      result["initial_steps"] = .integer(trajectory.steps)
      result["jitter"] = .real(trajectory.jitter)
    case .mala(let step), .metropolis(let step):
      result["initial_step"] = .real(step)
    }
    if case .fourierHMC(_, let massSquared) = method {
      result["mass2"] = .real(massSquared)
    }
    return result
  }
}

extension Phi4 {
  /// What a file says of the theory.
  func attributes(model: TheorySpecification.Model) -> [String: AttributeValue] {
    let canonical = couplings.canonical
    var result: [String: AttributeValue] = [
      "name": .text(model.rawValue),
      "parametrisation": .text(couplings.given.name),
      "action": .text(couplings.given.formula),
      "boundary": .text("periodic"),
      "D": .integer(couplings.dimensions),
      "J": .real(coefficients.hopping),
      "c2": .real(coefficients.quadratic),
      "c4": .real(coefficients.quartic),
      "field_scale": .real(couplings.fieldScale),
      "m2": .real(canonical.massSquared),
      "lambda": .real(canonical.coupling),
    ]
    switch couplings.given {
    case .unhalved(let a, let b), .continuum(let a, let b):
      result["given_m2"] = .real(a)
      result["given_lambda"] = .real(b)
    case .hopping(let a, let b):
      result["given_kappa"] = .real(a)
      result["given_lambda"] = .real(b)
    case .common:
      break  // J, c2 and c4 are what was given.
    }
    if case .continuum(let a, let b) = couplings.continuum.given {
      result["m0sq"] = .real(a)
      result["lambda_continuum"] = .real(b)
    }
    if case .hopping(let a, let b)? = couplings.hopping?.given {
      result["kappa"] = .real(a)
      result["lambda_hop"] = .real(b)
    }
    return result
  }
}

extension Lattice {
  /// What a file says of the lattice.
  var attributes: [String: AttributeValue] {
    ["shape": .integers(extents), "volume": .integer(volume), "axes": .texts(axisNames)]
  }
}

extension Phi4Couplings.Parametrisation {
  /// The action in words.
  var formula: String {
    switch self {
    case .unhalved: "S = sum_x [ sum_mu (phi_{x+mu} - phi_x)^2 + m2 phi^2 + lambda phi^4 ]"
    case .hopping:
      "S = sum_x [ -2 kappa sum_mu phi_x phi_{x+mu} + (1 - 2 lambda) phi^2 + lambda phi^4 ]"
    case .continuum:
      "S = sum_x [ 1/2 sum_mu (phi_{x+mu} - phi_x)^2 + 1/2 m2 phi^2 + lambda/4! phi^4 ]"
    case .common:
      "S = sum_x [ -J sum_mu phi_x phi_{x+mu} + c2 phi^2 + c4 phi^4 ]"
    }
  }
}
