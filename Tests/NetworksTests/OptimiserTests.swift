// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation
import Lattices
import Networks
import RandomStreams
import Testing

@Suite struct OptimiserTests {
  @Test func theFirstStepOfAdamIsTheRate() {
    var adam = Adam(count: 2)
    var parameters = [1.0, -1.0]
    adam.update(&parameters, gradient: [3, -0.01], rate: 0.1)
    #expect(abs(parameters[0] - 0.9) < 1e-6 && abs(parameters[1] + 0.9) < 1e-6)
  }

  @Test func adamFindsTheMinimumOfAQuadratic() {
    var adam = Adam(count: 2)
    var parameters = [1.0, -1.0]
    let rate = LearningRate(0.05, warmUp: 5, decay: .cosine(iterations: 995, fraction: 0))
    for iteration in 0..<1000 {
      let gradient = [parameters[0] - 0.3, 20 * (parameters[1] - 0.5)]
      adam.update(&parameters, gradient: gradient, rate: rate[iteration])
    }
    #expect(abs(parameters[0] - 0.3) < 1e-4 && abs(parameters[1] - 0.5) < 1e-4)
  }

  @Test func ratesRiseAndDecay() {
    let cosine = LearningRate(2, warmUp: 4, decay: .cosine(iterations: 10, fraction: 0.1))
    #expect(cosine[0] == 0.5 && cosine[3] == 2 && cosine[4] == 2)
    #expect(
      abs(cosine[9] - 1.1) < 1e-12 && abs(cosine[14] - 0.2) < 1e-12 && cosine[99] == cosine[14])
    let steps = LearningRate(1, decay: .step(interval: 10, factor: 0.5))
    #expect(steps[9] == 1 && steps[10] == 0.5 && steps[29] == 0.25)
  }

  @Test func clippingKeepsTheDirection() {
    var gradient = [3.0, 4.0]
    #expect(GradientClipping.clip(&gradient, to: 10) == 5 && gradient == [3, 4])
    #expect(GradientClipping.clip(&gradient, to: 1) == 5)
    #expect(abs(gradient[0] - 0.6) < 1e-15 && abs(gradient[1] - 0.8) < 1e-15)
  }

  @Test func averagesForgetTheirBeginning() {
    var average = ParameterAverage([100], decay: 0.9)
    for _ in 0..<200 { average.update([1]) }
    #expect(abs(average.values[0] - 1) < 1e-5)
  }
}

/// A perceptron of two conditioned inputs, for what batches do.
private struct SmallProgram: NetworkProgram {
  let layout: ParameterLayout
  let network: DenseNetwork
  let conditioner: Conditioner
  let space: KernelSpace
  let transform: ComplexTransform
  let kernelRange: Range<Int>

  init(_ lattice: Lattice) {
    var layout = ParameterLayout()
    space = KernelSpace(lattice, radius: 1)
    transform = ComplexTransform(lattice)
    kernelRange = layout.add("kernels", count: 3 * space.orbitCount, scale: 0.5)
    conditioner = Conditioner(
      "time", order: 2, conditions: 1, hidden: [4], outputs: 3, scale: 1, in: &layout)
    network = DenseNetwork("head", widths: [3, 5, 1], in: &layout)
    self.layout = layout
  }

  var parameterCount: Int { layout.count }
  var chunk: Int { 4 }
  var inputs: [(channels: Int, sites: Int)] { [(1, space.lattice.volume), (1, 1), (1, 1)] }

  func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    let kernels = tape.kernels(tape.slice(parameters, kernelRange), in: space)
    return [tape.spectra(of: kernels, transform: transform)]
      + conditioner.prepare(parameters, on: tape) + network.prepare(parameters, on: tape)
  }

  func outputs(of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape) -> [TapeVariable]
  {
    let end = 1 + conditioner.preparedCount
    let scales = conditioner.apply(
      times: inputs[1], conditions: inputs[2], derivative: true, prepared: prepared[1..<end],
      on: tape)
    let fields = tape.convolve(inputs[0], prepared[0], .dense, transform: transform)
    let moved = tape.activate(tape.affine(Dual(fields), factor: scales), .tanh)
    let dual = network.apply(moved, prepared: prepared[end...], on: tape)
    return [dual.value, tape.siteSum(dual.tangent!)]
  }
}

