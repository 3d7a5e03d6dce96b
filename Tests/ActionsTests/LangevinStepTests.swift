// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import CKernels
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Targets
import Testing

/// What a Langevin step reads and writes.
private struct Walker {
  var position: [Double]
  var gradient: [Double]
  var noise: [Double]

  /// A field and a noise of order one, and the gradient of `target` there.
  init(on target: some Target, step: Int) {
    position = Walker.normals(target.dimension, step, .initialField)
    noise = Walker.normals(target.dimension, step, .noise)
    gradient = Walker.gradient(of: target, at: position).gradient
  }

  private static func normals(_ count: Int, _ step: Int, _ purpose: Purpose) -> [Double] {
    var row = Array(repeating: 0.0, count: count)
    RandomStreams(seed: 21).fillNormals(
      &row, count: count, purpose: purpose, walker: 0, step: step)
    return row
  }

  static func gradient(
    of target: some Target, at position: [Double]
  ) -> (gradient: [Double], energy: Double) {
    let batch = Configurations(count: 1, dimension: position.count, values: position)
    var gradient = batch
    var energy = [0.0]
    target.gradients(of: batch, into: &gradient, energies: &energy)
    return (gradient.values, energy[0])
  }

  /// The step by the target itself, in a workspace of the size it asks for, full of NaN and not
  /// aligned; nothing beyond workspace and rows may change.
  mutating func step(to target: some LangevinTarget, size: Double) -> LangevinStep {
    let bytes = target.workspaceBytes
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes + 128, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: bytes + 128)
    position.append(123)
    gradient.append(456)
    let unchanged = noise
    let result = target.langevinStep(
      position: &position, gradient: &gradient, noise: noise, stepSize: size,
      workspace: memory + 24)
    let before = UnsafeRawBufferPointer(start: memory, count: 24)
    let after = UnsafeRawBufferPointer(start: memory + 24 + bytes, count: 64)
    #expect(before.allSatisfy { $0 == 0xff } && after.allSatisfy { $0 == 0xff })
    #expect(position.removeLast() == 123 && gradient.removeLast() == 456 && noise == unchanged)
    return result
  }

  /// The step as its definition reads; log F and log B are two normal log densities,
  /// −Σ (distance − drift)²/(4h), whose common constant cancels.
  mutating func plainStep(to target: some Target, size: Double) -> LangevinStep {
    let start = position
    let before = gradient
    for site in position.indices {
      position[site] += (2 * size).squareRoot() * noise[site] - size * before[site]
    }
    let energy: Double
    (gradient, energy) = Walker.gradient(of: target, at: position)
    var logRatio = 0.0
    for site in position.indices {
      let there = position[site] - (start[site] - size * before[site])
      let back = start[site] - (position[site] - size * gradient[site])
      logRatio += (there * there - back * back) / (4 * size)
    }
    return LangevinStep(energy: energy, logRatio: logRatio)
  }
}

private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// Row lengths below, at and above whole vectors, in one to four dimensions, and extents of 2.
private let lattices: [[Int]] =
  [2, 3, 5, 7, 8, 9, 15, 16, 17, 33].flatMap { length in
    [
      [length], [2, length], [3, length], [8, length], [2, 2, length], [3, 5, length],
      [2, 3, 2, length], [3, 2, 4, length],
    ]
  } + [[2500], [3, 1033], [32, 32], [2, 2, 512]]

private func phi4(_ extents: [Int], massSquared: Double, coupling: Double) -> Phi4 {
  Phi4(lattice: Lattice(extents: extents), massSquared: massSquared, coupling: coupling)
}

@Suite struct LangevinStepTests {
  @Test(arguments: lattices) func stepIsTheOneOfTheDefinition(extents: [Int]) {
    let old = phi4(extents, massSquared: 0.5, coupling: 0.1)
    let new = phi4(extents, massSquared: -0.7, coupling: 0.3)
    for (index, size) in [0.01, 0.1].enumerated() {
      var walker = Walker(on: old, step: index)
      var plain = walker
      let result = walker.step(to: new, size: size)
      let expected = plain.plainStep(to: new, size: size)
      #expect(largestDifference(walker.position, plain.position) < 1e-14)
      #expect(largestDifference(walker.gradient, plain.gradient) < 1e-12)
      // Terms of log B/F are of order 1 and lose digits only in the plain form, as 1/√h.
      let tolerance = 1e-14 * Double(new.dimension) / size
      #expect(abs(result.energy - expected.energy) < tolerance)
      #expect(abs(result.logRatio - expected.logRatio) < tolerance)
    }
  }

  /// Energy and gradient at the end are, to the bit, what the other calls give there.
  @Test(arguments: lattices) func endIsConsistentToTheBit(extents: [Int]) {
    let target = phi4(extents, massSquared: -0.7, coupling: 0.3)
    var walker = Walker(on: target, step: 2)
    let energy = walker.step(to: target, size: 0.05).energy
    let (gradient, direct) = Walker.gradient(of: target, at: walker.position)
    #expect(walker.gradient == gradient)
    #expect(energy == direct)
  }

