// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import RandomStreams

/// Random vectors v with E[v v^T] = 1, which find traces: E[v·Xv] = tr X.
///
/// On a lattice every mode of v has the same modulus and a random phase, |ṽ(p)|² = V. Of a matrix that
/// commutes with translations v·Xv is then the trace itself, V^-1 Σ_p X(p) |ṽ(p)|², and of any other
/// only what depends on the place makes it vary. Elsewhere the components are signs. Hutchinson,
/// Commun. Stat. Simul. 18 (1989) 1059.
struct DivergenceProbe: Sendable {
  private let transform: FourierTransform?

  init(lattice: Lattice?) { transform = lattice.map { FourierTransform($0) } }

  /// One vector for each row, of the walkers from `firstWalker` on.
  func fill(
    _ rows: inout Configurations, streams: RandomStreams, firstWalker: Int, step: Int
  ) {
    let (count, dimension) = (rows.count, rows.dimension)
    let buffer = transform.map { TransformBuffer($0.lattice) }
    rows.withMutableRows { rows in
      for member in 0..<count {
        let row = rows + member * dimension
        streams.fillNormals(
          row, count: dimension, purpose: .noise, walker: firstWalker + member, step: step)
        if let transform, let buffer {
          flatten(row, transform, buffer)
        } else {
          for x in 0..<dimension { row[x] = row[x] < 0 ? -1 : 1 }
        }
      }
    }
  }

  /// Divides every mode by its modulus. The phases of white noise are uniform and independent.
  private func flatten(
    _ row: UnsafeMutablePointer<Double>, _ transform: FourierTransform, _ buffer: TransformBuffer
  ) {
    let volume = transform.lattice.volume
    buffer.field.update(from: row, count: volume)
    transform.forward(buffer)
    let root = 1 / Double(volume).squareRoot()
    for mode in transform.halfModes.indices {
      let size = hypot(buffer.modes[2 * mode], buffer.modes[2 * mode + 1])
      buffer.modes[2 * mode] *= root / size
      buffer.modes[2 * mode + 1] *= root / size
    }
    transform.backward(buffer)
    row.update(from: buffer.field, count: volume)
  }
}
