// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import Networks
import RandomStreams

/// The network of convolutional drifts. With h, s the nonlinearity with the scales α of time and conditions,
///
///     one layer:   b = Σ_c W_c * (β_c h_c(K0_c * φ)),
///     two layers:  b = Σ_f W_f * (β_f s_f(K1_f * Σ_c M_fc h_c(K0_c * φ))),
///
/// and from the third layer on a_{l+1} = a_l + s(K_l * M_l a_l). K0 may be left out. A part linear in φ,
/// Σ_l ℓ_l(t) W'_l * φ, may be added. Divergences, with the diagonals D1 = h'_c, D2 = β_f s'_f of slopes:
///
///     one layer:   Σ_c (K0_c * W_c)(0) Σ_x β_c D1_c(x),
///     two layers:  Σ_f ⟨D2_f, Q_f * Σ_c M_fc D1_c⟩,  Q_f(z) = K1_f(z) W_f(−z),        without K0,
///                  Σ_fc ⟨D2_f, Q_fc * D1_c⟩,  Q_fc(z) = M_fc K1_f(z) (K0_c * W_f)(−z),  with it.
public struct ConvolutionProgram: DriftProgram {
  public let lattice: Lattice
  public let architecture: ConvolutionArchitecture
  public let layout: ParameterLayout
  public var divergence: DivergenceRule
  let space: KernelSpace
  let transform: ComplexTransform
  private let scales: LayerScales
  private let inputKernels: Range<Int>?
  private let innerKernels: [Range<Int>]
  private let matrices: [Range<Int>]
  private let outputKernels: Range<Int>
  private let linearKernels: Range<Int>?

  public init(
    _ lattice: Lattice, _ architecture: ConvolutionArchitecture, divergence: DivergenceRule
  ) {
    precondition(
      divergence != .exact || architecture.layers <= 2, "two layers have an exact divergence")
    self.lattice = lattice
    self.architecture = architecture
    self.divergence = divergence
    space = KernelSpace(lattice, symmetry: architecture.symmetry, radius: architecture.radius)
    transform = ComplexTransform(lattice)
    let (channels, layers) = (architecture.channels, architecture.layers)
    let orbits = space.orbitCount
    var layout = ParameterLayout()
    inputKernels =
      architecture.inputScales.isEmpty
      ? nil : layout.add("kernels.input", count: channels * orbits, scale: 0.02)
    innerKernels = (1..<layers).map {
      layout.add("kernels.layer\($0)", count: channels * orbits, scale: 0.02)
    }
    matrices = (1..<layers).map {
      layout.add(
        "mixing.layer\($0)", count: channels * channels, scale: 1 / Double(channels).squareRoot())
    }
    outputKernels = layout.add(
      "kernels.output", count: channels * orbits, scale: architecture.outputScale)
    linearKernels =
      architecture.linearKernels == 0
      ? nil
      : layout.add(
        "kernels.linear", count: architecture.linearKernels * orbits,
        scale: architecture.outputScale)
    // For every layer the scales of its channels and, unless odd, their shifts; then the results', and a
    // constant velocity unless odd; then the linear part's.
    let shifts = architecture.isOdd ? 0 : layers * channels + 1
    scales = LayerScales(
      count: (layers + 1) * channels + shifts + architecture.linearKernels,
      timeOrder: architecture.timeOrder, conditions: architecture.conditions,
      widths: architecture.conditionerWidths, in: &layout)
    self.layout = layout
  }

  public var conditionCount: Int { architecture.conditions }
  public var chunk: Int { 4 }
  public var inputs: [(channels: Int, sites: Int)] {
    inputSizes(channels: 1, sites: lattice.volume)
  }

