// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Lattices
import Networks
import Testing

/// Numbers without symmetry, the same on every machine.
func numbers(_ count: Int, _ shift: Double, scale: Double = 1) -> [Double] {
  (0..<count).map { index -> Double in
    let square = Double(index * index % 101)
    return scale * (sin(1.7 * Double(index) + shift) + 0.3 * cos(square))
  }
}

/// The largest difference of the pullback and central difference quotients, over all components of all
/// arguments, of L = Σ_k Σ_i c_ki y_ki; relative to the largest derivative.
func pullbackError(
  _ arguments: [([Double], Shape)], step: Double = 1e-5,
  _ function: (Tape, [TapeVariable]) -> [TapeVariable]
) -> Double {
  func evaluate(_ values: [[Double]], derivatives: Bool) -> (Double, [[Double]]) {
    let tape = Tape()
    let memory = values.map { values in
      let memory = UnsafeMutablePointer<Double>.allocate(capacity: values.count)
      memory.initialize(from: values, count: values.count)
      return memory
    }
    defer { for pointer in memory { pointer.deallocate() } }
    let leaves = zip(memory, arguments).map { tape.leaf($0, shape: $1.1) }
    let results = function(tape, leaves)
    var value = 0.0
    let bars = Cotangents()
    for (number, result) in results.enumerated() {
      let weights = numbers(result.count, 0.4 + Double(number))
      for (index, weight) in weights.enumerated() {
        value += weight * result.values[index]
        if derivatives { bars[result][index] += weight }
      }
    }
    if !derivatives { return (value, []) }
    tape.pullback(bars)
    return (
      value,
      leaves.map { leaf in
        bars.existing(leaf).map { Array(UnsafeBufferPointer(start: $0, count: leaf.count)) }
          ?? Array(repeating: 0, count: leaf.count)
      }
    )
  }
  let values = arguments.map(\.0)
  let gradients = evaluate(values, derivatives: true).1
  var worst = 0.0
  var largest = 0.0
  for argument in values.indices {
    for index in values[argument].indices {
      var plus = values
      var minus = values
      plus[argument][index] += step
      minus[argument][index] -= step
      let quotient =
        (evaluate(plus, derivatives: false).0 - evaluate(minus, derivatives: false).0) / (2 * step)
      let difference = abs(quotient - gradients[argument][index])
      worst = difference.isNaN ? .infinity : max(worst, difference)
      largest = max(largest, abs(quotient))
    }
  }
  return worst / largest
}

@Suite struct TapeTests {
  static let shapes = [[5], [4, 3], [3, 2, 3], [2, 3, 2, 2], [4, 4]]

  static func batch(_ channels: Int, _ sites: Int, _ shift: Double) -> ([Double], Shape) {
    let shape = Shape.batch(channels: channels, pairs: 2, sites: sites)
    return (numbers(shape.count, shift), shape)
  }

  @Test func pullbacksOfPointwiseOperations() {
    let (x, y) = (Self.batch(2, 3, 0.1), Self.batch(2, 3, 0.7))
    for activation in Activation.allCases {
      let error = pullbackError([x]) { tape, x in
        let result = tape.activate(
          x[0], activation, slope: true, integral: activation != .silu)
        return [result.value, result.slope!] + (result.integral.map { [$0] } ?? [])
      }
      #expect(error < 1e-8)
      let dual = pullbackError([x, y]) { tape, x in
        let result = tape.activate(Dual(x[0], tangent: x[1]), activation)
        return [result.value, result.tangent!]
      }
      #expect(dual < 1e-8)
    }
    let error = pullbackError([x, y]) { tape, x in
      [
        tape.add(x[0], x[1]), tape.subtract(x[0], x[1]), tape.scale(x[0], by: 1.7),
        tape.multiply(x[0], x[1]), tape.multiply(x[0], x[0]),
      ]
    }
    #expect(error < 1e-8)
    let product = pullbackError([x, y]) { tape, x in
      let result = tape.multiply(
        Dual(x[0], tangent: tape.multiply(x[0], x[1])), Dual(x[1], tangent: x[0]))
      return [result.value, result.tangent!]
    }
    #expect(product < 1e-8)
  }

