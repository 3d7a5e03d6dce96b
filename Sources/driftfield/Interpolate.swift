// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sweeps

/// `driftfield interpolate`.
struct Interpolate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Curves between the couplings of a sweep.",
    discussion: """
      The Markov chains on each lattice are pooled over the coupling that the sweep varies (lambda, \
      m2 or kappa, found by itself) by multistate reweighting, so that every quantity is a smooth \
      function of it, with errors. Nothing is extrapolated, and values where the runs overlap too \
      little are marked.
      """)

  @OptionGroup var scan: ScanOptions

  @Option(help: "So many values, evenly over the range of each lattice; default 21.")
  var points: Int?

  @Option(name: .customLong("lambda"), parsing: .upToNextOption, help: "At these values of lambda.")
  var coupling: [Double] = []

  @Option(name: .customLong("m2"), parsing: .upToNextOption, help: "At these values of m2.")
  var massSquared: [Double] = []

  @Option(parsing: .upToNextOption, help: "At these values of kappa.")
  var kappa: [Double] = []

  @Option(
    name: .shortAndLong, parsing: .upToNextOption,
    help: "Quantities to show, also xi2/L; default U4 abs_m chi2.")
  var quantity: [String] = ["U4", "abs_m", "chi2"]

  @Flag(help: "Derivatives by the coupling as well.")
  var slopes = false

  @Flag(help: "As JSON, in full precision, with what the runs say by themselves.")
  var json = false

  @Flag(help: "As CSV, in full precision, with what the runs say by themselves.")
  var csv = false

  private var named: [(name: String, values: [Double])] {
    [("lambda", coupling), ("m2", massSquared), ("kappa", kappa)].filter { !$0.1.isEmpty }
  }

  func validate() throws {
    if json && csv { throw ValidationError("--json and --csv exclude each other") }
    if let points, !(1...10_000).contains(points) {
      throw ValidationError("--points must be 1 to 10000, got \(points)")
    }
    if named.count > 1 || (points != nil && !named.isEmpty) {
      throw ValidationError("name values of one coupling, or --points")
    }
    for (name, values) in named where !values.allSatisfy(\.isFinite) {
      throw ValidationError("--\(name): values must be finite")
    }
  }

  func run() throws {
    try scan.withScan(quantities: quantity) { scan, workers in
      if let wanted = named.first, wanted.name != scan.parameter {
        throw Failure(
          "--\(wanted.name): it is \(scan.parameter) that varies between these runs (\(scan.held))")
      }
      let places = named.first.map { InterpolationPlaces.at($0.values) } ?? .evenly(points ?? 21)
      let curves = try scan.curves(quantity, places: places, slopes: slopes, workers: workers)
      if json {
        print(try InterpolateText.json(curves, scan))
      } else if csv {
        print(InterpolateText.csv(curves))
        for note in scan.notes { Software.complain(note) }
      } else {
        print(InterpolateText.text(curves, scan, slopes: slopes))
      }
    }
  }
}
