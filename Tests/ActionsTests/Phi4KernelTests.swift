// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Testing

/// The action as its definition reads, with a neighbour table: slow and independent of the kernels.
private struct PlainAction {
  var action: df_phi4
  let extents: [Int]
  /// For each site the neighbours x + μ, x − μ, for each axis in turn.
  let neighbours: [[Int]]

  init(extents: [Int], hopping: Double = 0.7, c2: Double = -0.3, c4: Double = 0.2) {
    self.extents = extents
    action = df_phi4()
    action.dimensions = Int32(extents.count)
    action.hopping = hopping
    action.c2 = c2
    action.c4 = c4
    withUnsafeMutableBytes(of: &action.extents) { bytes in
      let numbers = bytes.bindMemory(to: Int32.self)
      for (axis, extent) in extents.enumerated() { numbers[axis] = Int32(extent) }
    }
    var table: [[Int]] = []
    for site in 0..<extents.reduce(1, *) {
      let place = PlainAction.coordinates(site, extents)
      var row: [Int] = []
      for axis in extents.indices {
        for step in [1, extents[axis] - 1] {
          var moved = place
          moved[axis] = (place[axis] + step) % extents[axis]
          row.append(PlainAction.site(moved, extents))
        }
      }
      table.append(row)
    }
    neighbours = table
  }

  var volume: Int { neighbours.count }
  var axes: Range<Int> { extents.indices }

  static func coordinates(_ site: Int, _ extents: [Int]) -> [Int] {
    var rest = site
    var place = extents
    for axis in extents.indices.reversed() {
      place[axis] = rest % extents[axis]
      rest /= extents[axis]
    }
    return place
  }

  static func site(_ place: [Int], _ extents: [Int]) -> Int {
    zip(place, extents).reduce(0) { $0 * $1.1 + $1.0 }
  }

  func energy(_ phi: [Double]) -> Double {
    var sum = 0.0
    for site in 0..<volume {
      let value = phi[site]
      let forward = axes.reduce(0.0) { $0 + phi[neighbours[site][2 * $1]] }
      sum += -action.hopping * value * forward
      sum += action.c2 * value * value + action.c4 * value * value * value * value
    }
    return sum
  }

  func gradient(_ phi: [Double]) -> [Double] {
    (0..<volume).map { site in
      let around = neighbours[site].reduce(0.0) { $0 + phi[$1] }
      let value = phi[site]
      return -action.hopping * around + 2 * action.c2 * value
        + 4 * action.c4 * value * value * value
    }
  }

  func trajectory(_ phi: inout [Double], _ momentum: inout [Double], _ scheme: Scheme) {
    kick(phi, &momentum, scheme.kicks[0])
    for (drift, kickSize) in zip(scheme.drifts, scheme.kicks.dropFirst()) {
      for site in 0..<volume { phi[site] += drift * momentum[site] }
      kick(phi, &momentum, kickSize)
    }
  }

  private func kick(_ phi: [Double], _ momentum: inout [Double], _ size: Double) {
    for (site, force) in gradient(phi).enumerated() { momentum[site] -= size * force }
  }
}

private struct Scheme {
  var kicks: [Double]
  var drifts: [Double]

  static func leapfrog(steps: Int, of size: Double) -> Scheme {
    var kicks = [Double](repeating: size, count: steps + 1)
    kicks[0] = size / 2
    kicks[steps] = size / 2
    return Scheme(kicks: kicks, drifts: [Double](repeating: size, count: steps))
  }
}

/// The kernels, called with a workspace of the size they ask for, full of NaN and not aligned.
extension PlainAction {
  private func withWorkspace<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
    var action = action
    let size = df_phi4_workspace_bytes(&action)
    let guardBytes = 64
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size + 2 * guardBytes, alignment: 64)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0xff, count: size + 2 * guardBytes)
    let result = body(memory + 24)
    let after = UnsafeRawBufferPointer(start: memory + 24 + size, count: guardBytes)
    let before = UnsafeRawBufferPointer(start: memory, count: 24)
    #expect(after.allSatisfy { $0 == 0xff } && before.allSatisfy { $0 == 0xff })
    return result
  }

  func kernelEnergy(_ phi: [Double]) -> Double {
    var action = action
    return withWorkspace { df_phi4_energy(&action, phi, $0) }
  }

  func kernelGradient(_ phi: [Double]) -> (energy: Double, gradient: [Double]) {
    var action = action
    var gradient = [Double](repeating: .nan, count: volume + 1)
    let energy = withWorkspace { df_phi4_gradient(&action, phi, &gradient, $0) }
    #expect(gradient.removeLast().isNaN)
    return (energy, gradient)
  }

  func kernelTrajectory(
    _ phi: inout [Double], _ momentum: inout [Double], _ scheme: Scheme
  ) -> [Double] {
    var action = action
    var energies = [Double](repeating: .nan, count: 4)
    phi.append(123)
    momentum.append(456)
    withWorkspace {
      df_phi4_trajectory(
        &action, &phi, &momentum, Int32(scheme.drifts.count), scheme.kicks, scheme.drifts, $0,
        &energies)
    }
    #expect(phi.removeLast() == 123 && momentum.removeLast() == 456)
    return energies
  }
}

