// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A network as operations on a tape.
public protocol NetworkProgram: Sendable {
  var parameterCount: Int { get }
  /// Samples in one pass; even. Two to four large ones keep all intermediate results in the cache.
  var chunk: Int { get }
  /// For each input its channels, and its sites.
  var inputs: [(channels: Int, sites: Int)] { get }

  /// What depends on the parameters alone, such as transforms of kernels: made once for all samples.
  func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable]

  /// The results for one chunk of samples, each [channels][pairs][sites][2].
  func outputs(of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape) -> [TapeVariable]
}

/// A network with its parameters, ready for batches.
///
/// Samples go through it in chunks, two as one complex field where there are transforms; batches of the
/// same members give the same bits, for any number of threads. Gradients are summed in a fixed order:
/// over the chunks of each of at most `strands` parts, then over the parts.
public final class PreparedNetwork<Program: NetworkProgram>: @unchecked Sendable {
  // Unchecked: nothing changes after init.
  public let program: Program
  public let parameters: [Double]
  private let tape = Tape()
  private let leaf: TapeVariable
  private let prepared: [TapeVariable]
  private let memory: UnsafeMutablePointer<Double>

  /// Parts of a batch that are summed up apart from each other: a constant, so that sums do not
  /// depend on the number of threads.
  public static var strands: Int { 8 }

  public init(_ program: Program, parameters: [Double]) {
    precondition(parameters.count == program.parameterCount, "one number for each parameter")
    precondition(program.chunk > 0 && program.chunk % 2 == 0, "samples go in pairs")
    SingleThreadedProducts.ensure()
    self.program = program
    self.parameters = parameters
    let memory = UnsafeMutablePointer<Double>.allocate(capacity: max(1, parameters.count))
    for (index, value) in parameters.enumerated() { (memory + index).initialize(to: value) }
    self.memory = memory
    leaf = tape.leaf(memory, shape: .vector(parameters.count))
    prepared = program.prepare(leaf, on: tape)
  }

  deinit { memory.deallocate() }

  /// The results for a batch, one row for each member; every input has one too. `other` is a program of the
  /// same parameters that needs no more of what was prepared, such as one that leaves out some results.
  public func outputs(
    of inputs: [Configurations], by other: Program? = nil, workers: Workers = Workers(1)
  )
    -> [Configurations]
  {
    let program = other ?? self.program
    let chunks = chunks(of: inputs, by: program)
    let results = Results(count: chunks.count)
    workers.forEach(chunks.count) { range in
      let tape = Tape(records: false)
      for number in range {
        tape.clear()
        let prepared = self.prepared.map {
          tape.variable($0.values, $0.shape, isActive: false)
        }
        let variables = program.outputs(
          of: self.load(inputs, by: program, chunks[number], on: tape), prepared: prepared, on: tape
        )
        results[number] = variables.map { Self.rows($0, count: chunks[number].count) }
      }
    }
    return results.joined()
  }

