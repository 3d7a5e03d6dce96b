// SPDX-License-Identifier: GPL-3.0-or-later
import Foundation
import Sweeps

/// Shows how a sweep goes on: a bar with rate and remaining time on a terminal, plain lines when
/// the output is piped. Everything goes to standard error.
final class Progress: SweepObserver {
  private let runs: Int
  private let interruption: Interruption
  private let isTerminal = isatty(2) == 1
  private var run: RunSpecification?
  private var began = Date()
  private var firstUpdate: Int?
  /// Where an annealing run stood at first, in steps of all populations.
  private var firstStep: Int?
  /// The part of a phase of a training that was done at first.
  private var firstFraction: Double?
  private var trainingPhase: TrainingPlace.Phase?
  private var lastShown = Date.distantPast

  init(runs: Int, interruption: Interruption) {
    self.runs = runs
    self.interruption = interruption
  }

  var shouldStop: Bool { interruption.isRequested }

  func began(_ run: RunSpecification, isResumed: Bool) {
    self.run = run
    began = Date()
    firstUpdate = nil
    firstStep = nil
    lastShown = isTerminal ? .distantPast : Date()
    let resumed = isResumed ? ", resumed" : ""
    if !isTerminal { Software.complain("\(position(run)) \(run.label): started\(resumed)") }
  }

  func skipped(_ run: RunSpecification) {
    Software.complain("\(position(run)) \(run.label): complete already")
  }

  func progressed(done: Int, total: Int, isThermalising: Bool) {
    if firstUpdate == nil { firstUpdate = done - 1 }
    let now = Date()
    guard let run, now.timeIntervalSince(lastShown) >= (isTerminal ? 0.1 : 30) else { return }
    lastShown = now
    let rate = Double(done - (firstUpdate ?? 0)) / max(now.timeIntervalSince(began), 1e-9)
    let rest = Self.duration(Double(total - done) / rate)
    let phase = isThermalising ? "thermalising" : "sampling"
    let numbers = "\(done)/\(total) \(phase), \(Self.rate(rate)), \(rest) left"
    show(run, numbers, fraction: Double(done) / Double(total))
  }

  func progressed(_ place: AnnealingPlace) {
    let now = Date()
    guard let run, now.timeIntervalSince(lastShown) >= (isTerminal ? 0.1 : 30) else {
      if place.phase != .pilot, firstStep == nil {
        firstStep = place.stepsMade(thereAndBack: run?.hasWayBack ?? false)
      }
      return
    }
    lastShown = now
    if place.phase == .pilot { return show(run, "pilot", fraction: 0) }
    let done = place.stepsMade(thereAndBack: run.hasWayBack)
    let total = place.populations * place.steps * (run.hasWayBack ? 2 : 1)
    if firstStep == nil { firstStep = done }
    let rate = Double(done - (firstStep ?? 0)) / max(now.timeIntervalSince(began), 1e-9)
    let rest = rate > 0 ? ", \(Self.duration(Double(total - done) / rate)) left" : ""
    let direction = place.phase == .reverse ? "back at" : "at"
    let time = String(format: "%.3f", place.time)
    show(
      run,
      "population \(place.population)/\(place.populations), step \(place.step)/\(place.steps), "
        + "\(direction) time \(time)\(rest)", fraction: Double(done) / Double(max(total, 1)))
  }

  func beganTraining(_ run: RunSpecification, isResumed: Bool) {
    self.run = run
    began = Date()
    firstFraction = nil
    lastShown = isTerminal ? .distantPast : Date()
    let resumed = isResumed ? ", resumed" : ""
    if !isTerminal { Software.complain("\(position(run)) \(run.label): training\(resumed)") }
  }

  func skippedTraining(_ run: RunSpecification) {
    Software.complain("\(position(run)) \(run.label): trained already")
  }

