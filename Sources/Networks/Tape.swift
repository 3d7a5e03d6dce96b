// SPDX-License-Identifier: GPL-3.0-or-later

/// How the numbers of a variable are arranged.
public struct Shape: Sendable, Equatable {
  /// Channels of a batch, or 1.
  public let channels: Int
  /// Pairs of samples; 0 for what does not belong to samples, such as parameters.
  public let pairs: Int
  /// Lattice sites; 1 for one number for each channel and sample.
  public let sites: Int

  /// A batch, [channels][pairs][sites][2]: two samples lie side by side, and are the real and imaginary
  /// part of one complex field to a transform.
  public static func batch(channels: Int, pairs: Int, sites: Int) -> Shape {
    Shape(channels: channels, pairs: pairs, sites: sites)
  }

  /// Numbers that belong to no sample.
  public static func vector(_ count: Int) -> Shape { Shape(channels: 1, pairs: 0, sites: count) }

  public var count: Int { pairs == 0 ? channels * sites : 2 * channels * pairs * sites }
}

/// A value on a tape.
public struct TapeVariable {
  let index: Int
  public let shape: Shape
  /// Its numbers, which stay until the tape is cleared.
  public let values: UnsafePointer<Double>
  /// Whether anything that derivatives are taken by enters it.
  public let isActive: Bool

  public var count: Int { shape.count }
  public var array: [Double] { Array(UnsafeBufferPointer(start: values, count: count)) }
}

/// A record of operations on whole arrays, for derivatives in reverse.
///
/// Every operation computes its value at once and notes how a cotangent of the value becomes cotangents
/// of its arguments: with L a function of the value y(x), x̄ += (∂y/∂x)ᵀ ȳ, where x̄ stands for ∂L/∂x. Forward
/// derivatives are variables too (`Dual`), so the reverse of a directional derivative needs nothing more.
/// A tape is one thread's property; sums are taken in a fixed order.
public final class Tape {
  /// Whether pullbacks are noted at all.
  public internal(set) var records: Bool
  let arena = Arena()
  private var count = 0
  private var pullbacks: [(Cotangents) -> Void] = []

  public init(records: Bool = true) { self.records = records }

  /// Forgets all variables; their memory is used again.
  public func clear() {
    count = 0
    pullbacks.removeAll(keepingCapacity: true)
    arena.releaseAll()
  }

  /// A variable whose derivative is asked for, kept elsewhere as long as the tape is in use.
  public func leaf(_ values: UnsafePointer<Double>, shape: Shape) -> TapeVariable {
    variable(values, shape, isActive: records)
  }

  /// A copy of numbers, with no derivatives by them.
  public func constant(_ values: [Double], shape: Shape) -> TapeVariable {
    precondition(values.count == shape.count, "as many values as the shape holds")
    return constant(shape) { memory in
      values.withUnsafeBufferPointer { memory.update(from: $0.baseAddress!, count: $0.count) }
    }
  }

  /// Numbers that `fill` sets, with no derivatives by them.
  public func constant(
    _ shape: Shape, fill: (UnsafeMutablePointer<Double>) -> Void
  ) -> TapeVariable {
    let memory = arena.take(shape.count)
    fill(memory)
    return variable(memory, shape, isActive: false)
  }

  /// The result of an operation. `pullback` gets its own cotangent and must add to those of the active
  /// arguments.
  public func result(
    _ shape: Shape, of arguments: [TapeVariable], compute: (UnsafeMutablePointer<Double>) -> Void,
    pullback: @escaping (UnsafePointer<Double>, Cotangents) -> Void
  ) -> TapeVariable {
    let memory = arena.take(shape.count)
    compute(memory)
    let result = variable(memory, shape, isActive: records && arguments.contains { $0.isActive })
    if result.isActive {
      note { cotangents in
        guard let bar = cotangents.existing(result) else { return }
        pullback(bar, cotangents)
      }
    }
    return result
  }

  /// Carries the cotangents that were set back to all leaves.
  public func pullback(_ cotangents: Cotangents) {
    for step in pullbacks.reversed() { step(cotangents) }
  }

  func variable(_ values: UnsafePointer<Double>, _ shape: Shape, isActive: Bool) -> TapeVariable {
    defer { count += 1 }
    return TapeVariable(index: count, shape: shape, values: values, isActive: isActive)
  }

  func note(_ pullback: @escaping (Cotangents) -> Void) { pullbacks.append(pullback) }
}

/// The derivatives of one function by the variables of a tape, zero until something is added. One
/// thread's property.
public final class Cotangents {
  let arena = Arena()
  private var pointers: [UnsafeMutablePointer<Double>?] = []

  public init() {}

  /// Forgets all; the memory is used again.
  public func clear() {
    pointers.removeAll(keepingCapacity: true)
    arena.releaseAll()
  }

  /// Lets the cotangent of a variable be summed up in memory from elsewhere, whatever is there already
  /// included.
  public func bind(_ variable: TapeVariable, to memory: UnsafeMutablePointer<Double>) {
    grow(to: variable.index)
    precondition(pointers[variable.index] == nil, "a cotangent is bound before it is used")
    pointers[variable.index] = memory
  }

  /// Where to add to the cotangent of a variable.
  public subscript(variable: TapeVariable) -> UnsafeMutablePointer<Double> {
    grow(to: variable.index)
    if let pointer = pointers[variable.index] { return pointer }
    let memory = arena.take(variable.count)
    memory.update(repeating: 0, count: variable.count)
    pointers[variable.index] = memory
    return memory
  }

  /// Where the cotangent of a variable goes, for an operation that sets every number of it: with
  /// `accumulate` 1 it must be added to what is there, with 0 what is there means nothing.
  func target(
    _ variable: TapeVariable
  ) -> (pointer: UnsafeMutablePointer<Double>, accumulate: Int32) {
    grow(to: variable.index)
    if let pointer = pointers[variable.index] { return (pointer, 1) }
    let memory = arena.take(variable.count)
    pointers[variable.index] = memory
    return (memory, 0)
  }

  /// The cotangent of a variable, if anything was added to it.
  public func existing(_ variable: TapeVariable) -> UnsafePointer<Double>? {
    variable.index < pointers.count ? pointers[variable.index].map { UnsafePointer($0) } : nil
  }

  private func grow(to index: Int) {
    while pointers.count <= index { pointers.append(nil) }
  }
}