  /// The results, and the gradient by the parameters of any function of them, L = Σ over chunks.
  ///
  /// `cotangents` gets the members of a chunk and their results, and returns ∂L/∂result for each (nil
  /// for zero). It is called on several threads.
  public func gradient(
    of inputs: [Configurations], workers: Workers = Workers(1),
    cotangents: @Sendable (Range<Int>, [Configurations]) -> [Configurations?]
  ) -> (outputs: [Configurations], gradient: [Double]) {
    let chunks = chunks(of: inputs, by: program)
    let results = Results(count: chunks.count)
    let strands = min(Self.strands, max(1, chunks.count))
    let sizes = prepared.map { $0.isActive ? ($0.count + 7) / 8 * 8 : 0 }
    let length = sizes.reduce(0, +)
    let sums = UnsafeMutablePointer<Double>.allocate(capacity: max(1, strands * length))
    defer { sums.deallocate() }
    let shared = SharedRows(sums)
    workers.forEach(strands) { range in
      let tape = Tape()
      let bars = Cotangents()
      for strand in range {
        let sum = shared.pointer + strand * length
        sum.update(repeating: 0, count: length)
        for number in strand * chunks.count / strands..<(strand + 1) * chunks.count / strands {
          let chunk = chunks[number]
          tape.clear()
          bars.clear()
          var start = 0
          let prepared = zip(self.prepared, sizes).map { variable, size in
            let copy = tape.variable(
              variable.values, variable.shape, isActive: variable.isActive)
            if variable.isActive { bars.bind(copy, to: sum + start) }
            start += size
            return copy
          }
          let variables = self.program.outputs(
            of: self.load(inputs, by: self.program, chunk, on: tape), prepared: prepared, on: tape)
          let rows = variables.map { Self.rows($0, count: chunk.count) }
          results[number] = rows
          for (variable, bar) in zip(variables, cotangents(chunk, rows)) {
            if let bar, variable.isActive { Self.spread(bar, into: bars[variable], variable.shape) }
          }
          tape.pullback(bars)
        }
      }
    }
    var gradient = Array(repeating: 0.0, count: parameters.count)
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let gradient = gradient.baseAddress else { return }
      for strand in 1..<max(1, strands) {
        for index in 0..<length { sums[index] += sums[strand * length + index] }
      }
      let bars = Cotangents()
      bars.bind(leaf, to: gradient)
      var start = 0
      for (variable, size) in zip(prepared, sizes) where variable.isActive {
        let bar = bars[variable]
        for index in 0..<variable.count { bar[index] += sums[start + index] }
        start += size
      }
      tape.pullback(bars)
    }
    return (results.joined(), gradient)
  }

  /// Contiguous members that go through together. A pair shares the rounding of its transforms, so
  /// members that ran away go alone.
  private func chunks(of inputs: [Configurations], by program: Program) -> [Range<Int>] {
    precondition(inputs.count == program.inputs.count, "one batch for each input")
    let count = inputs[0].count
    for (input, shape) in zip(inputs, program.inputs) {
      precondition(
        input.count == count && input.dimension == shape.channels * shape.sites,
        "inputs have one row for each member")
    }
    return stride(from: 0, to: count, by: program.chunk).flatMap { start -> [Range<Int>] in
      let chunk = start..<min(count, start + program.chunk)
      let isTame = inputs.allSatisfy { input in
        input.values[chunk.lowerBound * input.dimension..<chunk.upperBound * input.dimension]
          .allSatisfy { abs($0) < 1e4 }
      }
      return isTame ? [chunk] : chunk.map { $0..<$0 + 1 }
    }
  }

  /// The members of a chunk, two by two; a missing one is zero.
  private func load(
    _ inputs: [Configurations], by program: Program, _ chunk: Range<Int>, on tape: Tape
  ) -> [TapeVariable] {
    zip(inputs, program.inputs).map { input, size in
      let shape = Shape.batch(
        channels: size.channels, pairs: (chunk.count + 1) / 2, sites: size.sites)
      return tape.constant(shape) { values in
        values.update(repeating: 0, count: shape.count)
        input.withRows { rows in
          Self.exchange(shape, members: chunk.count) { place, member, position in
            values[place] = rows[(chunk.lowerBound + member) * input.dimension + position]
          }
        }
      }
    }
  }

  private static func rows(_ variable: TapeVariable, count: Int) -> Configurations {
    let shape = variable.shape
    var result = Configurations(count: count, dimension: shape.channels * shape.sites)
    let dimension = result.dimension
    result.withMutableRows { rows in
      exchange(shape, members: count) { place, member, position in
        rows[member * dimension + position] = variable.values[place]
      }
    }
    return result
  }

  private static func spread(
    _ batch: Configurations, into values: UnsafeMutablePointer<Double>, _ shape: Shape
  ) {
    precondition(
      batch.dimension == shape.channels * shape.sites, "a cotangent has its value's shape")
    batch.withRows { rows in
      exchange(shape, members: batch.count) { place, member, position in
        values[place] += rows[member * batch.dimension + position]
      }
    }
  }

  /// Every number of the members of a chunk: its place in a variable, and in the row of its member.
  @inline(__always)
  private static func exchange(
    _ shape: Shape, members: Int, _ body: (_ place: Int, _ member: Int, _ position: Int) -> Void
  ) {
    for channel in 0..<shape.channels {
      for member in 0..<members {
        let start = (channel * shape.pairs + member / 2) * shape.sites * 2 + member % 2
        for site in 0..<shape.sites {
          body(start &+ 2 &* site, member, channel &* shape.sites &+ site)
        }
      }
    }
  }
}

/// The results of chunks, whichever thread they come from.
private final class Results: @unchecked Sendable {
  // Unchecked: every chunk writes to a place of its own, and reading waits for all of them.
  private let places: UnsafeMutableBufferPointer<[Configurations]>

  init(count: Int) {
    places = .allocate(capacity: count)
    places.initialize(repeating: [])
  }

  deinit {
    places.deinitialize()
    places.deallocate()
  }

  subscript(chunk: Int) -> [Configurations] {
    get { places[chunk] }
    set { places[chunk] = newValue }
  }

  /// All members of each result.
  func joined() -> [Configurations] {
    guard let first = places.first else { return [] }
    return first.indices.map { output in
      var values: [Double] = []
      values.reserveCapacity(places.reduce(0) { $0 + $1[output].values.count })
      for place in places { values += place[output].values }
      return Configurations(
        count: places.reduce(0) { $0 + $1[output].count }, dimension: first[output].dimension,
        values: values)
    }
  }
}