  @Test func pullbacksOfSampleOperations() {
    let arguments = [
      Self.batch(3, 5, 0.1), Self.batch(3, 1, 0.5), Self.batch(3, 1, 0.9),
      (numbers(3, 0.2), Shape.vector(3)), Self.batch(3, 5, 0.3),
    ]
    let error = pullbackError(arguments) { tape, x in
      let dual = tape.affine(
        Dual(x[0], tangent: x[4]), factor: Dual(x[1], tangent: x[2]),
        shift: Dual(x[2], tangent: x[1]))
      return [
        tape.affine(x[0], factor: x[1], shift: x[2]), tape.bias(x[0], x[3]), tape.siteSum(x[0]),
        tape.dot(x[0], x[4]), tape.dot(x[0], x[0]), tape.channels(1..<3, of: x[0]), dual.value,
        dual.tangent!, tape.slice(x[3], 1..<3),
      ]
    }
    #expect(error < 1e-8)
  }

  @Test(arguments: [(1, 1), (1, 3), (3, 1), (4, 3)]) func pullbackOfMixing(sizes: (Int, Int)) {
    let (inputs, outputs) = sizes
    let matrix = (numbers(inputs * outputs, 0.3), Shape.vector(inputs * outputs))
    let x = Self.batch(inputs, 3, 0.1)
    #expect(pullbackError([x, matrix]) { tape, x in [tape.mix(x[0], x[1])] } < 1e-8)
    let tape = Tape()
    let y = tape.mix(
      tape.constant(x.0, shape: x.1), tape.constant(matrix.0, shape: matrix.1))
    let length = 12
    for f in 0..<outputs {
      for i in 0..<length {
        let sum = (0..<inputs).reduce(0) { $0 + matrix.0[f * inputs + $1] * x.0[$1 * length + i] }
        #expect(abs(sum - y.values[f * length + i]) < 1e-14)
      }
    }
  }

  /// Σ_y K(x − y) z(y), or of the reflected kernel.
  static func direct(
    _ lattice: Lattice, _ kernel: ArraySlice<Double>, _ z: [Double], isTransposed: Bool
  ) -> [Double] {
    let kernel = Array(kernel)
    return (0..<lattice.volume).map { x in
      (0..<lattice.volume).reduce(0) { sum, y in
        var displacement = 0
        for axis in 0..<lattice.dimensions {
          let extent = lattice.extents[axis]
          let step =
            lattice.coordinate(of: x, along: axis) - lattice.coordinate(of: y, along: axis)
          displacement +=
            (isTransposed ? -step + extent : step + extent) % extent * lattice.strides[axis]
        }
        return sum + kernel[displacement] * z[y]
      }
    }
  }

  @Test(arguments: shapes, [ConvolutionPattern.dense, .depthwise])
  func convolutionsAreSumsOverSites(extents: [Int], pattern: ConvolutionPattern) {
    let lattice = Lattice(extents: extents)
    let (volume, transform) = (lattice.volume, ComplexTransform(lattice))
    let (inputs, outputs) = (2, pattern == .dense ? 3 : 2)
    let count = pattern == .dense ? 6 : 2
    let x = Self.batch(inputs, volume, 0.2)
    let kernels = (numbers(count * volume, 0.5), Shape.vector(count * volume))
    for isTransposed in [false, true] {
      let tape = Tape()
      let result = tape.convolve(
        tape.constant(x.0, shape: x.1),
        tape.spectra(of: tape.constant(kernels.0, shape: kernels.1), transform: transform), pattern,
        transform: transform, isTransposed: isTransposed)
      for output in 0..<outputs {
        for sample in 0..<4 {
          func field(_ channel: Int, _ values: (Int) -> Double) -> [Double] {
            let start = (channel * 2 + sample / 2) * 2 * volume + sample % 2
            return (0..<volume).map { values(start + 2 * $0) }
          }
          var expected = Array(repeating: 0.0, count: volume)
          for input in pattern == .dense ? 0..<inputs : output..<output + 1 {
            let kernel = pattern == .dense ? output * inputs + input : output
            let term = Self.direct(
              lattice, kernels.0[kernel * volume..<(kernel + 1) * volume], field(input) { x.0[$0] },
              isTransposed: isTransposed)
            for site in 0..<volume { expected[site] += term[site] }
          }
          let computed = field(output) { result.values[$0] }
          #expect(zip(expected, computed).allSatisfy { abs($0 - $1) < 1e-12 })
        }
      }
      let error = pullbackError([x, kernels]) { tape, x in
        [
          tape.convolve(
            x[0], tape.spectra(of: x[1], transform: transform), pattern, transform: transform,
            isTransposed: isTransposed)
        ]
      }
      #expect(error < 1e-8)
    }
  }