  /// Random parameters to begin with: input kernels near G_s, inner ones near 1, scales 1 (for the first layer
  /// 1, 2, … from one set of input scales to the next).
  public func initialParameters(using streams: RandomStreams) -> [Double] {
    var parameters = layout.random(using: streams)
    let (channels, orbits) = (architecture.channels, space.orbitCount)
    let sets = max(1, architecture.inputScales.count)
    if let inputKernels {
      for channel in 0..<channels {
        let kernel = smoothing(architecture.inputScales[channel % sets])
        for (orbit, value) in space.project(kernel).enumerated() {
          parameters[inputKernels.lowerBound + channel * orbits + orbit] += value
        }
      }
    }
    for range in innerKernels {
      for channel in 0..<channels { parameters[range.lowerBound + channel * orbits] += 1 }
    }
    let start = scales.constantRange.lowerBound
    for channel in 0..<channels { parameters[start + channel] = Double(1 + channel / sets) }
    let ones = architecture.layers * channels
    for index in channels..<channels + ones { parameters[start + index] = 1 }
    let rest = scales.constantRange.upperBound - architecture.linearKernels
    for index in rest..<scales.constantRange.upperBound { parameters[index] = 1 }
    return parameters
  }

  /// G_s at all displacements.
  private func smoothing(_ scale: Double) -> [Double] {
    let modes: [Double] = lattice.momentaSquared().flatMap { square -> [Double] in
      [1 / ((1 + scale * scale * square) * Double(lattice.volume)), 0]
    }
    var field = modes
    transform.backward(modes, into: &field)
    return (0..<lattice.volume).map { field[2 * $0] }
  }

