// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Lattices

/// One thread's evaluation of spectral drifts of one plan, two walkers at a time.
final class SpectralWorker {
  /// Unowned: workers wait in their plan to be used again.
  private unowned let plan: SpectralPlan
  private let smooth: SmoothedFields
  private let features: [PairBuffer]
  /// The modes of the fields and of the local features, as they are added up.
  private let modes: [UnsafePointer<Double>?]
  private let sum: PairBuffer
  /// The linear kernels of both walkers, where features are gated by the mean field.
  private var gated: [[Double]]

  init(_ plan: SpectralPlan) {
    self.plan = plan
    let smooth = SmoothedFields(plan)
    self.smooth = smooth
    features = plan.locals.map { _ in PairBuffer(plan.lattice) }
    modes = [UnsafePointer(smooth.modes.numbers)] + features.map { UnsafePointer($0.numbers) }
    sum = PairBuffer(plan.lattice)
    let zeros = [Double](repeating: 0, count: plan.lattice.volume)
    gated = plan.gates.isEmpty ? [] : [zeros, zeros]
  }

  /// b and ∇·b of one or two fields.
  func velocities(
    _ kernels: SpectralKernels,
    _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>?,
    _ firstResult: UnsafeMutablePointer<Double>, _ secondResult: UnsafeMutablePointer<Double>?
  ) -> (Double, Double) {
    let volume = plan.lattice.volume
    // A field without partner is its own.
    let wild = smooth.load(first, second ?? first)
    var divergences = evaluate(kernels)
    // The modes are used up, which is where the other answer goes if nobody asked for it.
    df_pair_split(
      sum.numbers, firstResult, secondResult ?? smooth.modes.numbers, volume)
    if wild.isWild {
      firstResult.update(repeating: .nan, count: volume)
      divergences.0 = .nan
    }
    if let secondResult, wild.partnerIsWild {
      secondResult.update(repeating: .nan, count: volume)
      divergences.1 = .nan
    }
    return divergences
  }

  /// Leaves both velocities in `sum`.
  private func evaluate(_ kernels: SpectralKernels) -> (Double, Double) {
    let volume = plan.lattice.volume
    var divergences = (kernels.linearTrace, kernels.linearTrace)
    for (local, feature) in zip(plan.locals, features) {
      let sums = smooth.make(local, into: feature)
      plan.transform.forward(feature)
      let traces = kernels.traces[local.number]
      divergences.0 += traces.0 * sums[0] + traces.1 * sums[2]
      divergences.1 += traces.0 * sums[1] + traces.1 * sums[3]
    }
    let means = smooth.means
    if plan.gates.isEmpty {
      df_pair_combine(modes, kernels.factors, modes.count, sum.numbers, volume)
    } else {
      // The first, which is linear in the modes, has a kernel for each walker.
      modes.withUnsafeBufferPointer { modes in
        kernels.factors.withUnsafeBufferPointer { factors in
          df_pair_combine(
            modes.baseAddress! + 1, factors.baseAddress! + 1, modes.count - 1, sum.numbers, volume)
        }
      }
      divergences.0 += gate(0, kernels, means.0)
      divergences.1 += gate(1, kernels, means.1)
      df_pair_accumulate_each(
        smooth.modes.numbers, gated[0], gated[1], plan.opposite, sum.numbers, volume)
    }
    for ((_, frequency), weight) in zip(plan.means, kernels.means) {
      sum.numbers[0] += weight * sin(frequency * means.0)
      sum.numbers[1] += weight * sin(frequency * means.1)
      divergences.0 += weight * frequency * cos(frequency * means.0)
      divergences.1 += weight * frequency * cos(frequency * means.1)
    }
    plan.transform.backward(sum)
    return divergences
  }

  /// Makes the linear kernel of one walker, whose mean field is given; returns what the gates add to its
  /// divergence.
  private func gate(_ walker: Int, _ kernels: SpectralKernels, _ mean: Double) -> Double {
    let volume = plan.lattice.volume
    var divergence = 0.0
    gated[walker].withUnsafeMutableBufferPointer { total in
      let total = total.baseAddress!
      total.update(from: kernels.linear, count: volume)
      for (index, (number, frequency)) in plan.gates.enumerated() {
        let gate = cos(frequency * mean)
        let kernel = kernels.gate(index)
        df_field_move(total, gate, kernel, total, volume)
        divergence +=
          gate * kernels.traces[number].0
          - frequency * sin(frequency * mean) * mean * kernel[0] * Double(volume)
      }
    }
    return divergence
  }
}
