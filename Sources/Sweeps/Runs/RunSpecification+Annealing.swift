// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import MonteCarlo
import RandomStreams
import Transport

extension RunSpecification {
  /// The run as far as its sweep file tells, if it is one of annealing. In place of a path that has to
  /// be found there is a straight one, and in place of a drift that has to be trained one of the same
  /// cost.
  public var annealingRun: AnnealingRun? {
    annealing.map { annealing in
      let path = straightPath(annealing)
      return annealingRun(
        annealing, along: path,
        drift: annealing.transport.map { $0.untrained(path) })
    }
  }

  /// The run along a path to its theory, if it is one of annealing; `drift` is that of its transport.
  public func annealingRun(along path: CouplingPath, drift: (any DivergenceDrift)?) -> AnnealingRun?
  {
    guard let annealing else { return nil }
    return annealingRun(annealing, along: path, drift: drift)
  }

  private func annealingRun(
    _ annealing: AnnealingSpecification, along path: CouplingPath, drift: (any DivergenceDrift)?
  ) -> AnnealingRun {
    let stops = stops(annealing)
    var map: TransportMap?
    if let drift, let transport = annealing.transport {
      map = TransportMap(drift: drift, integrator: transport.integrator)
    }
    return AnnealingRun(
      path: path, isCurved: annealing.isCurved, stops: stops, base: transition(annealing),
      calming: calming(annealing), times: annealing.pilotTimes, map: map,
      biasWalkers: annealing.transport?.biasWalkers ?? 0,
      stepSize: annealing.step,
      isTuned: annealing.tuning != nil, pilotWalkers: annealing.pilotWalkers,
      walkers: annealing.walkers, populations: annealing.populations,
      resampling: annealing.resampling.map {
        Resampling(scheme: $0.scheme, threshold: $0.threshold)
      }, reverseUpdates: annealing.reverseUpdates,
      observables: stops.map { stop in
        StoredTheory(
          lattice: lattice, coefficients: coefficients(of: stop.theory), label: stop.label
        ).observables(measurement.observables, shells: measurement.shells)
      }, configurationInterval: configurations?.every,
      configurationType: configurations?.precision == .single ? .float32 : .float64,
      streams: streams)
  }

  private func coefficients(
    of parametrisation: Phi4Couplings.Parametrisation
  ) -> Phi4Couplings.Coefficients {
    Phi4Couplings(parametrisation, dimensions: extents.count).coefficients
  }

  /// What can be derived from the averages at each stop of an annealing run.
  public var stopTheories: [StoredTheory] {
    guard case .annealing(let annealing) = sampler else { return [] }
    return stops(annealing).map {
      StoredTheory(lattice: lattice, coefficients: coefficients(of: $0.theory), label: $0.label)
    }
  }

  private func stops(_ annealing: AnnealingSpecification) -> [AnnealingRun.Stop] {
    let times = annealing.stopTimes
    var stops: [AnnealingRun.Stop] = []
    if let given = annealing.stops {
      for (value, time) in zip(given.values, times) {
        stops.append(
          AnnealingRun.Stop(
            label: "\(given.key.rawValue)=\(NumberText.text(value))", time: time,
            theory: theory.parametrisation.replacing(given.key, by: value)))
      }
    }
    stops.append(
      AnnealingRun.Stop(
        label: theory.parametrisation.label(annealing.stops?.key), time: 1,
        theory: theory.parametrisation))
    return stops
  }

  /// Straight lines from the origin through all targets.
  func straightPath(_ annealing: AnnealingSpecification) -> CouplingPath {
    CouplingPath(from: origin(annealing), legs: knots(annealing).map { [$0] })
  }

  /// The targets of the path, each where it is reached.
  private func knots(_ annealing: AnnealingSpecification) -> [CouplingPath.Knot] {
    stops(annealing).map {
      CouplingPath.Knot(time: $0.time, coefficients: coefficients(of: $0.theory))
    }
  }

  /// The path of an annealing run: what the sweep file says, or a curve of constant susceptibility,
  /// which is searched for. Throws if no such curve is found.
  func findPath(streams: RandomStreams, workers: Workers) throws -> CouplingPath {
    guard let annealing else { preconditionFailure("a run of annealing") }
    guard annealing.isCurved else { return straightPath(annealing) }
    let knots = knots(annealing)
    var search = SusceptibilityPath(
      to: Phi4(lattice: lattice, couplings: .common(knots[0].coefficients)))
    search.workers = workers
    guard let curve = search.find(streams: streams) else {
      throw CollapsedRun(
        "no curve of constant susceptibility was found that begins at a free field; "
          + "'path: straight' needs none")
    }
    let first = curve.knots.dropFirst().map { knot in
      CouplingPath.Knot(
        time: knot.time == 1 ? knots[0].time : knot.time * knots[0].time,
        coefficients: knot.coefficients)
    }
    return CouplingPath(from: curve.start, legs: [first] + knots.dropFirst().map { [$0] })
  }

  /// The annealing, if it is one.
  var annealing: AnnealingSpecification? { sampler.annealing }

