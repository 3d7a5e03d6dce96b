// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Testing

/// One step and the same step run backwards, walker by walker, to rounding: the weights of transitions
/// from normal densities that are written out here, and nothing of the code that adds them up.
@Suite struct PathwiseReversalTests {
  private static let lattice = Lattice(extents: [3, 4])
  private static let old = Phi4(lattice: lattice, massSquared: 0.5, coupling: 0.3)
  private static let new = Phi4(lattice: lattice, massSquared: -1, coupling: 0.9)
  private static let streams = RandomStreams(seed: 11)

  /// P^power of a row, for M = P^-1 with the spectrum J (p̂² + M²).
  private struct Masses {
    var kinetic: KineticEnergy
    private let operators: [Double: SpectralOperator]

    init(accelerated: Bool) {
      guard accelerated else {
        kinetic = .unitMass
        operators = [:]
        return
      }
      let spectrum = lattice.momentaSquared().map { 2 * ($0 + 1.5) }
      kinetic = .spectral(SpectralMass(lattice: lattice, spectrum: spectrum))
      let transform = FourierTransform(lattice)
      operators = Dictionary(
        uniqueKeysWithValues: [-0.5, 0.5, 1].map { power in
          (power, SpectralOperator(transform, kernel: spectrum.map { pow($0, -power) }))
        })
    }

    func apply(_ power: Double, _ row: [Double]) -> [Double] {
      guard let operation = operators[power] else { return row }
      var row = row
      let buffer = TransformBuffer(lattice)
      row.withUnsafeMutableBufferPointer { operation.apply($0.baseAddress!, buffer: buffer) }
      return row
    }
  }

  private func evaluate(_ theory: Phi4, _ x: [Double]) -> (energy: Double, gradient: [Double]) {
    let batch = Configurations(count: 1, dimension: x.count, values: x)
    var gradients = batch
    var energies = [0.0]
    theory.gradients(of: batch, into: &gradients, energies: &energies)
    return (energies[0], gradients.values)
  }

  private func normals(_ purpose: Purpose, walker: Int, step: Int) -> [Double] {
    var row = Array(repeating: 0.0, count: Self.lattice.volume)
    row.withUnsafeMutableBufferPointer {
      Self.streams.fillNormals(
        $0.baseAddress!, count: $0.count, purpose: purpose, walker: walker, step: step)
    }
    return row
  }

  private func square(_ row: [Double]) -> Double { row.reduce(0) { $0 + $1 * $1 } }

  private func walkers(_ count: Int) -> Walkers {
    var batch = Configurations(count: count, dimension: Self.lattice.volume)
    FreeField(Self.lattice, massSquared: 1).sample(
      into: &batch, using: Self.streams, purpose: .initialField, firstWalker: 5, step: 0)
    return Walkers(first: 5, positions: batch)
  }

  private func context(_ epsilon: Double) -> StepContext {
    StepContext(streams: Self.streams, step: 3, stepSize: epsilon, times: (0.25, 0.5))
  }

