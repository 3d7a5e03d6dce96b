// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Foundation
import Lattices
import Statistics
import TensorRenormalisation

/// A theory on a lattice.
struct TorusTheory: Hashable, CustomStringConvertible {
  let couplings: Phi4Couplings.Parametrisation
  let extents: [Int]

  /// m² or κ with its name, and λ.
  var values: (name: String, mass: Double, lambda: Double) {
    switch couplings {
    case .unhalved(let massSquared, let coupling), .continuum(let massSquared, let coupling):
      ("m2", massSquared, coupling)
    case .hopping(let kappa, let coupling): ("kappa", kappa, coupling)
    case .common(let coefficients): ("c2", coefficients.quadratic, coefficients.quartic)
    }
  }

  var description: String {
    let (name, mass, lambda) = values
    return "\(couplings.name) \(name)=\(Self.short(mass)) lambda=\(Self.short(lambda)) \(lattice)"
  }

  var lattice: String { extents.map(String.init).joined(separator: "x") }

  /// log Z of the free field with this canonical m² on the same lattice, for a field of the same
  /// scale: log Z_free(unhalved) + V log(φ_given/φ_unhalved).
  func freeLogNormalizer(massSquared: Double) -> Double {
    let lattice = Lattice(extents: extents)
    return FreeField(lattice, massSquared: massSquared).logNormalizer
      + Phi4Couplings(couplings, dimensions: extents.count)
      .logNormalizerShift(volume: lattice.volume)
  }

  private static func short(_ number: Double) -> String { String(format: "%.12g", number) }
}

/// What `driftfield logz` found for one theory.
struct LogZRow {
  let theory: TorusTheory
  let partition: TorusPartition
  let isWithinTolerance: Bool
  /// m² and log Z of the free field that is compared with.
  let free: (massSquared: Double, logNormalizer: Double)?
  let seconds: Double
}

/// Partition functions as text.
enum LogZText {
  static func table(_ rows: [LogZRow]) -> String {
    var head = ["theory", "log Z"]
    if let free = rows.first?.free {
      head.append("log Z - log Z_free(m2=\(String(format: "%.12g", free.massSquared)))")
    }
    var lines = [head + ["error", "bond dimension", "seconds"]]
    for row in rows {
      let (value, error) = (row.partition.logNormalizer, row.partition.truncationError)
      let mark = row.isWithinTolerance ? "" : "?"
      var line = [row.theory.description, Uncertain(value, error).description + mark]
      if let free = row.free {
        line.append(Uncertain(value - free.logNormalizer, error).description + mark)
      }
      lines.append(
        line + [
          String(format: "%.1e", error), "\(row.partition.bondDimension)",
          String(format: "%.2f", row.seconds),
        ])
    }
    let note =
      rows.allSatisfy(\.isWithinTolerance)
      ? "" : "\n? the error is above the tolerance; --bond-dimension allows more states"
    return TextTable.render(lines) + note
  }

  static func json(_ rows: [LogZRow]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(rows.map(Entry.init)), as: UTF8.self)
  }

  private struct Entry: Encodable {
    var parametrisation: String
    var m2: Double?
    var kappa: Double?
    var lambda: Double
    var extents: [Int]
    var logZ: Double
    var truncationError: Double
    var bondDimension: Int
    var withinTolerance: Bool
    var fromFreeMassSquared: Double?
    var logRatio: Double?
    var seconds: Double

    enum CodingKeys: String, CodingKey {
      case parametrisation, m2, kappa, lambda, extents, seconds
      case logZ = "log_z"
      case truncationError = "truncation_error"
      case bondDimension = "bond_dimension"
      case withinTolerance = "within_tolerance"
      case fromFreeMassSquared = "from_free_m2"
      case logRatio = "log_z_ratio"
    }

    init(_ row: LogZRow) {
      let values = row.theory.values
      parametrisation = row.theory.couplings.name
      m2 = values.name == "m2" ? values.mass : nil
      kappa = values.name == "kappa" ? values.mass : nil
      lambda = values.lambda
      extents = row.theory.extents
      logZ = row.partition.logNormalizer
      truncationError = row.partition.truncationError
      bondDimension = row.partition.bondDimension
      withinTolerance = row.isWithinTolerance
      fromFreeMassSquared = row.free?.massSquared
      logRatio = row.free.map { row.partition.logNormalizer - $0.logNormalizer }
      seconds = row.seconds
    }
  }
}
