// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// `Documentation/Troubleshooting.md` quotes what the tool prints: every message is provoked here.
@Suite struct TroubleshootingTests {
  private static func sweep(
    _ output: String, lambda: Double = 5, extents: String = "16, 16", seed: Int = 1,
    _ samplers: String
  ) -> String {
    """
    seed: \(seed)
    output: \(output)
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0, lambda: \(lambda)}
    lattice: {extents: [\(extents)]}
    samplers: [\(samplers)]
    checkpoint: {seconds: 0.05}

    """
  }

  private static let chains = "method: hmc, chains: 8, trajectories: 2000, thermalisation: 300"
  private static let untuned = chains + ", tune: false, scheme: leapfrog, start: cold"
  private static let nets =
    "method: nets, transition: ula, populations: 1, training_walkers: 256, training_slices: 24"
  private static let followed = "method: nets, transition: ula, populations: 1, path_steps: 20"

  /// Sweeps that run to their end and complain.
  private static let complaints = [
    sweep("wells", lambda: 3, "{\(chains)}"),
    sweep("stuck", "{\(untuned), steps: 4, length: 4}"),
    sweep(
      "unstable",
      "{\(untuned), steps: 250, length: 30}".replacing("2000", with: "600")),
    sweep(
      "therm", lambda: 4.4, extents: "32, 32",
      "{method: metropolis, chains: 8, trajectories: 3000, thermalisation: 0, tune: false, "
        + "step: 0.1}"),
    sweep(
      "short", lambda: 4.4,
      "{method: hmc, chains: 4, trajectories: 60, thermalisation: 100}, "
        + "{method: hmc, name: tiny, chains: 2, trajectories: 4, thermalisation: 100}"),
    sweep(
      "collapse", lambda: 3.8,
      "{method: ais, transition: mala, walkers: 1024, populations: 1, path_steps: 60}, "
        + "{method: smc, transition: mala, walkers: 256, populations: 4, path_steps: 60}"),
    sweep(
      "few", extents: "8, 8", "{method: ais, walkers: 32, populations: 1, path_steps: 300}"),
    sweep(
      "continuum", extents: "8, 8",
      "{method: ais, transition: ula, weight: continuum, walkers: 4000, path_steps: 150, "
        + "populations: 1, step: 0.25, tune: false}"),
    sweep(
      "exact", extents: "8, 8",
      [
        "few, walkers: 2048, path_steps: 24, bias_walkers: 16",
        "g, walkers: 2048, path_steps: 24, bias_walkers: 16",
        "less, walkers: 4096, path_steps: 6, bias_walkers: 1024",
      ].map { "{\(nets), integrator: rk2, name: \($0)}" }.joined(separator: ", ")),
  ]

  @Test func everyQuotedMessageIsPrinted() throws {
    let scratch = try Scratch()
    var said: [String] = []
    func tell(_ arguments: [String]) throws {
      let result = try Tool.run(arguments, in: scratch)
      said += (result.output + result.errors).split(separator: "\n").map(String.init)
    }
    for (index, text) in Self.complaints.enumerated() {
      try scratch.write(text, to: "\(index).yaml")
      try tell(["run", "\(index).yaml"])
    }
    try tell(["table", "short"])
    try driftsThatDoNotFit(scratch, tell)
    try interruptedRuns(scratch, tell)
    try secondsOfTwoKinds(scratch, tell)

    let masked = said.map(Self.masked)
    for line in try Self.quotations() where !Self.isOfTheSystem(line) {
      var pieces = line.components(separatedBy: "...").map(Self.masked)
      pieces.removeAll(where: \.isEmpty)
      let isPrinted = masked.contains { line in
        var rest = Substring(line)
        return pieces.allSatisfy { piece in
          guard let place = rest.range(of: piece) else { return false }
          rest = rest[place.upperBound...]
          return true
        }
      }
      #expect(isPrinted, "never printed: \(line)")
    }
  }

  private func driftsThatDoNotFit(
    _ scratch: Scratch, _ tell: ([String]) throws -> Void
  ) throws {
    let training = "{\(Self.nets), walkers: 64, path_steps: 20}"
    for (name, seed) in [("d1", 3), ("other", 4)] {
      try scratch.write(
        Self.sweep(name, extents: "8, 8", seed: seed, training), to: "\(name).yaml")
      try tell(["train", "\(name).yaml"])
    }
    let line =
      Self.sweep(
        "line", extents: "4, 4", "{\(Self.nets), walkers: 64, path_steps: 20, amortised: 2}"
      ).replacing(", lambda: 5.0}", with: "}") + "grid: {theory.lambda: [5, 6]}\n"
    try scratch.write(line, to: "line.yaml")
    try tell(["train", "line.yaml"])
    let wrong: [(String, Double, String, String)] = [
      ("d2", 6, "8, 8", "d1/drift-000-nets"), ("d3", 5, "6, 8", "d1/drift-000-nets"),
      ("d4", 5, "8, 8", "plain/run-000-hmc"), ("d5", 5, "8, 8", "nowhere/drift-000-nets"),
      ("d6", 7, "4, 4", "line/drift-000-nets"),
    ]
    try scratch.write(Self.sweep("plain", extents: "8, 8", "{\(Self.chains)}"), to: "plain.yaml")
    try tell(["run", "plain.yaml"])
    for (name, lambda, extents, drift) in wrong {
      try scratch.write(
        Self.sweep(
          name, lambda: lambda, extents: extents, "{\(Self.followed), walkers: 64, drift: \(drift)}"
        ), to: "\(name).yaml")
      try tell(["run", "\(name).yaml"])
    }
    // The drift of a run is replaced while the run is interrupted.
    try scratch.copy("d1/drift-000-nets", to: "dd")
    let long = Self.followed.replacing("populations: 1", with: "populations: 4000")
    try scratch.write(
      Self.sweep("d7", extents: "8, 8", "{\(long), walkers: 500, drift: dd}"), to: "d7.yaml")
    try interrupt("d7", "d7/run-000-nets/seg-000003.h5", scratch) {}
    try FileManager.default.removeItem(atPath: scratch("dd"))
    try scratch.copy("other/drift-000-nets", to: "dd")
    try tell(["resume", "d7"])
  }

