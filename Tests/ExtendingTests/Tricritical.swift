// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import HDF5Storage
import Lattices
import MonteCarlo
import Observables
import RandomStreams
import Statistics

/// Domain walls between the three wells of φ² (1 − φ²)², into a file that opens in Python like any other.
struct Tricritical {
  static func main() throws {
    let lattice = Lattice(extents: [8, 8])
    let theory = Phi6(lattice: lattice, massSquared: 1, quartic: -2, sextic: 1)
    let walls = DomainWalls(lattice: lattice)
    let observables: [any Observable] = [walls, SliceCorrelator(lattice: lattice)]
    let layout = EnsembleLayout(
      chains: 16,
      descriptions: [
        "theory": ["name": .text("phi6"), "m2": .real(1), "lambda": .real(-2), "g": .real(1)],
        "lattice": ["shape": .integers(lattice.extents)],
      ],
      tables: [Table(name: "observables", variables: observables.flatMap(\.variables))])
    let file = try HDF5EnsembleWriter(creating: "phi6", layout: layout)
    try sample(theory, measuring: observables, into: file)

    let density = try walls.density.estimate(from: Measurements(HDF5EnsembleReader("phi6")))
    print("w = \(density.uncertain), tau_int = \(density.tau)")
    print("log Z = \(try logZ(theory).uncertain)")
  }

  /// 2000 trajectories of HMC, after 400 that are not measured.
  static func sample(
    _ theory: Phi6, measuring observables: [any Observable], into file: any EnsembleWriter
  ) throws {
    var chains = Configurations(count: file.layout.chains, dimension: theory.dimension)
    let hmc = HMC(target: theory, steps: 8, length: 1)
    let (streams, workers) = (RandomStreams(seed: 7), Workers(2))
    for number in 0..<2400 {
      _ = hmc.update(
        &chains, in: UpdateContext(streams: streams, number: number, workers: workers))
      if number >= 400 {
        try file.append(
          row: number - 399, to: "observables", observables.measure(chains, workers: workers))
      }
    }
    try file.finish(RestartState(fields: chains, integers: ["update": 2400]), [:])
  }

  /// log Z from 2048 walkers, annealed from a free field.
  static func logZ(_ theory: Phi6) throws -> WeightedEstimate {
    let path = GeometricPath(from: FreeField(theory.lattice, massSquared: 0.5), to: theory)
    let sampler = AnnealedSampler(
      path: path, transition: KernelTransition.hmc(steps: 3),
      schedule: .uniform(100, stepSize: 0.2), streams: RandomStreams(seed: 8))
    var walkers = sampler.start(population: 0, count: 2048, workers: Workers(2))
    _ = try sampler.advance(&walkers, through: 0..<100, workers: Workers(2))
    var estimate = try LogWeights(walkers.logWeights).logMean
    estimate.value += path.start.logNormalizer
    return estimate
  }
}
