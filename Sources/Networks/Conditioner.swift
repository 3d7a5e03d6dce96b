// SPDX-License-Identifier: GPL-3.0-or-later

/// Numbers for each sample that depend on its time and on conditions such as the couplings of a target:
/// Chebyshev polynomials T_0 … T_n of 2t − 1, and the conditions, into a linear map or a perceptron.
public struct Conditioner: Sendable, Equatable {
  /// n.
  public let order: Int
  public let conditions: Int
  public let outputs: Int
  private let network: DenseNetwork

  /// Appends its parameters to a layout; without hidden layers the map is linear in the polynomials.
  public init(
    _ name: String, order: Int, conditions: Int = 0, hidden: [Int] = [], outputs: Int,
    scale: Double = 0.1, in layout: inout ParameterLayout
  ) {
    self.order = order
    self.conditions = conditions
    self.outputs = outputs
    network = DenseNetwork(
      name, widths: [order + 1 + conditions] + hidden + [outputs], hasBias: !hidden.isEmpty,
      outputGain: scale, in: &layout)
  }

  public func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    network.prepare(parameters, on: tape)
  }

  public var preparedCount: Int { network.preparedCount }

  /// The numbers, [outputs][pairs][1][2], and on request their derivatives by time. `times` is
  /// [1][pairs][1][2], `conditions` [conditions][pairs][1][2].
  public func apply(
    times: TapeVariable, conditions rows: TapeVariable?, derivative: Bool = false,
    prepared: ArraySlice<TapeVariable>, on tape: Tape
  ) -> Dual {
    let samples = times.count
    let shape = Shape.batch(channels: order + 1 + conditions, pairs: samples / 2, sites: 1)
    precondition((rows?.count ?? 0) == conditions * samples, "a row of conditions for each sample")
    let features = tape.constant(shape) { values in
      for sample in 0..<samples {
        for (degree, value) in Self.chebyshev(times.values[sample], order: order).values
          .enumerated()
        {
          values[degree * samples + sample] = value
        }
      }
      if let rows {
        (values + (order + 1) * samples).update(from: rows.values, count: conditions * samples)
      }
    }
    let slopes =
      !derivative
      ? nil
      : tape.constant(shape) { values in
        values.update(repeating: 0, count: shape.count)
        for sample in 0..<samples {
          for (degree, slope) in Self.chebyshev(times.values[sample], order: order).slopes
            .enumerated()
          {
            values[degree * samples + sample] = slope
          }
        }
      }
    return network.apply(Dual(features, tangent: slopes), prepared: prepared, on: tape)
  }

  /// T_n(x) and their derivatives by t, x = 2t − 1: T_{n+1} = 2x T_n − T_{n−1}.
  static func chebyshev(_ time: Double, order: Int) -> (values: [Double], slopes: [Double]) {
    let x = 2 * time - 1
    var values = [1.0, x]
    var slopes = [0.0, 2.0]
    while values.count <= order {
      let n = values.count
      values.append(2 * x * values[n - 1] - values[n - 2])
      slopes.append(4 * values[n - 1] + 2 * x * slopes[n - 1] - slopes[n - 2])
    }
    return (Array(values[...order]), Array(slopes[...order]))
  }
}
