// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles
import Foundation
import Lattices

/// The zero-momentum two-point function and the smallest momenta.
///
/// With the slice sums Φ_μ(t) = Σ_{x: x_μ = t} φ_x,
///
///     G(t) = V^-1 Σ_{t0} Φ_μ(t0) Φ_μ(t0 + t),   averaged over the directions of the longest extent
///     F_μ = V^-1 |Σ_t exp(2πi t/L_μ) Φ_μ(t)|²
///
/// so that Σ_t G(t) = V m² and F_μ = G̃ at the smallest momentum along μ. G(t) = G(T − t) holds for
/// every configuration: t runs over 0 ... T/2.
public struct SliceCorrelator: Observable {
  public let lattice: Lattice
  private let extents: [Int32]
  private let waves: [[(cosine: Double, sine: Double)]]

  public init(lattice: Lattice) {
    self.lattice = lattice
    extents = lattice.extents.map { Int32($0) }
    waves = lattice.extents.map { extent in
      (0..<extent).map { t in
        let angle = 2 * Double.pi * Double(t) / Double(extent)
        return (cos(angle), sin(angle))
      }
    }
  }

  public var variables: [Variable] {
    let times = Axis(
      name: "t", coordinates: (0...lattice.longestExtent / 2).map { Double($0) },
      units: "lattice", longName: "distance along the longest extent")
    return [
      Variable(
        name: "G_t", axes: [times], longName: "zero-momentum two-point function",
        definition: #"G(t) = V^{-1} \sum_{t_0} \Phi(t_0) \Phi(t_0+t)"#),
      Variable(
        name: "F_kmin", axes: [lattice.directionAxis],
        longName: "two-point function at the smallest momentum of each direction",
        definition: #"F_\mu = V^{-1} |\tilde\phi(k_{\min,\mu})|^2"#),
    ]
  }

  public func measure(
    _ rows: UnsafePointer<Double>, count: Int, into outputs: [UnsafeMutablePointer<Double>]
  ) {
    let d = lattice.dimensions
    let times = lattice.longestExtent / 2 + 1
    let total = lattice.extents.reduce(0, +)
    let room = total + 2 * lattice.longestExtent
    withUnsafeTemporaryAllocation(of: Double.self, capacity: room) { buffer in
      let sums = buffer.baseAddress!
      for member in 0..<count {
        df_slice_sums(Int32(d), extents, rows + member * lattice.volume, sums)
        correlate(
          sums, sums + total, into: outputs[0] + member * times, outputs[1] + member * d)
      }
    }
  }

  /// `scratch` holds room for two longest extents.
  private func correlate(
    _ sums: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>,
    into correlator: UnsafeMutablePointer<Double>, _ powers: UnsafeMutablePointer<Double>
  ) {
    let inverseVolume = 1 / Double(lattice.volume)
    let longest = lattice.longestExtent
    let times = longest / 2 + 1
    for t in 0..<times { correlator[t] = 0 }
    var slices = sums
    for axis in 0..<lattice.dimensions {
      let extent = lattice.extents[axis]
      var real = 0.0
      var imaginary = 0.0
      for t in 0..<extent {
        real += waves[axis][t].cosine * slices[t]
        imaginary += waves[axis][t].sine * slices[t]
      }
      powers[axis] = inverseVolume * (real * real + imaginary * imaginary)
      if extent == longest {
        // The slices twice in a row: no wrap in the inner loop, which runs over t and vectorises.
        scratch.update(from: slices, count: extent)
        (scratch + extent).update(from: slices, count: extent)
        for start in 0..<extent {
          let value = scratch[start]
          let shifted = scratch + start
          for t in 0..<times { correlator[t] += value * shifted[t] }
        }
      }
      slices += extent
    }
    let factor = inverseVolume / Double(lattice.longDirections.count)
    for t in 0..<times { correlator[t] *= factor }
  }
}