  @Test(arguments: [false, true], [0.05, 0.6])
  func overdamped(accelerated: Bool, epsilon: Double) throws {
    let masses = Masses(accelerated: accelerated)
    let (old, new) = (Self.old, Self.new)
    /// log N(y; x − ½ε² P ∇U(x), ε² P) without its constant, and the noise that leads to y.
    func logDensity(_ theory: Phi4, from x: [Double], to y: [Double]) -> (Double, [Double]) {
      let drift = masses.apply(1, evaluate(theory, x).gradient)
      let rest = zip(y, zip(x, drift)).map { $0 - ($1.0 - 0.5 * epsilon * epsilon * $1.1) }
      let noise = masses.apply(-0.5, rest).map { $0 / epsilon }
      return (-0.5 * square(noise), noise)
    }
    func logWeight(_ a: Phi4, _ x: [Double], _ b: Phi4, _ y: [Double]) -> Double {
      evaluate(a, x).energy - evaluate(b, y).energy + logDensity(b, from: y, to: x).0
        - logDensity(a, from: x, to: y).0
    }
    let transition = OverdampedLangevin<Phi4>(preconditioner: masses.kinetic)
    var walkers = walkers(4)
    transition.begin(&walkers, at: old, in: context(epsilon))
    let before = walkers
    let info = transition.advance(&walkers, from: old, to: new, in: context(epsilon))
    #expect(info.gradientEvaluations == 4)
    for member in 0..<4 {
      let (x, y) = (Array(before.positions[member]), Array(walkers.positions[member]))
      // The step is the one that its noise makes.
      let noise = normals(.noise, walker: 5 + member, step: 3)
      for (a, b) in zip(logDensity(old, from: x, to: y).1, noise) { #expect(abs(a - b) < 1e-9) }
      let there = logWeight(old, x, new, y)
      #expect(abs(walkers.logWeights[member] - there) < 1e-9 * (1 + abs(there)))
      #expect(walkers.works[member] == -walkers.logWeights[member])
      #expect(abs(there + logWeight(new, y, old, x)) < 1e-9 * (1 + abs(there)))
      #expect(abs(walkers.energies[member] - evaluate(new, y).energy) < 1e-10)
    }
  }

  /// The way there and back of underdamped dynamics in phase space.
  private struct PhaseSpaceStep {
    var position: [Double]
    var velocity: [Double]
    /// The noise of each refresh on the way back.
    var backward: [[Double]] = []
    /// log ρ(x, v), before and after, and log F and log B.
    var logWeight = 0.0
  }

  private func step(
    _ splitting: LangevinSplitting, _ masses: Masses, _ x: [Double], _ v: [Double], _ a: Phi4,
    _ b: Phi4, epsilon: Double, friction: Double, noises: [[Double]]
  ) -> PhaseSpaceStep {
    func kinetic(_ v: [Double]) -> Double { 0.5 * square(masses.apply(-0.5, v)) }
    var result = PhaseSpaceStep(position: x, velocity: v)
    result.logWeight = evaluate(a, x).energy + kinetic(v)
    var kicks = 0
    var noises = noises
    for piece in splitting.pieces {
      switch piece {
      case .drift(let fraction):
        result.position = zip(result.position, result.velocity).map { $0 + fraction * epsilon * $1 }
      case .kick(let fraction):
        let force = masses.apply(1, evaluate(kicks < 1 ? a : b, result.position).gradient)
        result.velocity = zip(result.velocity, force).map { $0 - fraction * epsilon * $1 }
        kicks += 1
      case .refresh(let fraction):
        let c = exp(-friction * fraction * epsilon)
        let s = (1 - c * c).squareRoot()
        let noise = noises.removeFirst()
        let left = result.velocity
        result.velocity = zip(left, masses.apply(0.5, noise)).map { c * $0 + s * $1 }
        let back = masses.apply(-0.5, zip(left, result.velocity).map { (c * $1 - $0) / s })
        result.backward.insert(back, at: 0)
        // log N of both refreshes, whose constants are the same.
        result.logWeight += -0.5 * square(back) + 0.5 * square(noise)
      }
    }
    result.logWeight -= evaluate(b, result.position).energy + kinetic(result.velocity)
    return result
  }

  @Test(arguments: LangevinSplitting.all, [false, true])
  func underdamped(splitting: LangevinSplitting, accelerated: Bool) throws {
    let masses = Masses(accelerated: accelerated)
    let (epsilon, friction) = (0.4, 1.3)
    let transition = UnderdampedLangevin<Phi4>(
      splitting: splitting, friction: friction, kinetic: masses.kinetic)
    var walkers = walkers(4)
    transition.begin(&walkers, at: Self.old, in: context(epsilon))
    let before = walkers
    _ = transition.advance(&walkers, from: Self.old, to: Self.new, in: context(epsilon))
    let refreshes = splitting.pieces.count {
      if case .refresh = $0 { true } else { false }
    }
    let velocities = try #require(before.velocities)
    let reached = try #require(walkers.velocities)
    for member in 0..<4 {
      let (x, v) = (Array(before.positions[member]), Array(velocities[member]))
      // Velocities begin as draws from exp(−½ v·Mv).
      for (a, b) in zip(
        v, masses.apply(0.5, normals(.momentum, walker: 5 + member, step: 3)))
      {
        #expect(abs(a - b) < 1e-12)
      }
      let noises = (0..<refreshes).map {
        normals(.noise, walker: 5 + member, step: 3 * refreshes + $0)
      }
      let there = step(
        splitting, masses, x, v, Self.old, Self.new, epsilon: epsilon, friction: friction,
        noises: noises)
      for (a, b) in zip(there.position, walkers.positions[member]) { #expect(abs(a - b) < 1e-11) }
      for (a, b) in zip(there.velocity, reached[member]) { #expect(abs(a - b) < 1e-11) }
      #expect(
        abs(walkers.logWeights[member] - there.logWeight) < 1e-9 * (1 + abs(there.logWeight)))
      let back = step(
        splitting, masses, there.position, there.velocity.map { -$0 }, Self.new, Self.old,
        epsilon: epsilon, friction: friction,
        noises: there.backward)
      for (a, b) in zip(back.position, x) { #expect(abs(a - b) < 1e-10) }
      for (a, b) in zip(back.velocity, v) { #expect(abs(a + b) < 1e-10) }
      #expect(abs(there.logWeight + back.logWeight) < 1e-9 * (1 + abs(there.logWeight)))
    }
  }

  /// The step that a target makes itself and the one made of calls to `gradients`.
  @Test(arguments: [LangevinWeight.kernelRatio, .continuum])
  func ownSteps(weight: LangevinWeight) throws {
    let unit = SpectralMass(
      lattice: Self.lattice, spectrum: Array(repeating: 1, count: Self.lattice.volume))
    var own = walkers(9)
    var generic = own
    let first = OverdampedLangevin<Phi4>(weight: weight)
    let second = OverdampedLangevin<Phi4>(preconditioner: .spectral(unit), weight: weight)
    first.begin(&own, at: Self.old, in: context(0.2))
    second.begin(&generic, at: Self.old, in: context(0.2))
    for _ in 0..<5 {
      _ = first.advance(&own, from: Self.old, to: Self.new, in: context(0.2))
      _ = second.advance(&generic, from: Self.old, to: Self.new, in: context(0.2))
    }
    let (a, b) = (try #require(own.gradients), try #require(generic.gradients))
    for index in a.values.indices {
      #expect(abs(own.positions.values[index] - generic.positions.values[index]) < 1e-12)
      #expect(abs(a.values[index] - b.values[index]) < 1e-10)
    }
    for member in 0..<9 {
      #expect(abs(own.logWeights[member] - generic.logWeights[member]) < 1e-10)
      #expect(abs(own.energies[member] - generic.energies[member]) < 1e-10)
    }
  }
}
