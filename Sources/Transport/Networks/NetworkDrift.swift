// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Networks

/// A network that computes a drift. Its inputs are φ, the time, the conditions where there are any and a
/// probe where it uses one; its first results are b and, but for `.none`, ∇·b.
public protocol DriftProgram: NetworkProgram {
  var layout: ParameterLayout { get }
  var conditionCount: Int { get }
  var divergence: DivergenceRule { get set }
}

/// How a network finds the divergence of its velocity.
public enum DivergenceRule: Sendable, Equatable, Codable {
  case exact
  /// From one probe for each member.
  case probe
  /// Not at all.
  case none
}

extension DriftProgram {
  public var parameterCount: Int { layout.count }

  func inputSizes(channels: Int, sites: Int) -> [(channels: Int, sites: Int)] {
    [(channels, sites), (1, 1)] + (conditionCount > 0 ? [(conditionCount, 1)] : [])
      + (divergence == .probe ? [(channels, sites)] : [])
  }

  func conditionRows(_ inputs: [TapeVariable]) -> TapeVariable? {
    conditionCount > 0 ? inputs[2] : nil
  }

  func probe(_ inputs: [TapeVariable]) -> TapeVariable? {
    divergence == .probe ? inputs[inputs.count - 1] : nil
  }
}

/// A drift that is a network, added to another drift where there is one.
public protocol NetworkDrift: TrainableDrift {
  associatedtype Program: DriftProgram
  /// What the network is added to.
  var base: (any DivergenceDrift)? { get }
  var network: PreparedNetwork<Program> { get set }
}

extension NetworkDrift {
  public var layout: ParameterLayout { network.program.layout }

  public var parameters: [Double] {
    get { network.parameters }
    set { network = PreparedNetwork(network.program, parameters: newValue) }
  }

  public var needsProbes: Bool { network.program.divergence == .probe }

  public var dimension: Int {
    let size = network.program.inputs[0]
    return size.channels * size.sites
  }

  public func values(
    of batch: Configurations, at times: [Double], probes: Configurations?, workers: Workers
  ) -> DriftValues {
    let outputs = network.outputs(
      of: inputs(batch, times, probes, network.program), workers: workers)
    var values = DriftValues(velocities: outputs[0], divergences: outputs[1].values)
    values.add(baseValues(of: batch, at: times, workers: workers))
    return values
  }

  public func gradient(
    of batch: Configurations, at times: [Double], probes: Configurations?, workers: Workers,
    cotangents: @Sendable (Range<Int>, DriftValues) -> DriftValues
  ) -> (values: DriftValues, gradient: [Double]) {
    let base = baseValues(of: batch, at: times, workers: workers)
    let result = network.gradient(
      of: inputs(batch, times, probes, network.program), workers: workers
    ) { members, outputs in
      var values = DriftValues(velocities: outputs[0], divergences: outputs[1].values)
      values.add(base.map { $0.members(members) })
      let bars = cotangents(members, values)
      return [
        bars.velocities,
        Configurations(count: members.count, dimension: 1, values: bars.divergences),
      ] + outputs.dropFirst(2).map { _ in nil }
    }
    var values = DriftValues(
      velocities: result.outputs[0], divergences: result.outputs[1].values)
    values.add(base)
    return (values, result.gradient)
  }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations
  ) {
    velocities = velocitiesAlone(of: batch, at: time)
  }

  fileprivate func velocitiesAlone(of batch: Configurations, at time: Double) -> Configurations {
    var program = network.program
    program.divergence = .none
    let times = Array(repeating: time, count: batch.count)
    var velocities = network.outputs(of: inputs(batch, times, nil, program), by: program)[0]
    if let base {
      var more = Configurations(count: batch.count, dimension: dimension)
      base.velocities(of: batch, at: time, into: &more)
      velocities.add(more)
    }
    return velocities
  }

  func inputs(
    _ batch: Configurations, _ times: [Double], _ probes: Configurations?, _ program: Program
  ) -> [Configurations] {
    precondition(times.count == batch.count, "one time for each member")
    precondition(conditions.count == program.conditionCount, "as many conditions as were declared")
    var inputs = [batch, Configurations(count: batch.count, dimension: 1, values: times)]
    if program.conditionCount > 0 {
      inputs.append(
        Configurations(
          count: batch.count, dimension: conditions.count,
          values: (0..<batch.count).flatMap { _ in conditions }))
    }
    if program.divergence == .probe {
      guard let probes else { preconditionFailure("the divergence of this drift needs probes") }
      inputs.append(probes)
    }
    return inputs
  }

  /// What the base gives to members that have their own times: one call for each run of equal times.
  /// The bits do not depend on the number of threads.
  func baseValues(
    of batch: Configurations, at times: [Double], workers: Workers = Workers(1)
  ) -> DriftValues? {
    guard let base else { return nil }
    var result = DriftValues(
      velocities: Configurations(count: batch.count, dimension: batch.dimension),
      divergences: Array(repeating: 0, count: batch.count))
    let dimension = batch.dimension
    var start = 0
    while start < batch.count {
      let end = times[start...].firstIndex { $0 != times[start] } ?? batch.count
      let (first, time) = (start, times[start])
      result.velocities.withMutableRows { rows in
        let velocityRows = SharedRows(rows)
        result.divergences.withUnsafeMutableBufferPointer { buffer in
          guard let address = buffer.baseAddress else { return }
          let divergenceRows = SharedRows(address)
          // A drift may take several members at once, always the same ones.
          workers.forEach(end - first, grain: 16) { range in
            let part = batch.members(first + range.lowerBound..<first + range.upperBound)
            var velocities = part
            var divergences = Array(repeating: 0.0, count: part.count)
            base.velocities(of: part, at: time, into: &velocities, divergences: &divergences)
            let place = first + range.lowerBound
            for (index, value) in velocities.values.enumerated() {
              velocityRows.pointer[place * dimension + index] = value
            }
            for (index, value) in divergences.enumerated() {
              divergenceRows.pointer[place + index] = value
            }
          }
        }
      }
      start = end
    }
    return result
  }
}

extension NetworkDrift where Self: DivergenceDrift {
  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations,
    divergences: inout [Double]
  ) {
    var program = network.program
    program.divergence = .exact
    let times = Array(repeating: time, count: batch.count)
    let outputs = network.outputs(of: inputs(batch, times, nil, program), by: program)
    var values = DriftValues(velocities: outputs[0], divergences: outputs[1].values)
    values.add(baseValues(of: batch, at: times))
    velocities = values.velocities
    divergences = values.divergences
  }

  public func velocities(
    of batch: Configurations, at time: Double, into velocities: inout Configurations
  ) {
    velocities = velocitiesAlone(of: batch, at: time)
  }
}

extension DriftValues {
  mutating func add(_ other: DriftValues?) {
    guard let other else { return }
    velocities.add(other.velocities)
    for member in divergences.indices { divergences[member] += other.divergences[member] }
  }

  func members(_ range: Range<Int>) -> DriftValues {
    DriftValues(
      velocities: velocities.members(range), divergences: Array(divergences[range]))
  }
}

extension Configurations {
  mutating func add(_ other: Configurations) {
    for index in values.indices { values[index] += other.values[index] }
  }
}
