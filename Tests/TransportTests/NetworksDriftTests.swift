// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Networks
import RandomStreams
import Testing
import Transport

@Suite struct NetworksDriftTests {
  static let streams = RandomStreams(seed: 4)

  /// Architectures of every kind, with something in all of their parts.
  static let architectures: [ConvolutionArchitecture] = [
    ConvolutionArchitecture(channels: 3, layers: 1, outputScale: 0.3),
    ConvolutionArchitecture(
      channels: 2, layers: 1, activation: .sine, symmetry: .none, inputScales: [],
      linearKernels: 2, conditions: 2, conditionerWidths: [5], outputScale: 0.3),
    ConvolutionArchitecture(channels: 3, layers: 2, linearKernels: 1, outputScale: 0.3),
    ConvolutionArchitecture(
      channels: 3, layers: 2, activation: .sine, inputScales: [], outputScale: 0.3),
    ConvolutionArchitecture(
      channels: 2, layers: 2, activation: .silu, isOdd: false, symmetry: .none, radius: 1.5,
      linearKernels: 1, timeOrder: nil, conditions: 1, outputScale: 0.3),
    ConvolutionArchitecture(
      channels: 2, layers: 1, activation: .silu, isOdd: false, inputScales: [1],
      timeOrder: nil, outputScale: 0.3),
  ]

  static let shapes = [[5], [4, 4], [3, 4], [2, 3, 3], [2, 3, 2, 2]]

  static func drift(
    _ extents: [Int], _ architecture: ConvolutionArchitecture, seed: UInt64 = 4
  ) -> ConvolutionDrift {
    let lattice = Lattice(extents: extents)
    var drift = ConvolutionDrift(
      lattice, architecture,
      base: SineDrift(dimension: lattice.volume, slope: 0.3, amplitude: 0.2),
      using: RandomStreams(seed: seed))
    drift.conditions = Array([0.7, -0.4].prefix(architecture.conditions))
    return drift
  }

  static func deep(_ extents: [Int], _ architecture: ConvolutionArchitecture, layers: Int)
    -> DeepConvolutionDrift
  {
    var architecture = architecture
    architecture.layers = layers
    var drift = DeepConvolutionDrift(Lattice(extents: extents), architecture, using: streams)
    drift.conditions = Array([0.7, -0.4].prefix(architecture.conditions))
    return drift
  }

  @Test(arguments: shapes, Array(architectures.indices))
  func divergencesAreTracesOfTheJacobian(extents: [Int], number: Int) {
    #expect(DriftLaws.divergenceError(Self.drift(extents, Self.architectures[number])) < 1e-9)
  }

  @Test(arguments: [[5], [3, 4], [2, 3, 3]], Array(architectures.indices))
  func pullbacksAreDifferenceQuotients(extents: [Int], number: Int) {
    #expect(DriftLaws.pullbackError(Self.drift(extents, Self.architectures[number])) < 1e-7)
  }

  @Test(arguments: Array(architectures.indices), [1, 2, 3])
  func probesSeeTheDirectionalDerivative(number: Int, layers: Int) {
    let drift = Self.deep([3, 4], Self.architectures[number], layers: layers)
    let batch = DriftLaws.batch(3, 12)
    let probes = DriftLaws.signs(3, 12)
    let times = [0.3, 0.3, 0.3]
    let values = drift.values(of: batch, at: times, probes: probes, workers: Workers(1))
    var quotients = [0.0, 0.0, 0.0]
    for (shift, weight) in [(1.0, 8.0), (-1, -8), (2, -1), (-2, 1)] {
      var moved = batch
      for index in moved.values.indices {
        moved.values[index] += 1e-3 * shift * probes.values[index]
      }
      let velocities = DriftLaws.velocities(drift, moved, 0.3)
      for index in moved.values.indices {
        quotients[index / 12] += weight * velocities.values[index] * probes.values[index] / 12e-3
      }
    }
    #expect(zip(quotients, values.divergences).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(DriftLaws.pullbackError(drift) < 1e-7)
  }

