// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import ArgumentParser
import Ensembles
import Foundation
import HDF5Storage
import NumPyFiles
import Statistics
import Sweeps

/// `driftfield import`.
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take over configurations of another program, from NumPy files.",
    discussion: """
      Each .npy file holds one Markov chain, an array of shape (n, L1, L2, ...), or a single file \
      all chains, (chains, n, L1, L2, ...). The couplings say what the field is: the action in the \
      form that is named, or the coefficients of S = sum[-J sum_mu phi phi' + c2 phi^2 + c4 phi^4]. \
      Observables are measured on every configuration; 'table', 'compare', 'reweight', 'measure' and \
      'report' take the result like any other run. Its Schwinger-Dyson identity SD, exactly 1, \
      shows whether the couplings are those of the configurations.
      """)

  @Argument(help: "Files of configurations.", completion: .file(extensions: ["npy"]))
  var files: [String]

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The lattice: 16 16 or 16x16.", valueName: "L1 L2 ..."))
  var extents: [String]

  @OptionGroup var theory: CouplingOptions

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("J, c2 and c4 instead of couplings.", valueName: "J c2 c4"))
  var coefficients: [Double] = []

  @Option(help: "Updates between two configurations.")
  var every = 1

  @Option(help: "What tables call the result.")
  var name = "imported"

  @Option(parsing: .upToNextOption, help: "What to measure: moments, correlator, propagator.")
  var observables: [MeasurementSpecification.Observable] = [.moments, .correlator]

  @Option(help: "Momentum shells of the propagator.")
  var shells = 16

  @Option(help: "The folder to write, or the packed file if the name ends in .h5.")
  var output: String

  @OptionGroup var parallelism: ThreadOption

  func validate() throws {
    _ = try lattice()
    _ = try couplings()
    if files.isEmpty { throw ValidationError("name one .npy file or more") }
    if every < 1 { throw ValidationError("--every must be at least 1, got \(every)") }
    if shells < 1 { throw ValidationError("--shells must be at least 1, got \(shells)") }
  }

  func run() throws {
    let store = HDF5Store()
    if try !RunPath.isFree(output) {
      throw Failure("\(output): is there already; --output must name something new")
    }
    do {
      let chains = try ChainFiles(files, extents: lattice())
      let imported = try ImportedChains(
        couplings: couplings(), extents: lattice(), chains: chains.count, count: chains.length,
        every: every, name: name, type: chains.areSinglePrecision ? .float32 : .float64,
        observables: observables, shells: shells)
      let workers = parallelism.workers()
      let layout = imported.layout(
        title: name, sources: files, fingerprint: try chains.fingerprint(),
        software: Software.attributes(threads: workers.count))
      try store.writeWhole(to: output, layout: layout) { writer in
        try imported.carryOut(into: writer, workers: workers) {
          try chains.configuration(chain: $0, position: $1)
        }
      }
      try report(chains, imported, ImportedChains.schwingerDyson(store.open(at: output)))
    } catch let error as NumPyError {
      throw Failure("\(error)")
    } catch let error as EnsembleError {
      throw Failure("\(files.joined(separator: " ")): \(error)")
    }
  }

  private func report(
    _ chains: ChainFiles, _ imported: ImportedChains, _ identity: Uncertain?
  ) {
    let size = imported.action.lattice.extents.map(String.init).joined(separator: "x")
    Software.complain(
      "\(output): \(chains.count) chains of \(chains.length) configurations on \(size)"
        + (identity.map { ", Schwinger-Dyson \($0)" } ?? ""))
    let found = identity.map { ComparedQuantity(name: "SD", value: $0.value, error: $0.error) }
    if let warning = SamplerResult.identityWarning(found) {
      Software.complain(
        "  warning: \(warning); or their field is normalised in another way")
    }
  }

  private func lattice() throws -> [Int] {
    guard let numbers = ExtentsText.numbers(extents, count: 1...4) else {
      throw ValidationError(
        "--extents must be one to four integers from 2 to 1000000, such as 16 16 or 16x16, got '"
          + extents.joined(separator: " ") + "'")
    }
    return numbers
  }

  private func couplings() throws -> Phi4Couplings.Parametrisation {
    if coefficients.isEmpty { return try theory.couplings() }
    if theory.isGiven {
      throw ValidationError("give couplings or --coefficients, not both")
    }
    guard coefficients.count == 3, coefficients.allSatisfy(\.isFinite), coefficients[0] > 0 else {
      throw ValidationError(
        "--coefficients must be three numbers J c2 c4, J > 0, got "
          + coefficients.map { "\($0)" }.joined(separator: " "))
    }
    return .common(
      Phi4Couplings.Coefficients(
        hopping: coefficients[0], quadratic: coefficients[1], quartic: coefficients[2]))
  }
}
