// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Lattices

/// What does not depend on time in the evaluation of a spectral drift: its features sorted by
/// smoothing, the smoothing kernels and the transform.
final class SpectralPlan: Sendable {
  /// The features of one smoothing s.
  struct Scale: Sendable {
    let smoothing: Double
    /// G_s(p)/V, with the factor of the backward transform; nil for s = 0, G = 1.
    let kernel: [Double]?
    let features: [(number: Int, frequency: Double)]
  }

  let lattice: Lattice
  let transform: PairTransform
  let scales: [Scale]
  let gates: [(number: Int, frequency: Double)]
  let means: [(number: Int, frequency: Double)]
  /// The numbers of the features h = φ.
  let fields: [Int]
  let opposite: [Int32]

  init(_ lattice: Lattice, features: [SpectralFeature]) {
    self.lattice = lattice
    transform = PairTransform(lattice)
    var sines: [Double: [(number: Int, frequency: Double)]] = [:]
    var gates: [(number: Int, frequency: Double)] = []
    var means: [(number: Int, frequency: Double)] = []
    var fields: [Int] = []
    for (number, feature) in features.enumerated() {
      switch feature {
      case .field: fields.append(number)
      case .sine(let frequency, let smoothing):
        sines[smoothing, default: []].append((number, frequency))
      case .gatedField(let frequency): gates.append((number, frequency))
      case .mean(let frequency): means.append((number, frequency))
      }
    }
    self.gates = gates
    self.means = means
    self.fields = fields
    let volume = Double(lattice.volume)
    scales = sines.keys.sorted().map { smoothing in
      Scale(
        smoothing: smoothing,
        kernel: smoothing == 0
          ? nil : Self.smoothing(lattice, smoothing).map { $0 / volume },
        features: sines[smoothing] ?? [])
    }
    opposite = (0..<lattice.volume).map { Int32(lattice.opposite($0)) }
  }

  /// G_s(p) = 1/(1 + s² p̂²) for every momentum.
  static func smoothing(_ lattice: Lattice, _ smoothing: Double) -> [Double] {
    lattice.momentaSquared().map { 1 / (1 + smoothing * smoothing * $0) }
  }

  /// Fields with larger numbers have no velocity.
  static let largestField = 1e5
}

/// The kernels of a spectral drift at one time, with the factor 1/V of the backward transform.
final class SpectralKernels: Sendable {
  /// For each feature Ŵ(p)/V; for a feature of the mean field its one number.
  let kernels: [[Double]]
  /// That of the reference and of the features h = φ together.
  let linear: [Double]
  /// For each feature what its cosines are to be multiplied with in the divergence: ω V^-1 Σ_p Ŵ G_s of
  /// a sine, Σ_p Ŵ of a gated field.
  let traces: [Double]
  /// Σ_p of the linear kernel.
  let linearTrace: Double

  init(
    features: [SpectralFeature], basis: KernelBasis, weights: [Double], plan: SpectralPlan,
    reference: [Double]
  ) {
    let volume = Double(plan.lattice.volume)
    var kernels: [[Double]] = []
    var traces: [Double] = []
    var linear = reference
    var next = 0
    for feature in features {
      guard feature.hasKernel else {
        kernels.append([weights[next]])
        traces.append(0)
        next += 1
        continue
      }
      let kernel = basis.kernel(weights[next..<next + basis.count])
      next += basis.count
      switch feature {
      case .field:
        for mode in linear.indices { linear[mode] += kernel[mode] }
        traces.append(0)
      case .sine(let frequency, let smoothing):
        let smoothing = SpectralPlan.smoothing(plan.lattice, smoothing)
        traces.append(frequency * zip(kernel, smoothing).reduce(0) { $0 + $1.0 * $1.1 } / volume)
      case .gatedField: traces.append(kernel.reduce(0, +))
      case .mean: traces.append(0)
      }
      kernels.append(kernel.map { $0 / volume })
    }
    self.kernels = kernels
    self.traces = traces
    linearTrace = linear.reduce(0, +)
    self.linear = linear.map { $0 / volume }
  }
}

/// One thread's evaluation of a spectral drift, two walkers at a time.
final class SpectralWorker {
  private let plan: SpectralPlan
  private let kernels: SpectralKernels
  private let modes: PairBuffer
  private let smooth: PairBuffer
  private let feature: PairBuffer
  private let sum: PairBuffer
  private var gated: [[Double]]
  private let zeros: [Double]

  init(_ plan: SpectralPlan, _ kernels: SpectralKernels) {
    self.plan = plan
    self.kernels = kernels
    modes = PairBuffer(plan.lattice)
    smooth = PairBuffer(plan.lattice)
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
    if plan.scales.first?.kernel == nil, !plan.scales.isEmpty { smooth.copy(from: modes) }
    plan.transform.forward(modes)
    let mean = (modes.numbers[0] / Double(volume), modes.numbers[1] / Double(volume))
    var divergences = (kernels.linearTrace, kernels.linearTrace)
    addLinear(mean, &divergences)
    for scale in plan.scales {
      if let kernel = scale.kernel {
        df_pair_scale(modes.numbers, kernel, smooth.numbers, volume)
        plan.transform.backward(smooth)
      }
      for (number, frequency) in scale.features {
        var cosines = (0.0, 0.0)
        withUnsafeMutablePointer(to: &cosines) {
          $0.withMemoryRebound(to: Double.self, capacity: 2) {
            df_pair_sines(smooth.numbers, frequency, feature.numbers, volume, $0)
          }
        }
        plan.transform.forward(feature)
        df_pair_accumulate(feature.numbers, kernels.kernels[number], sum.numbers, volume)
        divergences.0 += kernels.traces[number] * cosines.0
        divergences.1 += kernels.traces[number] * cosines.1
      }
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
              gate * kernels.traces[number]
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