  /// The step back, with the noise √(h/2) (g + g') − η, ends where the step began, and its ratio of
  /// densities is the inverse.
  @Test(arguments: [[7], [2], [4, 6], [5, 9], [3, 4, 5], [2, 3, 2, 11]])
  func stepBackUndoesTheStep(extents: [Int]) {
    let old = phi4(extents, massSquared: 1, coupling: 0)
    let new = phi4(extents, massSquared: -0.5, coupling: 0.4)
    let size = 0.03
    let start = Walker(on: old, step: 3)
    var walker = start
    let there = walker.step(to: new, size: size)
    #expect(largestDifference(start.position, walker.position) > 0.1)
    for site in walker.noise.indices {
      walker.noise[site] =
        (size / 2).squareRoot() * (start.gradient[site] + walker.gradient[site])
        - start.noise[site]
    }
    let back = walker.step(to: old, size: size)
    #expect(largestDifference(walker.position, start.position) < 1e-13)
    #expect(largestDifference(walker.gradient, start.gradient) < 1e-12)
    #expect(abs(there.logRatio + back.logRatio) < 1e-11)
    #expect(abs(there.logRatio) > 0.01)
  }

  /// One step of a tiny free field, so long that it is far from exact, and three in a row:
  /// E[exp(log w)] = Z₁/Z₀, log w = S_old(φ) − S_new(φ') + log B/F summed over the steps. Means
  /// within 4.5 standard errors (false alarm 1 in 10⁵), each below 0.2 %.
  @Test(arguments: [[5], [2, 3], [2, 2, 3]], [1, 3])
  func weightsAreUnbiased(extents: [Int], steps: Int) {
    let lattice = Lattice(extents: extents)
    let masses = (0...steps).map { 1 + 0.5 * Double($0) / Double(steps) }
    let path = masses.map { FreeField(lattice, massSquared: $0) }
    // The step multiplies a mode by 1 − 2h K(p), which is 1/2 for the stiffest one.
    let size = 0.25 / path[steps].spectrum.max()!
    let count = 400_000
    let dimension = lattice.volume
    let streams = RandomStreams(seed: 5)
    var batch = Configurations(count: count, dimension: dimension)
    path[0].sample(
      into: &batch, using: streams, purpose: .initialField, firstWalker: 0, step: 0)
    var gradients = batch
    var energies = Array(repeating: 0.0, count: count)
    path[0].gradients(of: batch, into: &gradients, energies: &energies)
    var logWeights = energies
    var noise = Array(repeating: 0.0, count: dimension)
    let workspace = UnsafeMutableRawPointer.allocate(
      byteCount: path[0].workspaceBytes, alignment: 64)
    defer { workspace.deallocate() }
    batch.withMutableRows { positions in
      gradients.withMutableRows { gradients in
        for walker in 0..<count {
          for step in 1...steps {
            streams.fillNormals(
              &noise, count: dimension, purpose: .noise, walker: walker, step: step)
            let result = path[step].langevinStep(
              position: positions + walker * dimension, gradient: gradients + walker * dimension,
              noise: noise, stepSize: size, workspace: workspace)
            // S_old of a step is S_new of the one before, so that only the ends remain.
            logWeights[walker] += result.logRatio
            if step == steps { logWeights[walker] -= result.energy }
          }
        }
      }
    }
    let shift = path[steps].logNormalizer - path[0].logNormalizer
    let weights = logWeights.map { exp($0 - shift) }
    let mean = weights.reduce(0, +) / Double(count)
    let variance =
      weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    let error = (variance / Double(count)).squareRoot()
    #expect(error < 0.002)
    #expect(abs(mean - 1) < 4.5 * error)
  }
}

/// Part of the serialised suite, since it forces the level of the whole process.
extension Phi4KernelTests {
  @Test(arguments: [[1500], [32, 32], [17, 33], [2, 2], [5, 6, 7], [3, 4, 2, 17]])
  func everyInstructionSetMakesTheSameLangevinStep(extents: [Int]) {
    let target = phi4(extents, massSquared: -0.7, coupling: 0.3)
    func everything() -> [UInt64] {
      var walker = Walker(on: target, step: 4)
      let first = walker.step(to: target, size: 0.02)
      let second = walker.step(to: target, size: 0.05)
      let results = [first.energy, first.logRatio, second.energy, second.logRatio]
      return (walker.position + walker.gradient + results).map(\.bitPattern)
    }
    defer { _ = df_kernel_force_level(-1) }
    #expect(df_kernel_force_level(0) == 0)
    let baseline = everything()
    for level in 0...df_kernel_best_level() {
      #expect(df_kernel_force_level(level) == level && df_kernel_level() == level)
      #expect(everything() == baseline)
    }
  }
}
