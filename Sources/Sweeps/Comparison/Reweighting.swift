// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics

/// Ensembles that averages at other couplings can be computed from: chains of one run, chains of
/// several runs pooled, or the weighted walkers of one run.
///
/// What is stored of each configuration gives its action at any couplings,
/// S = V (−J Σ_μ hop_μ + c2 phi2 + c4 phi4), so that the weight exp(S_run − S_target) is exact.
public struct Reweighting: Sendable {
  /// A theory with the measurements of its ensemble.
  struct Source: Sendable {
    let coefficients: Phi4Couplings.Coefficients
    let measurements: Measurements
    /// −Σ_μ hop_μ, phi2 and phi4 of each chain, times V.
    let terms: [[[Double]]]

    init(
      _ coefficients: Phi4Couplings.Coefficients, _ measurements: Measurements,
      _ lattice: Lattice
    ) {
      let directions = Array(0..<lattice.dimensions)
      let volume = Double(lattice.volume)
      let d = Double(lattice.dimensions)
      func series(_ primary: Primary, times factor: Double) -> [[Double]] {
        measurements.series(primary).map { $0.map { factor * $0 } }
      }
      self.coefficients = coefficients
      self.measurements = measurements
      // The series of several components is their mean.
      terms = [
        series(Primary("hop", directions), times: -d * volume),
        series(Primary("phi2"), times: volume), series(Primary("phi4"), times: volume),
      ]
    }

    /// S at the given coefficients, of each chain.
    func actions(at c: Phi4Couplings.Coefficients) -> [[Double]] {
      terms[0].indices.map { chain in
        terms[0][chain].indices.map { row in
          c.hopping * terms[0][chain][row] + c.quadratic * terms[1][chain][row]
            + c.quartic * terms[2][chain][row]
        }
      }
    }
  }

  enum Method: Sendable {
    case chains(Source)
    case pooled([Source], MultistateReweighting)
    case walkers(Source, LogWeights, originLogNormalizer: Double)
  }

  public let lattice: Lattice
  let method: Method
  let names: ComparedNames

  /// What is pooled, in words.
  public var description: String {
    switch method {
    case .chains(let source):
      "one run, \(source.measurements.chains) chains of \(source.measurements.count) measurements"
    case .pooled(let sources, _): "\(sources.count) runs together (multistate reweighting)"
    case .walkers(_, let weights, _): "\(weights.count) weighted walkers"
    }
  }

  /// Whether log Z of a result is that of the target, or against the first run.
  public var isAbsolute: Bool {
    if case .walkers = method { true } else { false }
  }

  /// The coefficients of the runs.
  public var sources: [Phi4Couplings.Coefficients] {
    switch method {
    case .chains(let source), .walkers(let source, _, _): [source.coefficients]
    case .pooled(let sources, _): sources.map(\.coefficients)
    }
  }

  /// What is known to be wrong with the weights of the walkers of a run of annealing, in words.
  public private(set) var warnings: [String] = []

  /// The form in which the couplings were given; nil where runs differ.
  public let parametrisation: String?

  /// From one run or several of Markov chains, or from one run of annealing, at its last stop or at
  /// another one, counted from 1. Throws if ensembles do not fit together, lack `moments`, or do not
  /// overlap at all.
  public init(
    _ readers: [any EnsembleReader], stop: Int? = nil, quantities names: ComparedNames = .usual
  ) throws {
    guard let first = readers.first else { throw EnsembleError("no ensemble to reweight") }
    self.names = names
    lattice = try StoredTheory(first).lattice
    let forms = Set(try readers.map { try $0.attributes(of: "theory").text("parametrisation") })
    parametrisation = forms.count == 1 ? forms.first ?? nil : nil
    let areWeighted = try readers.map { try StoredAnnealing.describes($0) }
    if areWeighted.contains(true) {
      guard readers.count == 1 else {
        throw EnsembleError(
          "weighted runs are reweighted one at a time; several runs together must all be Markov "
            + "chains")
      }
      let annealing = try StoredAnnealing(first)
      let index = try Self.index(of: stop, in: annealing)
      let part = try annealing.stop(index)
      try Self.requireMoments(part.measurements)
      warnings = try annealing.biasWarnings(at: index, of: part)
      method = .walkers(
        Source(part.theory.coefficients, part.measurements, lattice), part.weights,
        originLogNormalizer: part.originLogNormalizer)
      return
    }
    if stop != nil { throw EnsembleError("only a run of annealing has stops") }
    // Twice the same random numbers would count as twice as many configurations.
    let identities = try readers.compactMap { try $0.attributes(of: "").text("run_id") }
    if Set(identities).count < identities.count {
      throw EnsembleError(
        "two of the ensembles come from the same random numbers; name each run once")
    }
    let lattice = self.lattice
    let sources = try readers.map { reader -> Source in
      let theory = try StoredTheory(reader)
      if theory.lattice != lattice {
        throw EnsembleError("the runs are not on one lattice, and cannot be put together")
      }
      let measurements = try Measurements(reader)
      try Self.requireMoments(measurements)
      return Source(theory.coefficients, measurements, lattice)
    }
    if sources.count == 1 {
      method = .chains(sources[0])
    } else {
      let potentials = sources.map { source -> [[[Double]]] in
        let states = sources.map { source.actions(at: $0.coefficients) }
        return (0..<source.measurements.chains).map { chain in states.map { $0[chain] } }
      }
      method = .pooled(sources, try MultistateReweighting(reducedPotentials: potentials))
    }
  }

  static func index(of stop: Int?, in annealing: StoredAnnealing) throws -> Int {
    let count = annealing.stops.count
    let number = stop ?? count
    if !(1...count).contains(number) {
      throw EnsembleError("stop \(number): there are stops 1 to \(count)")
    }
    return number - 1
  }

  /// What every reweighting needs: the terms of the action, and m.
  static let momentVariables: Set<String> = ["m", "hop", "phi2", "phi4"]

  static func requireMoments(_ measurements: Measurements) throws {
    if let missing = ["m", "hop", "phi2", "phi4"].first(where: { !measurements.contains($0) }) {
      throw EnsembleError("'\(missing)' was not measured (the observables 'moments')")
    }
  }
}
