// SPDX-License-Identifier: GPL-3.0-or-later
import Networks

/// The scales and shifts of the channels of a network, as they depend on time and conditions: constants
/// plus, where it depends on them, what a `Conditioner` makes of them.
struct LayerScales: Sendable, Equatable {
  private let constants: Range<Int>
  private let conditioner: Conditioner?
  let count: Int

  /// Appends its parameters to a layout.
  init(
    count: Int, timeOrder: Int?, conditions: Int, widths: [Int], in layout: inout ParameterLayout
  ) {
    self.count = count
    constants = layout.add("scales.constants", count: count)
    conditioner =
      timeOrder == nil && conditions == 0
      ? nil
      : Conditioner(
        "scales", order: timeOrder ?? 0, conditions: conditions, hidden: widths, outputs: count,
        in: &layout)
  }

  /// Where the constants lie in the parameters.
  var constantRange: Range<Int> { constants }

  func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    [tape.slice(parameters, constants)] + (conditioner?.prepare(parameters, on: tape) ?? [])
  }

  /// All scales, [count][pairs][1][2], and on request their derivatives by time.
  func apply(
    times: TapeVariable, conditions: TapeVariable?, derivative: Bool = false,
    prepared: ArraySlice<TapeVariable>, on tape: Tape
  ) -> Dual {
    guard let constants = prepared.first else { preconditionFailure("constants are prepared") }
    guard let conditioner else {
      let shape = Shape.batch(channels: count, pairs: times.count / 2, sites: 1)
      let zero = tape.constant(shape) { $0.update(repeating: 0, count: shape.count) }
      return Dual(tape.bias(zero, constants))
    }
    let result = conditioner.apply(
      times: times, conditions: conditions, derivative: derivative,
      prepared: prepared.dropFirst(), on: tape)
    return Dual(tape.bias(result.value, constants), tangent: result.tangent)
  }
}

/// Takes channels one group after the other.
struct ChannelReader {
  let tape: Tape
  let variable: Dual
  private var next = 0

  init(_ variable: Dual, on tape: Tape) {
    self.variable = variable
    self.tape = tape
  }

  mutating func take(_ count: Int) -> Dual {
    defer { next += count }
    let range = next..<next + count
    return variable.map { tape.channels(range, of: $0) }
  }
}
