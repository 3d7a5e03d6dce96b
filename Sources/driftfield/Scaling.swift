// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Foundation
import Sweeps

/// `driftfield scaling`.
struct Scaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The critical coupling and exponents from several lattices.",
    discussion: """
      The curves of neighbouring lattices are interpolated between the couplings of a sweep; where \
      they cross, the slopes give 1/nu, chi2 gives eta and |m| gives beta/nu. The crossings are \
      extrapolated to infinite size, and U4, |m| and chi2 of the runs are collapsed on one curve. \
      Errors know all correlations; the notes say what is not in them.
      """)

  @OptionGroup var scan: ScanOptions

  @Option(name: .shortAndLong, help: "The quantity whose curves cross: U4, V4 or xi2/L.")
  var quantity = "U4"

  @Option(help: "nu in the extrapolation; default that of the Ising class.")
  var nu: Double?

  @Option(help: "omega, the power of the leading correction; default that of the Ising class.")
  var omega: Double?

  @Option(help: "Leave out lattices smaller than this.")
  var smallest = 2

  @Flag(help: "As JSON, in full precision.")
  var json = false

  func validate() throws {
    for (name, value) in [("nu", nu), ("omega", omega)] {
      if let value, !(value > 0 && value.isFinite) {
        throw ValidationError("--\(name) must be finite and above 0, got \(value)")
      }
    }
    if !FiniteSizeScaling.ratios.contains(quantity) {
      throw ValidationError(
        "--quantity must be one of \(FiniteSizeScaling.ratios.joined(separator: ", ")), got "
          + "'\(quantity)'")
    }
    if smallest < 2 { throw ValidationError("--smallest must be 2 or more, got \(smallest)") }
  }

  func run() throws {
    let quantities = FiniteSizeScaling.quantities(crossing: quantity)
    try scan.withScan(quantities: quantities) { scan, workers in
      let result = try FiniteSizeScaling(
        scan, quantity: quantity, exponents: try exponents(scan), smallest: smallest,
        workers: workers)
      print(
        json ? try ScalingText.json(result, scan) : ScalingText.text(result, scan))
    }
  }

  /// Those of the class with what was given in their place.
  private func exponents(_ scan: CouplingScan) throws -> ScalingExponents? {
    if nu == nil && omega == nil { return nil }
    let dimensions = scan.lattices[0].lattice.dimensions
    let known = ScalingExponents.ising(dimensions: dimensions)
    guard let nu = nu ?? known?.nu, let omega = omega ?? known?.omega else {
      throw Failure("--nu and --omega: in \(dimensions) dimensions give both")
    }
    return ScalingExponents(
      nu: nu, omega: omega, betaOverNu: known?.betaOverNu, source: "given")
  }
}
