// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import RandomStreams

/// Wolff's single-cluster update of the Ising model embedded in φ⁴ theory.
///
/// At fixed |φ_x| the signs are Ising spins with the couplings J |φ_x φ_y|. From a random site a
/// cluster grows over bonds between equal signs, each taken with probability 1 − exp(−2J φ_x φ_y),
/// and its signs are flipped; |φ| never changes, so it must be combined with a local update.
/// Brower, Tamayo, Phys. Rev. Lett. 62 (1989) 1087; Wolff, Phys. Rev. Lett. 62 (1989) 361.
public struct WolffCluster: MarkovKernel {
  public let action: Phi4
  /// Clusters flipped in one update.
  public let clusters: Int
  private let neighbours: [Int32]

  public init(action: Phi4, clusters: Int = 1) {
    precondition(action.coefficients.hopping >= 0, "the embedded Ising model is ferromagnetic")
    precondition(clusters >= 1, "at least one cluster an update")
    self.action = action
    self.clusters = clusters
    neighbours = action.lattice.neighbourTable()
  }

  public var forceEvaluations: Int { 0 }

  public var diagnostics: [Table] {
    [
      Table(
        name: "cluster",
        variables: [
          Variable(
            name: "size", units: "1",
            longName: "mean size of the flipped clusters as a fraction of the lattice")
        ],
        attributes: ["clusters_per_update": .integer(clusters)])
    ]
  }

  public func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo {
    let count = chains.count
    let volume = action.lattice.volume
    var sizes = Array(repeating: 0.0, count: count)
    sizes.withUnsafeMutableBufferPointer { sizes in
      chains.withMutableRows { rows in
        let sizes = SharedRows(sizes.baseAddress!)
        let rows = SharedRows(rows)
        context.workers.forEach(count) { range in
          var stack: [Int32] = []
          for chain in range {
            var generator = context.streams.generator(
              purpose: .cluster, walker: context.firstWalker + chain, step: context.number)
            var flipped = 0
            for _ in 0..<clusters {
              flipped += flip(rows.pointer + chain * volume, &generator, &stack)
            }
            sizes.pointer[chain] = Double(flipped) / Double(clusters * volume)
          }
        }
      }
    }
    return UpdateInfo(acceptance: Array(repeating: 1, count: count), values: [[sizes]])
  }

  /// Grows and flips one cluster; returns its number of sites.
  ///
  /// A site is flipped when it joins. For a flipped x the bond to y was φ_x φ_y > 0 exactly where
  /// now φ_x φ_y < 0, and a site that has joined already shows φ_x φ_y > 0: no marks are needed.
  private func flip(
    _ phi: UnsafeMutablePointer<Double>, _ generator: inout StreamGenerator, _ stack: inout [Int32]
  ) -> Int {
    let degree = 2 * action.lattice.dimensions
    let twoJ = 2 * action.coefficients.hopping
    let seed = min(
      Int(generator.nextUniform() * Double(action.lattice.volume)), action.lattice.volume - 1)
    phi[seed].negate()
    stack.append(Int32(seed))
    var size = 1
    neighbours.withUnsafeBufferPointer { neighbours in
      while let site = stack.popLast() {
        let value = phi[Int(site)]
        let first = Int(site) * degree
        for bond in first..<first + degree {
          let other = Int(neighbours[bond])
          let product = value * phi[other]
          if product < 0 && generator.nextUniform() >= exp(twoJ * product) {
            phi[other].negate()
            stack.append(Int32(other))
            size += 1
          }
        }
      }
    }
    return size
  }
}