  public func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    func kernels(_ range: Range<Int>) -> TapeVariable {
      tape.kernels(tape.slice(parameters, range), in: space)
    }
    func spectra(_ kernels: TapeVariable) -> TapeVariable {
      tape.spectra(of: kernels, transform: transform)
    }
    let input = inputKernels.map(kernels)
    let inner = innerKernels.map(kernels)
    let mixing = matrices.map { tape.slice(parameters, $0) }
    let output = kernels(outputKernels)
    var prepared = (input.map { [spectra($0)] } ?? []) + inner.map(spectra) + mixing
    prepared.append(spectra(output))
    if let linearKernels {
      let linear = kernels(linearKernels)
      prepared += [spectra(linear), tape.kernelOrigins(linear, on: lattice)]
    }
    prepared += scales.prepare(parameters, on: tape)
    if divergence == .exact {
      prepared.append(trace(input, inner.first, mixing.first, output, on: tape))
    }
    return prepared
  }

  /// What the divergence takes of the kernels.
  private func trace(
    _ input: TapeVariable?, _ inner: TapeVariable?, _ mixing: TapeVariable?,
    _ output: TapeVariable, on tape: Tape
  ) -> TapeVariable {
    guard let inner, let mixing else {
      guard let input else { return tape.kernelOrigins(output, on: lattice) }
      return tape.kernelSums(tape.reflectedProduct(input, output, on: lattice), on: lattice)
    }
    guard let input else {
      return tape.spectra(
        of: tape.reflectedProduct(inner, output, on: lattice), transform: transform)
    }
    let products = tape.reflectedProduct(
      tape.weightKernels(inner, by: mixing, on: lattice),
      tape.composeKernels(output, input, transform: transform), on: lattice)
    return tape.spectra(of: products, transform: transform)
  }

  public func outputs(
    of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape
  ) -> [TapeVariable] {
    let (channels, layers) = (architecture.channels, architecture.layers)
    var prepared = prepared[...]
    let x = Dual(inputs[0], tangent: probe(inputs))
    let input = inputKernels.map { _ in prepared.removeFirst() }
    let inner = innerKernels.map { _ in prepared.removeFirst() }
    let mixing = matrices.map { _ in prepared.removeFirst() }
    let output = prepared.removeFirst()
    let linear = linearKernels.map { _ in (prepared.removeFirst(), prepared.removeFirst()) }
    let trace = divergence == .exact ? prepared.removeLast() : nil
    var reader = ChannelReader(
      scales.apply(
        times: inputs[1], conditions: conditionRows(inputs), prepared: prepared, on: tape),
      on: tape)
    let factors = (0..<layers).map { _ in reader.take(channels).value }
    let results = reader.take(channels).value
    let shifts = architecture.isOdd ? nil : (0..<layers).map { _ in reader.take(channels).value }
    let constant = architecture.isOdd ? nil : reader.take(1).value

    // The layers; of the first two also the slopes, for the exact divergence.
    var slopes: [TapeVariable] = []
    func activate(_ u: Dual, _ layer: Int) -> Dual {
      let moved = Dual(
        tape.affine(u.value, factor: factors[layer], shift: shifts?[layer]),
        tangent: u.tangent.map { tape.affine($0, factor: factors[layer]) })
      guard divergence == .exact else { return tape.activate(moved, architecture.activation) }
      let result = tape.activate(moved.value, architecture.activation, slope: true)
      if let slope = result.slope { slopes.append(slope) }
      return Dual(result.value)
    }
    let arguments = x.map { x in
      guard let input else { return tape.spread(x, to: channels) }
      return tape.convolve(x, input, .dense, transform: transform)
    }
    var field = activate(arguments, 0)
    for layer in 1..<max(1, layers) {
      let next = activate(
        field.map {
          tape.convolve(
            tape.mix($0, mixing[layer - 1]), inner[layer - 1], .depthwise, transform: transform)
        }, layer)
      field = layer < 2 ? next : field.adding(next, on: tape)
    }
    var velocity = field.map {
      tape.convolve(tape.affine($0, factor: results), output, .dense, transform: transform)
    }
    var divergences = exactDivergence(slopes, factors, results, mixing, trace, on: tape)
    if let linear {
      let coefficients = reader.take(architecture.linearKernels).value
      velocity = velocity.adding(
        x.map {
          tape.channelSum(
            tape.affine(
              tape.convolve($0, linear.0, .dense, transform: transform), factor: coefficients))
        }, on: tape)
      divergences = divergences.map {
        tape.add(
          $0, tape.scale(tape.mix(coefficients, linear.1), by: Double(lattice.volume)))
      }
    }
    if let constant {
      velocity = Dual(tape.affine(velocity.value, shift: constant), tangent: velocity.tangent)
    }
    if let tangent = velocity.tangent, let probe = x.tangent {
      divergences = tape.dot(tangent, probe)
    }
    return [velocity.value] + (divergences.map { [$0] } ?? [])
  }

  private func exactDivergence(
    _ slopes: [TapeVariable], _ factors: [TapeVariable], _ results: TapeVariable,
    _ mixing: [TapeVariable], _ trace: TapeVariable?, on tape: Tape
  ) -> TapeVariable? {
    guard let trace, let first = slopes.first else { return nil }
    if slopes.count == 1 {
      let sums = tape.multiply(tape.siteSum(first), tape.multiply(factors[0], results))
      return tape.mix(sums, trace)
    }
    let inner = tape.affine(first, factor: factors[0])
    let outer = tape.affine(slopes[1], factor: tape.multiply(factors[1], results))
    let carried =
      inputKernels == nil
      ? tape.convolve(tape.mix(inner, mixing[0]), trace, .depthwise, transform: transform)
      : tape.convolve(inner, trace, .dense, transform: transform)
    return tape.dot(outer, carried)
  }
}

extension Tape {
  /// The same field in all channels.
  func spread(_ x: TapeVariable, to channels: Int) -> TapeVariable {
    mix(x, constant(Array(repeating: 1, count: channels), shape: .vector(channels)))
  }

  /// The sum of all channels.
  func channelSum(_ x: TapeVariable) -> TapeVariable {
    let channels = x.shape.channels
    return mix(x, constant(Array(repeating: 1, count: channels), shape: .vector(channels)))
  }
}

extension Dual {
  func adding(_ other: Dual, on tape: Tape) -> Dual {
    let tangent: TapeVariable?
    if let first = self.tangent, let second = other.tangent {
      tangent = tape.add(first, second)
    } else {
      tangent = self.tangent ?? other.tangent
    }
    return Dual(tape.add(value, other.value), tangent: tangent)
  }
}
