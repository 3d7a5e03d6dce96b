// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Networks
import RandomStreams

/// The network of `MultilayerDrift`, b = A_n s(… s(A_1 x/ℓ + c(t)) …) + b_n, and its exact divergence by one
/// directional derivative for each of the d components.
public struct MultilayerProgram: DriftProgram {
  public let dimension: Int
  public let widths: [Int]
  public let activation: Activation
  /// ℓ.
  public let inputLength: Double
  public let layout: ParameterLayout
  public let conditionCount: Int
  public var divergence: DivergenceRule
  private let weights: [Range<Int>]
  private let biases: [Range<Int>]
  private let times: Conditioner

  init(
    dimension: Int, widths: [Int], activation: Activation, inputLength: Double, timeOrder: Int,
    conditions: Int, outputScale: Double, divergence: DivergenceRule
  ) {
    precondition(dimension >= 1 && !widths.isEmpty && inputLength > 0)
    self.dimension = dimension
    self.widths = widths
    self.activation = activation
    self.inputLength = inputLength
    conditionCount = conditions
    self.divergence = divergence
    var layout = ParameterLayout()
    let all = [dimension] + widths + [dimension]
    weights = (1..<all.count).map { layer in
      layout.add(
        "weights\(layer)", count: all[layer] * all[layer - 1],
        scale: (layer == all.count - 1 ? outputScale : 1) / Double(all[layer - 1]).squareRoot())
    }
    // What depends on time takes the place of the first bias.
    times = Conditioner(
      "times", order: timeOrder, conditions: conditions, outputs: widths[0], scale: 1, in: &layout)
    biases = (2..<all.count).map { layout.add("biases\($0)", count: all[$0]) }
    self.layout = layout
  }

  public var chunk: Int { 64 }
  public var inputs: [(channels: Int, sites: Int)] { inputSizes(channels: dimension, sites: 1) }

  public func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    (weights + biases).map { tape.slice(parameters, $0) } + times.prepare(parameters, on: tape)
  }

  public func outputs(
    of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape
  ) -> [TapeVariable] {
    let matrices = Array(prepared[..<weights.count])
    let biases = Array(prepared[weights.count..<weights.count + self.biases.count])
    let shift = times.apply(
      times: inputs[1], conditions: conditionRows(inputs),
      prepared: prepared[(weights.count + self.biases.count)...], on: tape
    ).value
    let x = tape.scale(inputs[0], by: 1 / inputLength)
    var tangents: [TapeVariable]
    switch divergence {
    case .exact: tangents = units(x.shape, on: tape)
    case .probe: tangents = probe(inputs).map { [$0] } ?? []
    case .none: tangents = []
    }
    let probes = tangents
    tangents = tangents.map { tape.scale($0, by: 1 / inputLength) }
    var field = x
    for layer in matrices.indices {
      field = tape.mix(field, matrices[layer])
      tangents = tangents.map { tape.mix($0, matrices[layer]) }
      field = layer == 0 ? tape.add(field, shift) : tape.bias(field, biases[layer - 1])
      if layer + 1 < matrices.count {
        let activated = tape.activate(field, activation, slope: !tangents.isEmpty)
        field = activated.value
        if let slope = activated.slope { tangents = tangents.map { tape.multiply(slope, $0) } }
      }
    }
    // Σ_k e_k·∂b e_k, or ε·∂b ε.
    let terms = zip(tangents, probes).map { tape.dot($0, $1) }
    guard let first = terms.first else { return [field] }
    return [field, terms.dropFirst().reduce(first) { tape.add($0, $1) }]
  }

  /// The d unit vectors.
  private func units(_ shape: Shape, on tape: Tape) -> [TapeVariable] {
    let samples = 2 * shape.pairs
    return (0..<dimension).map { component in
      tape.constant(shape) { values in
        for index in 0..<shape.count { values[index] = index / samples == component ? 1 : 0 }
      }
    }
  }
}

/// A drift in R^d that is a multilayer perceptron of the point and the time, for densities that are no
/// lattice theories. Its divergence is exact, at the price of d directional derivatives; in training it
/// may be estimated from probes instead.
public struct MultilayerDrift: NetworkDrift, DivergenceDrift {
  public let base: (any DivergenceDrift)?
  public var network: PreparedNetwork<MultilayerProgram>
  public var conditions: [Double]

  /// A network with random parameters. `inputLength` is the length of typical points.
  public init(
    dimension: Int, widths: [Int] = [64, 64], activation: Activation = .silu,
    inputLength: Double = 1, timeOrder: Int = 4, conditions: Int = 0, outputScale: Double = 0,
    trainsWithProbes: Bool = false, base: (any DivergenceDrift)? = nil,
    using streams: RandomStreams
  ) {
    let program = MultilayerProgram(
      dimension: dimension, widths: widths, activation: activation, inputLength: inputLength,
      timeOrder: timeOrder, conditions: conditions, outputScale: outputScale,
      divergence: trainsWithProbes ? .probe : .exact)
    self.base = base
    network = PreparedNetwork(program, parameters: program.layout.random(using: streams))
    self.conditions = Array(repeating: 0, count: conditions)
  }
}
