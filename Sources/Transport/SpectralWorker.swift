// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Lattices

/// The smoothed copies of a pair of fields, of which local features are made.
final class SmoothedFields {
  private let plan: SpectralPlan
  private let buffers: [PairBuffer]

  init(_ plan: SpectralPlan) {
    self.plan = plan
    buffers = plan.smoothings.map { _ in PairBuffer(plan.lattice) }
  }

  /// Keeps the field itself, where a feature is made of it.
  func prepare(_ fields: PairBuffer) {
    for (buffer, kernel) in zip(buffers, plan.smoothings) where kernel == nil {
      buffer.copy(from: fields)
    }
  }

  /// Smooths, from the modes.
  func fill(_ modes: PairBuffer) {
    for (buffer, kernel) in zip(buffers, plan.smoothings) {
      guard let kernel else { continue }
      df_pair_scale(modes.numbers, kernel, buffer.numbers, plan.lattice.volume)
      plan.transform.backward(buffer)
    }
  }

  /// The feature of both fields, and the sums over sites that its divergence is made of: of each field
  /// the first, then of each the second.
  func make(_ local: SpectralPlan.Local, into feature: PairBuffer) -> SIMD4<Double> {
    var sums = SIMD4<Double>(repeating: 0)
    let inner = buffers[local.scale].numbers
    withUnsafeMutableBytes(of: &sums) { raw in
      let sums = raw.assumingMemoryBound(to: Double.self).baseAddress!
      switch local.kind {
      case .sine:
        df_pair_sines(inner, local.frequency, feature.numbers, plan.lattice.volume, sums)
      case .gate(let carrier):
        df_pair_gates(
          buffers[carrier].numbers, inner, local.frequency, feature.numbers, plan.lattice.volume,
          sums)
      }
    }
    return sums
  }
}

/// One thread's evaluation of a spectral drift, two walkers at a time.
final class SpectralWorker {
  private let plan: SpectralPlan
  private let kernels: SpectralKernels
  private let modes: PairBuffer
  private let smooth: SmoothedFields
  private let feature: PairBuffer
  private let sum: PairBuffer
  private var gated: [[Double]]
  private let zeros: [Double]

  init(_ plan: SpectralPlan, _ kernels: SpectralKernels) {
    self.plan = plan
    self.kernels = kernels
    modes = PairBuffer(plan.lattice)
    smooth = SmoothedFields(plan)
    feature = PairBuffer(plan.lattice)
    sum = PairBuffer(plan.lattice)
    let volume = plan.lattice.volume
    gated = plan.gates.isEmpty ? [] : [[Double]](repeating: kernels.linear, count: 2)
    zeros = Array(repeating: 0, count: volume)
  }

  private func isTame(_ field: UnsafePointer<Double>) -> Bool {
    var largest = 0.0
    var sum = 0.0
    for x in 0..<plan.lattice.volume {
      largest = max(largest, abs(field[x]))
      sum += field[x]
    }
    return largest < SpectralPlan.largestField && !sum.isNaN
  }

  /// b and ∇·b of one or two fields.
  func velocities(
    _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>?,
    _ firstResult: UnsafeMutablePointer<Double>, _ secondResult: UnsafeMutablePointer<Double>?
  ) -> (Double, Double) {
    let volume = plan.lattice.volume
    let tame = (isTame(first), second.map(isTame) ?? false)
    var divergences = (0.0, 0.0)
    zeros.withUnsafeBufferPointer { zeros in
      let one = tame.0 ? first : zeros.baseAddress!
      let two = tame.1 ? second ?? zeros.baseAddress! : zeros.baseAddress!
      divergences = evaluate(one, two)
    }
    // The last buffer is free, for a partner that nobody asked for.
    df_pair_split(
      sum.numbers, firstResult, secondResult ?? feature.numbers, volume)
    if !tame.0 {
      firstResult.update(repeating: .nan, count: volume)
      divergences.0 = .nan
    }
    if let secondResult, !tame.1 {
      secondResult.update(repeating: .nan, count: volume)
      divergences.1 = .nan
    }
    return divergences
  }

  private func evaluate(
    _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>
  ) -> (Double, Double) {
    let volume = plan.lattice.volume
    df_pair_join(first, second, modes.numbers, volume)
    smooth.prepare(modes)
    plan.transform.forward(modes)
    smooth.fill(modes)
    let mean = (modes.numbers[0] / Double(volume), modes.numbers[1] / Double(volume))
    var divergences = (kernels.linearTrace, kernels.linearTrace)
    addLinear(mean, &divergences)
    for local in plan.locals {
      let sums = smooth.make(local, into: feature)
      let traces = kernels.traces[local.number]
      plan.transform.forward(feature)
      df_pair_accumulate(feature.numbers, kernels.kernels[local.number], sum.numbers, volume)
      divergences.0 += traces.0 * sums[0] + traces.1 * sums[2]
      divergences.1 += traces.0 * sums[1] + traces.1 * sums[3]
    }
    for (number, frequency) in plan.means {
      let weight = kernels.kernels[number][0]
      sum.numbers[0] += weight * sin(frequency * mean.0)
      sum.numbers[1] += weight * sin(frequency * mean.1)
      divergences.0 += weight * frequency * cos(frequency * mean.0)
      divergences.1 += weight * frequency * cos(frequency * mean.1)
    }
    plan.transform.backward(sum)
    return divergences
  }

  /// What is linear in the modes: one kernel for both walkers, or with gates one for each.
  private func addLinear(_ mean: (Double, Double), _ divergences: inout (Double, Double)) {
    let volume = plan.lattice.volume
    guard !plan.gates.isEmpty else {
      df_pair_scale(modes.numbers, kernels.linear, sum.numbers, volume)
      return
    }
    for walker in 0..<2 {
      let mean = walker == 0 ? mean.0 : mean.1
      var divergence = 0.0
      gated[walker].withUnsafeMutableBufferPointer { total in
        kernels.linear.withUnsafeBufferPointer { _ = total.update(fromContentsOf: $0) }
        for (number, frequency) in plan.gates {
          let gate = cos(frequency * mean)
          kernels.kernels[number].withUnsafeBufferPointer { kernel in
            for mode in 0..<volume { total[mode] += gate * kernel[mode] }
            divergence +=
              gate * kernels.traces[number].0
              - frequency * sin(frequency * mean) * mean * kernel[0] * Double(volume)
          }
        }
      }
      if walker == 0 { divergences.0 += divergence } else { divergences.1 += divergence }
    }
    sum.numbers.update(repeating: 0, count: 2 * volume)
    df_pair_accumulate_each(
      modes.numbers, gated[0], gated[1], plan.opposite, sum.numbers, volume)
  }
}
