// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import RandomStreams
import Testing

@Suite struct FreeFieldTests {
  /// log Z and ⟨φ²⟩ of S = ½ φ(−Δ + m²)φ, computed independently by summing over momenta.
  static let table: [(extents: [Int], massSquared: Double, logZ: Double, phi2: Double)] = [
    ([8], 1, 3.5022668717, 0.447619047619),
    ([4, 4], 1, 2.6870456299, 0.263492063492),
    ([8, 8], 1, 10.5578245206, 0.254173997690),
    ([8, 8], 1.25, 8.6083336384, 0.233967001547),
    ([16, 16], 0.25, 71.2372603405, 0.376958111158),
    ([32, 32], 0.25, 284.9454516652, 0.376855297637),
    ([64, 64], 0.01, 1360.7334365529, 0.642107261404),
    ([8, 8, 8], 0.5, 14.7853238269, 0.194145634900),
    ([4, 4, 4, 4], 1, -38.3658259279, 0.128442799031),
  ]

  @Test(arguments: table) func normalizer(
    extents: [Int], massSquared: Double, logZ: Double, phi2: Double
  ) {
    let free = FreeField(
      lattice: Lattice(extents: extents),
      couplings: .continuum(massSquared: massSquared, coupling: 0))
    #expect(abs(free.logNormalizer - logZ) < 1e-9)
    let mean = free.spectrum.reduce(0) { $0 + 1 / (2 * $1) } / Double(free.dimension)
    #expect(abs(mean - phi2) < 1e-11)
  }

  /// log(Z₁/Z₀) from m² = 2 to m² = ½, 2D, L = 8.
  @Test func ratioOfNormalizers() {
    let lattice = Lattice(extents: [8, 8])
    let ratio =
      FreeField(lattice, massSquared: 0.5).logNormalizer
      - FreeField(lattice, massSquared: 2).logNormalizer
    #expect(abs(ratio - 11.5339315210) < 1e-9)
  }

  /// log Z of the three normalisations differs by V log(φ/φ') alone.
  @Test func normalizerShift() throws {
    let lattice = Lattice(extents: [3, 4])
    let canonical = FreeField(lattice, massSquared: 0.7)
    let couplings = canonical.phi4.couplings
    for form in [couplings.continuum, try #require(couplings.hopping)] {
      let other = FreeField(lattice: lattice, couplings: form.given)
      let shift = form.logNormalizerShift(volume: 12)
      #expect(abs(other.logNormalizer - canonical.logNormalizer - shift) < 1e-12)
    }
  }

  /// The Gaussian integral done as a determinant: log Z = ½ V log π − ½ log det A for S = φᵀAφ,
  /// by elimination on the matrix of the quadratic form itself.
  @Test(arguments: [[5], [2], [3, 4], [2, 3, 2], [2, 2, 3, 2]]) func determinant(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let free = FreeField(lattice, massSquared: 0.6)
    let v = lattice.volume
    var matrix = Array(repeating: Array(repeating: 0.0, count: v), count: v)
    for site in 0..<v {
      matrix[site][site] += 0.6
      for axis in 0..<lattice.dimensions {
        let next = lattice.forward(site, axis)
        matrix[site][site] += 1
        matrix[next][next] += 1
        matrix[site][next] -= 1
        matrix[next][site] -= 1
      }
    }
    var logDeterminant = 0.0
    for k in 0..<v {
      logDeterminant += log(matrix[k][k])
      for i in k + 1..<v {
        let factor = matrix[i][k] / matrix[k][k]
        for j in k..<v { matrix[i][j] -= factor * matrix[k][j] }
      }
    }
    let exact = 0.5 * Double(v) * log(Double.pi) - 0.5 * logDeterminant
    #expect(abs(free.logNormalizer - exact) < 1e-11 * max(1, abs(exact)))
  }

  /// 2S has a chi-square distribution with V degrees of freedom, for every sample by itself:
  /// mean V, variance 2V. Mean and variance over N samples within 4.5 standard errors
  /// (false alarm 1 in 10⁵ each; var of the sample variance of χ²: (8V² + 48V)/N).
  @Test(arguments: [[7], [5, 4], [3, 4, 2], [2, 3, 2, 2]]) func exactSamples(extents: [Int]) {
    let free = FreeField(Lattice(extents: extents), massSquared: 0.3)
    let n = 20_000
    let v = Double(free.dimension)
    var batch = Configurations(count: n, dimension: free.dimension)
    free.sample(
      into: &batch, using: RandomStreams(seed: 11), purpose: .initialField, firstWalker: 0, step: 0)
    var energies = Array(repeating: 0.0, count: n)
    free.energies(of: batch, into: &energies)
    let mean = energies.reduce(0) { $0 + 2 * $1 } / Double(n)
    let variance = energies.reduce(0) { $0 + (2 * $1 - mean) * (2 * $1 - mean) } / Double(n)
    #expect(abs(mean - v) < 4.5 * (2 * v / Double(n)).squareRoot())
    #expect(abs(variance - 2 * v) < 4.5 * ((8 * v * v + 48 * v) / Double(n)).squareRoot())
  }
}
