// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Citations
import Ensembles
import Sweeps

/// `driftfield cite`.
struct Cite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The publications behind a result, as BibTeX.",
    discussion: """
      Reads from the files what made them (method, integrator, transition, drift, observables) and \
      prints what to cite for it. Without a path, everything the program rests on.
      """)

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String] = []

  @Flag(help: "Plain references, each with the reason it is cited.")
  var text = false

  func run() throws {
    let citations = try paths.isEmpty ? Self.everything : citations(of: paths)
    guard text else {
      return print(citations.map(\.publication.bibTeX).joined(separator: "\n\n"))
    }
    for (index, citation) in citations.enumerated() {
      print("[\(index + 1)] \(citation.publication.reference)\n    for: \(citation.reason)")
    }
  }

  private static var everything: [Citation] {
    var citations = Citation.all
    citations[0].publication = .driftfield(version: Software.version)
    return citations
  }

  private func citations(of paths: [String]) throws -> [Citation] {
    let store = HDF5Store()
    var bibliography = Bibliography()
    for ensemble in try NamedEnsemble.all(at: paths, store: store, withDrifts: true) {
      try bibliography.add(store.open(at: ensemble.path))
    }
    if bibliography.citations.isEmpty {
      throw Failure("\(paths.joined(separator: ", ")): no run has begun")
    }
    return bibliography.citations
  }
}
