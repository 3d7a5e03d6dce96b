// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import MonteCarlo

/// The checks that the program makes of itself on a machine.
public enum Validation {
  /// One check and what it samples.
  public struct Check: Sendable {
    public let name: String
    let body: @Sendable (UInt64, Workers) throws -> [Pull]

    /// Throws where a sampled series is too short for an error bar.
    public func run(seed: UInt64, workers: Workers) throws -> [Pull] { try body(seed, workers) }
  }

  /// The kernels that a point is sampled with; Fourier acceleration where there is something to
  /// accelerate. Lengths and widths are in the units of the point's parametrisation.
  public static func kernels(_ action: Phi4) -> [(name: String, kernel: any TunableKernel)] {
    let hmc = HMC(target: action, scheme: .omelyan, steps: 5, length: 1, jitter: 0.2)
    let kernels: [(String, any TunableKernel)] = [
      ("hmc", hmc),
      ("leapfrog", HMC(target: action, scheme: .leapfrog, steps: 8, length: 1, jitter: 0.2)),
      ("fourth-order", HMC(target: action, scheme: .fourthOrder, steps: 3, length: 1, jitter: 0.2)),
      ("mala", HMC.mala(target: action, stepSize: 0.4)),
      ("metropolis", Metropolis(action: action, stepSize: 0.8)),
      ("hmc+cluster", CompositeKernel(hmc, WolffCluster(action: action, clusters: 1))),
    ]
    guard action.coefficients.hopping > 0 else { return kernels }
    let mass = KineticEnergy.spectral(SpectralMass(accelerating: action, massSquared: 1))
    let accelerated = HMC(
      target: action, scheme: .omelyan, steps: 5, length: 1.5, kinetic: mass, jitter: 0.2)
    return kernels + [("fourier-hmc", accelerated)]
  }

  /// All checks; `length` scales the number of samples of each.
  public static func checks(length: Double = 1) -> [Check] {
    let points = ReferencePoint.freeFields + ReferencePoint.singleSites + ReferencePoint.smallTori
    var checks: [Check] = points.enumerated().map { index, point in
      // Every point with HMC; the other kernels take turns, so that each meets several points.
      Check(name: point.name) { seed, workers in
        let kernels = kernels(point.action)
        let others = kernels.count - 1
        let chosen = [0, 1 + index % others, 1 + (index + 3) % others]
        return try chosen.flatMap { number in
          let (name, kernel) = kernels[number]
          return try point.pulls(
            kernel: kernel, stream: name, chains: 8, trajectories: max(200, Int(12_000 * length)),
            thermalisation: 1000, seed: seed, workers: workers
          ).map { $0.prefixed(by: name) }
        }
      }
    }
    checks += LeapfrogViolation.cases.map { violation in
      Check(name: "leapfrog") { seed, workers in
        violation.pulls(count: max(2000, Int(50_000 * length)), seed: seed, workers: workers)
      }
    }
    checks += ReferenceJourney.all.flatMap { journey in
      let walkers = max(1000, Int(Double(journey.walkers) * length))
      return journey.transitions.flatMap { named in
        [named.stepSizes.small, named.stepSizes.large].map { stepSize in
          Check(name: "\(named.name): \(journey.point.name)") { seed, workers in
            try journey.pulls(
              named, stepSize: stepSize, walkers: walkers, seed: seed, workers: workers)
          }
        }
      }
    }
    return checks
  }
}

extension Pull {
  func prefixed(by kernel: String) -> Pull {
    Pull(
      "\(kernel): \(what)", value: value, error: error, reference: reference,
      referenceError: referenceError, kind: kind)
  }
}
