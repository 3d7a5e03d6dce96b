// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Annealing
import Ensembles
import Lattices

/// A path of couplings as a table of its knots, from which it is read back to the same bits.
enum StoredPath {
  static let table = Table(
    name: TableName.knots, rowName: "knot", isPerChain: false,
    variables: [
      Variable(name: "time", units: "1", longName: "time along the path, from 0 to 1"),
      Variable(
        name: "leg", type: .int64, units: "1",
        longName: "smooth leg that the knot belongs to, from 1; the start has 0"),
      Variable(name: "J", longName: "coefficient of the hopping term"),
      Variable(name: "c2", longName: "coefficient of phi^2"),
      Variable(name: "c4", longName: "coefficient of phi^4"),
    ])

  /// `node` is which of a line of couplings the path leads to, from 0; nil where there is no line.
  static func append(
    _ path: CouplingPath, to writer: any EnsembleWriter, node: Int? = nil
  ) throws {
    let first = (node ?? 0) * path.knots.count
    for (row, knot) in path.knots.enumerated() {
      let leg = path.corners.firstIndex { knot.time <= $0 } ?? path.corners.count
      let c = knot.coefficients
      try writer.append(
        row: first + row, to: table.name,
        [[knot.time], [Double(leg)], [c.hopping], [c.quadratic], [c.quartic]]
          + StoredLine.column(node))
    }
  }

  /// Throws if the table does not describe a path that begins at a theory with exact samples.
  static func read(_ reader: any EnsembleReader, node: Int? = nil) throws -> CouplingPath {
    let lattice = try StoredTheory(reader).lattice
    let rows = try StoredLine.rows(of: table.name, in: reader, node: node)
    func column(_ name: String) throws -> [Double] {
      let values = try reader.values(of: name, in: table.name)
      return rows.map { values[$0] }
    }
    let (times, legs) = (try column("time"), try column("leg").map { Int($0) })
    let (hopping, quadratic, quartic) = (try column("J"), try column("c2"), try column("c4"))
    let knots = times.indices.map {
      CouplingPath.Knot(
        time: times[$0],
        coefficients: Phi4Couplings.Coefficients(
          hopping: hopping[$0], quadratic: quadratic[$0], quartic: quartic[$0]))
    }
    guard times.count >= 2, times.first == 0, times.last == 1,
      zip(times, times.dropFirst()).allSatisfy(<), legs.first == 0,
      zip(legs, legs.dropFirst()).allSatisfy({ $1 == $0 || $1 == $0 + 1 }), legs[1] == 1
    else { throw EnsembleError("its knots do not make a path of couplings") }
    let start = knots[0].coefficients
    let origin: ExactlySampledPhi4
    if start.quartic == 0 {
      let mass = start.quadratic - start.hopping * Double(lattice.dimensions)
      guard mass > 0 else { throw EnsembleError("its path does not begin at a free field") }
      origin = .free(FreeField(lattice: lattice, couplings: .common(start)))
    } else if start.hopping == 0 {
      origin = .independent(
        IndependentSites(lattice: lattice, quadratic: start.quadratic, quartic: start.quartic))
    } else {
      throw EnsembleError("its path begins at a theory without exact samples")
    }
    let last = legs[legs.count - 1]
    return CouplingPath(
      from: origin,
      legs: (1...last).map { leg in knots.indices.filter { legs[$0] == leg }.map { knots[$0] } })
  }
}

extension TableName {
  /// Knots of a path that the sweep file does not give.
  public static let knots = "knots"
  /// The history of a training.
  public static let training = "training"
  /// The weights of a trained drift.
  public static let weights = "weights"
  /// Attributes alone: what a drift is made of; in a run, which drift it follows.
  public static let drift = "drift"
}