/// Fields of order one from a small congruential generator.
private struct Fields {
  var state: UInt64

  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (Double(state >> 11) + 0.5) / 9_007_199_254_740_992
  }

  mutating func field(_ count: Int) -> [Double] { (0..<count).map { _ in 3 * uniform() - 1.5 } }
}

private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  #expect(a.count == b.count)
  return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

private func squares(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 } }

private let rowLengths = [2, 3, 5, 7, 8, 9, 15, 16, 17, 33]

/// Every row length in one to four dimensions, behind odd, even, rectangular and extent-2 axes.
private let lattices: [[Int]] =
  rowLengths.flatMap { length in
    [
      [length], [2, length], [3, length], [8, length], [2, 2, length], [2, 5, length],
      [5, 2, length], [3, 4, length], [2, 2, 2, length], [3, 2, 4, length], [2, 3, 5, length],
      [4, 5, 3, length],
    ]
  } + [[2500], [3, 1033], [2, 3, 2048], [64, 64]]

@Suite(.serialized) struct Phi4KernelTests {
  @Test(arguments: lattices) func gradientAndEnergyAreThoseOfTheDefinition(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    var fields = Fields(state: 1)
    let phi = fields.field(plain.volume)
    let (energy, gradient) = plain.kernelGradient(phi)
    #expect(largestDifference(gradient, plain.gradient(phi)) < 1e-13)
    #expect(abs(energy - plain.energy(phi)) < 1e-13 * Double(plain.volume))
    #expect(plain.kernelEnergy(phi) == energy)
  }

  @Test(arguments: lattices.filter { $0.reduce(1, *) <= 600 })
  func gradientIsTheDerivativeOfTheEnergy(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    var fields = Fields(state: 2)
    let phi = fields.field(plain.volume)
    let gradient = plain.kernelGradient(phi).gradient
    // S is a quartic in each φ_x: with h, 2h Richardson's central difference is exact up to rounding.
    let h = 0.25
    var worst = 0.0
    for site in phi.indices {
      func difference(_ step: Double) -> Double {
        var up = phi
        var down = phi
        up[site] += step
        down[site] -= step
        return (plain.kernelEnergy(up) - plain.kernelEnergy(down)) / (2 * step)
      }
      let derivative = (4 * difference(h) - difference(2 * h)) / 3
      worst = max(worst, abs(derivative - gradient[site]))
    }
    #expect(worst < 1e-11)
  }

  @Test(arguments: lattices) func trajectoryIsTheOneOfTheDefinition(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    let volume = Double(plain.volume)
    var fields = Fields(state: 3)
    let schemes = [
      Scheme.leapfrog(steps: 3, of: 0.1), Scheme.leapfrog(steps: 1, of: 0.2),
      Scheme(kicks: [0, 0.1, 0, 0.05, 0], drifts: [0.05, 0.1, -0.03, 0.02]),
      Scheme(kicks: [0.1], drifts: []), Scheme(kicks: [0], drifts: []),
    ]
    for scheme in schemes {
      var phi = fields.field(plain.volume)
      var momentum = fields.field(plain.volume)
      var plainPhi = phi
      var plainMomentum = momentum
      let before = [plain.energy(phi), squares(momentum) / 2]
      let energies = plain.kernelTrajectory(&phi, &momentum, scheme)
      plain.trajectory(&plainPhi, &plainMomentum, scheme)
      #expect(largestDifference(phi, plainPhi) < 1e-12)
      #expect(largestDifference(momentum, plainMomentum) < 1e-12)
      let after = [plain.energy(plainPhi), squares(plainMomentum) / 2]
      #expect(largestDifference(energies, before + after) < 1e-13 * volume)
    }
  }

