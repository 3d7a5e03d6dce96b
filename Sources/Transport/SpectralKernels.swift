// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices

/// The kernels of a spectral drift at one time, with the factor 1/V of the backward transform.
final class SpectralKernels: @unchecked Sendable {
  // Unchecked: nothing changes after init.
  /// Ŵ(p)/V: first that of the reference and of the features h = φ together, then those of the local
  /// features, then those of the gated fields.
  private let rows: UnsafeMutablePointer<Double>
  private let volume: Int
  private let locals: Int
  /// The rows of the linear kernel and of the local features, as they are added up.
  let factors: [UnsafePointer<Double>?]
  /// The weights of the features of the mean field.
  let means: [Double]
  /// For each feature what its sums over sites are to be multiplied with in the divergence:
  /// ω V^-1 Σ_p Ŵ G_s of a sine, V^-1 Σ_p Ŵ G_c and V^-1 Σ_p Ŵ G_s of a gate, Σ_p Ŵ of a gated field.
  let traces: [(Double, Double)]
  /// Σ_p of the linear kernel.
  let linearTrace: Double

  init(
    features: [SpectralFeature], basis: KernelBasis, weights: [Double], plan: SpectralPlan,
    reference: [Double]
  ) {
    let volume = plan.lattice.volume
    self.volume = volume
    locals = plan.locals.count
    let rows = UnsafeMutablePointer<Double>.allocate(
      capacity: (1 + plan.locals.count + plan.gates.count) * volume)
    self.rows = rows
    factors = (0...plan.locals.count).map { UnsafePointer(rows + $0 * volume) }
    var places = [Int: Int](
      uniqueKeysWithValues: plan.locals.enumerated().map { ($1.number, 1 + $0) })
    for (index, gate) in plan.gates.enumerated() { places[gate.number] = 1 + locals + index }
    var traces: [(Double, Double)] = []
    var means: [Double] = []
    var linear = reference
    var next = 0
    func fill(_ row: Int, _ kernel: [Double]) {
      for mode in 0..<volume { rows[row * volume + mode] = kernel[mode] / Double(volume) }
    }
    for (number, feature) in features.enumerated() {
      guard feature.hasKernel else {
        means.append(weights[next])
        traces.append((0, 0))
        next += 1
        continue
      }
      let kernel = basis.kernel(weights[next..<next + basis.count])
      next += basis.count
      traces.append(feature.traces(of: kernel, on: plan.lattice))
      if let place = places[number] {
        fill(place, kernel)
      } else {
        for mode in linear.indices { linear[mode] += kernel[mode] }
      }
    }
    fill(0, linear)
    self.means = means
    self.traces = traces
    linearTrace = linear.reduce(0, +)
  }

  deinit { rows.deallocate() }

  var linear: UnsafePointer<Double> { UnsafePointer(rows) }

  /// That of a gated field, by its place among them.
  func gate(_ index: Int) -> UnsafePointer<Double> {
    UnsafePointer(rows + (1 + locals + index) * volume)
  }
}

extension SpectralFeature {
  /// What the feature's sums over sites are to be multiplied with in the divergence of Ŵ ĥ.
  func traces(of kernel: [Double], on lattice: Lattice) -> (Double, Double) {
    /// V^-1 Σ_p Ŵ(p) G_s(p).
    func overlap(_ smoothing: Double) -> Double {
      let smoothed = SpectralPlan.smoothing(lattice, smoothing)
      return zip(kernel, smoothed).reduce(0) { $0 + $1.0 * $1.1 } / Double(lattice.volume)
    }
    switch self {
    case .field, .gatedField: return (kernel.reduce(0, +), 0)
    case .sine(let frequency, let smoothing): return (frequency * overlap(smoothing), 0)
    case .gate(_, let smoothing, let carrier): return (overlap(carrier), overlap(smoothing))
    case .mean: return (0, 0)
    }
  }
}

/// The kernels of many times, made once for all groups of walkers, which take many steps one after the
/// other.
final class SpectralKernelCache: @unchecked Sendable {
  // Unchecked: the lock guards everything.
  private let lock = NSLock()
  private let capacity: Int
  private var kernels: [Double: SpectralKernels] = [:]

  /// As many times as fit into a quarter of a gigabyte, at `size` numbers each.
  init(size: Int) { capacity = max(8, 1 << 25 / max(size, 1)) }

  func value(at time: Double, make: () -> SpectralKernels) -> SpectralKernels {
    lock.withLock {
      if let found = kernels[time] { return found }
      let made = make()
      // Groups come back to the same times in the same order: any is as good to give up as the oldest.
      if kernels.count >= capacity { kernels.remove(at: kernels.startIndex) }
      kernels[time] = made
      return made
    }
  }
}
