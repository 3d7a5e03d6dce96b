// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import RandomStreams
import Statistics

/// A journey of weighted walkers from exact samples to a theory whose normalisation is known.
///
/// For every transition and step size E[w] = Z_1/Z_0 and E[w φ²]/E[w] = ⟨φ²⟩, with exact Z_0, Z_1 and
/// ⟨φ²⟩. The steps are few: what is tested is the weight and not the dynamics.
public struct ReferenceJourney: Sendable {
  public let point: ReferencePoint
  public let origin: ExactlySampledPhi4
  /// Changes of density, equally spaced along the straight line between both theories.
  public let steps: Int
  /// Walkers of a check of the usual length.
  public let walkers: Int
  /// log Z_1 of the point.
  public let logNormalizer: Double
  /// ⟨φ²⟩ of the point.
  public let phi2: Double

  /// Nil unless both log Z and ⟨φ²⟩ of the point are known.
  init?(to point: ReferencePoint, from origin: ExactlySampledPhi4, steps: Int, walkers: Int) {
    guard let logNormalizer = point.logNormalizer, let phi2 = point.values["phi2"]?.value else {
      return nil
    }
    (self.point, self.origin) = (point, origin)
    (self.steps, self.walkers) = (steps, walkers)
    (self.logNormalizer, self.phi2) = (logNormalizer, phi2)
  }

  /// From the free field of this canonical m², with the hopping coefficient of the point.
  init?(to point: ReferencePoint, fromFree massSquared: Double, steps: Int, walkers: Int) {
    let (lattice, hopping) = (point.action.lattice, point.action.coefficients.hopping)
    let quadratic = hopping * (Double(lattice.dimensions) + massSquared / 2)
    let couplings = Phi4Couplings.Coefficients(
      hopping: hopping, quadratic: quadratic, quartic: 0)
    self.init(
      to: point, from: .free(FreeField(lattice: lattice, couplings: .common(couplings))),
      steps: steps, walkers: walkers)
  }

  /// From the point's own theory without its hopping term.
  init?(toIndependentOf point: ReferencePoint, steps: Int, walkers: Int) {
    let c = point.action.coefficients
    self.init(
      to: point,
      from: .independent(
        IndependentSites(
          lattice: point.action.lattice, quadratic: c.quadratic, quartic: c.quartic)),
      steps: steps, walkers: walkers)
  }

  /// About the largest curvature of the action: that of the quadratic part at the momentum (π, π, ...),
  /// and of the quartic part, 12 c4 φ², where φ² is twice its average.
  var stiffness: Double {
    let c = point.action.coefficients
    let dimensions = Double(point.extents.count)
    return 2 * (c.quadratic + c.hopping * dimensions) + 24 * c.quartic * phi2
  }

  /// The transitions that the journey is made with.
  public var transitions: [ReferenceTransition] {
    ReferenceTransition.all(for: point.action, stiffness: stiffness)
  }

  /// E[w]/(Z_1/Z_0), which must be 1, and the weighted ⟨φ²⟩ from independent walkers. Throws if all
  /// weights are zero.
  public func pulls(
    _ named: ReferenceTransition, stepSize: Double, walkers: Int, seed: UInt64,
    workers: Workers = Workers(1)
  ) throws -> [Pull] {
    let start = origin.phi4.coefficients.quartic == 0 ? "free" : "independent"
    let what = String(format: "%@: %@, eps=%.2g", named.name, point.name, stepSize)
    let sampler = AnnealedSampler(
      path: CouplingPath(from: origin, through: [point.action]), transition: named.transition,
      schedule: .uniform(steps, stepSize: stepSize),
      streams: RandomStreams(seed: seed).derived("\(what) from \(start)"))
    var population = sampler.start(population: 0, count: walkers, workers: workers)
    _ = try sampler.advance(&population, through: 0..<steps, workers: workers)
    let weights = try LogWeights(population.logWeights)
    let positions = population.positions
    let squares = (0..<positions.count).map { walker in
      positions[walker].reduce(0) { $0 + $1 * $1 } / Double(positions.dimension)
    }
    let average = try WeightedSample(weights: weights, primaries: [squares]).estimate(primary: 0)
    let ratio = exp(weights.logMean.value + origin.logNormalizer - logNormalizer)
    return [
      Pull(
        "\(what) E[w]/exact", value: ratio, error: ratio * weights.logMean.error, reference: 1,
        kind: .partitionRatio),
      Pull("\(what) phi2", value: average.value, error: average.error, reference: phi2),
    ]
  }

  /// The journeys that are checked: between free fields in one to four dimensions, along a chain, and
  /// to tori from weak to strong coupling.
  public static let all: [ReferenceJourney] = {
    func free(
      _ extents: [Int], from start: Double, to massSquared: Double, walkers: Int
    ) -> ReferenceJourney? {
      ReferenceJourney(
        to: .freeField(extents, massSquared: massSquared), fromFree: start, steps: 2,
        walkers: walkers)
    }
    let tori = Dictionary(uniqueKeysWithValues: ReferencePoint.smallTori.map { ($0.name, $0) })
    func torus(_ name: String, from start: Double, walkers: Int) -> ReferenceJourney? {
      tori[name].flatMap {
        ReferenceJourney(to: $0, fromFree: start, steps: 3, walkers: walkers)
      }
    }
    let journeys = [
      free([8], from: 1.4, to: 1, walkers: 80_000),
      free([5, 4], from: 0.9, to: 0.7, walkers: 40_000),
      free([4, 5, 3], from: 0.6, to: 0.5, walkers: 25_000),
      free([2, 3, 4, 3], from: 0.9, to: 0.8, walkers: 20_000),
      tori["1D 4"].flatMap {
        ReferenceJourney(toIndependentOf: $0, steps: 3, walkers: 100_000)
      },
      torus("2D 2x2 m2=1", from: 1.5, walkers: 40_000),
      torus("2D 3x3 m2=1", from: 1.5, walkers: 30_000),
      torus("2D 2x2", from: 1, walkers: 100_000), torus("2D 3x3", from: 0.5, walkers: 80_000),
      torus("2D 4x4", from: 0.5, walkers: 80_000),
      torus("2D 4x4 kappa", from: 0.5, walkers: 80_000),
    ]
    return journeys.compactMap { $0 }
  }()
}
