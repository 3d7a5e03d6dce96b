// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Lattices

/// Which kernel leads from which channel to which.
public enum ConvolutionPattern: Sendable {
  /// Kernel c acts on channel c.
  case depthwise
  /// Kernel f·(channels) + c leads from channel c to result f.
  case dense
}

extension Tape {
  /// Periodic convolutions with real kernels, (K * z)(x) = Σ_y K(x − y) z(y), by fast Fourier transforms
  /// of two samples at a time: a real kernel acts on the real and on the imaginary part alone.
  ///
  /// `spectra` holds the kernels as `spectra(of:…)` makes them, in that layout. With `isTransposed` every kernel is
  /// reflected, K(−z), which is the transposed matrix. With g the cotangent of the result,
  /// K̄(r) = Re IFFT( Σ conj(ẑ) ĝ ), summed over all pairs before one transform back.
  public func convolve(
    _ x: TapeVariable, _ spectra: TapeVariable, _ pattern: ConvolutionPattern,
    transform: ComplexTransform, layout: SpectrumLayout = .complex, isTransposed: Bool = false
  ) -> TapeVariable {
    let volume = transform.lattice.volume
    let (inputs, pairs, plane) = (x.shape.channels, x.shape.pairs, 2 * volume)
    precondition(x.shape.sites == volume, "fields of a lattice")
    let terms = SpectralTerms(
      pattern, inputs: inputs, spectra: spectra.count, pairs: pairs, volume: volume, layout: layout)
    let outputs = terms.outputs
    let shape = Shape.batch(channels: outputs, pairs: pairs, sites: volume)
    // The transforms of x stay for the cotangent of the kernels.
    let modes = records && spectra.isActive ? arena.take(x.count) : nil
    let memory = arena.take(shape.count)
    let scratch = arena.mark
    let inputModes = modes ?? arena.take(x.count)
    let products = arena.take(shape.count)
    for row in 0..<inputs * pairs {
      transform.forward(x.values + row * plane, into: inputModes + row * plane)
    }
    terms.multiply(spectra.values, inputModes, into: products, isConjugate: isTransposed)
    for row in 0..<outputs * pairs {
      transform.backward(products + row * plane, into: memory + row * plane)
    }
    arena.release(to: scratch)
    let result = variable(memory, shape, isActive: records && (x.isActive || spectra.isActive))
    guard result.isActive else { return result }
    note { cotangents in
      guard let bar = cotangents.existing(result) else { return }
      let xTarget = x.isActive ? cotangents.target(x) : nil
      let spectraBar = spectra.isActive ? cotangents[spectra] : nil
      let mark = cotangents.arena.mark
      defer { cotangents.arena.release(to: mark) }
      let barModes = cotangents.arena.take(outputs * pairs * plane)
      for row in 0..<outputs * pairs {
        transform.forward(bar + row * plane, into: barModes + row * plane)
      }
      if let spectraBar, let modes {
        terms.correlate(barModes, modes, addingTo: spectraBar, isReversed: isTransposed)
      }
      guard let (xBar, accumulate) = xTarget else { return }
      let products = cotangents.arena.take(inputs * pairs * plane)
      let field = cotangents.arena.take(plane)
      terms.multiplyBack(spectra.values, barModes, into: products, isConjugate: !isTransposed)
      for row in 0..<inputs * pairs {
        let target = xBar + row * plane
        transform.backward(products + row * plane, into: accumulate == 0 ? target : field)
        if accumulate != 0 { df_scale(plane, 1, field, target, 1) }
      }
    }
    return result
  }

  /// K̂(p)/V of real kernels, V numbers each: what `convolve` multiplies with.
  public func spectra(
    of kernels: TapeVariable, transform: ComplexTransform, layout: SpectrumLayout = .complex
  ) -> TapeVariable {
    let volume = transform.lattice.volume
    let count = kernels.count / volume
    precondition(count * volume == kernels.count, "a kernel has a number for each site")
    let field = arena.take(2 * volume)
    let modes = arena.take(2 * volume)
    let isComplex = layout == .complex
    let size = layout.count(kernels: count, volume: volume)
    return result(.vector(size), of: [kernels]) { spectra in
      if layout == .tiled { spectra.update(repeating: 0, count: size) }
      for kernel in 0..<count {
        for site in 0..<volume {
          field[2 * site] = kernels.values[kernel * volume + site] / Double(volume)
          field[2 * site + 1] = 0
        }
        transform.forward(field, into: isComplex ? spectra + 2 * kernel * volume : modes)
        for mode in 0..<volume where !isComplex {
          let place = layout.place(kernel, mode, kernels: count, volume: volume)
          spectra[place] = modes[2 * mode]
        }
      }
    } pullback: { bar, cotangents in
      // The cotangent comes as Σ conj(ẑ) ĝ, or as its real part.
      let kernelsBar = cotangents[kernels]
      let mark = cotangents.arena.mark
      defer { cotangents.arena.release(to: mark) }
      let field = cotangents.arena.take(2 * volume)
      let modes = cotangents.arena.take(2 * volume)
      for kernel in 0..<count {
        for mode in 0..<volume where !isComplex {
          modes[2 * mode] = bar[layout.place(kernel, mode, kernels: count, volume: volume)]
          modes[2 * mode + 1] = 0
        }
        transform.backward(
          isComplex ? bar + 2 * kernel * volume : UnsafePointer(modes), into: field)
        for site in 0..<volume {
          kernelsBar[kernel * volume + site] += field[2 * site] / Double(volume)
        }
      }
    }
  }
}