  func progressed(_ place: TrainingPlace) {
    let now = Date()
    if firstFraction == nil || place.phase != trainingPhase {
      (firstFraction, trainingPhase) = (place.fraction, place.phase)
      began = now
    }
    guard let run, now.timeIntervalSince(lastShown) >= (isTerminal ? 0.1 : 30) else { return }
    lastShown = now
    let rate = (place.fraction - (firstFraction ?? 0)) / max(now.timeIntervalSince(began), 1e-9)
    let rest = rate > 0 ? ", \(Self.duration((1 - place.fraction) / rate)) left" : ""
    let coupling = place.nodes > 1 ? ", coupling \(place.node)/\(place.nodes)" : ""
    switch place.phase {
    case .path:
      show(run, "training\(coupling), path of constant susceptibility", fraction: place.fraction)
    case .pilot: show(run, "training\(coupling), pilot", fraction: place.fraction)
    case .training:
      show(
        run, "training\(coupling), sweep \(place.sweep)/\(place.sweeps)\(rest)",
        fraction: place.fraction)
    case .network:
      let residual = place.residual.map { String(format: ", residual %.2g per site", $0) } ?? ""
      show(
        run, "training, iteration \(place.sweep)/\(place.sweeps)\(residual)\(rest)",
        fraction: place.fraction)
    case .check:
      show(run, "training, measuring the drift\(rest)", fraction: place.fraction)
    }
  }

  func trained(_ run: RunSpecification, _ summary: TrainingSummary) {
    clear()
    let seconds = Self.duration(summary.pathSeconds + summary.seconds)
    let residual = String(format: "%.2g", summary.residual)
    let reference = String(format: "%.2g", summary.referenceResidual)
    let couplings = summary.theories > 1 ? " for \(summary.theories) couplings" : ""
    Software.complain(
      "\(position(run)) \(run.label): trained\(couplings) in \(seconds), variance of the residual "
        + "at the end \(residual) per site (\(reference) untrained), ESS of the training walkers "
        + String(format: "%.3g", summary.effectiveFraction))
  }

  func tuned(_ run: RunSpecification, candidates: Int, of total: Int) {
    if candidates == 0 {
      (self.run, began) = (run, Date())
      lastShown = isTerminal ? .distantPast : Date()
    }
    let now = Date()
    guard now.timeIntervalSince(lastShown) >= (isTerminal ? 0.1 : 30) else { return }
    lastShown = now
    show(
      run, "trying candidate \(candidates + 1)/\(total)",
      fraction: Double(candidates) / Double(total))
  }

  private func show(_ run: RunSpecification, _ numbers: String, fraction: Double) {
    if isTerminal {
      // A line that is wider than the terminal could not be written over.
      let columns = Self.columns - 1
      let name = "\(position(run)) \(run.label) "
      let width = min(24, columns - name.count - numbers.count - 1)
      let filled = Int(Double(max(0, width)) * fraction)
      let bar =
        width < 4
        ? ""
        : String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
          + " "
      Software.say("\r\u{1B}[K" + (name + bar + numbers).prefix(columns))
    } else {
      Software.complain("\(position(run)) \(run.label): \(numbers)")
    }
  }

  func finished(_ run: RunSpecification, _ diagnostics: RunDiagnostics) {
    clear()
    let seconds = Self.duration(Date().timeIntervalSince(began))
    Software.complain(
      "\(position(run)) \(run.label): done in \(seconds), "
        + "\(diagnostics.thermalisationOutcome.rawValue)")
    for warning in diagnostics.warnings { Software.complain("  warning: \(warning)") }
  }

  func finished(_ run: RunSpecification, _ diagnostics: AnnealingDiagnostics) {
    clear()
    let seconds = Self.duration(Date().timeIntervalSince(began))
    Software.complain(
      "\(position(run)) \(run.label): done in \(seconds), \(diagnostics.summary)")
    for warning in diagnostics.warnings { Software.complain("  warning: \(warning)") }
  }

  /// Takes the bar away.
  func clear() {
    if isTerminal { Software.say("\r\u{1B}[K") }
  }

  private static var columns: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private func position(_ run: RunSpecification) -> String { "[\(run.index + 1)/\(runs)]" }

  static func rate(_ perSecond: Double) -> String {
    perSecond >= 100
      ? String(format: "%.0f updates/s", perSecond) : String(format: "%.3g updates/s", perSecond)
  }

  /// 0.3 s, 12 s, 3 min 20 s, 2 h 05 min.
  static func duration(_ seconds: Double) -> String {
    if !seconds.isFinite { return "?" }
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
  }
}

extension RunSpecification {
  /// Whether walkers are carried back to the origin.
  fileprivate var hasWayBack: Bool {
    if case .annealing(let annealing) = sampler { return annealing.reverseUpdates > 0 }
    return false
  }
}

extension AnnealingPlace {
  /// Steps that were made in all populations.
  fileprivate func stepsMade(thereAndBack: Bool) -> Int {
    let perPopulation = steps * (thereAndBack ? 2 : 1)
    return (population - 1) * perPopulation + step + (phase == .reverse ? steps : 0)
  }
}
