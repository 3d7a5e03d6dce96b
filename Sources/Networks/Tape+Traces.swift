// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Lattices

/// Operations on kernels as fields of V numbers each: what exact divergences are made of, once for each
/// set of parameters.
extension Tape {
  /// Q(z) = K(z) W(−z), so that Tr[W D' K D] = Σ_x D'(x) (Q * D)(x) for diagonal D and D'.
  public func reflectedProduct(_ kernels: TapeVariable, _ others: TapeVariable, on lattice: Lattice)
    -> TapeVariable
  {
    precondition(kernels.count == others.count, "as many kernels on both sides")
    let volume = lattice.volume
    let count = kernels.count / volume
    let opposite = (0..<volume).map { lattice.opposite($0) }
    return result(.vector(kernels.count), of: [kernels, others]) { products in
      for start in (0..<count).map({ $0 * volume }) {
        for site in 0..<volume {
          products[start + site] =
            kernels.values[start + site] * others.values[start + opposite[site]]
        }
      }
    } pullback: { bar, cotangents in
      let kernelsBar = kernels.isActive ? cotangents[kernels] : nil
      let othersBar = others.isActive ? cotangents[others] : nil
      for start in (0..<count).map({ $0 * volume }) {
        for site in 0..<volume {
          let reflected = start + opposite[site]
          kernelsBar?[start + site] += bar[start + site] * others.values[reflected]
          othersBar?[reflected] += bar[start + site] * kernels.values[start + site]
        }
      }
    }
  }

  /// Σ_z of every kernel.
  public func kernelSums(_ kernels: TapeVariable, on lattice: Lattice) -> TapeVariable {
    let volume = lattice.volume
    return result(.vector(kernels.count / volume), of: [kernels]) { sums in
      for kernel in 0..<kernels.count / volume {
        var sum = 0.0
        for site in 0..<volume { sum += kernels.values[kernel * volume + site] }
        sums[kernel] = sum
      }
    } pullback: { bar, cotangents in
      let kernelsBar = cotangents[kernels]
      for kernel in 0..<kernels.count / volume {
        for site in 0..<volume { kernelsBar[kernel * volume + site] += bar[kernel] }
      }
    }
  }

  /// K(0) of every kernel.
  public func kernelOrigins(_ kernels: TapeVariable, on lattice: Lattice) -> TapeVariable {
    let volume = lattice.volume
    return result(.vector(kernels.count / volume), of: [kernels]) { origins in
      for kernel in 0..<kernels.count / volume { origins[kernel] = kernels.values[kernel * volume] }
    } pullback: { bar, cotangents in
      for kernel in 0..<kernels.count / volume {
        cotangents[kernels][kernel * volume] += bar[kernel]
      }
    }
  }

  /// W_f * K_c, kernel f·(number of K) + c.
  public func composeKernels(
    _ outer: TapeVariable, _ inner: TapeVariable, transform: ComplexTransform
  ) -> TapeVariable {
    let volume = transform.lattice.volume
    let (rows, columns) = (outer.count / volume, inner.count / volume)
    let left = spectra(of: outer, transform: transform)
    let right = spectra(of: inner, transform: transform)
    // The planes hold K̂/V, so V times their product is the plane of the convolution.
    return result(.vector(rows * columns * volume), of: [left, right]) { kernels in
      let mark = arena.mark
      defer { arena.release(to: mark) }
      let product = arena.take(2 * volume)
      let field = arena.take(2 * volume)
      for index in 0..<rows * columns {
        df_complex_multiply(
          volume, left.values + index / columns * 2 * volume,
          right.values + index % columns * 2 * volume, product, 0, 0)
        transform.backward(product, into: field)
        for site in 0..<volume {
          kernels[index * volume + site] = Double(volume) * field[2 * site]
        }
      }
    } pullback: { bar, cotangents in
      // In the convention of `spectra`: k̄(r) = V^-1 Re IFFT(k̂-bar), so the bar of W_f is Σ_c conj(K̂_c) ĝ_fc.
      let leftBar = left.isActive ? cotangents[left] : nil
      let rightBar = right.isActive ? cotangents[right] : nil
      let mark = cotangents.arena.mark
      defer { cotangents.arena.release(to: mark) }
      let field = cotangents.arena.take(2 * volume)
      let modes = cotangents.arena.take(2 * volume)
      for index in 0..<rows * columns {
        for site in 0..<volume {
          field[2 * site] = Double(volume) * bar[index * volume + site]
          field[2 * site + 1] = 0
        }
        transform.forward(field, into: modes)
        let (row, column) = (index / columns * 2 * volume, index % columns * 2 * volume)
        if let leftBar {
          df_complex_multiply(volume, right.values + column, modes, leftBar + row, 1, 1)
        }
        if let rightBar {
          df_complex_multiply(volume, left.values + row, modes, rightBar + column, 1, 1)
        }
      }
    }
  }

  /// M_fc K_f, kernel f·(number of columns) + c, for a matrix M given row after row.
  public func weightKernels(_ kernels: TapeVariable, by matrix: TapeVariable, on lattice: Lattice)
    -> TapeVariable
  {
    let volume = lattice.volume
    let columns = matrix.count * volume / kernels.count
    return result(.vector(matrix.count * volume), of: [kernels, matrix]) { weighted in
      for index in 0..<matrix.count {
        df_scale(
          volume, matrix.values[index], kernels.values + index / columns * volume,
          weighted + index * volume, 0)
      }
    } pullback: { bar, cotangents in
      for index in 0..<matrix.count {
        let start = index / columns * volume
        if kernels.isActive {
          df_scale(
            volume, matrix.values[index], bar + index * volume, cotangents[kernels] + start, 1)
        }
        if matrix.isActive {
          var sum = 0.0
          for site in 0..<volume {
            sum += bar[index * volume + site] * kernels.values[start + site]
          }
          cotangents[matrix][index] += sum
        }
      }
    }
  }
}