  @Test(arguments: shapes, [(2, 3), (3, 1), (1, 3), (9, 2)])
  func evenKernelsHaveRealSpectra(extents: [Int], sizes: (inputs: Int, outputs: Int)) {
    let lattice = Lattice(extents: extents)
    let (space, transform) = (KernelSpace(lattice), ComplexTransform(lattice))
    let count = sizes.inputs * sizes.outputs
    let kernels = (numbers(count * space.orbitCount, 0.5), Shape.vector(count * space.orbitCount))
    for pairs in [1, 2, 3] {
      let shape = Shape.batch(channels: sizes.inputs, pairs: pairs, sites: lattice.volume)
      let x = (numbers(shape.count, 0.1), shape)
      func convolve(_ tape: Tape, _ x: [TapeVariable], layout: SpectrumLayout)
        -> TapeVariable
      {
        let spectra = tape.spectra(
          of: tape.kernels(x[1], in: space), transform: transform, layout: layout)
        return tape.convolve(x[0], spectra, .dense, transform: transform, layout: layout)
      }
      let tape = Tape()
      let variables = [x, kernels].map { tape.constant($0.0, shape: $0.1) }
      let results = [SpectrumLayout.complex, .real, .tiled].map {
        convolve(tape, variables, layout: $0).array
      }
      for result in results {
        #expect(zip(results[0], result).allSatisfy { abs($0 - $1) < 1e-12 * Double(count) })
      }
      if pairs == 3 || lattice.volume > 16 { continue }
      for layout in [SpectrumLayout.complex, .real, .tiled] {
        #expect(pullbackError([x, kernels]) { [convolve($0, $1, layout: layout)] } < 1e-8)
      }
    }
  }

  @Test(arguments: shapes) func pullbacksOfKernelOperations(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let transform = ComplexTransform(lattice)
    for symmetry in [KernelSpace.Symmetry.none, .hyperoctahedral] {
      let space = KernelSpace(lattice, symmetry: symmetry, radius: 1.5)
      let arguments = [
        (numbers(2 * space.orbitCount, 0.1), Shape.vector(2 * space.orbitCount)),
        (numbers(2 * lattice.volume, 0.3), Shape.vector(2 * lattice.volume)),
        (numbers(6, 0.3), Shape.vector(6)),
      ]
      let error = pullbackError(arguments) { tape, x in
        let kernels = tape.kernels(x[0], in: space)
        return [
          kernels, tape.reflectedProduct(kernels, x[1], on: lattice),
          tape.kernelSums(x[1], on: lattice), tape.kernelOrigins(x[1], on: lattice),
          tape.composeKernels(kernels, x[1], transform: transform),
          tape.weightKernels(x[1], by: x[2], on: lattice),
        ]
      }
      #expect(error < 1e-8)
    }
  }

  @Test func kernelsCompose() {
    let lattice = Lattice(extents: [3, 4])
    let (outer, inner) = (numbers(12, 0.1), numbers(12, 0.6))
    let tape = Tape()
    let composed = tape.composeKernels(
      tape.constant(outer, shape: .vector(12)), tape.constant(inner, shape: .vector(12)),
      transform: ComplexTransform(lattice))
    let expected = Self.direct(lattice, outer[...], inner, isTransposed: false)
    #expect(zip(expected, composed.array).allSatisfy { abs($0 - $1) < 1e-12 })
  }
}
