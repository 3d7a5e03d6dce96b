// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices
import MonteCarlo
import TestSupport
import Testing

/// E[w] = Z_1/Z_0 and weighted averages, for every transition, both ways, at small and at large step
/// sizes, with few steps: what is tested is the weight, not the dynamics.
@Suite(.serialized) struct UnbiasedWeightsTests {
  /// About 550 pulls: a new seed fails with probability 0.4 %.
  private static let bound = 4.5

  private func check<P: Path<Phi4>>(
    _ journey: AnnealingCase<P>, _ transitions: [NamedTransition], largestError: Double = 0.002
  ) throws {
    for (number, named) in transitions.enumerated() {
      // On the way back only the large step size.
      for stepSize in named.stepSizes where journey.end == nil || stepSize == named.stepSizes.last {
        var journey = journey
        journey.name += ", \(named.name)"
        journey.seed += UInt64(number) * 1000
        let pulls = try journey.pulls(named.transition, stepSize: stepSize)
        for pull in pulls {
          pull.record()
          #expect(pull.isWithin(Self.bound), "\(pull)")
        }
        #expect(pulls[0].error < largestError, "\(pulls[0])")
      }
    }
  }

  /// From one free field to another, in one to four dimensions.
  @Test(arguments: [([5], 1.35), ([2, 3], 1.3), ([2, 3, 2], 1.15), ([2, 2, 2, 3], 1.1)])
  func freeFields(extents: [Int], massSquared: Double) throws {
    let lattice = Lattice(extents: extents)
    let start = FreeField(lattice, massSquared: 1)
    let end = FreeField(lattice, massSquared: massSquared)
    let transitions = NamedTransition.all(
      end.phi4, stiffness: end.stiffness, massSquared: massSquared)
    let logRatio = end.logNormalizer - start.logNormalizer
    var journey = AnnealingCase(
      name: "free \(extents), forward", path: CouplingPath(from: start, to: end.phi4), steps: 2,
      walkers: 80_000, logRatio: logRatio, phi2: end.phi2)
    try check(journey, transitions)
    journey.name = "free \(extents), reverse"
    journey.seed = 2
    journey.direction = .reverse
    journey.end = end.samples(journey.walkers, seed: 3)
    journey.logRatio = -logRatio
    journey.phi2 = start.phi2
    try check(journey, transitions)
  }

  /// A chain of φ⁴ theory and independent sites with the same quartic coupling, against the transfer
  /// matrix.
  @Test func chain() throws {
    let lattice = Lattice(extents: [5])
    let c = Phi4Couplings.Coefficients(hopping: 0.8, quadratic: 0.5, quartic: 1)
    let start = IndependentSites(lattice: lattice, quadratic: 0.3, quartic: c.quartic)
    let exact = ExactPhi4.chain(
      length: 5, hopping: c.hopping, quadratic: c.quadratic, quartic: c.quartic, cutoff: 3.2)
    let sites = ExactPhi4.chain(
      length: 5, hopping: 0, quadratic: 0.3, quartic: c.quartic, cutoff: 3.2)
    try bothWays(
      "chain [5]", from: .independent(start), to: Phi4(lattice: lattice, couplings: .common(c)),
      logRatio: exact.logNormalizer - sites.logNormalizer, phi2: (sites.phi2, exact.phi2),
      stiffness: 8, largestError: 0.0032)
  }

  /// A torus of two dimensions and extent 2, from the free field and back.
  @Test func smallestTorus() throws {
    let lattice = Lattice(extents: [2, 2])
    let start = FreeField(lattice, massSquared: 1.8)
    try bothWays(
      "torus [2, 2]", from: .free(start), to: Phi4(lattice: lattice, massSquared: 1, coupling: 1),
      logRatio: -0.6802300257 - start.logNormalizer, phi2: (start.phi2, 0.13014613), stiffness: 22)
  }

  @Test func largerTorus() throws {
    let lattice = Lattice(extents: [3, 3])
    let free = FreeField(lattice, massSquared: 1.3)
    let theory = Phi4(lattice: lattice, massSquared: 1, coupling: 1)
    try check(
      AnnealingCase(
        name: "torus [3, 3]", path: CouplingPath(from: free, to: theory), steps: 3, walkers: 80_000,
        logRatio: -1.9121871526 - free.logNormalizer, phi2: 0.11159062),
      NamedTransition.all(theory, stiffness: 22, massSquared: 2))
  }

  /// Strongly coupled tori from the free field and from κ = 0, which takes more steps.
  @Test func strongCoupling() throws {
    let names = ["MALA accelerated", "HMC", "OBABO"]
    let two = Lattice(extents: [2, 2])
    let free = FreeField(two, massSquared: 2)
    let strong = Phi4(lattice: two, massSquared: -4, coupling: 6.975)
    try check(
      AnnealingCase(
        name: "torus [2, 2], strong", path: CouplingPath(from: free, to: strong), steps: 10,
        walkers: 80_000, logRatio: 1.1731847108 - free.logNormalizer, phi2: 0.19562621),
      NamedTransition.all(strong, stiffness: 40, massSquared: 10).filter {
        names.contains($0.name)
      }, largestError: 0.006)
    let four = Lattice(extents: [4, 4])
    let light = FreeField(
      lattice: four,
      couplings: .common(
        Phi4Couplings.Coefficients(hopping: 0.5, quadratic: 1.25, quartic: 0)))
    let hopping = Phi4(lattice: four, couplings: .hopping(kappa: 0.25, coupling: 0.5))
    try check(
      AnnealingCase(
        name: "torus [4, 4], strong", path: CouplingPath(from: .free(light), through: [hopping]),
        steps: 40, walkers: 20_000, logRatio: 13.495493851 - light.logNormalizer, phi2: 0.59098486),
      [
        NamedTransition(
          name: "MALA", transition: KernelTransition<Phi4>.mala(), stepSizes: [0.4]),
        NamedTransition(
          name: "HMC", transition: KernelTransition<Phi4>.hmc(steps: 3), stepSizes: [0.25]),
        NamedTransition(
          name: "Metropolis", transition: KernelTransition<Phi4>.metropolis(at: hopping),
          stepSizes: [1]),
        NamedTransition(
          name: "OBABO", transition: UnderdampedLangevin<Phi4>(splitting: .obabo, friction: 1),
          stepSizes: [0.2]),
      ], largestError: 0.02)
  }

  private func bothWays(
    _ name: String, from start: ExactlySampledPhi4, to theory: Phi4, logRatio: Double,
    phi2: (Double, Double), stiffness: Double, largestError: Double = 0.002
  ) throws {
    // Masses as large as the curvatures, which the quartic term makes much larger than p̂².
    let transitions = NamedTransition.all(
      theory, stiffness: stiffness, massSquared: stiffness / theory.coefficients.hopping)
    var journey = AnnealingCase(
      name: name + ", forward", path: CouplingPath(from: start, through: [theory]), steps: 3,
      walkers: 80_000, logRatio: logRatio, phi2: phi2.1)
    try check(journey, transitions, largestError: largestError)
    journey.name = name + ", reverse"
    journey.seed = 5
    journey.direction = .reverse
    journey.end = exactSamples(of: theory, count: journey.walkers, seed: 6)
    journey.logRatio = -logRatio
    journey.phi2 = phi2.0
    try check(journey, transitions, largestError: largestError)
  }
}
