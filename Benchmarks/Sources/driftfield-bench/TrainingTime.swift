// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Transport

/// The training of a drift in closed form: 2000 walkers of 32x32, 50 steps, four features at each of
/// three scales, on two threads, from a free field into the broken phase.
enum TrainingTime {
  static func show() {
    let lattice = Lattice(extents: [32, 32])
    let path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.5))
    let features = [0.0, 1, 3].flatMap { smoothing -> [SpectralFeature] in
      [0.5, 1].map { .sine(frequency: $0, smoothing: smoothing) }
        + [1, 2].map { .gate(frequency: $0, smoothing: smoothing, carrier: 0) }
    }
    let basis = KernelBasis.standard(lattice)
    var training = ClosedFormTraining(path: path, features: features, basis: basis)
    training.walkers = 2000
    training.slices = 50
    training.workers = Workers(2)
    let sweeps = training.sweeps
    print(
      "Training, 2000 walkers of 32x32, 50 steps, 4 features at 3 scales,"
        + " \(SpectralDrift.weightCount(features, basis)) weights, \(sweeps) sweeps, two threads:")
    do {
      var result: ClosedFormTraining.Result?
      let time = try ContinuousClock().measure {
        result = try training.train(streams: RandomStreams(seed: 1))
      }
      let last = result?.slices.last
      print(
        String(
          format: "  %.1f s; the variance of the residual at the end: %.3g without weights,"
            + " %.3g with them",
          time / .seconds(1), last?.reference ?? .nan, last?.fitted ?? .nan))
    } catch {
      fail("\(error)")
    }
  }
}
