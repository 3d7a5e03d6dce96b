// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import HDF5Storage
import Testing

/// The non-equilibrium transport sampler from the sweep file to the comparison.
@Suite struct TransportTests {
  private static let tiny = """
    seed: 9
    output: out
    theory: {name: phi4, parametrisation: unhalved, m2: -4, lambda: 5}
    lattice: {extents: [4, 6]}
    samplers:
      - {method: hmc, chains: 4, trajectories: 400, cluster: 1}
      - {method: ais, path_steps: 30, walkers: 200, path: constant-susceptibility}
      - {method: nets, path_steps: 8, walkers: 200, training_walkers: 300, training_slices: 12}

    """

  @Test func fromPlanToComparison() throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    let plan = try Tool.run(["plan", "tiny.yaml"], in: scratch)
    #expect(plan.code == 0, "\(plan.errors)")
    #expect(plan.output.contains("nets: the training of its drift is not in the time"))

    let train = try Tool.run(["train", "tiny.yaml"], in: scratch)
    #expect(train.code == 0, "\(train.errors)")
    #expect(train.errors.contains("[3/3] nets: trained in "))
    #expect(train.errors.contains("ESS of the training walkers 0."))
    #expect(!scratch.exists("out/run-000-hmc"))
    let drift = try RunBits(scratch("out/drift-002-nets"))