  @Test(arguments: [[17], [16, 16], [9, 7], [6, 5, 7], [4, 3, 2, 9]])
  func trajectoryIsReversible(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    var fields = Fields(state: 4)
    let phi = fields.field(plain.volume)
    let momentum = fields.field(plain.volume)
    var movedPhi = phi
    var movedMomentum = momentum
    let scheme = Scheme.leapfrog(steps: 20, of: 0.05)
    let there = plain.kernelTrajectory(&movedPhi, &movedMomentum, scheme)
    #expect(largestDifference(phi, movedPhi) > 0.1)
    for site in momentum.indices { movedMomentum[site] = -movedMomentum[site] }
    let back = plain.kernelTrajectory(&movedPhi, &movedMomentum, scheme)
    #expect(largestDifference(phi, movedPhi) < 1e-12)
    #expect(largestDifference(momentum, movedMomentum.map { -$0 }) < 1e-12)
    #expect(largestDifference(there, [back[2], back[3], back[0], back[1]]) < 1e-10)
  }

  @Test func energyErrorOfLeapfrogIsOfSecondOrder() {
    let plain = PlainAction(extents: [16, 16], c2: 0.9, c4: 0.1)
    var fields = Fields(state: 5)
    let phi = fields.field(plain.volume)
    let momentum = fields.field(plain.volume)
    let errors = [10, 20, 40].map { steps in
      var movedPhi = phi
      var movedMomentum = momentum
      let scheme = Scheme.leapfrog(steps: steps, of: 0.5 / Double(steps))
      let energies = plain.kernelTrajectory(&movedPhi, &movedMomentum, scheme)
      return energies[2] + energies[3] - energies[0] - energies[1]
    }
    #expect(abs(errors[0] / errors[1] - 4) < 0.1)
    #expect(abs(errors[1] / errors[2] - 4) < 0.03)
  }

  /// With 2²⁰ sites S is about 10⁶, and Metropolis tests see differences of such sums.
  @Test(arguments: [[1 << 20], [1024, 1024]]) func energyOfABigLatticeIsAccurate(extents: [Int]) {
    var action = PlainAction(extents: [2, 2]).action
    action.dimensions = Int32(extents.count)
    action.extents = (Int32(extents[0]), Int32(extents.last!), 0, 0)
    (action.hopping, action.c2, action.c4) = (1, 1.3, 0.3)
    var fields = Fields(state: 12)
    let phi = fields.field(1 << 20)
    // Σ in compensated form (Knuth's two-sum), every site's term with its own rounding only.
    var (high, low) = (0.0, 0.0)
    func add(_ value: Double) {
      let total = high + value
      let part = total - high
      low += (high - (total - part)) + (value - part)
      high = total
    }
    let length = extents.last!
    for site in phi.indices {
      let x = site % length
      let value = phi[site]
      add(-value * phi[x + 1 == length ? site - x : site + 1])
      if extents.count == 2 { add(-value * phi[(site + length) % phi.count]) }
      add(1.3 * value * value)
      add(0.3 * value * value * value * value)
    }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: df_phi4_workspace_bytes(&action), alignment: 8)
    defer { memory.deallocate() }
    let energy = df_phi4_energy(&action, phi, memory)
    #expect(energy > 1e6)
    #expect(abs((energy - high) - low) < 5e-10)
  }

  @Test(arguments: [[1500], [64, 64], [17, 33], [2, 2], [5, 6, 7], [3, 4, 2, 17]])
  func everyInstructionSetGivesTheSameBits(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    let count = Int32(extents.count)
    let numbers = extents.map(Int32.init)
    let slices = extents.reduce(0, +)
    func everything() -> [UInt64] {
      var fields = Fields(state: 6)
      var phi = fields.field(plain.volume)
      var momentum = fields.field(plain.volume)
      var (energy, all) = plain.kernelGradient(phi)
      var sums = [Double](repeating: 0, count: 3 + extents.count)
      df_field_sums(count, numbers, phi, &sums)
      var slice = [Double](repeating: 0, count: slices)
      df_slice_sums(count, numbers, phi, &slice)
      let scheme = Scheme.leapfrog(steps: 5, of: 0.1)
      all += plain.kernelTrajectory(&phi, &momentum, scheme) + phi + momentum + sums + slice
      all.append(energy)
      return all.map(\.bitPattern)
    }
    defer { _ = df_kernel_force_level(-1) }
    #expect(df_kernel_force_level(0) == 0)
    let baseline = everything()
    for level in 0...df_kernel_best_level() {
      #expect(df_kernel_force_level(level) == level && df_kernel_level() == level)
      #expect(everything() == baseline)
    }
    #expect(df_kernel_force_level(99) == df_kernel_best_level())
  }
}

