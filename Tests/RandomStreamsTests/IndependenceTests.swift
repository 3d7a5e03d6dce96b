// SPDX-License-Identifier: GPL-3.0-or-later
import RandomStreams
import Testing

/// Numbers of different addresses, and of different places in a row, are independent: the sums of z z′,
/// of (z² − 1)(z′² − 1)/2 and of z (z′² − 1)/√2 over n pairs have mean 0 and variance n.
@Suite struct IndependenceTests {
  private let streams = RandomStreams(seed: 271_828)
  private let count = 1 << 20

  private func expectIndependent(
    _ a: some Collection<Double>, _ b: some Collection<Double>, _ what: Comment
  ) {
    var linear = 0.0
    var squares = 0.0
    var mixed = 0.0
    for (x, y) in zip(a, b) {
      linear += x * y
      squares += (x * x - 1) * (y * y - 1) / 2
      mixed += x * (y * y - 1) / 2.0.squareRoot()
    }
    let bound = 5 * Double(min(a.count, b.count)).squareRoot()
    #expect(abs(linear) < bound, what)
    #expect(abs(squares) < bound, what)
    #expect(abs(mixed) < bound, what)
  }

  @Test func alongARow() {
    let row = streams.normals(count, .momentum, walker: 0, step: 0)
    for lag in [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 32, 1024] {
      expectIndependent(row[..<(count - lag)], row[lag...], "lag \(lag)")
    }
  }

  /// r cos θ and r sin θ share a radius, and are independent all the same.
  @Test func cosineAndSineOfABlock() {
    let row = streams.normals(count, .noise, walker: 0, step: 0)
    let cosines = row.indices.filter { $0 % 16 < 8 }.map { row[$0] }
    let sines = row.indices.filter { $0 % 16 >= 8 }.map { row[$0] }
    expectIndependent(cosines, sines, "cosine and sine")
    expectIndependent(sines, cosines, "sine and cosine")
  }

  @Test func betweenNeighbouringAddresses() {
    let row = streams.normals(count, .momentum, walker: 5, step: 9)
    expectIndependent(
      row, streams.normals(count, .momentum, walker: 6, step: 9), "walkers")
    expectIndependent(row, streams.normals(count, .momentum, walker: 5, step: 10), "steps")
    expectIndependent(
      row, streams.normals(count, .momentum, walker: 5, step: 9 + 1 << 32), "high steps")
    expectIndependent(row, streams.normals(count, .acceptance, walker: 5, step: 9), "purposes")
    let neighbour = RandomStreams(seed: streams.key + 1)
    expectIndependent(row, neighbour.normals(count, .momentum, walker: 5, step: 9), "seeds")
    let high = RandomStreams(seed: streams.key + 1 << 32)
    expectIndependent(row, high.normals(count, .momentum, walker: 5, step: 9), "high seeds")
    let named = streams.derived("a")
    expectIndependent(row, named.normals(count, .momentum, walker: 5, step: 9), "derived")
  }

  /// Down a column: short rows of consecutive walkers or steps, as a run uses them.
  @Test func downConsecutiveWalkersAndSteps() {
    let overWalkers = (0...1 << 14).flatMap {
      streams.normals(16, .momentum, walker: $0, step: 4)
    }
    let overSteps = (0...1 << 14).flatMap { streams.normals(16, .momentum, walker: 4, step: $0) }
    for column in [overWalkers, overSteps] {
      for lag in [1, 8, 15, 16, 17, 32] {
        expectIndependent(column[..<(column.count - lag)], column[lag...], "lag \(lag)")
      }
    }
  }
}
