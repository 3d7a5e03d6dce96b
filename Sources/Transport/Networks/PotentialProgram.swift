// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Networks
import RandomStreams

/// A scalar network Φ_t with one nonlinear layer, whose gradient is a drift and all of whose derivatives are
/// exact. With A linear, convolutions by kernels K_f or a matrix, s a nonlinearity and G its
/// antiderivative,
///
///     Φ     = Σ_f β_f Σ_x G(u_f(x)) + ½ Σ_l ℓ_l φ·S_l φ,      u_f = α_f (A φ)_f + γ_f,
///     ∇Φ    = Aᵀ (β α s(u)) + Σ_l ℓ_l S_l φ,
///     ΔΦ    = Σ_f β_f α_f² |A_f|² Σ_x s'(u_f(x)) + Σ_l ℓ_l Tr S_l,
///     ∂_tΦ  = Σ_f ( ∂_tβ_f Σ_x G(u_f) + β_f Σ_x s(u_f) (∂_tα_f (Aφ)_f + ∂_tγ_f) ) + ½ Σ_l ∂_tℓ_l φ·S_l φ,
///
/// with α, β, γ, ℓ functions of time and conditions, S_l symmetric and γ = 0 where Φ is even in φ.
public struct PotentialProgram: DriftProgram {
  /// What A is.
  enum Lift: Sendable {
    case convolutions(KernelSpace, ComplexTransform)
    case matrix(dimension: Int)
  }

  let lift: Lift
  let channels: Int
  let linearTerms: Int
  let activation: Activation
  let isEven: Bool
  public let conditionCount: Int
  public let layout: ParameterLayout
  /// Exact whatever it says; `.none` leaves all results but the velocity out.
  public var divergence: DivergenceRule = .exact
  private let scales: LayerScales
  private let arms: Range<Int>
  private let quadratic: Range<Int>?

  init(
    _ lift: Lift, channels: Int, quadraticTerms: Int, activation: Activation, isEven: Bool,
    timeOrder: Int?, conditions: Int, widths: [Int]
  ) {
    precondition(activation != .silu, "the nonlinearity of a potential has an antiderivative")
    self.lift = lift
    self.channels = channels
    linearTerms = quadraticTerms
    self.activation = activation
    self.isEven = isEven
    conditionCount = conditions
    var layout = ParameterLayout()
    switch lift {
    case .convolutions(let space, _):
      arms = layout.add("kernels", count: channels * space.orbitCount, scale: 0.1)
      quadratic =
        quadraticTerms == 0
        ? nil : layout.add("kernels.quadratic", count: quadraticTerms * space.orbitCount)
    case .matrix(let dimension):
      arms = layout.add(
        "weights", count: channels * dimension, scale: 1 / Double(dimension).squareRoot())
      quadratic =
        quadraticTerms == 0
        ? nil : layout.add("weights.quadratic", count: quadraticTerms * dimension * dimension)
    }
    scales = LayerScales(
      count: (isEven ? 2 : 3) * channels + quadraticTerms, timeOrder: timeOrder,
      conditions: conditions, widths: widths, in: &layout)
    self.layout = layout
  }

  public var chunk: Int {
    switch lift {
    case .convolutions: 4
    case .matrix: 64
    }
  }

  public var inputs: [(channels: Int, sites: Int)] {
    switch lift {
    case .convolutions(let space, _): inputSizes(channels: 1, sites: space.lattice.volume)
    case .matrix(let dimension): inputSizes(channels: dimension, sites: 1)
    }
  }

  /// Random parameters with α = 1 and ℓ = 1; Φ begins as zero where there is no time dependence, as β and
  /// S do, and near it else.
  func initialParameters(using streams: RandomStreams) -> [Double] {
    var parameters = layout.random(using: streams)
    let start = scales.constantRange.lowerBound
    for channel in 0..<channels { parameters[start + channel] = 1 }
    for index in 0..<linearTerms { parameters[scales.constantRange.upperBound - 1 - index] = 1 }
    return parameters
  }

  public func prepare(_ parameters: TapeVariable, on tape: Tape) -> [TapeVariable] {
    let weights = tape.slice(parameters, arms)
    let quadratic = quadratic.map { tape.slice(parameters, $0) }
    let rest = scales.prepare(parameters, on: tape)
    switch lift {
    case .convolutions(let space, let transform):
      func spectra(_ kernels: TapeVariable) -> TapeVariable {
        tape.spectra(of: kernels, transform: transform)
      }
      let kernels = tape.kernels(weights, in: space)
      let norms = tape.kernelSums(tape.multiply(kernels, kernels), on: space.lattice)
      return [spectra(kernels), norms]
        + (quadratic.map {
          let forms = tape.kernels($0, in: space)
          let traces = tape.scale(
            tape.kernelOrigins(forms, on: space.lattice), by: Double(space.lattice.volume))
          return [spectra(forms), traces]
        } ?? []) + rest
    case .matrix(let dimension):
      let norms = tape.rowSums(tape.multiply(weights, weights), columns: dimension)
      return [weights, tape.transpose(weights, columns: dimension), norms]
        + (quadratic.map { forms in
          (0..<linearTerms).flatMap { term -> [TapeVariable] in
            let form = tape.slice(
              forms, term * dimension * dimension..<(term + 1) * dimension * dimension)
            return [form, tape.transpose(form, columns: dimension)]
          } + [tape.traces(forms, dimension: dimension)]
        } ?? []) + rest
    }
  }

