// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles

/// A drift that a sweep file names and that its runs cannot follow, in words: file, key, and what is
/// stored and wanted.
public struct UnusableDrift: Error, Equatable, CustomStringConvertible {
  public let description: String
}

extension SweepDefinition {
  /// Makes sure that every drift that the file names can be followed by its runs, before anything is
  /// written. Throws an `UnusableDrift` that lists what is wrong, or what the store throws.
  public func checkDrifts(in store: any EnsembleStore) throws {
    var problems: [String] = []
    for run in runs {
      guard let annealing = run.annealing, case .file(let name)? = annealing.transport?.drift else {
        continue
      }
      let place = "samplers.\(annealing.name).drift: \(name)"
      guard store.exists(at: name) else {
        problems.append("\(place): there is no trained drift")
        continue
      }
      do {
        let reader = try store.open(at: name)
        let drift = try StoredDrift(reader)
        let differences = try run.differences(fromDrift: reader)
        problems += differences.map { "\(place): \($0) in the run \(run.label)" }
        if differences.isEmpty { _ = try drift.drift(for: run) }
      } catch let error as EnsembleError {
        problems.append("\(place): \(error)")
      }
    }
    guard problems.isEmpty else {
      throw UnusableDrift(
        description: problems.map { "\(fileName): \($0)" }.joined(separator: "\n"))
    }
  }
}

extension RunSpecification {
  /// Where theory, lattice and path of a drift are not those of the run, in words.
  func differences(fromDrift reader: any EnsembleReader) throws -> [String] {
    var result: [String] = []
    func compare(
      _ group: String, _ stored: [String: AttributeValue], _ wanted: [String: AttributeValue],
      _ keys: [(attribute: String, key: String)]
    ) {
      for (attribute, key) in keys {
        let (old, new) = (stored[attribute], wanted[attribute])
        if old == new { continue }
        result.append(
          "the drift was trained with \(key) = \(old?.words ?? "none"), which is "
            + "\(new?.words ?? "none")")
      }
    }
    let theory = try reader.attributes(of: "theory")
    compare("theory", theory, theoryAttributes, [("parametrisation", "theory.parametrisation")])
    let line = try StoredLine(reader.attributes(of: TableName.drift))
    if result.isEmpty {
      compare(
        "theory", theory, theoryAttributes,
        [
          ("given_m2", "theory.m2"), ("given_kappa", "theory.kappa"),
          ("given_lambda", "theory.lambda"),
        ].filter { $0.0 != line?.attribute })
      if let line, let value = theoryAttributes.real(line.attribute),
        !line.values.contains(value)
      {
        let (least, most) = (line.values.lowerBound, line.values.upperBound)
        result.append(
          "the drift was trained for theory.\(line.key) from \(NumberText.text(least)) to "
            + "\(NumberText.text(most)), which is \(NumberText.text(value))")
      }
    }
    compare(
      "lattice", try reader.attributes(of: "lattice"), latticeAttributes,
      [("shape", "lattice.extents")])
    guard let annealing else { return result }
    compare(
      "sampler", try reader.attributes(of: "sampler"), annealing.attributes,
      [
        ("path", "samplers.\(annealing.name).path"),
        ("origin", "samplers.\(annealing.name).origin"),
        ("origin_m2", "samplers.\(annealing.name).origin_m2"),
      ])
    let (stored, own) = (try reader.attributes(of: TableName.stops), stopAttributes)
    if stored["time"] != own["time"]
      || (line == nil && result.isEmpty && stored["label"] != own["label"])
    {
      compare("stops", stored, own, [("label", "stops")])
    }
    return result
  }
}

extension AttributeValue {
  /// The value as a message shows it.
  fileprivate var words: String {
    switch self {
    case .text(let text): text
    case .real(let number): NumberText.text(number)
    case .integer(let number): String(number)
    case .reals(let numbers): "[" + numbers.map(NumberText.text).joined(separator: ", ") + "]"
    case .integers(let numbers): "[" + numbers.map(String.init).joined(separator: ", ") + "]"
    case .texts(let texts): "[" + texts.joined(separator: ", ") + "]"
    }
  }
}
