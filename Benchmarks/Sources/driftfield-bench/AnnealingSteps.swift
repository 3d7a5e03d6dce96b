// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Targets

/// Annealed Langevin steps of 1000 walkers of 32x32 with couplings that change with each step: normals,
/// step, gradient and weight. Each walker goes through all steps of a block before the next one does,
/// so that it stays in the cache.
final class AnnealingSteps {
  private let walkers = 1000
  private let steps = 16
  private let stepSize = 0.01
  /// The couplings before the first step and after each.
  private let path: [Phi4]
  private let streams = RandomStreams(seed: 1)
  private var fields: Configurations
  private var gradients: Configurations
  private var energies: [Double]
  private var logWeights: [Double]

  init() {
    let lattice = Lattice(extents: [32, 32])
    let last = Double(steps)
    path = (0...steps).map {
      Phi4(
        lattice: lattice, massSquared: 1 - 1.5 * Double($0) / last,
        coupling: 0.5 * Double($0) / last)
    }
    energies = Array(repeating: 0, count: walkers)
    logWeights = energies
    fields = Configurations(count: walkers, dimension: lattice.volume)
    gradients = fields
    let streams = streams
    fields.withMutableRows { rows in
      for walker in 0..<walkers {
        streams.fillNormals(
          rows + walker * lattice.volume, count: lattice.volume, purpose: .initialField,
          walker: walker, step: 0)
      }
    }
    for index in fields.values.indices { fields.values[index] *= 0.3 }
    path[0].gradients(of: fields, into: &gradients, energies: &energies)
  }

  /// Which parts of a step are done.
  enum Parts { case normals, kernel, all }

  /// All steps of all walkers once.
  private func run(_ parts: Parts, threads: Int) {
    let volume = fields.dimension
    let path = path
    let streams = streams
    let (steps, stepSize) = (steps, stepSize)
    fields.withMutableRows { fields in
      gradients.withMutableRows { gradients in
        logWeights.withUnsafeMutableBufferPointer { logWeights in
          energies.withUnsafeMutableBufferPointer { energies in
            let (fields, gradients) = (SharedRows(fields), SharedRows(gradients))
            let (logWeights, energies) = (
              SharedRows(logWeights.baseAddress!), SharedRows(energies.baseAddress!)
            )
            Workers(threads).forEach(walkers) { range in
              let noise = UnsafeMutablePointer<Double>.allocate(capacity: volume)
              let workspace = UnsafeMutableRawPointer.allocate(
                byteCount: path[0].workspaceBytes, alignment: 64)
              defer {
                noise.deallocate()
                workspace.deallocate()
              }
              noise.initialize(repeating: 0.5, count: volume)
              for walker in range {
                for step in 1...steps {
                  if parts != .kernel {
                    streams.fillNormals(
                      noise, count: volume, purpose: .noise, walker: walker, step: step)
                  }
                  if parts == .normals { continue }
                  let result = path[step].langevinStep(
                    position: fields.pointer + walker * volume,
                    gradient: gradients.pointer + walker * volume, noise: noise,
                    stepSize: stepSize, workspace: workspace)
                  logWeights.pointer[walker] +=
                    energies.pointer[walker] - result.energy + result.logRatio
                  energies.pointer[walker] = result.energy
                }
              }
            }
          }
        }
      }
    }
  }

  /// 10⁶ site updates a second.
  func rate(_ parts: Parts = .all, threads: Int = 1, seconds: Double) -> Double {
    let timing = Timing.of(seconds: seconds) { run(parts, threads: threads) }
    return Double(walkers * steps * fields.dimension) / timing.median * 1e-6
  }

  /// The parts and the whole, in turn.
  func show(seconds: Double, rounds: Int = 5) {
    print("Annealed Langevin steps, 1000 walkers of 32x32, one thread, 10^6 site updates a second")
    var ratios: [Double] = []
    for _ in 0..<rounds {
      let kernel = rate(.kernel, seconds: seconds / 4)
      let normals = rate(.normals, seconds: seconds / 4)
      let whole = rate(seconds: seconds / 4)
      let sum = 1 / (1 / kernel + 1 / normals)
      ratios.append(sum / whole)
      print(
        String(
          format: "  kernel %6.0f   normals %6.0f   both by their sum %6.0f   whole %6.0f"
            + "   time of whole / sum %5.2f", kernel, normals, sum, whole, sum / whole))
    }
    print(String(format: "  time of whole / sum: median %.2f", Timing.median(ratios)))
  }

  /// One thread and two, in turn.
  func showThreads(seconds: Double, rounds: Int = 7) {
    print("The same on two threads, in turn:")
    var ratios: [Double] = []
    for _ in 0..<rounds {
      let one = rate(threads: 1, seconds: seconds / 4)
      let two = rate(threads: 2, seconds: seconds / 4)
      ratios.append(two / one)
      print(
        String(format: "  one thread %6.0f   two threads %6.0f   ratio %5.2f", one, two, two / one))
    }
    print(String(format: "  ratio: median %.2f", Timing.median(ratios)))
  }
}