  @Test(arguments: Array(architectures.indices))
  func theExactDivergenceIsTheMeanOfProbes(number: Int) {
    let exact = Self.drift([3, 3], Self.architectures[number])
    var deep = Self.deep([3, 3], Self.architectures[number], layers: exact.architecture.layers)
    deep.parameters = exact.parameters
    let field = DriftLaws.batch(1, 9)
    let copies = Configurations(
      count: 9, dimension: 9, values: (0..<9).flatMap { _ in field.values })
    var units = Configurations(count: 9, dimension: 9)
    for site in 0..<9 { units.values[10 * site] = 1 }
    let parts = deep.values(
      of: copies, at: Array(repeating: 0.3, count: 9), probes: units, workers: Workers(1))
    var network = exact
    network = ConvolutionDrift(
      Lattice(extents: [3, 3]), exact.architecture, using: Self.streams)
    network.parameters = exact.parameters
    network.conditions = exact.conditions
    let whole = network.values(of: field, at: [0.3], probes: nil, workers: Workers(1))
    #expect(abs(parts.divergences.reduce(0, +) - whole.divergences[0]) < 1e-12)
  }

  @Test func networksStartFromTheirBase() {
    let lattice = Lattice(extents: [3, 4])
    let base = SineDrift(dimension: 12, slope: 0.3, amplitude: 0.2)
    let drift = ConvolutionDrift(
      lattice, ConvolutionArchitecture(layers: 2), base: base, using: Self.streams)
    let batch = DriftLaws.batch(4, 12)
    #expect(DriftLaws.velocities(drift, batch, 0.6) == DriftLaws.velocities(base, batch, 0.6))
  }

  @Test(arguments: [[4, 4], [3, 4], [3, 3, 3]], [0, 2, 3])
  func symmetriesHoldToRounding(extents: [Int], number: Int) {
    let drift = Self.drift(extents, Self.architectures[number])
    for map in Self.latticeMaps(extents) {
      #expect(DriftLaws.equivarianceError(drift, map) < 1e-13)
    }
    #expect(DriftLaws.equivarianceError(drift, sign: -1) { $0 } < 1e-13)
  }