  private func interruptedRuns(_ scratch: Scratch, _ tell: ([String]) throws -> Void) throws {
    let long = Self.chains.replacing("2000", with: "200000")
    try scratch.write(Self.sweep("long", "{\(long)}"), to: "long.yaml")
    try interrupt("long", "long/run-000-hmc/seg-000006.h5", scratch) {
      try tell(["resume", "long"])
    }
    for copy in 2...5 { try scratch.copy("long", to: "long\(copy)") }

    let text = try String(contentsOfFile: scratch("long2/sweep.yaml"), encoding: .utf8)
    try scratch.write(text.replacing("lambda: 5.0", with: "lambda: 5.1"), to: "long2/sweep.yaml")
    try tell(["resume", "long2"])

    // A run as another version might have begun it.
    let reader = try HDF5EnsembleReader(scratch("long3/run-000-hmc"))
    let state = try reader.restart()
    try FileManager.default.removeItem(atPath: scratch("long3/run-000-hmc"))
    var layout = reader.layout
    layout.descriptions["sampler"]?["jitter"] = .real(0.5)
    try HDF5EnsembleWriter(creating: scratch("long3/run-000-hmc"), layout: layout)
      .commit(state)
    try tell(["resume", "long3"])

    try FileManager.default.removeItem(atPath: scratch("long4/run-000-hmc/seg-000001.h5"))
    try tell(["verify", "long4"])
    try tell(["table", "long4"])
    // The last segment may be that of the stop, without rows.
    let segments = try FileManager.default.contentsOfDirectory(atPath: scratch("long5/run-000-hmc"))
      .filter { $0.hasPrefix("seg-") }.sorted()
    for segment in segments.suffix(2) {
      try FileManager.default.removeItem(atPath: scratch("long5/run-000-hmc/\(segment)"))
    }
    try tell(["verify", "long5"])
  }

  /// Starts a sweep, and stops it after a segment is there.
  private func interrupt(
    _ name: String, _ segment: String, _ scratch: Scratch, _ meanwhile: () throws -> Void
  ) throws {
    let tool = try RunningTool(["run", "\(name).yaml"], in: scratch)
    try waitForFile(segment, in: scratch)
    try meanwhile()
    tool.signal(SIGINT)
    let result = try tool.finish()
    #expect(result.code == 130, "\(result.errors)")
  }

  private func secondsOfTwoKinds(_ scratch: Scratch, _ tell: ([String]) throws -> Void) throws {
    for (threads, method) in [("1", "hmc"), ("2", "mala")] {
      let sampler = "{method: \(method), chains: 4, trajectories: 300, thermalisation: 100}"
      try scratch.write(
        Self.sweep("kind\(threads)", extents: "4, 4", sampler), to: "kind\(threads).yaml")
      try tell(["run", "kind\(threads).yaml", "--threads", threads])
    }
    try tell(["compare", "kind1", "kind2"])
  }

  /// The lines between ```text and ``` that are no commands.
  private static func quotations() throws -> [String] {
    let document = try text("Documentation/Troubleshooting.md")
    let blocks = document.components(separatedBy: "```text\n").dropFirst()
      .compactMap { $0.components(separatedBy: "\n```").first }
    #expect(blocks.count > 15)
    return blocks.flatMap { $0.split(separator: "\n").map(String.init) }
      .filter { !$0.hasPrefix("$ ") }
  }

  private static func text(_ path: String) throws -> String {
    try String(
      contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../\(path)").standardized, encoding: .utf8)
  }

  /// What others print: the operating system, the loader, the runtime and the manager of packages, and
  /// what `make` prints, which must be in the Makefile.
  private static func isOfTheSystem(_ line: String) -> Bool {
    let others = [
      "No space left on device", "Fatal error: failed to allocate", "couldn't find pc file",
      "'hdf5.h' file not found", "error while loading shared libraries",
      "'driftfield verify small/long' checks it",
    ]
    if others.contains(where: line.contains) { return true }
    do {
      return try text("Makefile").contains(line)
    } catch {
      return false
    }
  }

  /// A line without its numbers, names of runs and levels of machine code.
  private static func masked(_ line: String) -> String {
    line.trimmingCharacters(in: .whitespaces)
      .replacing(#/\b[0-9a-f]{16}\b/#, with: "#")
      .replacing(#/\b(avx512|avx2|baseline)\b/#, with: "#")
      .replacing(#/-?\b(\d[\d.]*(e[-+]?\d+)?|nan)(\((\d[\d.]*|nan)\)(e-?\d+)?)?/#, with: "#")
      .replacing(#/\ +/#, with: " ")
  }
}