@Suite struct PreparedNetworkTests {
  private static func inputs(_ count: Int, _ volume: Int) -> [Configurations] {
    [
      Configurations(count: count, dimension: volume, values: numbers(count * volume, 0.1)),
      Configurations(count: count, dimension: 1, values: (0..<count).map { 0.05 * Double($0) }),
      Configurations(count: count, dimension: 1, values: numbers(count, 0.8)),
    ]
  }

  private static func cotangents(_ rows: [Configurations]) -> [Configurations?] {
    rows.map { batch in
      Configurations(
        count: batch.count, dimension: batch.dimension, values: batch.values.map { 2 * $0 })
    }
  }

  /// L = Σ y² over all members and results.
  private static func loss(_ outputs: [Configurations]) -> Double {
    outputs.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }
  }

  @Test func gradientsAreDifferenceQuotients() {
    let program = SmallProgram(Lattice(extents: [3, 4]))
    let parameters = program.layout.random(using: RandomStreams(seed: 5))
    let inputs = Self.inputs(11, 12)
    let (outputs, gradient) = PreparedNetwork(program, parameters: parameters).gradient(of: inputs)
    {
      Self.cotangents($1)
    }
    #expect(outputs == PreparedNetwork(program, parameters: parameters).outputs(of: inputs))
    for index in parameters.indices {
      let values = [1e-5, -1e-5].map { step in
        var moved = parameters
        moved[index] += step
        return Self.loss(PreparedNetwork(program, parameters: moved).outputs(of: inputs))
      }
      #expect(abs((values[0] - values[1]) / 2e-5 - gradient[index]) < 1e-7 * 20)
    }
  }

  @Test func tangentsAreDifferenceQuotientsInTime() {
    let program = SmallProgram(Lattice(extents: [5]))
    let network = PreparedNetwork(
      program, parameters: program.layout.random(using: RandomStreams(seed: 3)))
    let inputs = Self.inputs(3, 5)
    let outputs = [1e-5, -1e-5].map { step in
      var moved = inputs
      for member in 0..<3 { moved[1].values[member] += step }
      return network.outputs(of: moved)[0]
    }
    let slopes = network.outputs(of: inputs)[1]
    for member in 0..<3 {
      let quotient = (0..<5).reduce(0.0) {
        $0 + (outputs[0][member][5 * member + $1] - outputs[1][member][5 * member + $1]) / 2e-5
      }
      #expect(abs(quotient - slopes.values[member]) < 1e-8)
    }
  }

  @Test func bitsDoNotDependOnThreads() {
    let program = SmallProgram(Lattice(extents: [4, 4]))
    let network = PreparedNetwork(
      program, parameters: program.layout.random(using: RandomStreams(seed: 5)))
    let inputs = Self.inputs(70, 16)
    let one = network.gradient(of: inputs) { Self.cotangents($1) }
    for threads in [2, 3, 5] {
      let other = network.gradient(of: inputs, workers: Workers(threads)) { Self.cotangents($1) }
      #expect(one.gradient == other.gradient && one.outputs == other.outputs)
      #expect(network.outputs(of: inputs, workers: Workers(threads)) == one.outputs)
    }
  }

  @Test func whoRanAwaySpoilsNobodyElse() {
    let program = SmallProgram(Lattice(extents: [4]))
    let network = PreparedNetwork(
      program, parameters: program.layout.random(using: RandomStreams(seed: 5)))
    var inputs = Self.inputs(4, 4)
    inputs[0].values[5] = .nan
    let outputs = network.outputs(of: inputs)[1]
    inputs[0].values[5] = 0
    let healthy = network.outputs(of: inputs)[1]
    #expect(outputs.values[1].isNaN)
    for member in [0, 2, 3] {
      #expect(abs(outputs.values[member] - healthy.values[member]) < 1e-13)
    }
  }
}
