// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Testing

/// `interpolate` and `scaling`, as a user calls them.
@Suite(.serialized) struct ScalingCommandTests {
  /// Three lattices at three couplings, a second or two.
  private static let sweep = """
    title: scan
    seed: 5
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4.0}
    samplers:
      - {method: hmc, chains: 8, trajectories: 1500, cluster: 1}
    grid:
      lattice.extents: [[3, 3], [4, 4], [6, 6]]
      theory.lambda: [4.0, 4.7, 5.6]

    """

  private static func prepared() throws -> Scratch {
    let scratch = try Scratch()
    try scratch.write(sweep, to: "sweep.yaml")
    let run = try Tool.run(["run", "sweep.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return scratch
  }

  private static func json(_ result: Tool.Result) throws -> [String: Any] {
    #expect(result.code == 0, "\(result.errors)")
    let value = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(value as? [String: Any])
  }

  @Test func curvesAndCrossings() throws {
    let scratch = try Self.prepared()
    let text = try Tool.run(["interpolate", "out", "--points", "5", "--slopes"], in: scratch)
    #expect(text.code == 0, "\(text.errors)")
    for word in ["3x3, m2=-4: 3 runs, lambda from 4 to 5.6", "d/dlambda", "4.4 ", "ESS"] {
      #expect(text.output.contains(word), "\(word) is not in \(text.output)")
    }
    let csv = try Tool.run(
      ["interpolate", "out", "--lambda", "4.4", "5", "-q", "U4", "xi2/L", "--csv"], in: scratch)
    let lines = csv.output.split(separator: "\n")
    // Three runs and two points of two quantities on three lattices.
    #expect(lines.count == 1 + 3 * 2 * (3 + 2))
    #expect(lines[0].hasPrefix("lattice,quantity,source,lambda,value,error"))
    #expect(lines.filter { $0.contains(",interpolated,4.4,") }.count == 6)

    let curves = try Self.json(
      try Tool.run(
        ["interpolate", "out", "--lambda", "4.7", "-q", "U4", "--json", "--threads", "1"],
        in: scratch))
    let all = try #require(curves["curves"] as? [[String: Any]])
    #expect(all.count == 3 && curves["parameter"] as? String == "lambda")
    for curve in all {
      let point = try #require((curve["points"] as? [[String: Any]])?.first)
      let measured = try #require(curve["measured"] as? [[String: Any]])[1]
      let value = try #require(point["value"] as? Double)
      let own = try #require(measured["value"] as? Double)
      #expect(abs(value - own) < 4.5 * (try #require(measured["error"] as? Double)))
    }

    let scaling = try Tool.run(["scaling", "out"], in: scratch)
    #expect(scaling.code == 0, "\(scaling.errors)")
    for word in ["lambda varies at m2=-4:", "crossings of U4", "3x3 4x4", "1/nu", "collapse"] {
      #expect(scaling.output.contains(word), "\(word) is not in \(scaling.output)")
    }
    let result = try Self.json(
      try Tool.run(["scaling", "out", "--json", "--nu", "1", "--omega", "2"], in: scratch))
    let exponents = try #require(result["exponents"] as? [String: Any])
    #expect(exponents["omega"] as? Double == 2 && exponents["source"] as? String == "given")
    let crossings = try #require(result["crossings"] as? [[String: Any]])
    #expect(crossings.count == 2)
    for crossing in crossings {
      let place = try #require(crossing["coupling"] as? [String: Double])
      #expect(try #require(place["value"]) > 4 && place["error"] ?? 0 > 0)
    }
  }

  /// Beside the error stands how far the extrapolation moves from the largest crossing or with 0.6 ω, and a
  /// height that is not the known one is told.
  @Test func whatTheErrorOfTheCriticalCouplingLeavesOut() throws {
    let scratch = try Scratch()
    try scratch.write(
      Self.sweep.replacingOccurrences(of: "[6, 6]]", with: "[6, 6], [8, 8]]")
        .replacingOccurrences(of: "4.0, 4.7, 5.6", with: "4.1, 4.7, 5.4"), to: "sweep.yaml")
    #expect(try Tool.run(["run", "sweep.yaml"], in: scratch).code == 0)
    func scaling(_ options: [String] = []) throws -> [String: Any] {
      try Self.json(try Tool.run(["scaling", "out", "--json"] + options, in: scratch))
    }
    func number(_ object: Any?, _ name: String) throws -> (value: Double, error: Double) {
      let owner = try #require(object as? [String: Any])
      let found = try #require(owner[name] as? [String: Double])
      return (try #require(found["value"]), try #require(found["error"]))
    }
    let all = try scaling()
    let place = try number(all["critical"], "coupling").value
    let crossings = try #require(all["crossings"] as? [[String: Any]])
    let largest = try number(crossings.last, "coupling").value
    let slower = try number(try scaling(["--omega", "1.05"])["critical"], "coupling").value
    let critical = try #require(all["critical"] as? [String: Any])
    let drift = try #require(critical["drift"] as? Double)
    #expect(crossings.count == 3 && critical["pairs"] as? Int == 3)
    #expect(abs(drift - max(abs(place - largest), abs(place - slower))) < 1e-9)
    let height = try number(critical, "value")
    let isMissed = abs(height.value - 0.61069) > 2 * height.error
    let notes = try #require(all["notes"] as? [String])
    #expect(notes.contains { $0.contains("0.61069 of the Ising class") } == isMissed)
    #expect(isMissed, "lattices this small are far from the limit")
  }

  static let wrong: [([String], String)] = [
    (["interpolate", "nowhere"], "nowhere: is neither a sweep, nor a run, nor a packed file"),
    (["interpolate", "out", "--lambda", "7"], "lambda=7: is outside of what was simulated"),
    (["interpolate", "out", "--m2", "-4"], "--m2: it is lambda that varies"),
    (["interpolate", "out", "-q", "U5"], "has no quantity 'U5'"),
    (["interpolate", "out", "--points", "0"], "--points must be 1 to 10000"),
    (["interpolate", "out", "--points", "3", "--lambda", "5"], "values of one coupling, or"),
    (["interpolate", "out", "--at", "m2"], "--at m2: must be NAME=VALUE"),
    (["interpolate", "out", "--at", "m2=-3"], "no run is at m2=-3"),
    (["interpolate", "out/run-000-hmc"], "nothing can be interpolated"),
    (["scaling", "out", "--at", "lambda=4"], "nothing can be interpolated"),
    (["scaling", "out", "--smallest", "6"], "two lattices or more; here are 6x6 from 6 on"),
    (["scaling", "out", "--nu", "0"], "--nu must be finite and above 0"),
    (["scaling", "out", "-q", "chi"], "--quantity must be one of U4, V4, xi2/L, got 'chi'"),
  ]

  @Test func badInputIsTold() throws {
    let scratch = try Self.prepared()
    for (arguments, message) in Self.wrong {
      let result = try Tool.run(arguments, in: scratch)
      #expect(result.code == 2, "\(arguments)")
      #expect(result.errors.contains(message), "\(arguments) said: \(result.errors)")
    }
  }
}
