// SPDX-License-Identifier: GPL-3.0-or-later
import ArgumentParser
import Ensembles
import Foundation
import Sweeps

/// `driftfield inspect`.
struct Inspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what is in a result: provenance, theory, tables, progress.")

  @Argument(help: "Sweep folders, run folders or packed files.", completion: .file())
  var paths: [String]

  @Flag(help: "Print the sweep file that is stored in the result, and nothing else.")
  var sweep = false

  func run() throws {
    let store = HDF5Store()
    // The runs of a sweep hold the same file, which is shown once.
    var shown: Set<String> = []
    for ensemble in try NamedEnsemble.all(at: paths, store: store, withDrifts: true) {
      let reader = try store.open(at: ensemble.path)
      if sweep {
        if case .text(let text)? = try reader.attributes(of: "")["sweep"],
          shown.insert(text).inserted
        {
          print(text, terminator: "")
        }
        continue
      }
      try show(ensemble, reader)
    }
  }

  private func show(_ ensemble: NamedEnsemble, _ reader: any EnsembleReader) throws {
    print("\(ensemble.path): \(ensemble.label)")
    let sampler = try reader.attributes(of: "sampler")
    var members = "\(reader.layout.chains) chains"
    if case .integer(let walkers)? = sampler["walkers"],
      case .integer(let populations)? = sampler["populations"]
    {
      let done = try reader.rows(of: TableName.annealing).count
      members = "\(done) of \(populations) populations of \(walkers) walkers"
    }
    if try StoredDrift.describes(reader) {
      members =
        "a trained drift, \(try reader.rows(of: TableName.training).count) times of training"
    }
    print("  \(reader.isComplete ? "complete" : "not complete"), \(members)")
    let groups = [
      "", "theory", "lattice", "sampler", TableName.stops, TableName.drift, TableName.training,
      TableName.refinement, TableName.pilot, TableName.bias, "diagnostics",
    ]
    for group in groups {
      let attributes = try reader.attributes(of: group).filter { $0.key != "sweep" }
      if attributes.isEmpty { continue }
      print("  /\(group)")
      for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
        let text = value.text.split(separator: "\n", omittingEmptySubsequences: false)
          .joined(separator: "\n" + String(repeating: " ", count: 29))
        let padding = String(repeating: " ", count: max(1, 24 - name.count))
        print("    \(name)\(padding) \(text)")
      }
    }
    var rows = [["table", "rows", "variable", "shape", "units", "meaning"]]
    for table in reader.layout.tables {
      let count = try reader.rows(of: table.name).count
      for (index, variable) in table.variables.enumerated() {
        let shape =
          (table.isPerChain ? ["chain"] : []) + [table.rowName] + variable.axes.map(\.name)
        rows.append([
          index == 0 ? table.name : "", index == 0 ? "\(count)" : "", variable.name,
          shape.joined(separator: " "), variable.units, variable.longName,
        ])
      }
    }
    print(TextTable.render(rows) + "\n")
  }
}

extension AttributeValue {
  fileprivate var text: String {
    switch self {
    case .text(let text): text
    case .real(let number): "\(number)"
    case .integer(let number): "\(number)"
    case .reals(let numbers): numbers.map { "\($0)" }.joined(separator: " ")
    case .integers(let numbers): numbers.map { "\($0)" }.joined(separator: " ")
    case .texts(let texts): texts.joined(separator: " ")
    }
  }
}
