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
  /// `spectra` holds the kernels as `spectra(of:…)` makes them. With `isTransposed` every kernel is
  /// reflected, K(−z), which is the transposed matrix. With g the cotangent of the result,
  /// K̄(r) = Re IFFT( Σ conj(ẑ) ĝ ), summed over all pairs before one transform back.
  public func convolve(
    _ x: TapeVariable, _ spectra: TapeVariable, _ pattern: ConvolutionPattern,
    transform: ComplexTransform, isTransposed: Bool = false
  ) -> TapeVariable {
    let volume = transform.lattice.volume
    let (inputs, pairs, plane) = (x.shape.channels, x.shape.pairs, 2 * volume)
    let kernels = spectra.count / plane
    precondition(x.shape.sites == volume && kernels * plane == spectra.count, "fields of a lattice")
    let terms = ConvolutionTerms(pattern, inputs: inputs, kernels: kernels)
    let shape = Shape.batch(channels: terms.outputs, pairs: pairs, sites: volume)
    let keeps = records && spectra.isActive
    let modes = keeps ? arena.take(inputs * pairs * plane) : nil
    let flip: Int32 = isTransposed ? 1 : 0
    let memory = arena.take(shape.count)
    let scratch = arena.mark
    let inputModes = modes ?? arena.take(inputs * pairs * plane)
    let sum = arena.take(pairs * plane)
    for row in 0..<inputs * pairs {
      transform.forward(x.values + row * plane, into: inputModes + row * plane)
    }
    for output in 0..<terms.outputs {
      for (position, input) in terms.inputs(of: output).enumerated() {
        let kernel = spectra.values + terms.kernel(output, input) * plane
        for pair in 0..<pairs {
          df_complex_multiply(
            volume, kernel, inputModes + (input * pairs + pair) * plane, sum + pair * plane, flip,
            position > 0 ? 1 : 0)
        }
      }
      for pair in 0..<pairs {
        transform.backward(sum + pair * plane, into: memory + (output * pairs + pair) * plane)
      }
    }
    arena.release(to: scratch)
    let result = variable(memory, shape, isActive: records && (x.isActive || spectra.isActive))
    guard result.isActive else { return result }
    note { cotangents in
      guard let bar = cotangents.existing(result) else { return }
      let xBar = x.isActive ? cotangents[x] : nil
      let spectraBar = spectra.isActive ? cotangents[spectra] : nil
      let mark = cotangents.arena.mark
      defer { cotangents.arena.release(to: mark) }
      let barModes = cotangents.arena.take(terms.outputs * pairs * plane)
      for row in 0..<terms.outputs * pairs {
        transform.forward(bar + row * plane, into: barModes + row * plane)
      }
      if let spectraBar, let modes {
        for output in 0..<terms.outputs {
          for input in terms.inputs(of: output) {
            let kernelBar = spectraBar + terms.kernel(output, input) * plane
            for pair in 0..<pairs {
              let z = modes + (input * pairs + pair) * plane
              let g = barModes + (output * pairs + pair) * plane
              df_complex_multiply(
                volume, isTransposed ? g : z, isTransposed ? z : g, kernelBar, 1, 1)
            }
          }
        }
      }
      guard let xBar else { return }
      let sum = cotangents.arena.take(pairs * plane)
      let field = cotangents.arena.take(plane)
      for input in 0..<inputs {
        for (position, output) in terms.outputs(of: input).enumerated() {
          let kernel = spectra.values + terms.kernel(output, input) * plane
          for pair in 0..<pairs {
            df_complex_multiply(
              volume, kernel, barModes + (output * pairs + pair) * plane, sum + pair * plane,
              1 - flip, position > 0 ? 1 : 0)
          }
        }
        for pair in 0..<pairs {
          transform.backward(sum + pair * plane, into: field)
          df_scale(plane, 1, field, xBar + (input * pairs + pair) * plane, 1)
        }
      }
    }
    return result
  }

  /// K̂(p)/V of real kernels, V numbers each, as complex planes: what `convolve` multiplies with.
  public func spectra(of kernels: TapeVariable, transform: ComplexTransform) -> TapeVariable {
    let volume = transform.lattice.volume
    let count = kernels.count / volume
    precondition(count * volume == kernels.count, "a kernel has a number for each site")
    let field = arena.take(2 * volume)
    return result(.vector(2 * kernels.count), of: [kernels]) { spectra in
      for kernel in 0..<count {
        for site in 0..<volume {
          field[2 * site] = kernels.values[kernel * volume + site] / Double(volume)
          field[2 * site + 1] = 0
        }
        transform.forward(field, into: spectra + 2 * kernel * volume)
      }
    } pullback: { bar, cotangents in
      // The cotangent comes as Σ conj(ẑ) ĝ.
      let kernelsBar = cotangents[kernels]
      let mark = cotangents.arena.mark
      defer { cotangents.arena.release(to: mark) }
      let field = cotangents.arena.take(2 * volume)
      for kernel in 0..<count {
        transform.backward(bar + 2 * kernel * volume, into: field)
        for site in 0..<volume {
          kernelsBar[kernel * volume + site] += field[2 * site] / Double(volume)
        }
      }
    }
  }
}

/// The kernels of a pattern, one after the other.
private struct ConvolutionTerms {
  let pattern: ConvolutionPattern
  let inputs: Int
  let outputs: Int

  init(_ pattern: ConvolutionPattern, inputs: Int, kernels: Int) {
    self.pattern = pattern
    self.inputs = inputs
    switch pattern {
    case .depthwise: outputs = kernels
    case .dense: outputs = kernels / inputs
    }
    precondition(
      pattern == .depthwise ? kernels == inputs : outputs * inputs == kernels,
      "one kernel for each channel, or for each channel and result")
  }

  func inputs(of output: Int) -> Range<Int> {
    pattern == .depthwise ? output..<output + 1 : 0..<inputs
  }

  func outputs(of input: Int) -> Range<Int> {
    pattern == .depthwise ? input..<input + 1 : 0..<outputs
  }

  func kernel(_ output: Int, _ input: Int) -> Int {
    pattern == .depthwise ? output : output * inputs + input
  }
}