  private func origin(_ annealing: AnnealingSpecification) -> ExactlySampledPhi4 {
    let target = action.coefficients
    switch annealing.origin {
    case .constantSusceptibility:
      return .free(FreeField(lattice: lattice, couplings: .common(placeholder(target))))
    case .free(let massSquared):
      // In the theory's field, J (D + m²/2) is the coefficient of φ² for the canonical m².
      let quadratic = target.hopping * (Double(lattice.dimensions) + massSquared / 2)
      return .free(
        FreeField(
          lattice: lattice,
          couplings: .common(
            Phi4Couplings.Coefficients(
              hopping: target.hopping, quadratic: quadratic, quartic: 0))))
    case .independent:
      return .independent(
        IndependentSites(lattice: lattice, quadratic: target.quadratic, quartic: target.quartic))
    }
  }

  /// The free field of canonical mass 1 with the hopping term of a theory.
  private func placeholder(_ theory: Phi4Couplings.Coefficients) -> Phi4Couplings.Coefficients {
    Phi4Couplings.Coefficients(
      hopping: theory.hopping, quadratic: theory.hopping * (Double(lattice.dimensions) + 0.5),
      quartic: 0)
  }

  func kinetic(_ annealing: AnnealingSpecification) -> KineticEnergy {
    annealing.acceleration.map {
      .spectral(SpectralMass(accelerating: action, massSquared: $0))
    } ?? .unitMass
  }

  private func transition(_ annealing: AnnealingSpecification) -> any Transition<Phi4> {
    switch annealing.transition {
    case .hmc, .mala, .metropolis: calming(annealing)
    case .ula(let weight):
      OverdampedLangevin<Phi4>(
        preconditioner: kinetic(annealing),
        weight: weight == .kernelRatio ? .kernelRatio : .continuum)
    case .langevin(let splitting, let friction):
      UnderdampedLangevin<Phi4>(
        splitting: splitting.splitting, friction: friction, kinetic: kinetic(annealing))
    }
  }

  /// The transition itself where it leaves each theory invariant; MALA, which has the same step size,
  /// for Langevin dynamics.
  func calming(_ annealing: AnnealingSpecification) -> KernelTransition<Phi4> {
    let target = annealing.tuning?.targetAcceptance
    let kinetic = kinetic(annealing)
    switch annealing.transition {
    case .hmc(let scheme, let steps, let updates):
      return .hmc(
        scheme: scheme.splitting, steps: steps, kinetic: kinetic, updates: updates,
        targetAcceptance: target ?? 0.8)
    case .mala(let updates):
      return .mala(kinetic: kinetic, updates: updates, targetAcceptance: target ?? 0.574)
    case .metropolis(let updates):
      return .metropolis(at: action, updates: updates, targetAcceptance: target ?? 0.5)
    case .ula, .langevin:
      return .mala(kinetic: kinetic)
    }
  }
}

extension SpectralDrift {
  /// A drift without any weights, as dear as one that is trained.
  static func untrained(_ path: CouplingPath) -> SpectralDrift {
    let (features, basis) = (SpectralFeature.standard, KernelBasis.standard(path.lattice))
    let count = SpectralDrift.weightCount(features, basis)
    return SpectralDrift(
      path: path, features: features, basis: basis,
      weights: ChebyshevCurve(constant: Array(repeating: 0, count: count)))
  }
}

extension AnnealingSpecification {
  /// Whether the path is a curve that has to be found.
  var isCurved: Bool { origin == .constantSusceptibility }

  var pilotTimes: Pilot<CouplingPath>.Times {
    if case .adaptive(let fraction) = schedule {
      return .adaptive(conditionalFraction: fraction, stops: stopTimes)
    }
    return .given([0] + (times ?? [1]))
  }
}

extension AnnealingSpecification.Splitting {
  var splitting: LangevinSplitting {
    switch self {
    case .baoab: .baoab
    case .obabo: .obabo
    case .aboba: .aboba
    case .oabao: .oabao
    }
  }
}

extension Phi4Couplings.Parametrisation {
  /// The same theory with another value of one coupling. Sweep files are refused where a stop is of a
  /// coupling that the theory does not have.
  func replacing(
    _ key: AnnealingSpecification.Stops.Key, by value: Double
  ) -> Phi4Couplings.Parametrisation {
    switch (self, key) {
    case (.unhalved(_, let coupling), .m2):
      .unhalved(massSquared: value, coupling: coupling)
    case (.unhalved(let massSquared, _), .lambda):
      .unhalved(massSquared: massSquared, coupling: value)
    case (.continuum(_, let coupling), .m2):
      .continuum(massSquared: value, coupling: coupling)
    case (.continuum(let massSquared, _), .lambda):
      .continuum(massSquared: massSquared, coupling: value)
    case (.hopping(_, let coupling), .kappa):
      .hopping(kappa: value, coupling: coupling)
    case (.hopping(let kappa, _), .lambda):
      .hopping(kappa: kappa, coupling: value)
    case (.hopping, .m2), (.unhalved, .kappa), (.continuum, .kappa), (.common, _):
      preconditionFailure("the theory has no \(key.rawValue)")
    }
  }

  /// Such as `lambda=5.2`; without a key the first coupling that there is of λ and m².
  fileprivate func label(_ key: AnnealingSpecification.Stops.Key?) -> String {
    switch (self, key) {
    case (.unhalved(let massSquared, _), .m2), (.continuum(let massSquared, _), .m2):
      "m2=\(NumberText.text(massSquared))"
    case (.hopping(let kappa, _), .kappa): "kappa=\(NumberText.text(kappa))"
    case (.unhalved(_, let coupling), _), (.continuum(_, let coupling), _),
      (.hopping(_, let coupling), _):
      "lambda=\(NumberText.text(coupling))"
    case (.common, _): "theory"
    }
  }
}
