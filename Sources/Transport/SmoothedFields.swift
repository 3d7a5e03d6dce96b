// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Lattices

/// A pair of fields, their modes and their smoothed copies, of which local features are made.
final class SmoothedFields {
  /// Unowned: workers wait in their plan to be used again.
  private unowned let plan: SpectralPlan
  private let fields: PairBuffer
  let modes: PairBuffer
  /// One for each smoothing: the fields themselves where there is none.
  private let smoothed: [PairBuffer]

  init(_ plan: SpectralPlan) {
    self.plan = plan
    let fields = PairBuffer(plan.lattice)
    self.fields = fields
    modes = PairBuffer(plan.lattice)
    smoothed = plan.smoothings.map { $0 == nil ? fields : PairBuffer(plan.lattice) }
  }

  /// Takes two fields, zeros for one that has no velocity, and says which those are.
  func load(
    _ first: UnsafePointer<Double>, _ second: UnsafePointer<Double>
  ) -> (isWild: Bool, partnerIsWild: Bool) {
    let volume = plan.lattice.volume
    let wild = df_pair_join(first, second, fields.numbers, volume, SpectralPlan.largestField)
    plan.transform.forward(fields, to: modes)
    for (buffer, kernel) in zip(smoothed, plan.smoothings) {
      guard let kernel else { continue }
      df_pair_scale(modes.numbers, kernel, buffer.numbers, volume)
      plan.transform.backward(buffer)
    }
    return (wild & 1 != 0, wild & 2 != 0)
  }

  /// M of both fields.
  var means: (Double, Double) {
    let volume = Double(plan.lattice.volume)
    return (modes.numbers[0] / volume, modes.numbers[1] / volume)
  }

  /// The feature of both fields, and the sums over sites that its divergence is made of: of each field
  /// the first, then of each the second.
  func make(_ local: SpectralPlan.Local, into feature: PairBuffer) -> SIMD4<Double> {
    var sums = SIMD4<Double>(repeating: 0)
    let inner = smoothed[local.scale].numbers
    withUnsafeMutableBytes(of: &sums) { raw in
      let sums = raw.assumingMemoryBound(to: Double.self).baseAddress!
      switch local.kind {
      case .sine:
        df_pair_sines(inner, local.frequency, feature.numbers, plan.lattice.volume, sums)
      case .gate(let carrier):
        df_pair_gates(
          smoothed[carrier].numbers, inner, local.frequency, feature.numbers,
          plan.lattice.volume, sums)
      }
    }
    return sums
  }
}