    let run = try Tool.run(["run", "tiny.yaml"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(!run.errors.contains("nets: training"))
    #expect(run.errors.contains("with a bias of") && run.errors.contains("Schwinger-Dyson"))
    #expect(try RunBits(scratch("out/drift-002-nets")) == drift)
    let again = try Tool.run(["run", "tiny.yaml"], in: scratch)
    #expect(again.code == 2 && again.errors.contains("holds a sweep already"))
    #expect(try Tool.run(["train", "tiny.yaml"], in: scratch).errors.contains("trained already"))

    let compare = try Tool.run(["compare", "out", "--exact"], in: scratch)
    #expect(compare.code == 0, "\(compare.output)\(compare.errors)")
    for word in ["training seconds", "drifts", "bias log_z", "nets: out/run-002-nets"] {
      #expect(compare.output.contains(word), "\(word)")
    }
    let json = try Tool.run(["compare", "out", "--json"], in: scratch)
    for key in ["\"training_seconds\"", "\"bias\"", "\"drift_evaluations\""] {
      #expect(json.output.contains(key), "\(key)")
    }
    let table = try Tool.run(["table", "out", "-q", "SD", "log_z"], in: scratch)
    #expect(table.code == 0 && table.output.contains("nets"))
    let verify = try Tool.run(["verify", "out"], in: scratch)
    #expect(verify.code == 0 && verify.output.contains("out/drift-002-nets: sound"))
    let inspect = try Tool.run(["inspect", "out"], in: scratch)
    for word in ["a trained drift", "/drift", "/bias", "training_seconds", "n_drift"] {
      #expect(inspect.output.contains(word), "\(word)")
    }
    let wrong = try Tool.run(["table", "out/drift-002-nets"], in: scratch)
    #expect(wrong.code == 2 && wrong.errors.contains("is a trained drift, not an ensemble"))
  }

  /// Free fields in few, long steps: all weights are nearly equal, so that only the bias of the steps is
  /// wrong with log Z. Everything that shows the number says so, at every stop.
  @Test func whatIsBiasedIsMarkedEverywhere() throws {
    let scratch = try Scratch()
    try scratch.write(
      """
      seed: 4
      output: out
      theory: {name: phi4, parametrisation: unhalved, m2: 0.5, lambda: 0}
      lattice: {extents: [4, 6]}
      samplers:
        - {method: nets, path: straight, stops: [0.8], stop_key: m2, integrator: rk2, path_steps: 4,
           walkers: 200, training_walkers: 200, training_slices: 8}

      """, to: "free.yaml")
    let run = try Tool.run(["run", "free.yaml"], in: scratch)
    #expect(run.code == 0 && run.errors.contains(", NOT EXACT"), "\(run.errors)")
    for stop in ["m2=0.8", "m2=0.5"] {
      let words = "at \(stop): not exact: the steps of the transport shift log_z by "
      #expect(run.errors.contains(words), "\(run.errors)")
    }
    let table = try Tool.run(["table", "out", "-q", "abs_m", "log_z"], in: scratch)
    #expect(table.output.matches(of: #/nets at m2=0\.\d  +[\d.()]+  +-[\d.()]+\?/#).count == 2)
    #expect(table.output.matches(of: #/at m2=0\.\d: not exact: /#).count == 2, "\(table.output)")
    let compare = try Tool.run(["compare", "out"], in: scratch)
    #expect(compare.output.matches(of: #/nets\.\d: not exact: /#).count == 2, "\(compare.output)")
    let reweight = try Tool.run(
      ["reweight", "out/run-000-nets", "--stop", "1", "--m2", "0.7"], in: scratch)
    #expect(reweight.output.contains("the run: not exact: "), "\(reweight.output)")
    // Chains without weights have no log Z.
    let unweight = try Tool.run(
      ["unweight", "out/run-000-nets", "--output", "chains"], in: scratch)
    #expect(unweight.code == 0 && !unweight.errors.contains("exact"), "\(unweight.errors)")
  }

  /// A drift that was packed serves another sweep; one that does not fit is refused, and nothing is
  /// written.
  @Test func driftsAreHandedOn() throws {
    let scratch = try Scratch()
    try scratch.write(Self.tiny, to: "tiny.yaml")
    #expect(try Tool.run(["train", "tiny.yaml"], in: scratch).code == 0)
    #expect(try Tool.run(["pack", "out/drift-002-nets", "drift.h5"], in: scratch).code == 0)
    #expect(try Tool.run(["verify", "drift.h5"], in: scratch).code == 0)
    let other = Self.tiny.replacing(
      ", training_walkers: 300, training_slices: 12", with: ", drift: drift.h5")
    try scratch.write(other, to: "other.yaml")
    let run = try Tool.run(["run", "other.yaml", "--output", "other"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let reader = try HDF5EnsembleReader(scratch("other/run-002-nets"))
    #expect(reader.attributes(of: "drift")["file"] == .text("drift.h5"))
    #expect(!scratch.exists("other/drift-002-nets"))

    try scratch.write(other.replacing("lambda: 5", with: "lambda: 4"), to: "wrong.yaml")
    for command in [["run"], ["train"], ["plan"]] {
      let refused = try Tool.run(command + ["wrong.yaml"], in: scratch)
      #expect(refused.code == 2)
      #expect(
        refused.errors.contains(
          "wrong.yaml: samplers.nets.drift: drift.h5: the drift was trained with theory.lambda = 5, "
            + "which is 4 in the run nets"), "\(refused.errors)")
    }
    let written = try Tool.run(["run", "wrong.yaml", "--output", "new"], in: scratch)
    #expect(written.code == 2 && !scratch.exists("new"))
  }

  @Test func trainRefusesWhatItCannotDo() throws {
    let scratch = try Scratch()
    try scratch.write(SweepText.tiny, to: "tiny.yaml")
    let none = try Tool.run(["train", "tiny.yaml"], in: scratch)
    #expect(none.code == 2 && none.errors.contains("tiny.yaml: has nothing to train"))
    #expect(!scratch.exists("out"))
    try scratch.write(Self.tiny, to: "nets.yaml")
    #expect(try Tool.run(["train", "nets.yaml"], in: scratch).code == 0)
    try scratch.write(Self.tiny.replacing("seed: 9", with: "seed: 10"), to: "other.yaml")
    let other = try Tool.run(["train", "other.yaml"], in: scratch)
    #expect(other.code == 2 && other.errors.contains("out: holds a sweep of another file"))
    let run = try Tool.run(["run", "other.yaml"], in: scratch)
    #expect(run.code == 2 && run.errors.contains("holds a sweep already"))
    let forced = try Tool.run(["run", "other.yaml", "--force"], in: scratch)
    #expect(forced.code == 0 && forced.errors.contains("nets: training"), "\(forced.errors)")
  }
}
