// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices

/// The momentum-space propagator G(p) = V^-1 |φ̃(p)|², averaged over shells of equal
/// p̂² = Σ_μ 4 sin²(p_μ/2). On a free field in the canonical form ⟨G(p)⟩ = 1/(2(p̂² + m²)).
public struct MomentumPropagator: Observable {
  public let lattice: Lattice
  private let spectrum: PowerSpectrum

  /// Measures the lowest `shells` shells, the zero mode first; all where there are fewer.
  public init(lattice: Lattice, shells: Int) {
    precondition(shells >= 1, "at least one shell")
    self.lattice = lattice
    spectrum = PowerSpectrum(
      FourierTransform(lattice), shells: Array(lattice.momentumShells().prefix(shells)))
  }

  public var variables: [Variable] {
    let shells = Axis(
      name: "khat2", coordinates: spectrum.shells.map(\.momentumSquared), type: .float64,
      units: "lattice", longName: "lattice momentum squared of the shell")
    return [
      Variable(
        name: "G_k", axes: [shells], longName: "momentum-space propagator, shell average",
        definition: #"G(k) = V^{-1} |\tilde\phi(k)|^2"#)
    ]
  }

  public func measure(_ batch: Configurations, workers: Workers) -> [[Double]] {
    let count = spectrum.shells.count
    var result = Configurations(count: batch.count, dimension: count)
    batch.withRows { rows in
      result.withMutableRows { result in
        let rows = SharedReadRows(rows)
        let result = SharedRows(result)
        workers.forEach(batch.count, grain: 2) { range in
          let buffer = TransformBuffer(lattice)
          for first in stride(from: range.lowerBound, to: range.upperBound, by: 2) {
            let isPair = first + 1 < range.upperBound
            let a = rows.pointer + first * batch.dimension
            let into = result.pointer + first * count
            spectrum.measure(
              a, isPair ? a + batch.dimension : nil, buffer: buffer,
              into: into, isPair ? into + count : nil)
          }
        }
      }
    }
    return [result.values]
  }
}
