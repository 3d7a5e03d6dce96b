// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Networks
import RandomStreams
import Transport

/// A training step of a drift network on one thread: value, divergence and gradient of
/// mean |∇·b − ∇U·b − ∂_tU + ∂_tF|² by all parameters, kernels transformed anew as after every step.
///
/// Three convolutions and two nonlinear layers on 64 fields of 32x32, as in `torch_network.py`.
struct NetworkStep {
  let channels: Int
  /// Whether the divergence is one probe's estimate rather than exact.
  let usesProbe: Bool

  static let count = 64
  static let lattice = Lattice(extents: [32, 32])

  private static func normals(_ step: Int) -> Configurations {
    var batch = Configurations(count: count, dimension: lattice.volume)
    batch.withMutableRows {
      RandomStreams(seed: 1).fillNormals(
        $0, count: count * lattice.volume, purpose: .initialField, walker: 0, step: step)
    }
    return batch
  }

  /// Seconds of processor time of a step.
  func time(seconds: Double) -> Timing {
    let architecture = ConvolutionArchitecture(
      channels: channels, layers: 2, inputScales: [0], timeOrder: nil, outputScale: 0.1)
    let streams = RandomStreams(seed: 2)
    return usesProbe
      ? time(DeepConvolutionDrift(Self.lattice, architecture, using: streams), seconds)
      : time(ConvolutionDrift(Self.lattice, architecture, using: streams), seconds)
  }

  private func time<D: TrainableDrift>(_ drift: D, _ seconds: Double) -> Timing {
    let (phi, energyGradients) = (Self.normals(0), Self.normals(1))
    let rates = Array(Self.normals(2).values.prefix(Self.count))
    var probes = Self.normals(3)
    for index in probes.values.indices { probes.values[index] = probes.values[index] < 0 ? -1 : 1 }
    let (given, times) = (usesProbe ? probes : nil, Array(repeating: 0.5, count: Self.count))
    let factor = 2 / Double(Self.count)
    return Timing.ofProcessor(seconds: seconds) {
      var drift = drift
      drift.parameters = drift.parameters
      let result = drift.gradient(of: phi, at: times, probes: given, workers: Workers(1)) {
        members, values in
        var bars = values
        for (place, member) in members.enumerated() {
          let forces = energyGradients[member]
          let work = zip(values.velocities[place], forces).reduce(0) { $0 + $1.0 * $1.1 }
          let bar = factor * (values.divergences[place] - work - rates[member])
          bars.divergences[place] = bar
          bars.velocities[place] = ArraySlice(forces.map { -bar * $0 })
        }
        return bars
      }
      precondition(result.gradient.allSatisfy { $0.isFinite })
    }
  }

  static func show(seconds: Double) {
    print("Training step of a drift of three convolutions, 64 fields of 32x32, one thread,")
    print("processor time in ms: median, median deviation, least")
    for channels in [8, 16] {
      for usesProbe in [false, true] {
        let timing = NetworkStep(channels: channels, usesProbe: usesProbe).time(seconds: seconds)
        print(
          String(
            format: "  %2d channels, %@ %7.1f %6.1f %7.1f", channels,
            usesProbe ? "one probe       " : "exact divergence", timing.median * 1e3,
            timing.deviation * 1e3, timing.least * 1e3))
      }
    }
  }
}
