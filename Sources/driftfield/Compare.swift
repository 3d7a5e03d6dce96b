// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import ArgumentParser
import Ensembles
import Foundation
import Statistics
import Sweeps
import TensorRenormalisation

/// `driftfield compare`.
struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Samplers side by side: values, errors, effective samples, cost.",
    discussion: """
      Runs are grouped by theory and lattice. In each group the first HMC run is the baseline, and \
      every other sampler is compared with it, quantity by quantity and all together; log Z is \
      compared between weighted runs. Exits with 1 if a sampler disagrees, with 2 if there was \
      nothing to compare.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities to compare; default abs_m chi2 U4 xi2 energy SD. log_z is always there.")
  var quantity: [String] = []

  @Option(help: "The sampler to compare with, by its name; default the first HMC run.")
  var baseline: String?

  @Flag(help: "Compare log Z on two-dimensional lattices with tensor renormalisation.")
  var exact = false

  @Flag(help: "As JSON, in full precision.")
  var json = false

  func run() throws {
    let store = HDF5Store()
    var leftOut: [String] = []
    var results: [SamplerResult] = []
    let names =
      quantity.isEmpty
      ? ComparedNames.usual
      : ComparedNames(
        quantity.filter { $0 != Comparison.logNormalizer }, isRequired: true)
    for ensemble in try NamedEnsemble.all(at: paths, store: store) {
      let reader = try store.open(at: ensemble.path)
      guard reader.isComplete else {
        leftOut.append("\(ensemble.path): \(ensemble.label): the run is not complete")
        continue
      }
      do {
        results += try SamplerResult.all(
          reader, path: ensemble.path, label: ensemble.label, quantities: names)
      } catch let error as EnsembleError {
        throw Failure("\(ensemble.path): \(error)")
      }
    }
    if let baseline, !results.contains(where: { $0.name == baseline }) {
      let known = Set(results.map(\.name)).sorted().joined(separator: ", ")
      throw Failure("--baseline: there is no complete run of '\(baseline)'; there are \(known)")
    }
    let comparison = Comparison(results, baseline: baseline) { extents, coefficients in
      exact ? Self.exactLogNormalizer(extents, coefficients, &leftOut) : nil
    }
    if json {
      print(try CompareJSON.text(comparison, leftOut: leftOut))
    } else {
      print(CompareText.text(comparison, leftOut: leftOut))
    }
    if comparison.differences.isEmpty {
      throw Failure("nothing was compared: no two complete runs of one theory and lattice")
    }
    if !comparison.isInAgreement { throw ExitCode(Software.checkFailed) }
  }

  /// log Z by tensor renormalisation, with the error of its truncation.
  static func exactLogNormalizer(
    _ extents: [Int], _ coefficients: Phi4Couplings.Coefficients, _ leftOut: inout [String]
  ) -> Uncertain? {
    do {
      let partition = try TensorRenormalisation(coefficients: coefficients, extents: extents)
        .logZ(tolerance: 1e-5, largestBondDimension: 40)
      return Uncertain(partition.logNormalizer, partition.truncationError)
    } catch {
      let size = extents.map(String.init).joined(separator: "x")
      leftOut.append("\(size): no exact log Z: \(error)")
      return nil
    }
  }
}
