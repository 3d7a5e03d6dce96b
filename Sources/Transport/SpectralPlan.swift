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
  /// The scratch memory of threads that evaluate.
  private let workers = SpectralWorkerPool()

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

  /// Lends a worker, of which there are as many as threads that evaluate at the same time.
  func withWorker(_ body: (SpectralWorker) -> Void) {
    let worker = workers.take() ?? SpectralWorker(self)
    body(worker)
    workers.put(worker)
  }

  /// Those of a pair in one evaluation: the fields and back, smoothed fields, local features.
  var transforms: Int { 2 + smoothings.count { $0 != nil } + locals.count }

  /// G_s(p) = 1/(1 + s² p̂²) for every momentum.
  static func smoothing(_ lattice: Lattice, _ smoothing: Double) -> [Double] {
    lattice.momentaSquared().map { 1 / (1 + smoothing * smoothing * $0) }
  }

  /// Fields with larger numbers have no velocity.
  static let largestField = 1e5
}

/// Workers that nobody uses at the moment.
private final class SpectralWorkerPool: @unchecked Sendable {
  // Unchecked: the lock guards everything, and a worker belongs to one thread while it is out.
  private let lock = NSLock()
  private var idle: [SpectralWorker] = []

  func take() -> SpectralWorker? { lock.withLock { idle.popLast() } }

  func put(_ worker: SpectralWorker) { lock.withLock { idle.append(worker) } }
}
