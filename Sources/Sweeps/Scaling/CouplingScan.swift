// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Foundation
import Lattices
import Observables
import Statistics
import Synchronization

/// Runs of Markov chains that differ in one coupling and in the lattice, ready to be interpolated: the
/// runs on each lattice are pooled.
public struct CouplingScan: Sendable {
  /// The coupling that varies: `lambda`, `m2` or `kappa`.
  public let parameter: String
  /// The other couplings, such as `m2=-4`.
  public let held: String
  /// From small to large.
  public let lattices: [ScannedLattice]
  /// What was left out, or stands in the way of a result, in words.
  public let notes: [String]

  /// From runs with names to call them by. Weighted runs, and lattices with a single value of the
  /// coupling, are left out. `held` keeps the runs at these values of a coupling; what `quantities`
  /// need is read, everything if nil.
  ///
  /// Throws if runs differ in more than one coupling or in the form of their couplings, share random
  /// numbers, lack `moments`, or if nothing is left.
  public init(
    _ runs: [(reader: any EnsembleReader, label: String)], held wanted: [String: Double] = [:],
    quantities: [String]? = nil, workers: Workers = Workers(1)
  ) throws {
    var notes: [String] = []
    var chains: [(reader: any EnsembleReader, label: String)] = []
    for run in runs {
      if try StoredAnnealing.describes(run.reader) {
        notes.append("\(run.label): left out; weighted runs cannot be pooled")
      } else {
        chains.append(run)
      }
    }
    if chains.isEmpty { throw EnsembleError("there are no runs of Markov chains among these") }
    let variables = try quantities.map { try Self.variables(of: $0, in: chains[0].reader) }
    let selection = try ScanSelection(chains.map(\.reader), held: wanted)
    parameter = selection.parameter
    held = selection.held
    chains = selection.members.map { chains[$0] }
    let identities = try chains.compactMap { try $0.reader.attributes(of: "").text("run_id") }
    if Set(identities).count < identities.count {
      throw EnsembleError("two of the runs come from the same random numbers; name each run once")
    }
    var groups: [Lattice: [ScannedLattice.Run]] = [:]
    for (member, run) in zip(selection.members, chains) {
      let lattice = try StoredTheory(run.reader).lattice
      if !run.reader.isComplete { notes.append("\(run.label): the run is not complete") }
      let outcome = try run.reader.attributes(of: "diagnostics").text("thermalisation")
      if let outcome, outcome != "thermalised" { notes.append("\(run.label): \(outcome)") }
      let measurements = try Measurements(
        run.reader, variables: variables?.union(Reweighting.momentVariables))
      try Reweighting.requireMoments(measurements)
      groups[lattice, default: []].append(
        ScannedLattice.Run(coupling: selection.values[member], measurements: measurements))
    }
    var sorted: [(lattice: Lattice, runs: [ScannedLattice.Run])] = []
    for (lattice, runs) in groups {
      if Set(runs.map(\.coupling)).count < 2 {
        notes.append(
          "\(lattice.sizeText): left out; \(selection.parameter) has one value there and cannot be "
            + "interpolated")
      } else {
        sorted.append((lattice, runs.sorted { $0.coupling < $1.coupling }))
      }
    }
    if sorted.isEmpty {
      throw EnsembleError(
        "no lattice has runs at two values of a coupling: nothing can be interpolated")
    }
    func order(_ lattice: Lattice) -> (Int, String) { (lattice.volume, lattice.sizeText) }
    sorted.sort { order($0.lattice) < order($1.lattice) }
    let work = sorted
    lattices = try workers.collect(work.count) { index in
      try ScannedLattice(work[index].lattice, runs: work[index].runs, theory: selection.theory)
    }
    for lattice in lattices where lattice.interpolation.pool.verdict.outcome != .trustworthy {
      notes.append(
        "\(lattice.lattice.sizeText): "
          + lattice.interpolation.pool.verdict.reasons.joined(separator: " "))
    }
    self.notes = notes
  }
}

extension CouplingScan {
  /// The variables that quantities are derived from. Throws if one of them was not measured.
  private static func variables(
    of names: [String], in reader: any EnsembleReader
  ) throws -> Set<String> {
    let plain = names.map { $0 == ScannedLattice.correlationRatio ? "xi2" : $0 }
    let derived = try ComparedNames(plain, isRequired: true).derived(
      StoredTheory(reader).quantities, from: reader.layout.table(TableName.observables), axes: 0)
    return Set(derived.flatMap { $0.primaries.map(\.variable) })
  }
}

extension Lattice {
  /// The extents, as in 16x16.
  public var sizeText: String { extents.map { String($0) }.joined(separator: "x") }
}

extension Workers {
  /// What a closure gives for each of `0..<total`, in their order, worked out by all threads. Throws
  /// the first error in that order.
  func collect<Value: Sendable>(
    _ total: Int, _ body: @Sendable (Int) throws -> Value
  ) throws -> [Value] {
    let queue = TaskQueue<Value>(total)
    // One at a time to whoever is free: tasks differ much in size.
    forEach(min(count, total)) { threads in
      for _ in threads {
        while let index = queue.next() { queue.record(index) { try body(index) } }
      }
    }
    return try queue.results()
  }
}

/// Numbered tasks that are handed out one by one, and what they have given.
private final class TaskQueue<Value: Sendable>: Sendable {
  private struct State {
    var next = 0
    var results: [Result<Value, any Error>?]
  }

  private let state: Mutex<State>

  init(_ total: Int) {
    state = Mutex(State(results: Array(repeating: nil, count: total)))
  }

  /// The number of a task that nobody has taken yet.
  func next() -> Int? {
    state.withLock { state in
      guard state.next < state.results.count else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func record(_ index: Int, _ body: () throws -> Value) {
    let result = Result { try body() }
    state.withLock { $0.results[index] = result }
  }

  /// The results in the order of the tasks, or the first error.
  func results() throws -> [Value] {
    let all = state.withLock { $0.results }
    return try all.compactMap { try $0?.get() }
  }
}