  @Test func symmetriesBreakWhereTheyAreSwitchedOff() {
    let free = Self.drift([4, 4], Self.architectures[1])
    let maps = Self.latticeMaps([4, 4])
    #expect(DriftLaws.equivarianceError(free, maps[0]) < 1e-13)
    for map in maps.dropFirst() { #expect(DriftLaws.equivarianceError(free, map) > 1e-3) }
    let even = Self.drift([4, 4], Self.architectures[5])
    for map in maps { #expect(DriftLaws.equivarianceError(even, map) < 1e-13) }
    #expect(DriftLaws.equivarianceError(even, sign: -1) { $0 } > 1e-3)
  }

  /// A translation, the reflection of the first axis, the exchange of the last two if they are equal.
  static func latticeMaps(_ extents: [Int]) -> [(Int) -> Int] {
    let lattice = Lattice(extents: extents)
    func map(_ change: @escaping ([Int]) -> [Int]) -> (Int) -> Int {
      { site in
        let x = change((0..<extents.count).map { lattice.coordinate(of: site, along: $0) })
        return zip(zip(x, extents), lattice.strides).reduce(0) {
          $0 + (($1.0.0 % $1.0.1) + $1.0.1) % $1.0.1 * $1.1
        }
      }
    }
    var maps = [
      map { zip($0, 1...).map { $0 + $1 } }, map { [-$0[0]] + $0.dropFirst() },
    ]
    let last = extents.count - 1
    if extents[last] == extents[last - 1] {
      maps.append(
        map { x in
          var x = x
          x.swapAt(last, last - 1)
          return x
        })
    }
    return maps
  }

  @Test func conditionsMatter() {
    var drift = Self.drift([3, 4], Self.architectures[1])
    let batch = DriftLaws.batch(2, 12)
    let before = DriftLaws.velocities(drift, batch, 0.5)
    drift.conditions = [0.7, -0.1]
    let after = DriftLaws.velocities(drift, batch, 0.5)
    #expect(zip(before.values, after.values).contains { abs($0 - $1) > 1e-4 })
  }

  @Test(arguments: [1, 2, 5]) func perceptronsOfPoints(dimension: Int) {
    for (activation, probes) in [(Activation.silu, false), (.tanh, false), (.tanh, true)] {
      var drift = MultilayerDrift(
        dimension: dimension, widths: [7, 6], activation: activation, inputLength: 1.3,
        conditions: 1, outputScale: 0.5, trainsWithProbes: probes,
        base: SineDrift(dimension: dimension, slope: 0.3, amplitude: 0.2), using: Self.streams)
      drift.conditions = [0.4]
      #expect(DriftLaws.divergenceError(drift) < 1e-9)
      #expect(DriftLaws.pullbackError(drift) < 1e-7)
    }
  }

  /// Potentials of every kind, with something in all of their parts.
  static let potentials: [GradientDrift] = {
    var drifts = [
      GradientDrift(Lattice(extents: [3, 4]), channels: 2, quadraticTerms: 2, using: streams),
      GradientDrift(
        Lattice(extents: [5]), channels: 2, quadraticTerms: 1, activation: .sine, isEven: false,
        symmetry: .none, conditions: 1, conditionerWidths: [3], using: streams),
      GradientDrift(
        Lattice(extents: [2, 3, 3]), channels: 2, radius: 1, timeOrder: nil, using: streams),
      GradientDrift(dimension: 3, channels: 4, quadraticTerms: 2, using: streams),
      GradientDrift(dimension: 1, channels: 3, activation: .sine, isEven: true, using: streams),
    ]
    for index in drifts.indices {
      let noise = DriftLaws.batch(1, drifts[index].parameters.count, seed: 8).values
      drifts[index].parameters = zip(drifts[index].parameters, noise).map { $0 + 0.3 * $1 }
      drifts[index].conditions = drifts[index].conditions.map { _ in 0.6 }
    }
    return drifts
  }()

  @Test(arguments: Array(potentials.indices)) func derivativesOfPotentials(number: Int) {
    let drift = Self.potentials[number]
    #expect(DriftLaws.divergenceError(drift) < 1e-9)
    #expect(DriftLaws.pullbackError(drift) < 1e-7)
    // Polynomials of time of high order ask for the shorter step.
    let (dimension, time, step, timeStep) = (drift.dimension, 0.4, 1e-3, 2e-4)
    let batch = DriftLaws.batch(3, dimension)
    func potentials(_ batch: Configurations, _ time: Double) -> [Double] {
      drift.potentialValues(of: batch, at: [time, time, time]).potentials
    }
    let values = drift.potentialValues(of: batch, at: [time, time, time])
    var quotients = batch
    quotients.values = quotients.values.map { _ in 0 }
    var rates = [0.0, 0.0, 0.0]
    for (shift, weight) in [(1.0, 8.0), (-1, -8), (2, -1), (-2, 1)] {
      let later = potentials(batch, time + shift * timeStep)
      for member in 0..<3 { rates[member] += weight * later[member] / (12 * timeStep) }
      for component in 0..<dimension {
        var moved = batch
        for member in 0..<3 { moved.values[member * dimension + component] += shift * step }
        let shifted = potentials(moved, time)
        for member in 0..<3 {
          quotients.values[member * dimension + component] += weight * shifted[member] / (12 * step)
        }
      }
    }
    #expect(zip(quotients.values, values.velocities.values).allSatisfy { abs($0 - $1) < 1e-9 })
    #expect(zip(rates, values.timeDerivatives).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test(arguments: Array(potentials.indices)) func pullbacksOfPotentials(number: Int) {
    let drift = Self.potentials[number]
    let batch = DriftLaws.batch(3, drift.dimension)
    let bars = PotentialValues(
      velocities: DriftLaws.batch(3, drift.dimension, seed: 3), divergences: [0.2, -0.3, 0.5],
      potentials: [0.7, 0.1, -0.4], timeDerivatives: [-0.2, 0.6, 0.3])
    let times = [0.1, 0.5, 0.9]
    let gradient = drift.potentialGradient(of: batch, at: times) { members, _ in
      PotentialValues(
        velocities: Configurations(
          count: members.count, dimension: drift.dimension,
          values: members.flatMap { bars.velocities[$0] }),
        divergences: Array(bars.divergences[members]), potentials: Array(bars.potentials[members]),
        timeDerivatives: Array(bars.timeDerivatives[members]))
    }.gradient
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let error = DriftLaws.gradientError(drift.parameters, gradient) { parameters in
      var moved = drift
      moved.parameters = parameters
      let values = moved.potentialValues(of: batch, at: times)
      return dot(values.velocities.values, bars.velocities.values)
        + dot(values.divergences, bars.divergences) + dot(values.potentials, bars.potentials)
        + dot(values.timeDerivatives, bars.timeDerivatives)
    }
    #expect(error < 1e-7)
  }

  @Test func bitsDoNotDependOnThreads() {
    let drift = Self.drift([4, 4], Self.architectures[2])
    let batch = DriftLaws.batch(50, 16)
    let times = (0..<50).map { Double($0) / 50 }
    let results = [1, 2, 3].map { threads in
      drift.gradient(of: batch, at: times, probes: nil, workers: Workers(threads)) { $1 }
    }
    for result in results {
      #expect(result.gradient == results[0].gradient && result.values == results[0].values)
    }
  }
}
