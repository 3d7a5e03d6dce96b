// SPDX-License-Identifier: GPL-3.0-or-later
import Citations
import Ensembles
import Sweeps
import Testing

/// What is cited for runs whose files say what the runs of a sweep file say.
@Suite struct BibliographyTests {
  private static func keys(_ samplers: String, measure: String = "[moments]") throws -> [String] {
    let text = """
      seed: 1
      output: nowhere
      theory: {name: phi4, parametrisation: unhalved, m2: -4, lambda: 5}
      lattice: {extents: [4, 4]}
      samplers: [\(samplers)]
      measure: {observables: \(measure)}
      """
    var bibliography = Bibliography()
    for run in try SweepDefinition(parsing: text, fileName: "test.yaml").runs {
      let layout = run.layout(title: "", sweepText: "")
      try bibliography.add(MemoryEnsemble(layout: layout))
    }
    return bibliography.citations.map(\.publication.key)
  }

  static let chains: [(String, [String])] = [
    ("method: hmc", ["Duane1987", "Omelyan2003", "Hoffman2014"]),
    ("method: hmc, scheme: leapfrog, tune: false", ["Duane1987"]),
    ("method: hmc, scheme: fourth-order, tune: false", ["Duane1987", "Omelyan2003"]),
    (
      "method: hmc, scheme: leapfrog, tune: false, cluster: 2",
      ["Duane1987", "Brower1989", "Wolff1989"]
    ),
    ("method: mala, tune: false", ["Roberts1996"]),
    ("method: metropolis, tune: false", ["Metropolis1953"]),
    ("method: metropolis", ["Metropolis1953", "Hoffman2014"]),
  ]

  @Test(arguments: chains) func chainsCiteTheirUpdates(_ sampler: String, _ own: [String]) throws {
    let found = try Self.keys("{\(sampler), trajectories: 100}")
    #expect(found == ["Driftfield"] + own + ["Binder1981", "Wolff2004", "Salmon2011"])
  }

  @Test func fourierAccelerationIsCitedWithItsTransforms() throws {
    let found = try Self.keys(
      "{method: fourier-hmc, scheme: leapfrog, tune: false, mass2: 1, trajectories: 100}",
      measure: "[correlator]")
    #expect(
      found == [
        "Driftfield", "Duane1987", "Batrouni1985", "Duane1986", "Cooper1982", "Wolff2004",
        "Salmon2011", "Frigo2005",
      ])
  }

  private static let works = ["Neal2001", "Jarzynski1997", "Crooks1998"]
  static let walkers: [(String, own: [String], analysis: [String])] = [
    ("method: ais, transition: hmc, scheme: leapfrog", ["Duane1987"], []),
    ("method: ais, transition: ula", ["Roberts1996"], []),
    ("method: ais, transition: langevin, splitting: baoab", [], []),
    ("method: ais, transition: langevin, splitting: obabo", [], []),
    ("method: smc, transition: metropolis", ["Metropolis1953"], []),
    ("method: ais, transition: mala, reverse: 3", ["Roberts1996"], ["Crooks1999", "Bennett1976"]),
    ("method: nets, transition: mala", ["Roberts1996"], []),
  ]

  @Test(arguments: walkers) func walkersCiteTheirWeights(
    _ sampler: String, _ own: [String], _ analysis: [String]
  ) throws {
    let found = try Self.keys(
      "{\(sampler), tune: false, schedule: uniform, path_steps: 10, walkers: 10}")
    var expected = ["Driftfield"] + own + Self.works
    if sampler.contains("ula") || sampler.contains("langevin") || sampler.contains("nets") {
      expected.append("Nilmeier2011")
    }
    if sampler.contains("langevin") { expected.append("Sivak2013") }
    if sampler.contains("baoab") { expected.append("Leimkuhler2013") }
    if sampler.contains("obabo") { expected.append("Bussi2007") }
    if sampler.contains("smc") { expected += ["DelMoral2006", "Douc2005"] }
    if sampler.contains("nets") { expected.append("Albergo2024") }
    expected += ["Binder1981", "Kish1965", "Vehtari2024"] + analysis + ["Salmon2011", "Frigo2005"]
    #expect(found == expected)
  }

  @Test func anAdaptiveScheduleIsCited() throws {
    let found = try Self.keys("{method: ais, transition: hmc, walkers: 10, schedule: adaptive}")
    #expect(found.contains("Zhou2016"))
    #expect(found.contains("Hoffman2014"))
  }

  /// Several ensembles share what they have in common, in the order of the whole list.
  @Test func ensemblesAreJoined() throws {
    let both = try Self.keys(
      "{method: metropolis, trajectories: 9}, "
        + "{method: smc, transition: ula, walkers: 9, path_steps: 9}")
    #expect(Set(both).count == both.count)
    let order = Citation.all.map(\.publication.key)
    #expect(both == order.filter { both.contains($0) })
    for key in ["Metropolis1953", "DelMoral2006", "Wolff2004", "Kish1965"] {
      #expect(both.contains(key))
    }
  }

  /// Trained drifts, and runs along them.
  @Test func networksAndLinesOfCouplingsAreCited() throws {
    func keys(_ drift: [String: AttributeValue]) throws -> Set<String> {
      var bibliography = Bibliography()
      let sampler: [String: AttributeValue] = ["family": .text("drift"), "method": .text("nets")]
      let layout = EnsembleLayout(
        chains: 1, descriptions: ["drift": drift, "sampler": sampler], tables: [])
      try bibliography.add(MemoryEnsemble(layout: layout))
      return Set(bibliography.citations.map(\.publication.key))
    }
    let plain = try keys([:])
    #expect(plain == ["Driftfield", "Albergo2024", "Frigo2005"])
    #expect(try keys(["network": .text("convolution")]) == plain.union(["Kingma2014"]))
    #expect(try keys(["parameters": .integer(5)]) == plain.union(["Kingma2014"]))
    #expect(try keys(["coupling_nodes": .reals([1, 2])]) == plain.union(["Berrut2004"]))
  }

  /// The program has the versions that wrote the files.
  @Test func versionsAreThoseOfTheFiles() throws {
    var bibliography = Bibliography()
    #expect(bibliography.citations.isEmpty)
    for version in ["0.2.0", "0.1.0", "0.2.0"] {
      let layout = EnsembleLayout(chains: 1, attributes: ["version": .text(version)], tables: [])
      try bibliography.add(MemoryEnsemble(layout: layout))
    }
    #expect(bibliography.citations.map(\.publication) == [.driftfield(version: "0.1.0, 0.2.0")])
  }
}