  /// ∇Φ, ΔΦ, Φ and ∂_tΦ.
  public func outputs(
    of inputs: [TapeVariable], prepared: [TapeVariable], on tape: Tape
  ) -> [TapeVariable] {
    let wantsAll = divergence != .none
    var prepared = prepared[...]
    let x = inputs[0]
    let carry: (TapeVariable) -> TapeVariable
    let carryBack: (TapeVariable) -> TapeVariable
    switch lift {
    case .convolutions(_, let transform):
      let spectra = prepared.removeFirst()
      carry = { tape.convolve($0, spectra, .dense, transform: transform) }
      carryBack = {
        tape.convolve($0, spectra, .dense, transform: transform, isTransposed: true)
      }
    case .matrix:
      let weights = prepared.removeFirst()
      let transposed = prepared.removeFirst()
      carry = { tape.mix($0, weights) }
      carryBack = { tape.mix($0, transposed) }
    }
    let norms = prepared.removeFirst()
    let forms = quadraticForms(x, &prepared, on: tape)
    var reader = ChannelReader(
      scales.apply(
        times: inputs[1], conditions: conditionRows(inputs), derivative: wantsAll,
        prepared: prepared, on: tape), on: tape)
    let alpha = reader.take(channels)
    let beta = reader.take(channels)
    let gamma = isEven ? nil : reader.take(channels)
    let ell = reader.take(linearTerms)

    let lifted = carry(x)
    let u = tape.affine(Dual(lifted), factor: alpha, shift: gamma)
    let activated = tape.activate(u.value, activation, slope: wantsAll, integral: wantsAll)
    let product = tape.multiply(beta.value, alpha.value)
    var velocity = carryBack(tape.affine(activated.value, factor: product))
    for (index, form) in forms.fields.enumerated() {
      let factor = tape.channels(index..<index + 1, of: ell.value)
      velocity = tape.add(velocity, scaleAll(form, by: factor, on: tape))
    }
    guard wantsAll, let slope = activated.slope, let integral = activated.integral else {
      return [velocity]
    }
    let laplacian = tape.mix(
      tape.multiply(tape.multiply(product, alpha.value), tape.siteSum(slope)), norms)
    let sums = tape.siteSum(integral)
    var results = (
      laplacian: laplacian, potential: tape.dot(beta.value, sums),
      rate: beta.tangent.map { tape.dot($0, sums) }
    )
    if let moved = u.tangent {
      let change = tape.dot(
        beta.value, tape.siteSum(tape.multiply(activated.value, moved)))
      results.rate = results.rate.map { tape.add($0, change) } ?? change
    }
    if let traces = forms.traces {
      results.laplacian = tape.add(results.laplacian, tape.mix(ell.value, traces))
      for (index, form) in forms.fields.enumerated() {
        let square = tape.scale(tape.dot(x, form), by: 0.5)
        results.potential = tape.add(
          results.potential,
          tape.multiply(square, tape.channels(index..<index + 1, of: ell.value)))
        if let tangent = ell.tangent {
          let change = tape.multiply(square, tape.channels(index..<index + 1, of: tangent))
          results.rate = results.rate.map { tape.add($0, change) } ?? change
        }
      }
    }
    let rate = results.rate ?? tape.scale(results.potential, by: 0)
    return [velocity, results.laplacian, results.potential, rate]
  }

  /// S_l φ for every l, and the traces of all S_l. Kernels and matrices need not be symmetric; S = (Q + Qᵀ)/2.
  private func quadraticForms(
    _ x: TapeVariable, _ prepared: inout ArraySlice<TapeVariable>, on tape: Tape
  ) -> (fields: [TapeVariable], traces: TapeVariable?) {
    guard linearTerms > 0 else { return ([], nil) }
    switch lift {
    case .convolutions(let space, let transform):
      let spectra = prepared.removeFirst()
      let traces = prepared.removeFirst()
      var all = tape.convolve(x, spectra, .dense, transform: transform)
      if space.symmetry == .none {
        let copies = tape.spread(x, to: linearTerms)
        let transposed = tape.convolve(
          copies, spectra, .depthwise, transform: transform, isTransposed: true)
        all = tape.scale(tape.add(all, transposed), by: 0.5)
      }
      return ((0..<linearTerms).map { tape.channels($0..<$0 + 1, of: all) }, traces)
    case .matrix:
      let fields = (0..<linearTerms).map { _ in
        let form = prepared.removeFirst()
        let transposed = prepared.removeFirst()
        return tape.scale(tape.add(tape.mix(x, form), tape.mix(x, transposed)), by: 0.5)
      }
      return (fields, prepared.removeFirst())
    }
  }

  /// All channels times one factor for each sample.
  private func scaleAll(
    _ field: TapeVariable, by factor: TapeVariable, on tape: Tape
  ) -> TapeVariable {
    tape.affine(field, factor: tape.spread(factor, to: field.shape.channels))
  }
}
