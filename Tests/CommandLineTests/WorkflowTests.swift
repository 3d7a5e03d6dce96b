// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// From a sweep file to a table, and on to a published file.
@Suite struct WorkflowTests {
  @Test func aSweepGoesAllTheWay() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")

    let plan = try Tool.run(["plan", "--no-timing", "tiny.yaml"], in: scratch)
    #expect(plan.code == 0)
    #expect(plan.output.contains("4 runs into out"))
    #expect(try scratch.snapshot().keys.sorted() == ["tiny.yaml"])

    let run = try Tool.run(["run", "tiny.yaml", "--threads", "2"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.isEmpty)
    let folders = ["run-000-hmc", "run-001-metropolis", "run-002-hmc", "run-003-metropolis"]
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch("out")).sorted()
    #expect(names == folders + ["sweep.yaml"])
    for folder in folders {
      let files = try FileManager.default.contentsOfDirectory(atPath: scratch("out/\(folder)"))
      #expect(files.contains("run.h5") && files.contains("seg-000000.h5"))
      #expect(!files.contains { $0.hasSuffix(".tmp") })
    }

    let inspect = try Tool.run(["inspect", "out"], in: scratch)
    #expect(inspect.code == 0)
    for word in ["complete, 4 chains", "seed", "given_lambda", "observables", "configurations"] {
      #expect(inspect.output.contains(word))
    }
    let text = try Tool.run(["inspect", "--sweep", "out"], in: scratch)
    #expect(text.code == 0)
    #expect(text.output == SweepText.tiny)

    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 0)
    #expect(verify.output.components(separatedBy: ": sound").count == 5)

    let again = try Tool.run(["resume", "out"], in: scratch)
    #expect(again.code == 0)
    #expect(again.errors.components(separatedBy: "complete already").count == 5)

    try pack(in: scratch)
  }

  private func pack(in scratch: Scratch) throws {
    let pack = try Tool.run(["pack", "out/run-000-hmc", "packed.h5"], in: scratch)
    #expect(pack.code == 0, "\(pack.errors)")
    let once = try scratch.snapshot()["packed.h5"]
    let twice = try Tool.run(["pack", "out/run-000-hmc", "packed.h5"], in: scratch)
    #expect(twice.code == 2)
    #expect(twice.errors.contains("packed.h5: is there already; --force replaces it"))
    #expect(try scratch.snapshot()["packed.h5"] == once)

    #expect(try Tool.run(["verify", "packed.h5"], in: scratch).code == 0)
    let packed = try Tool.run(["table", "--csv", "packed.h5"], in: scratch)
    let segments = try Tool.run(["table", "--csv", "out/run-000-hmc"], in: scratch)
    #expect(packed.code == 0)
    #expect(packed.output == segments.output)
    let text = try Tool.run(["inspect", "--sweep", "packed.h5"], in: scratch)
    #expect(text.output == SweepText.tiny)

    // One letter is a name like any other.
    let measure = try Tool.run(["measure", "packed.h5", "--output", "m"], in: scratch)
    #expect(measure.code == 0, "\(measure.errors)")
    #expect(try Tool.run(["verify", "m"], in: scratch).code == 0)
    // What is measured anew on stored configurations is what the run measured on them.
    let rows = try RunBits("\(scratch("m"))").columns
    let old = try RunBits(scratch("packed.h5")).columns
    let kept = Set(try #require(rows["observables"]))
    #expect(kept.count == 6)
    let count = try #require(old["observables"]).count
    let positions = (0..<count).filter { kept.contains(old["observables"]![$0]) }
    let fresh = try #require(rows["observables/m"])
    let stored = try #require(old["observables/m"])
    for chain in 0..<4 {
      for (new, position) in positions.enumerated() {
        #expect(fresh[chain * 6 + new] == stored[chain * count + position])
      }
    }
    let table = try Tool.run(["table", "m", "--quantity", "abs_m"], in: scratch)
    #expect(table.code == 0)
    #expect(table.output.hasPrefix("run "))
    let refused = try Tool.run(["measure", "packed.h5", "--output", "out"], in: scratch)
    #expect(refused.code == 2)
    #expect(refused.errors.contains("out: is there already"))
  }

  private struct Entry: Decodable {
    struct Number: Decodable {
      var value: Double
      var error: Double
    }
    var run: String
    var quantities: [String: Number]
  }

  @Test func tablesAreTextJSONAndCSV() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
    #expect(try Tool.run(["run", "tiny.yaml"], in: scratch).code == 0)

    let text = try Tool.run(["table", "out"], in: scratch)
    #expect(text.code == 0)
    let lines = text.output.split(separator: "\n").map(String.init)
    let head = lines[0].split(separator: " ").map(String.init)
    #expect(
      head == [
        "run", "abs_m", "chi2", "chi", "U4", "xi2", "energy", "SD", "tau_int", "acceptance",
        "thermalised",
      ])
    #expect(lines[2].hasPrefix("lambda=4 hmc"))
    #expect(lines[5].hasPrefix("lambda=6 metropolis"))

    let json = try Tool.run(["table", "--json", "out"], in: scratch)
    #expect(json.code == 0)
    let entries = try JSONDecoder().decode([Entry].self, from: Data(json.output.utf8))
    #expect(entries.count == 4)
    #expect(entries[1].run == "lambda=4 metropolis")
    let values = entries[0].quantities.mapValues(\.value)
    #expect(entries[0].quantities.values.allSatisfy { $0.error >= 0 })
    #expect(try #require(values["abs_m"]) > 0)

    let csv = try Tool.run(["table", "--csv", "out"], in: scratch)
    #expect(csv.code == 0)
    let rows = csv.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(
      rows[0] == [
        "run", "quantity", "value", "error", "tau_int", "tau_int_error", "measurements", "interval",
        "Q", "reliable",
      ])
    #expect(rows.allSatisfy { $0.count == 10 })
    let first = rows.dropFirst().filter { $0[0] == "\"lambda=4 hmc\"" }
    #expect(Set(first.map { $0[1] }) == Set(values.keys))
    // Both are in full precision.
    for row in first { #expect(Double(row[2]) == values[row[1]]) }

    let unknown = try Tool.run(["table", "out", "--quantity", "chi3"], in: scratch)
    #expect(unknown.code == 2)
    #expect(unknown.errors.contains("has no quantity 'chi3'; there are m, abs_m"))

    let all = try Tool.run(["table", "--all", "out/run-000-hmc"], in: scratch)
    #expect(all.code == 0)
    #expect(all.output.contains("4 chains of 300 measurements, one each trajectory"))
  }

  @Test func whatCannotBePrintedIsAnError() throws {
    let scratch = try Scratch()
    let full = try Tool.shell("\"$0\" plan --help > /dev/full", in: scratch)
    #expect(full.code == 2)
    #expect(full.errors.contains("standard output: cannot be written: No space left on device"))
  }
}
