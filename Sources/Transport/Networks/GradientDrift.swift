// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import Networks
import RandomStreams

/// What a potential drift knows of Φ_t at given points, or the derivatives of a loss by it.
public struct PotentialValues: Sendable, Equatable {
  /// The drift, ∇Φ and what it is added to.
  public var velocities: Configurations
  /// Its divergence.
  public var divergences: [Double]
  /// Φ of the network alone.
  public var potentials: [Double]
  /// ∂_tΦ of the network alone.
  public var timeDerivatives: [Double]

  public init(
    velocities: Configurations, divergences: [Double], potentials: [Double],
    timeDerivatives: [Double]
  ) {
    self.velocities = velocities
    self.divergences = divergences
    self.potentials = potentials
    self.timeDerivatives = timeDerivatives
  }

  func members(_ range: Range<Int>) -> PotentialValues {
    PotentialValues(
      velocities: velocities.members(range), divergences: Array(divergences[range]),
      potentials: Array(potentials[range]), timeDerivatives: Array(timeDerivatives[range]))
  }
}

/// A drift b = ∇Φ_t of a scalar network, added to another drift where there is one; see
/// `PotentialProgram` for its formulas. All of Φ, ∂_tΦ, ∇Φ and ΔΦ are exact, as action matching needs.
public struct GradientDrift: NetworkDrift, DivergenceDrift {
  public let base: (any DivergenceDrift)?
  public var network: PreparedNetwork<PotentialProgram>
  public var conditions: [Double]

  /// A potential on a lattice, made of convolutions: invariant under translations, the hyperoctahedral group
  /// (but for `symmetry: .none`) and φ → −φ (but for `isEven: false`).
  public init(
    _ lattice: Lattice, channels: Int = 8, quadraticTerms: Int = 0, activation: Activation = .tanh,
    isEven: Bool = true, symmetry: KernelSpace.Symmetry = .hyperoctahedral, radius: Double? = nil,
    timeOrder: Int? = 4, conditions: Int = 0, conditionerWidths: [Int] = [],
    base: (any DivergenceDrift)? = nil, using streams: RandomStreams
  ) {
    self.init(
      .convolutions(
        KernelSpace(lattice, symmetry: symmetry, radius: radius), ComplexTransform(lattice)),
      channels, quadraticTerms, activation, isEven, timeOrder, conditions, conditionerWidths, base,
      streams)
  }

  /// A potential in R^d.
  public init(
    dimension: Int, channels: Int = 64, quadraticTerms: Int = 0, activation: Activation = .tanh,
    isEven: Bool = false, timeOrder: Int? = 4, conditions: Int = 0, conditionerWidths: [Int] = [],
    base: (any DivergenceDrift)? = nil, using streams: RandomStreams
  ) {
    self.init(
      .matrix(dimension: dimension), channels, quadraticTerms, activation, isEven, timeOrder,
      conditions, conditionerWidths, base, streams)
  }

  private init(
    _ lift: PotentialProgram.Lift, _ channels: Int, _ quadraticTerms: Int,
    _ activation: Activation, _ isEven: Bool, _ timeOrder: Int?, _ conditions: Int,
    _ widths: [Int], _ base: (any DivergenceDrift)?, _ streams: RandomStreams
  ) {
    let program = PotentialProgram(
      lift, channels: channels, quadraticTerms: quadraticTerms, activation: activation,
      isEven: isEven, timeOrder: timeOrder, conditions: conditions, widths: widths)
    self.base = base
    network = PreparedNetwork(program, parameters: program.initialParameters(using: streams))
    self.conditions = Array(repeating: 0, count: conditions)
  }

  /// Everything at members that have their own times.
  public func potentialValues(
    of batch: Configurations, at times: [Double], workers: Workers = Workers(1)
  ) -> PotentialValues {
    let outputs = network.outputs(
      of: inputs(batch, times, nil, network.program), workers: workers)
    return values(outputs, baseValues(of: batch, at: times, workers: workers))
  }

  /// The same, and the gradient of a loss by the parameters; see `TrainableDrift.gradient`.
  public func potentialGradient(
    of batch: Configurations, at times: [Double], workers: Workers = Workers(1),
    cotangents: @Sendable (Range<Int>, PotentialValues) -> PotentialValues
  ) -> (values: PotentialValues, gradient: [Double]) {
    let base = baseValues(of: batch, at: times, workers: workers)
    let result = network.gradient(
      of: inputs(batch, times, nil, network.program), workers: workers
    ) { members, outputs in
      let bars = cotangents(members, values(outputs, base.map { $0.members(members) }))
      return [bars.velocities]
        + [bars.divergences, bars.potentials, bars.timeDerivatives].map {
          Configurations(count: members.count, dimension: 1, values: $0)
        }
    }
    return (values(result.outputs, base), result.gradient)
  }

  private func values(_ outputs: [Configurations], _ base: DriftValues?) -> PotentialValues {
    var drift = DriftValues(velocities: outputs[0], divergences: outputs[1].values)
    drift.add(base)
    return PotentialValues(
      velocities: drift.velocities, divergences: drift.divergences, potentials: outputs[2].values,
      timeDerivatives: outputs[3].values)
  }
}
