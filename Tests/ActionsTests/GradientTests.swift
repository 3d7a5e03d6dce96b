// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Lattices
import Targets
import TestSupport
import Testing

@Suite struct GradientTests {
  static let shapes = [
    [8], [5], [2], [4, 6], [3, 5], [2, 7], [17, 3], [3, 4, 5], [2, 2, 2], [2, 3, 2, 4],
  ]

  @Test(arguments: shapes) func gradientIsTheDifferenceQuotient(extents: [Int]) {
    let lattice = Lattice(extents: extents)
    let targets: [any Target] = [
      Phi4(lattice: lattice, massSquared: -1.3, coupling: 0.8),
      Phi4(lattice: lattice, couplings: .hopping(kappa: 0.3, coupling: 1.1)),
      Phi4(lattice: lattice, couplings: .continuum(massSquared: -0.5, coupling: 6)),
      FreeField(lattice, massSquared: 0.4),
    ]
    for target in targets {
      #expect(TargetLaws.gradientError(of: target) < 1e-7)
    }
  }
}
