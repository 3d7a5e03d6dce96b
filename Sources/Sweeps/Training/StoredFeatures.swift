// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import Transport

/// The features of a spectral drift as attributes: lists with one entry for each feature.
enum StoredFeatures {
  private enum Name {
    static let kinds = "features"
    static let frequencies = "frequency"
    static let smoothings = "smoothing"
    static let carriers = "carrier"
  }

  fileprivate enum Kind: String {
    case field, sine, gate, mean
    case gatedField = "gated-field"
  }

  static func attributes(_ features: [SpectralFeature]) -> [String: AttributeValue] {
    let parts = features.map(\.parts)
    return [
      Name.kinds: .texts(parts.map(\.kind.rawValue)),
      Name.frequencies: .reals(parts.map(\.frequency)),
      Name.smoothings: .reals(parts.map(\.smoothing)), Name.carriers: .reals(parts.map(\.carrier)),
    ]
  }

  /// Throws if a feature is not one that there is.
  static func read(_ attributes: [String: AttributeValue]) throws -> [SpectralFeature] {
    guard let kinds = attributes.texts(Name.kinds),
      let frequencies = attributes.reals(Name.frequencies),
      let smoothings = attributes.reals(Name.smoothings),
      let carriers = attributes.reals(Name.carriers),
      [frequencies, smoothings, carriers].allSatisfy({ $0.count == kinds.count })
    else { throw EnsembleError("the file does not list the features of its drift") }
    return try kinds.indices.map { index in
      let (frequency, smoothing) = (frequencies[index], smoothings[index])
      switch Kind(rawValue: kinds[index]) {
      case .field: return .field
      case .sine: return .sine(frequency: frequency, smoothing: smoothing)
      case .gate:
        return .gate(frequency: frequency, smoothing: smoothing, carrier: carriers[index])
      case .gatedField: return .gatedField(frequency: frequency)
      case .mean: return .mean(frequency: frequency)
      case nil:
        throw EnsembleError(
          "its drift has a feature '\(kinds[index])' that this program does not know")
      }
    }
  }

  fileprivate typealias Parts = (
    kind: Kind, frequency: Double, smoothing: Double, carrier: Double
  )
}

extension SpectralFeature {
  /// The kind and the three numbers, 0 where a feature does not have them.
  fileprivate var parts: StoredFeatures.Parts {
    switch self {
    case .field: (.field, 0, 0, 0)
    case .sine(let frequency, let smoothing): (.sine, frequency, smoothing, 0)
    case .gate(let frequency, let smoothing, let carrier): (.gate, frequency, smoothing, carrier)
    case .gatedField(let frequency): (.gatedField, frequency, 0, 0)
    case .mean(let frequency): (.mean, frequency, 0, 0)
    }
  }
}

/// The functions that the kernels of a drift are made of, as attributes.
enum StoredBasis {
  private enum Name {
    static let shape = "basis"
    static let symmetry = "symmetry"
    static let radius = "radius"
    static let count = "basis_count"
    static let scale = "basis_scale"
    static let scales = "basis_scales"
  }

  private enum Shape: String {
    case orbits, scales
    case momentumSquared = "momentum-squared"
  }

  static func attributes(_ basis: KernelBasis) -> [String: AttributeValue] {
    var result: [String: AttributeValue] = [Name.symmetry: .text(basis.symmetry.rawValue)]
    switch basis.shape {
    case .orbits(let radius):
      result[Name.shape] = .text(Shape.orbits.rawValue)
      if let radius { result[Name.radius] = .real(radius) }
    case .momentumSquared(let count, let scale):
      result[Name.shape] = .text(Shape.momentumSquared.rawValue)
      result[Name.count] = .integer(count)
      result[Name.scale] = .real(scale)
    case .scales(let scales):
      result[Name.shape] = .text(Shape.scales.rawValue)
      result[Name.scales] = .reals(scales)
    }
    return result
  }

  /// Throws if the basis is not one that there is.
  static func read(
    _ attributes: [String: AttributeValue], on lattice: Lattice
  ) throws -> KernelBasis {
    guard let symmetry = attributes.text(Name.symmetry).flatMap(PointGroup.init(rawValue:)),
      let name = attributes.text(Name.shape), let kind = Shape(rawValue: name)
    else { throw EnsembleError("the file does not say what its kernels are made of") }
    let shape: KernelBasis.Shape
    switch kind {
    case .orbits: shape = .orbits(radius: attributes.real(Name.radius))
    case .momentumSquared:
      guard let count = attributes.real(Name.count), count >= 1,
        let scale = attributes.real(Name.scale), scale > 0
      else { throw EnsembleError("the basis of its kernels is not complete") }
      shape = .momentumSquared(count: Int(count), scale: scale)
    case .scales:
      guard let scales = attributes.reals(Name.scales) else {
        throw EnsembleError("the basis of its kernels is not complete")
      }
      shape = .scales(scales)
    }
    return KernelBasis(lattice, shape: shape, symmetry: symmetry)
  }
}
