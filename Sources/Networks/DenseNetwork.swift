// SPDX-License-Identifier: GPL-3.0-or-later

/// A multilayer perceptron: y = A_n s(A_{n−1} … s(A_1 x + b_1) …) + b_n, on the channels of batches.
public struct DenseNetwork: Sendable, Equatable {
  /// Numbers of channels, from the argument to the result.
  public let widths: [Int]
  public let activation: Activation
  public let hasBias: Bool
  private let weights: [Range<Int>]
  private let biases: [Range<Int>]

  /// Appends its parameters to a layout: weights of standard deviation `gain`/√(width before), those of the
  /// result times `outputGain`; all biases are zero at first.
  public init(
    _ name: String, widths: [Int], activation: Activation = .tanh, hasBias: Bool = true,
    gain: Double = 1, outputGain: Double = 1, in layout: inout ParameterLayout
  ) {
    precondition(widths.count >= 2, "a network has an argument and a result")
    self.widths = widths
    self.activation = activation
    self.hasBias = hasBias
    var weights: [Range<Int>] = []
    var biases: [Range<Int>] = []
    for layer in 1..<widths.count {
      let last = layer == widths.count - 1 ? outputGain : 1
      weights.append(
        layout.add(
          "\(name).weights\(layer)", count: widths[layer] * widths[layer - 1],
          scale: gain * last / Double(max(1, widths[layer - 1])).squareRoot()))
      if hasBias { biases.append(layout.add("\(name).biases\(layer)", count: widths[layer])) }
    }
    self.weights = weights
    self.biases = biases
  }

  /// The weights and biases as variables, taken from all parameters.
  public func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    (weights + biases).map { tape.slice(parameters, $0) }
  }

  /// How many variables `prepare` makes.
  public var preparedCount: Int { weights.count + biases.count }

  /// y and its derivative.
  public func apply(_ x: Dual, prepared: ArraySlice<TapeVariable>, on tape: Tape) -> Dual {
    let prepared = Array(prepared)
    var x = x
    for layer in weights.indices {
      x = x.map { tape.mix($0, prepared[layer]) }
      if hasBias {
        x = Dual(tape.bias(x.value, prepared[weights.count + layer]), tangent: x.tangent)
      }
      if layer + 1 < weights.count { x = tape.activate(x, activation) }
    }
    return x
  }

  /// y.
  public func apply(_ x: TapeVariable, prepared: ArraySlice<TapeVariable>, on tape: Tape)
    -> TapeVariable
  {
    apply(Dual(x), prepared: prepared, on: tape).value
  }
}
