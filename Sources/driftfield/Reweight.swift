// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import ArgumentParser
import Ensembles
import Foundation
import Statistics
import Sweeps

/// `driftfield reweight`.
struct Reweight: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Averages at other couplings, from what was sampled.",
    discussion: """
      Every stored configuration is weighted with exp(S_run - S_target), which is exact; how far that \
      reaches, the effective sample size tells. Several runs of Markov chains on one lattice are put \
      together by multistate reweighting. One weighted run keeps its weights, which multiply. \
      Couplings that are not named stay those of the run; several values of several couplings are \
      combined in all ways.
      """)

  @Argument(
    help: "One run, or several of Markov chains: sweep folders, run folders or packed files.",
    completion: .file())
  var paths: [String]

  @Option(name: .customLong("lambda"), parsing: .upToNextOption, help: "Values of lambda.")
  var coupling: [Double] = []

  @Option(name: .customLong("m2"), parsing: .upToNextOption, help: "Values of m2.")
  var massSquared: [Double] = []

  @Option(parsing: .upToNextOption, help: "Values of kappa, for the hopping form.")
  var kappa: [Double] = []

  @Option(help: "The stop of a run of annealing to start from, from 1; default the last.")
  var stop: Int?

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities to show; default abs_m chi2 U4 xi2 energy SD.")
  var quantity: [String] = []

  @Flag(help: "As JSON, in full precision.")
  var json = false

  func validate() throws {
    if coupling.isEmpty && massSquared.isEmpty && kappa.isEmpty {
      throw ValidationError("name couplings to reweight to: --lambda, --m2 or --kappa")
    }
  }

  func run() throws {
    let store = HDF5Store()
    let ensembles = try NamedEnsemble.all(at: paths, store: store)
    let names =
      quantity.isEmpty ? ComparedNames.usual : ComparedNames(quantity, isRequired: true)
    let place = paths.joined(separator: " ")
    do {
      let readers = try ensembles.map { try store.open(at: $0.path) }
      let reweighting = try Reweighting(readers, stop: stop, quantities: names)
      guard let form = reweighting.parametrisation else {
        throw EnsembleError("the runs were not all given in one form of the couplings")
      }
      let targets = try CouplingTargets(
        massSquared: massSquared, coupling: coupling, kappa: kappa, parametrisation: form,
        sources: reweighting.sources, dimensions: reweighting.lattice.dimensions
      ).targets
      let rows = try targets.map { target in
        ReweightRow(
          label: target.label,
          result: try reweighting.result(
            at: Phi4Couplings(target.couplings, dimensions: reweighting.lattice.dimensions)
              .coefficients))
      }
      let incomplete = zip(ensembles, readers).filter { !$1.isComplete }
        .map { "\($0.0.path): the run is not complete" }
      let notes = incomplete + reweighting.warnings.map { "the run: \($0)" }
      if json {
        print(try ReweightText.json(rows, reweighting, notes: notes))
      } else {
        print(ReweightText.text(rows, reweighting, ensembles: ensembles, notes: notes))
      }
    } catch let error as EnsembleError {
      throw Failure("\(place): \(error)")
    } catch let error as StatisticsError {
      throw Failure("\(place): \(error)")
    }
  }
}

/// One target of a reweighting.
struct ReweightRow {
  /// What sets it apart, such as `lambda=4.5`.
  let label: String
  let result: ReweightedResult
}
