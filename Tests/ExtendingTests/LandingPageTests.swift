// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Testing

/// The first page of the reference shows the code of this file.
@Suite struct LandingPageTests {
  @Test func itsExampleRuns() throws {
    let lattice = Lattice(extents: [16, 16])
    let theory = Phi4(lattice: lattice, massSquared: -4, coupling: 4.4)
    let hmc = HMC(target: theory, steps: 10, length: 1)

    var chains = Configurations(count: 8, dimension: theory.dimension)
    for number in 0..<1000 {
      _ = hmc.update(&chains, in: UpdateContext(streams: RandomStreams(seed: 1), number: number))
    }

    // The same theory by the heat bath, from chains that begin elsewhere.
    let heatBath = HeatBath(action: theory)
    var others = Configurations(
      count: 32, dimension: 256, values: Array(repeating: 1, count: 32 * 256))
    for number in 0..<400 {
      _ = heatBath.update(
        &others, in: UpdateContext(streams: RandomStreams(seed: 2), number: number))
    }
    let (own, other) = (Self.square(chains), Self.square(others))
    let error = (own.error * own.error + other.error * other.error).squareRoot()
    #expect(error < 0.05 * other.value)
    #expect(abs(own.value - other.value) < 5 * error)
  }

  /// V^-1 Σ_x φ_x² with its error from the spread of independent chains.
  private static func square(_ chains: Configurations) -> (value: Double, error: Double) {
    let values = (0..<chains.count).map { chain in
      chains[chain].reduce(0) { $0 + $1 * $1 } / Double(chains.dimension)
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count * (values.count - 1))).squareRoot())
  }

  @Test func itsExampleIsThatOfThisFile() throws {
    let own = URL(fileURLWithPath: #filePath)
    let page = own.deletingLastPathComponent()
      .appendingPathComponent("../../Documentation/Driftfield.docc/Driftfield.md").standardized
    func lines(_ file: URL) throws -> String {
      try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n")
    }
    let blocks = try lines(page).components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "\n```").first }
    #expect(blocks.count == 1)
    for block in blocks { #expect(try lines(own).contains(block)) }
  }
}
