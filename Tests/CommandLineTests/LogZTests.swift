// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `driftfield logz`: log Z by tensor renormalisation.
@Suite struct LogZTests {
  private struct Entry: Decodable {
    var parametrisation: String
    var m2: Double?
    var kappa: Double?
    var lambda: Double
    var extents: [Int]
    var logZ: Double
    var truncationError: Double
    var bondDimension: Int
    var withinTolerance: Bool
    var fromFreeM2: Double?
    var logZRatio: Double?
    var seconds: Double
  }

  private func entries(_ arguments: [String], in scratch: Scratch) throws -> [Entry] {
    let result = try Tool.run(["logz"] + arguments + ["--json"], in: scratch)
    #expect(result.code == 0, "\(result.errors)")
    return try decoded(result.output)
  }

  private func decoded(_ json: String) throws -> [Entry] {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode([Entry].self, from: Data(json.utf8))
  }

  /// The 2x2 torus of exact transfer matrices: log Z = 1.1731847108.
  @Test(arguments: [["2", "2"], ["2x2"]]) func tableOfOneTheory(_ extents: [String]) throws {
    let scratch = try Scratch()
    let result = try Tool.run(
      ["logz", "--extents"] + extents + ["--m2", "-4", "--lambda", "6.975"], in: scratch)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("unhalved m2=-4 lambda=6.975 2x2  1.17318471"))
    #expect(result.errors.isEmpty)
    #expect(try scratch.snapshot().isEmpty)
  }

  @Test func parametrisationsDifferByTheFieldScale() throws {
    let scratch = try Scratch()
    let common = ["--extents", "4x3", "--from-free", "1", "--bond-dimension", "16"]
    // The free field of m² = 1 by itself, and in hopping form with κ = 1/5.
    let unhalved = try entries(common + ["--m2", "1", "--lambda", "0"], in: scratch)[0]
    let continuum = try entries(
      common + ["--parametrisation", "continuum", "--m2=1", "--lambda=0"], in: scratch)[0]
    let hopping = try entries(
      common + ["--parametrisation", "hopping", "--kappa", "0.2", "--lambda", "0"], in: scratch)[0]
    for entry in [unhalved, continuum, hopping] {
      let ratio = try #require(entry.logZRatio)
      #expect(entry.truncationError < 1e-4 && abs(ratio) <= entry.truncationError)
      #expect(entry.fromFreeM2 == 1 && entry.extents == [4, 3] && entry.bondDimension == 16)
    }
    #expect(abs(continuum.logZ - unhalved.logZ - 6 * log(2)) < 1e-9)
    #expect(abs(hopping.logZ - unhalved.logZ - 6 * log(5)) < 1e-9)
    #expect(hopping.kappa == 0.2 && hopping.m2 == nil && hopping.parametrisation == "hopping")
  }

  @Test func toleranceThatIsNotReachedIsMarked() throws {
    let scratch = try Scratch()
    let arguments = [
      "--extents", "8x8", "--m2", "-1", "--lambda", "0.8", "--bond-dimension", "10",
      "--tolerance", "1e-9",
    ]
    let entry = try entries(arguments, in: scratch)[0]
    #expect(!entry.withinTolerance && entry.truncationError > 1e-9)
    #expect(entry.bondDimension == 10)
    let table = try Tool.run(["logz"] + arguments, in: scratch)
    #expect(table.code == 0)
    #expect(table.output.contains("? the error is above the tolerance"))
  }

  /// A row for each theory and lattice, whatever the samplers; others than two dimensions are told.
  @Test func sweepFileAndFolder() throws {
    let scratch = try Scratch()
    let text = SweepText.tiny.replacing("lattice: {extents: [4, 4]}\n", with: "").replacing(
      "grid:\n", with: "grid:\n  lattice.extents: [[4, 4], [3, 2], [4, 4, 4]]\n")
    try scratch.write(text, to: "sweep.yaml")
    let result = try Tool.run(["logz", "sweep.yaml", "--json"], in: scratch)
    #expect(result.code == 0)
    for lambda in ["4", "6"] {
      #expect(
        result.errors.contains(
          "lambda=\(lambda) 4x4x4: left out, the lattice has 3 dimensions"))
    }
    let rows = try decoded(result.output)
    #expect(rows.map(\.extents) == [[4, 4], [4, 4], [3, 2], [3, 2]])
    #expect(rows.map(\.lambda) == [4, 6, 4, 6])
    #expect(rows.allSatisfy { $0.m2 == -4 && $0.withinTolerance })
    // The folder of a sweep is one that holds its file.
    let folder = try entries(["."], in: scratch)
    #expect(folder.map(\.logZ) == rows.map(\.logZ))
    let one = try entries(["--extents", "3", "2", "--m2", "-4", "--lambda", "6"], in: scratch)
    #expect(one[0].logZ == rows[3].logZ)
  }

  static let wrong: [([String], String)] = [
    ([], "give a sweep, or a theory with --extents"),
    (["a.yaml", "--m2", "1"], "give a sweep, or a theory with --extents, not both"),
    (["--extents", "8", "--m2", "1", "--lambda", "1"], "--extents must be two integers"),
    (["--extents", "8x1", "--m2", "1", "--lambda", "1"], "--extents must be two integers"),
    (["--extents", "8x8x8", "--m2", "1", "--lambda", "1"], "got '8x8x8'"),
    (["--extents", "8x", "--m2", "1", "--lambda", "1"], "got '8x'"),
    (["--extents", "8x8", "--lambda", "1"], "--m2 is missing"),
    (["--extents", "8x8", "--m2", "1"], "--lambda is missing"),
    (
      ["--extents", "8x8", "--m2", "1", "--kappa", "1", "--lambda", "1"],
      "--kappa is no coupling of the unhalved form"
    ),
    (["--extents", "8x8", "--parametrisation", "halved"], "'halved' is invalid"),
    (["--extents", "8x8", "--m2", "nan", "--lambda", "1"], "--m2 must be a finite number"),
    (["a.yaml", "--bond-dimension", "3"], "--bond-dimension must be 4 to 128, got 3"),
    (["a.yaml", "--tolerance", "0"], "--tolerance must be above 0, got 0"),
    (["a.yaml", "--from-free", "-1"], "--from-free must be above 0, got -1"),
    (["--extents", "4x4", "--m2", "-1", "--lambda", "0"], "cannot be normalised"),
    (["a.yaml"], "a.yaml: cannot be opened"),
    (["."], "is not the output folder of a sweep"),
  ]

  @Test(arguments: wrong) func badInput(_ arguments: [String], _ message: String) throws {
    let scratch = try Scratch()
    let result = try Tool.run(["logz"] + arguments, in: scratch)
    #expect(result.code == 2)
    #expect(result.output.isEmpty)
    #expect(result.errors.contains(message), "said: \(result.errors)")
  }

  @Test func sweepWithoutTwoDimensions() throws {
    let scratch = try Scratch()
    try scratch.write(
      SweepText.tiny.replacing("extents: [4, 4]", with: "extents: [4]"), to: "chain.yaml")
    let result = try Tool.run(["logz", "chain.yaml"], in: scratch)
    #expect(result.code == 2)
    #expect(result.errors.contains("chain.yaml: has no two-dimensional lattice"))
  }
}
