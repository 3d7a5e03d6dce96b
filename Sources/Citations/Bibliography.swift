// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// What to cite for a number of stored ensembles, each publication once.
public struct Bibliography: Sendable {
  private var used: Set<Int> = []
  private var versions: Set<String> = []

  /// That of no ensembles, which is empty.
  public init() {}

  /// Adds an ensemble: a run, a trained drift, or chains made of weighted walkers.
  /// Throws what the reader throws.
  public mutating func add(_ reader: any EnsembleReader) throws {
    let methods = try StoredMethods(reader)
    used.formUnion(Rule.all.indices.filter { Rule.all[$0].applies(methods) })
    if let version = methods.version { versions.insert(version) }
  }

  /// In the order of `Citation.all`. The program has the versions that wrote the ensembles.
  public var citations: [Citation] {
    let version = versions.isEmpty ? nil : versions.sorted().joined(separator: ", ")
    return used.sorted().map { index in
      var citation = Rule.all[index].citation
      if citation.publication == .driftfield(version: nil) {
        citation.publication = .driftfield(version: version)
      }
      return citation
    }
  }
}
