// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Statistics
import Sweeps

/// `driftfield unweight`.
struct Unweight: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make plain Markov chains of weighted walkers.",
    discussion: """
      Writes a new result without weights, which 'driftfield table' and any other reader of chains \
      take like the others. Walkers are independent proposals of Metropolis chains; where walkers \
      were resampled, whole populations are, and many of them are needed.
      """)

  enum Method: String, ExpressibleByArgument, CaseIterable {
    case metropolis = "imh"
    case iteratedResampling = "i-sir"
  }

  @Argument(help: "A run of annealing: its folder or packed file.", completion: .file())
  var path: String

  @Option(help: "imh (independence Metropolis) or i-sir (iterated sampling importance resampling).")
  var method = Method.metropolis

  @Option(help: "New walkers in each iteration of i-sir (default 8).")
  var proposals: Int?

  @Option(help: "The stop, from 1; default the last.")
  var stop: Int?

  @Option(help: "Chains that the walkers are dealt out to; default 8, or fewer for few walkers.")
  var chains: Int?

  @Option(help: "Iterations that are cut off (default: five times w_max/<w>).")
  var thermalisation: Int?

  @Option(help: "Seed of the acceptance decisions.")
  var seed: UInt64 = 1

  @Option(help: "The folder to write, or the packed file if the name ends in .h5.")
  var output: String

  func validate() throws {
    if proposals != nil && method != .iteratedResampling {
      throw ValidationError("--proposals is for --method i-sir")
    }
    if let proposals, proposals < 1 {
      throw ValidationError("--proposals must be at least 1, got \(proposals)")
    }
    if let chains, !(1...100_000).contains(chains) {
      throw ValidationError("--chains must be 1 to 100000, got \(chains)")
    }
    if let thermalisation, thermalisation < 0 {
      throw ValidationError("--thermalisation must not be negative, got \(thermalisation)")
    }
  }

  func run() throws {
    let store = HDF5Store()
    try RunPath.require(path, store: store)
    if try !RunPath.isFree(output) {
      throw Failure("\(output): is there already; --output must name something new")
    }
    do {
      let unweighting = try Unweighting(
        store.open(at: path), stop: stop,
        method: method == .metropolis
          ? .metropolis : .iteratedResampling(proposals: proposals ?? 8),
        chains: chains, thermalisation: thermalisation, seed: seed)
      let layout = try unweighting.layout(source: path)
      try store.writeWhole(to: output, layout: layout) { try unweighting.carryOut(into: $0) }
      report(unweighting, chains: layout.chains)
    } catch let error as EnsembleError {
      throw Failure("\(path): \(error)")
    } catch let error as StatisticsError {
      throw Failure("\(path): \(error)")
    }
  }

  private func report(_ unweighting: Unweighting, chains: Int) {
    Software.complain(
      "\(output): \(chains) chains of \(unweighting.length) iterations after "
        + "\(unweighting.thermalisation) of thermalisation, acceptance "
        + String(format: "%.3f", unweighting.acceptance)
        + (unweighting.leftOver > 0
          ? "; \(unweighting.leftOver) walkers or populations did not fill a chain" : ""))
    for warning in unweighting.warnings { Software.complain("  warning: \(warning)") }
  }
}
