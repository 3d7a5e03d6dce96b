// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Transport

/// The line of couplings of a drift as attributes: which coupling, from where to where, and at which
/// values drifts are trained.
struct StoredLine {
  let key: String
  let values: ClosedRange<Double>
  let nodes: Int
  /// The theories at both ends.
  let ends: (Phi4Couplings.Coefficients, Phi4Couplings.Coefficients)

  /// The coupling as the theory's attributes call it.
  var attribute: String { "given_\(key)" }

  private enum Name {
    static let key = "coupling"
    static let range = "coupling_range"
    static let nodes = "coupling_nodes"
    static let hopping = "line_J"
    static let quadratic = "line_c2"
    static let quartic = "line_c4"
    static let node = "node"
  }

  static func attributes(
    _ line: CouplingLine, of run: RunSpecification
  ) -> [String: AttributeValue] {
    let ends = [line.range.lowerBound, line.range.upperBound]
    let theories = ends.map { run.replacing(line.key, by: $0).action.coefficients }
    return [
      Name.key: .text(line.key.rawValue), Name.range: .reals(ends),
      Name.nodes: .reals(line.values), Name.hopping: .reals(theories.map(\.hopping)),
      Name.quadratic: .reals(theories.map(\.quadratic)),
      Name.quartic: .reals(theories.map(\.quartic)),
    ]
  }

  /// Nil where a drift serves one theory alone. Throws if the line is not complete.
  init?(_ attributes: [String: AttributeValue]) throws {
    guard let key = attributes.text(Name.key) else { return nil }
    guard let range = attributes.reals(Name.range), range.count == 2, range[0] < range[1],
      let nodes = attributes.reals(Name.nodes), !nodes.isEmpty,
      let hopping = attributes.reals(Name.hopping), hopping.count == 2,
      let quadratic = attributes.reals(Name.quadratic), quadratic.count == 2,
      let quartic = attributes.reals(Name.quartic), quartic.count == 2
    else { throw EnsembleError("the file does not tell which couplings its drift is for") }
    self.key = key
    values = range[0]...range[1]
    self.nodes = nodes.count
    func end(_ index: Int) -> Phi4Couplings.Coefficients {
      Phi4Couplings.Coefficients(
        hopping: hopping[index], quadratic: quadratic[index], quartic: quartic[index])
    }
    ends = (end(0), end(1))
  }

  /// The column of a table that says which node of the line a row is of.
  static let variable = Variable(
    name: Name.node, type: .int64, units: "1",
    longName: "number of the trained theory on the line of couplings, from 1")

  /// What a row has in that column, where there is one.
  static func column(_ node: Int?) -> [[Double]] { node.map { [[Double($0 + 1)]] } ?? [] }

  /// The positions of a node's rows in a table, or of all without a line.
  static func rows(
    of table: String, in reader: any EnsembleReader, node: Int?
  ) throws -> [Int] {
    guard let node else { return Array(try reader.rows(of: table).indices) }
    let nodes = try reader.values(of: Name.node, in: table)
    return nodes.indices.filter { nodes[$0] == Double(node + 1) }
  }
}
