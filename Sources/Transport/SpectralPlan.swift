// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Foundation
import Lattices

/// What does not depend on time in the evaluation of a spectral drift: its features by kind, the
/// smoothing kernels and the transform.
final class SpectralPlan: Sendable {
  /// A feature that is made site by site of smoothed fields, and transformed.
  struct Local: Sendable {
    enum Kind: Sendable {
      case sine
      /// The number of the carrier's smoothing.
      case gate(carrier: Int)
    }
    let number: Int
    let kind: Kind
    let frequency: Double
    /// The number of the smoothing.
    let scale: Int
  }

  let lattice: Lattice
  let transform: PairTransform
  /// G_s(p)/V for each smoothing, with the factor of the backward transform; nil for s = 0, G = 1.
  let smoothings: [[Double]?]
  let locals: [Local]
  let gates: [(number: Int, frequency: Double)]
  let means: [(number: Int, frequency: Double)]
  /// The numbers of the features h = φ.
  let fields: [Int]
  let opposite: [Int32]

  init(_ lattice: Lattice, features: [SpectralFeature]) {
    self.lattice = lattice
    transform = PairTransform(lattice)
    var scales: [Double] = []
    func scale(_ smoothing: Double) -> Int {
      if let known = scales.firstIndex(of: smoothing) { return known }
      scales.append(smoothing)
      return scales.count - 1
    }
    var locals: [Local] = []
    var gates: [(number: Int, frequency: Double)] = []
    var means: [(number: Int, frequency: Double)] = []
    var fields: [Int] = []
    for (number, feature) in features.enumerated() {
      switch feature {
      case .field: fields.append(number)
      case .sine(let frequency, let smoothing):
        locals.append(
          Local(number: number, kind: .sine, frequency: frequency, scale: scale(smoothing)))
      case .gate(let frequency, let smoothing, let carrier):
        locals.append(
          Local(
            number: number, kind: .gate(carrier: scale(carrier)), frequency: frequency,
            scale: scale(smoothing)))
      case .gatedField(let frequency): gates.append((number, frequency))
      case .mean(let frequency): means.append((number, frequency))
      }
    }
    self.locals = locals
    self.gates = gates
    self.means = means
    self.fields = fields
    let volume = Double(lattice.volume)
    smoothings = scales.map { smoothing in
      smoothing == 0 ? nil : Self.smoothing(lattice, smoothing).map { $0 / volume }
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
  /// For each feature what its sums over sites are to be multiplied with in the divergence:
  /// ω V^-1 Σ_p Ŵ G_s of a sine, V^-1 Σ_p Ŵ G_c and V^-1 Σ_p Ŵ G_s of a gate, Σ_p Ŵ of a gated field.
  let traces: [(Double, Double)]
  /// Σ_p of the linear kernel.
  let linearTrace: Double

  init(
    features: [SpectralFeature], basis: KernelBasis, weights: [Double], plan: SpectralPlan,
    reference: [Double]
  ) {
    let volume = Double(plan.lattice.volume)
    var kernels: [[Double]] = []
    var traces: [(Double, Double)] = []
    var linear = reference
    var next = 0
    for feature in features {
      guard feature.hasKernel else {
        kernels.append([weights[next]])
        traces.append((0, 0))
        next += 1
        continue
      }
      let kernel = basis.kernel(weights[next..<next + basis.count])
      next += basis.count
      if case .field = feature {
        for mode in linear.indices { linear[mode] += kernel[mode] }
      }
      traces.append(feature.traces(of: kernel, on: plan.lattice))
      kernels.append(kernel.map { $0 / volume })
    }
    self.kernels = kernels
    self.traces = traces
    linearTrace = linear.reduce(0, +)
    self.linear = linear.map { $0 / volume }
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
