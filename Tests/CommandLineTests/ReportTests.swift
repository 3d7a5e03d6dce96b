// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `driftfield report`, as a user calls it.
@Suite(.serialized) struct ReportTests {
  private static let sweep = """
    title: report
    seed: 3
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
    lattice: {extents: [4, 4]}
    samplers:
      - {method: hmc, chains: 4, trajectories: 1000, cluster: 1}
      - {method: ais, transition: mala, path_steps: 80, walkers: 200, populations: 10, reverse: 5}
      - {method: nets, path_steps: 8, walkers: 100, populations: 8, training_walkers: 256}
    grid: {theory.lambda: [6.0, 5.0]}

    """

  /// A folder in which the sweep is done and reported.
  private static func prepared(_ text: String = SweepText.tiny) throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(text, to: "sweep.yaml")
    let run = try Tool.run(["run", "sweep.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return scratch
  }

  private static func page(_ name: String, _ scratch: Scratch) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch(name))), as: UTF8.self)
  }

  @Test func sweepsAreReported() throws {
    let scratch = try Self.prepared()
    let before = try scratch.snapshot(of: "out")
    let first = try Tool.run(["report", "out"], in: scratch)
    #expect(first.code == 0, "\(first.errors)")
    #expect(first.output == "out/report.html\n" && first.errors.isEmpty)
    let page = try Self.page("out/report.html", scratch)
    // What `table` prints is in it.
    let table = try Tool.run(["table", "out", "-q", "abs_m", "chi2", "U4"], in: scratch)
    let values = table.output.split(separator: "\n").dropFirst(2).prefix(4).flatMap {
      $0.split(separator: " ").filter { $0.contains("(") }
    }
    #expect(values.count >= 12)
    for value in values {
      #expect(page.contains(">\(value.replacingOccurrences(of: "?", with: ""))<"), "\(value)")
    }
    #expect(page.contains("A comment that must survive, φ⁴ included."))
    #expect(page.contains("https://doi.org/"))

    // Nothing else has changed, the same page comes again, and others can go on with the folder.
    var after = try scratch.snapshot(of: "out")
    after["report.html"] = nil
    #expect(after == before)
    let mode = try FileManager.default.attributesOfItem(atPath: scratch("out/sweep.yaml"))
    let own = try FileManager.default.attributesOfItem(atPath: scratch("out/report.html"))
    #expect(own[.posixPermissions] as? Int == mode[.posixPermissions] as? Int)
    #expect(try Tool.run(["report", "out/"], in: scratch).code == 0)
    #expect(try Self.page("out/report.html", scratch) == page)
    #expect(try Tool.run(["verify", "out"], in: scratch).code == 0)
    #expect(try Tool.run(["resume", "out"], in: scratch).code == 0)

    let some = try Tool.run(
      ["report", "out/run-000-hmc", "out/run-001-metropolis", "--output", "two.html"], in: scratch)
    #expect(some.code == 0 && some.output == "two.html\n", "\(some.errors)")
    #expect(try Self.page("two.html", scratch).contains("4×4"))
  }

  @Test func badInputIsTold() throws {
    let scratch = try Self.prepared()
    try scratch.write("mine", to: "mine.html")
    try scratch.write("seed: 1", to: "empty.txt")
    let wrong: [([String], String)] = [
      (["nowhere"], "nowhere: is neither a sweep, nor a run, nor a packed file"),
      (["empty.txt"], "empty.txt: is neither a sweep, nor a run, nor a packed file"),
      (["out/run-000-hmc"], "--output: name the page to write"),
      (["out", "--output", "out/sweep.yaml"], "the name of a page ends in .html"),
      (["out", "--output", "mine.html"], "mine.html: is there already and is no report"),
      (["out", "--output", "no/where.html"], "no/where.html: cannot be written"),
      (["out", "-q", "chi3"], "has no quantity 'chi3'; there are m, abs_m"),
      (["out", "--baseline", "mala"], "--baseline: there is no complete run of 'mala'"),
    ]
    for (arguments, message) in wrong {
      let result = try Tool.run(["report"] + arguments, in: scratch)
      #expect(result.code == 2, "\(arguments)")
      #expect(result.errors.contains(message), "\(arguments) said: \(result.errors)")
    }
    #expect(try Self.page("mine.html", scratch) == "mine")
    #expect(!scratch.exists("out/report.html"))
    let forced = try Tool.run(["report", "out", "--output", "mine.html", "--force"], in: scratch)
    #expect(forced.code == 0)
    #expect(try Self.page("mine.html", scratch).hasPrefix("<!DOCTYPE html>"))

    // A run that has not begun is no error, and one that is damaged is.
    try FileManager.default.removeItem(atPath: scratch("out/run-003-metropolis"))
    let part = try Tool.run(["report", "out"], in: scratch)
    #expect(part.code == 0, "\(part.errors)")
    #expect(try Self.page("out/report.html", scratch).contains("One run has not begun"))
    try FileManager.default.removeItem(atPath: scratch("out/run-000-hmc/seg-000000.h5"))
    let damaged = try Tool.run(["report", "out"], in: scratch)
    #expect(damaged.code == 2)
    #expect(damaged.errors.contains("out/run-000-hmc"))
  }

  private static let browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// In a browser, a page with everything on it fits a desktop and a phone; only tables scroll.
  @Test(.enabled(if: browser != nil, "there is no chromium"))
  func pagesFitTheirScreens() throws {
    let scratch = try Self.prepared(Self.sweep)
    #expect(try Tool.run(["report", "out"], in: scratch).code == 0)
    let page = try Self.page("out/report.html", scratch)
    for figure in ["pulls", "cost", "works", "ess-path", "training", "history"] {
      #expect(page.contains("<figure id=\"\(figure)\">"), "\(figure)")
    }
    // The last one is too wide, so that the check is seen to work.
    let wide = page.replacingOccurrences(
      of: "<main>", with: "<main><div style=\"width: 2000px\">wide</div>")
    let frames = [(page, 1280), (page, 390), (wide, 1280)].map { text, width in
      let quoted = text.replacingOccurrences(of: "&", with: "&amp;")
        .replacingOccurrences(of: "\"", with: "&quot;")
      return "<iframe width=\"\(width)\" height=\"800\" srcdoc=\"\(quoted)\"></iframe>"
    }
    let script = """
      addEventListener("load", () => {
        document.body.textContent = Array.from(document.querySelectorAll("iframe")).map(frame => {
          const root = frame.contentDocument.documentElement;
          return "width " + root.scrollWidth + "/" + root.clientWidth;
        }).join(";");
      });
      """
    try scratch.write(
      "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><script>\(script)</script></head><body>"
        + frames.joined() + "</body></html>", to: "frames.html")
    let shown = try Tool.shell(
      "timeout 90 \(try #require(Self.browser)) --headless=new --no-sandbox --disable-gpu "
        + "--user-data-dir=profile --virtual-time-budget=8000 --dump-dom file://$PWD/frames.html",
      in: scratch)
    let sizes = shown.output.matches(of: /width ([0-9]+)\/([0-9]+)/).map {
      (content: Int($0.1) ?? 0, room: Int($0.2) ?? 0)
    }
    try #require(sizes.count == 3, "\(shown.errors)")
    #expect(sizes[0].room > 1250 && sizes[0].content <= sizes[0].room, "\(sizes)")
    #expect(sizes[1].room > 360 && sizes[1].content <= sizes[1].room, "\(sizes)")
    #expect(sizes[2].content >= 2000, "\(sizes)")
  }
}
