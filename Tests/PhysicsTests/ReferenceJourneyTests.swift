// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Lattices
import Sweeps
import TensorRenormalisation
import TestSupport
import Testing

/// What `driftfield validate` anneals to: that its exact numbers are right, that no transition is left
/// out, and that wrong weights are found.
struct ReferenceJourneyTests {
  /// log Z of every two-dimensional torus, by tensor renormalisation.
  @Test func toriAgainstTensorRenormalisation() throws {
    let tori = ReferencePoint.smallTori.filter { $0.extents.count == 2 }
    #expect(tori.count == 8)
    for point in tori {
      let exact = try TensorRenormalisation(couplings: point.couplings, extents: point.extents)
        .logZ(tolerance: 1e-7, largestBondDimension: 30)
      let known = try #require(point.logNormalizer)
      #expect(
        abs(known - exact.logNormalizer) < 2 * exact.truncationError + 1e-9,
        "\(point.name): \(known), \(exact.logNormalizer)")
      #expect(exact.truncationError < 1e-6)
    }
  }

  /// log Z of the chains, by their transfer matrix, and of the free fields.
  @Test func chainsAndFreeFields() throws {
    for (length, name) in [(4, "1D 4"), (8, "1D 8")] {
      let exact = ExactPhi4.chain(
        length: length, hopping: 2, quadratic: -2, quartic: 6.975, cutoff: 2.4)
      let point = try #require(ReferencePoint.smallTori.first { $0.name == name })
      #expect(abs(try #require(point.logNormalizer) - exact.logNormalizer) < 1e-8)
    }
    for point in ReferencePoint.freeFields {
      let field = FreeField(lattice: Lattice(extents: point.extents), couplings: point.couplings)
      #expect(abs(try #require(point.logNormalizer) - field.logNormalizer) < 1e-10)
    }
  }

  /// Every journey meets every transition and splitting that a sweep file can name, at two step sizes.
  @Test func noTransitionIsLeftOut() throws {
    #expect(ReferenceJourney.all.count == 11)
    #expect(Set(ReferenceJourney.all.map(\.point.extents.count)) == [1, 2, 3, 4])
    let wanted =
      AnnealingSpecification.Transition.names.filter { $0 != "langevin" }
      + AnnealingSpecification.Splitting.allCases.map { "langevin \($0.rawValue)" }
      + ["ula+fourier", "mala+fourier", "hmc+fourier", "langevin+fourier"]
    for journey in ReferenceJourney.all {
      let transitions = journey.transitions
      #expect(Set(transitions.map(\.name)) == Set(wanted))
      #expect(transitions.allSatisfy { $0.stepSizes.small < $0.stepSizes.large })
    }
  }

  /// One journey by each transition; all of them are in `validate`.
  @Test func weightsAreUnbiased() throws {
    let journey = try #require(ReferenceJourney.all.first { $0.point.name == "2D 2x2" })
    var report = ValidationReport()
    for named in journey.transitions {
      for stepSize in [named.stepSizes.small, named.stepSizes.large] {
        let pulls = try journey.pulls(named, stepSize: stepSize, walkers: 20_000, seed: 3)
        for pull in pulls { #expect(pull.isWithin(4.5), "\(pull.what): \(pull.pull)") }
        #expect(pulls[0].error < 0.01)
        report.add(pulls)
      }
    }
    let weights = try #require(report.weights)
    #expect(weights.probability > 1e-3 && weights.probability < 1 - 1e-3)
  }

  /// Mean weights that are all 1.5 errors off, or all exact to a tenth of their errors, fail.
  @Test(arguments: [(1.0, true), (1.5, false), (0.1, false)])
  func wrongWeightsAreFound(pull: Double, isPassed: Bool) {
    var report = ValidationReport()
    // Averages without fault, so that nothing but the weights can fail.
    for index in 0..<2000 {
      report.add([Pull("average", value: index % 2 == 0 ? 1 : -1, error: 1, reference: 0)])
    }
    for _ in 0..<100 {
      report.add([
        Pull(
          "weight", value: 1 + 0.001 * pull, error: 0.001, reference: 1, kind: .partitionRatio)
      ])
    }
    #expect(report.isPassed == isPassed)
    #expect(report.weightSummary.hasPrefix("annealing: 100 mean weights"))
  }
}
