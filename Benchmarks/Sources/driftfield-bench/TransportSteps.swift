// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Foundation
import Lattices
import MonteCarlo
import RandomStreams
import Transport

/// Steps of the Non-Equilibrium Transport Sampler, 1000 walkers of 32x32 in double precision: transport
/// by a Runge-Kutta rule and a refresh; and what they are made of.
struct TransportSteps {
  /// The drifts that are measured: four features that each need one transform, and the standard ones.
  enum Features: String, CaseIterable {
    case sines = "four sines"
    case gates = "four gates"
    case standard = "standard features"

    var list: [SpectralFeature] {
      let scales: [(frequency: Double, smoothing: Double)] = [(1, 0), (2, 0), (1, 1), (1, 3)]
      switch self {
      case .sines: return scales.map { .sine(frequency: $0.frequency, smoothing: $0.smoothing) }
      case .gates:
        return scales.map { .gate(frequency: $0.frequency, smoothing: $0.smoothing, carrier: 0) }
      case .standard: return SpectralFeature.standard
      }
    }
  }

  enum Refresh: String, CaseIterable {
    case langevin = "Langevin step"
    case hmc = "HMC of 5 steps"
  }

  let features: Features
  let refresh: Refresh
  let integrator: TransportIntegrator
  private let walkers = 1000
  private let steps = 8
  private let streams = RandomStreams(seed: 1)
  private let path: CouplingPath
  private let drift: SpectralDrift

  init(_ features: Features, _ refresh: Refresh, _ integrator: TransportIntegrator) {
    self.features = features
    self.refresh = refresh
    self.integrator = integrator
    let lattice = Lattice(extents: [32, 32])
    path = CouplingPath(
      from: FreeField(lattice, massSquared: 1),
      to: Phi4(lattice: lattice, massSquared: -0.5, coupling: 0.5))
    let basis = KernelBasis.standard(lattice)
    let count = SpectralDrift.weightCount(features.list, basis)
    drift = SpectralDrift(
      path: path, features: features.list, basis: basis,
      weights: ChebyshevCurve(constant: (0..<count).map { 1e-3 * cos(Double($0)) }))
  }

  private var sampler: AnnealedSampler<CouplingPath> {
    let map = TransportMap(drift: drift, integrator: integrator)
    let transition: any Transition<Phi4> =
      switch refresh {
      case .langevin: Transported(OverdampedLangevin(), by: map)
      case .hmc: Transported(KernelTransition.hmc(steps: 5), by: map)
      }
    return AnnealedSampler(
      path: path, transition: transition, schedule: .uniform(steps, stepSize: 0.1),
      streams: streams)
  }

  private var updates: Double { Double(walkers * steps * path.dimension) }

  /// The least time of all steps of all walkers.
  func whole(threads: Int = 1, seconds: Double) -> Double {
    let sampler = sampler
    let start = sampler.start(population: 0, count: walkers, workers: Workers(threads))
    var population = start
    return Timing.of(seconds: seconds) {
      population = start
      do {
        _ = try sampler.advance(&population, through: 0..<steps, workers: Workers(threads))
      } catch { preconditionFailure("\(error)") }
    }.least
  }

  /// That of the drift alone, once for every walker, eight at a time.
  func drifts(seconds: Double) -> Double {
    let group = 8
    var batch = Configurations(count: group, dimension: path.dimension)
    path.start.sample(
      into: &batch, using: streams, purpose: .initialField, firstWalker: 0, step: 0)
    var velocities = batch
    var divergences = [Double](repeating: 0, count: group)
    return Timing.of(seconds: seconds) {
      for _ in 0..<walkers / group {
        drift.velocities(of: batch, at: 0.5, into: &velocities, divergences: &divergences)
      }
    }.least
  }

  /// That of the transforms of one evaluation of the drift for every walker: FFTW alone, in the
  /// packing and on as many buffers as the drift.
  func transforms(seconds: Double) -> Double {
    let transform = PairTransform(path.lattice)
    let buffers = (0..<drift.transforms).map { _ in PairBuffer(path.lattice) }
    for buffer in buffers { buffer.numbers.update(repeating: 0, count: 2 * path.dimension) }
    return Timing.of(seconds: seconds) {
      for _ in 0..<walkers / 2 {
        for (index, buffer) in buffers.enumerated() {
          if index % 2 == 0 { transform.forward(buffer) } else { transform.backward(buffer) }
        }
      }
    }.least
  }

  /// That of one row of normals for every walker.
  func normals(seconds: Double) -> Double {
    let noise = UnsafeMutablePointer<Double>.allocate(capacity: path.dimension)
    defer { noise.deallocate() }
    return Timing.of(seconds: seconds) {
      for walker in 0..<walkers {
        streams.fillNormals(
          noise, count: path.dimension, purpose: .noise, walker: walker, step: 0)
      }
    }.least
  }

  /// 10⁶ site updates a second.
  func rate(threads: Int = 1, seconds: Double) -> Double {
    updates / whole(threads: threads, seconds: seconds) * 1e-6
  }

  /// The parts and the whole, in turn: the least times of all rounds.
  func show(seconds: Double, rounds: Int = 3) {
    var (whole, two, drifts, transforms, normals) = (1e9, 1e9, 1e9, 1e9, 1e9)
    for _ in 0..<rounds {
      drifts = min(drifts, self.drifts(seconds: seconds / 8))
      transforms = min(transforms, self.transforms(seconds: seconds / 8))
      normals = min(normals, self.normals(seconds: seconds / 8))
      whole = min(whole, self.whole(seconds: seconds / 4))
      two = min(two, self.whole(threads: 2, seconds: seconds / 4))
    }
    let parts = Double(steps) * (Double(integrator.evaluations) * transforms + normals)
    let perWalker = 1e6 / Double(walkers)
    print("\(features.rawValue), \(integrator.rawValue), \(refresh.rawValue):")
    print(
      String(
        format: "  step %6.1f, on two threads %6.1f   (10^6 site updates a second)",
        updates / whole * 1e-6, updates / two * 1e-6))
    print(
      String(
        format: "  a walker's step %6.2f us; drift %5.2f, its %d transforms of two %5.2f,"
          + " normals %5.2f",
        whole * perWalker / Double(steps), drifts * perWalker, drift.transforms,
        transforms * perWalker, normals * perWalker))
    print(
      String(
        format: "  transforms and normals alone allow %6.1f: reached %3.0f %%",
        updates / parts * 1e-6, 100 * parts / whole))
  }

  static func showAll(seconds: Double) {
    print("NETS steps of 1000 walkers of 32x32, one thread, least times")
    for features in Features.allCases {
      TransportSteps(features, .langevin, .rk2).show(seconds: seconds)
    }
    TransportSteps(.gates, .hmc, .rk2).show(seconds: seconds)
    TransportSteps(.gates, .langevin, .rk4).show(seconds: seconds)
  }
}