struct MeasureKernelTests {
  @Test(arguments: lattices) func fieldSumsAreThoseOfTheDefinition(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    var fields = Fields(state: 7)
    let phi = fields.field(plain.volume)
    var sums = [Double](repeating: .nan, count: 3 + extents.count)
    df_field_sums(Int32(extents.count), extents.map(Int32.init), phi, &sums)
    var expected = [phi.reduce(0, +), squares(phi), squares(phi.map { $0 * $0 })]
    for axis in extents.indices {
      expected.append(
        phi.indices.reduce(0) { $0 + phi[$1] * phi[plain.neighbours[$1][2 * axis]] })
    }
    #expect(largestDifference(sums, expected.map { $0 / Double(plain.volume) }) < 1e-13)
  }

  @Test(arguments: lattices) func sliceSumsAreThoseOfTheDefinition(extents: [Int]) {
    let plain = PlainAction(extents: extents)
    var fields = Fields(state: 8)
    let phi = fields.field(plain.volume)
    let slices = extents.reduce(0, +)
    var sums = [Double](repeating: .nan, count: slices)
    df_slice_sums(Int32(extents.count), extents.map(Int32.init), phi, &sums)
    var expected = [Double](repeating: 0, count: slices)
    for site in phi.indices {
      var start = 0
      for (axis, x) in PlainAction.coordinates(site, extents).enumerated() {
        expected[start + x] += phi[site]
        start += extents[axis]
      }
    }
    #expect(largestDifference(sums, expected) < 1e-11)
  }
}

struct MetropolisKernelTests {
  @Test(arguments: [[2], [7], [2, 3], [8, 5], [4, 2, 3], [3, 2, 2, 5]])
  func localChangeIsTheDifferenceOfTheEnergies(extents: [Int]) {
    var plain = PlainAction(extents: extents)
    var fields = Fields(state: 9)
    let phi = fields.field(plain.volume)
    for site in phi.indices {
      let step = 2 * fields.uniform() - 1
      var moved = phi
      moved[site] += step
      let change = df_phi4_local_change(&plain.action, phi, Int32(site), step)
      #expect(abs(change - (plain.energy(moved) - plain.energy(phi))) < 1e-11)
    }
  }

  /// A change that raises the energy is accepted exactly below u = exp(−ΔS), one that lowers it always.
  @Test func acceptanceFollowsTheChangeOfTheEnergy() {
    var plain = PlainAction(extents: [5, 6])
    var fields = Fields(state: 10)
    let phi = fields.field(plain.volume)
    var lowered = 0
    for site in phi.indices {
      let step = 2 * fields.uniform() - 1
      let change = df_phi4_local_change(&plain.action, phi, Int32(site), step)
      func accepted(_ uniform: Double) -> Bool {
        var moved = phi
        let count = df_phi4_metropolis(&plain.action, &moved, [Int32(site)], 1, [step], [uniform])
        var expected = phi
        if count == 1 { expected[site] += step }
        #expect(moved == expected && (count == 0 || count == 1))
        return count == 1
      }
      if change <= 0 {
        lowered += 1
        #expect(accepted(0.999_999_999))
      } else {
        #expect(accepted(exponential(-change) * (1 - 1e-14)))
        #expect(!accepted(exponential(-change) * (1 + 1e-14)))
      }
    }
    #expect(lowered > 0 && lowered < plain.volume)
  }

  /// Sites are updated in order, each seeing the updates before it.
  @Test func sitesAreUpdatedInOrder() {
    var plain = PlainAction(extents: [4, 3])
    var fields = Fields(state: 11)
    var phi = fields.field(plain.volume)
    var expected = phi
    let sites = (0..<200).map { _ in Int32(fields.uniform() * Double(plain.volume)) }
    let steps = sites.map { _ in 3 * fields.uniform() - 1.5 }
    let uniforms = sites.map { _ in fields.uniform() }
    var count = 0
    for (index, site) in sites.enumerated() {
      var moved = expected
      moved[Int(site)] += steps[index]
      let change = plain.energy(moved) - plain.energy(expected)
      if uniforms[index] < exponential(-change) {
        expected = moved
        count += 1
      }
    }
    #expect(df_phi4_metropolis(&plain.action, &phi, sites, sites.count, steps, uniforms) == count)
    #expect(phi == expected && count > 20 && count < 180)
  }

  /// e^x by a Taylor series at x / 2¹⁰ and ten squarings.
  private func exponential(_ x: Double) -> Double {
    // expm1(y) is squared as (1 + e)² − 1 = e (2 + e), so that no digits are lost.
    let y = x / 1024
    var excess = 0.0
    for order in stride(from: 12, through: 1, by: -1) { excess = (1 + excess) * y / Double(order) }
    for _ in 0..<10 { excess *= 2 + excess }
    return 1 + excess
  }
}
