// SPDX-License-Identifier: GPL-3.0-or-later
import Actions
import Ensembles
import Lattices
import Observables

/// The lattice and the action of an ensemble as its file describes them.
public struct StoredTheory: Sendable {
  public let lattice: Lattice
  /// J, c2 and c4 for the field as it is stored.
  public let coefficients: Phi4Couplings.Coefficients
  /// The run's label, or its sampler's name.
  public let label: String

  init(lattice: Lattice, coefficients: Phi4Couplings.Coefficients, label: String) {
    self.lattice = lattice
    self.coefficients = coefficients
    self.label = label
  }

  /// Throws if the file does not describe a lattice theory.
  public init(_ reader: any EnsembleReader) throws {
    let theory = try reader.attributes(of: "theory")
    guard
      case .integers(let extents)? = try reader.attributes(of: "lattice")["shape"],
      (1...4).contains(extents.count), extents.allSatisfy({ $0 >= 2 }),
      case .real(let hopping)? = theory["J"], case .real(let quadratic)? = theory["c2"],
      case .real(let quartic)? = theory["c4"]
    else { throw EnsembleError("the file does not describe a theory on a lattice") }
    lattice = Lattice(extents: extents)
    coefficients = Phi4Couplings.Coefficients(
      hopping: hopping, quadratic: quadratic, quartic: quartic)
    if case .text(let text)? = try reader.attributes(of: "")["label"] {
      label = text
    } else {
      label = ""
    }
  }

  /// What can be derived from averages of this theory.
  public var quantities: ScalarQuantities {
    ScalarQuantities(
      lattice: lattice, hopping: coefficients.hopping, quadratic: coefficients.quadratic,
      quartic: coefficients.quartic)
  }

  /// The observables by their names in sweep files.
  public func observables(
    _ names: [MeasurementSpecification.Observable], shells: Int
  ) -> [any Observable] {
    names.map { name in
      switch name {
      case .moments:
        FieldMoments(
          lattice: lattice, hopping: coefficients.hopping, quadratic: coefficients.quadratic,
          quartic: coefficients.quartic)
      case .correlator: SliceCorrelator(lattice: lattice)
      case .propagator: MomentumPropagator(lattice: lattice, shells: shells)
      }
    }
  }
}
