// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels

/// A pointwise nonlinearity s(u).
public enum Activation: Int32, Sendable, Codable, CaseIterable {
  /// tanh u, odd; ∫s = log cosh u.
  case tanh
  /// sin u, odd; ∫s = 1 − cos u.
  case sine
  /// u/(1 + exp(−u)), neither odd nor with an antiderivative here.
  case silu
  /// u.
  case identity

  /// Whether s(−u) = −s(u).
  public var isOdd: Bool { self != .silu }
}

extension Tape {
  /// s(u), and on request its slope s'(u) and its antiderivative ∫_0^u s.
  public struct Activated {
    public let value: TapeVariable
    public let slope: TapeVariable?
    public let integral: TapeVariable?
    fileprivate let curvature: UnsafePointer<Double>?
  }

  /// The nonlinearity at every number.
  public func activate(
    _ u: TapeVariable, _ activation: Activation, slope wantsSlope: Bool = false,
    integral wantsIntegral: Bool = false
  ) -> Activated {
    precondition(!wantsIntegral || activation != .silu, "silu has no antiderivative here")
    let count = u.count
    let active = u.isActive && records
    let value = arena.take(count)
    let slope = wantsSlope || active ? arena.take(count) : nil
    let curvature = wantsSlope && active ? arena.take(count) : nil
    let integral = wantsIntegral ? arena.take(count) : nil
    df_activation(activation.rawValue, count, u.values, integral, value, slope, curvature)
    let result = Activated(
      value: variable(value, u.shape, isActive: active),
      slope: wantsSlope ? variable(slope!, u.shape, isActive: active) : nil,
      integral: integral.map { variable($0, u.shape, isActive: active) },
      curvature: curvature.map { UnsafePointer($0) })
    guard active, let slope else { return result }
    note { cotangents in
      let bars = (
        cotangents.existing(result.value), result.slope.flatMap(cotangents.existing),
        result.integral.flatMap(cotangents.existing)
      )
      if bars.0 == nil && bars.1 == nil && bars.2 == nil { return }
      func carry(_ bar: UnsafePointer<Double>?, _ factor: UnsafePointer<Double>?) {
        guard let bar else { return }
        let (uBar, accumulate) = cotangents.target(u)
        df_multiply(count, bar, factor, uBar, accumulate)
      }
      carry(bars.0, slope)
      carry(bars.1, curvature)
      carry(bars.2, value)
    }
    return result
  }

  /// x + y.
  public func add(_ x: TapeVariable, _ y: TapeVariable) -> TapeVariable { combine(x, 1, y) }

  /// x − y.
  public func subtract(_ x: TapeVariable, _ y: TapeVariable) -> TapeVariable { combine(x, -1, y) }

  private func combine(_ x: TapeVariable, _ factor: Double, _ y: TapeVariable) -> TapeVariable {
    precondition(x.shape == y.shape, "only equal shapes are added")
    let count = x.count
    return result(x.shape, of: [x, y]) {
      $0.update(from: x.values, count: count)
      df_scale(count, factor, y.values, $0, 1)
    } pullback: { bar, cotangents in
      for (variable, factor) in [(x, 1), (y, factor)] where variable.isActive {
        let (target, accumulate) = cotangents.target(variable)
        df_scale(count, factor, bar, target, accumulate)
      }
    }
  }

  /// a x, with a number a.
  public func scale(_ x: TapeVariable, by factor: Double) -> TapeVariable {
    let count = x.count
    return result(x.shape, of: [x]) {
      df_scale(count, factor, x.values, $0, 0)
    } pullback: { bar, cotangents in
      let (target, accumulate) = cotangents.target(x)
      df_scale(count, factor, bar, target, accumulate)
    }
  }

  /// x y, number by number.
  public func multiply(_ x: TapeVariable, _ y: TapeVariable) -> TapeVariable {
    precondition(x.shape == y.shape, "only equal shapes are multiplied")
    let count = x.count
    return result(x.shape, of: [x, y]) {
      df_multiply(count, x.values, y.values, $0, 0)
    } pullback: { bar, cotangents in
      for (variable, other) in [(x, y), (y, x)] where variable.isActive {
        let (target, accumulate) = cotangents.target(variable)
        df_multiply(count, bar, other.values, target, accumulate)
      }
    }
  }
}

/// A variable and its derivative along one direction; no tangent stands for zero.
public struct Dual {
  public let value: TapeVariable
  public let tangent: TapeVariable?

  public init(_ value: TapeVariable, tangent: TapeVariable? = nil) {
    self.value = value
    self.tangent = tangent
  }

  /// The same linear operation on both.
  public func map(_ operation: (TapeVariable) -> TapeVariable) -> Dual {
    Dual(operation(value), tangent: tangent.map(operation))
  }
}

extension Tape {
  /// s(u) and s'(u) u̇ at every number.
  public func activate(_ u: Dual, _ activation: Activation) -> Dual {
    guard let tangent = u.tangent else { return Dual(activate(u.value, activation).value) }
    let count = u.value.count
    let active = records && (u.value.isActive || tangent.isActive)
    let memory = (0..<3).map { _ in arena.take(count) }
    let (value, slope, moved) = (memory[0], memory[1], memory[2])
    let curvature = active ? arena.take(count) : nil
    df_activation(activation.rawValue, count, u.value.values, nil, value, slope, curvature)
    df_multiply(count, slope, tangent.values, moved, 0)
    let result = Dual(
      variable(value, u.value.shape, isActive: active),
      tangent: variable(moved, u.value.shape, isActive: active))
    guard active, let movedResult = result.tangent else { return result }
    note { cotangents in
      // Whatever flows at all flows through the value and its derivative together.
      let valueBar = cotangents.existing(result.value)
      let movedBar = cotangents.existing(movedResult)
      if valueBar == nil && movedBar == nil { return }
      if u.value.isActive {
        let (uBar, accumulate) = cotangents.target(u.value)
        let (tangentBar, more) = tangent.isActive ? cotangents.target(tangent) : (nil, 0)
        df_activation_pullback(
          count, valueBar ?? UnsafePointer(cotangents[result.value]),
          movedBar ?? UnsafePointer(cotangents[movedResult]), slope, curvature, tangent.values,
          uBar, tangentBar, accumulate + 2 * more)
      } else if let movedBar {
        let (tangentBar, accumulate) = cotangents.target(tangent)
        df_multiply(count, movedBar, slope, tangentBar, accumulate)
      }
    }
    return result
  }

  /// x y and its derivative ẋ y + x ẏ, number by number.
  public func multiply(_ x: Dual, _ y: Dual) -> Dual {
    let terms = [
      x.tangent.map { multiply($0, y.value) }, y.tangent.map { multiply(x.value, $0) },
    ].compactMap { $0 }
    return Dual(
      multiply(x.value, y.value),
      tangent: terms.count == 2 ? add(terms[0], terms[1]) : terms.first)
  }
}
