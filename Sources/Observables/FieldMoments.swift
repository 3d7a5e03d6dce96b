// SPDX-License-Identifier: GPL-3.0-or-later
import CKernels
import Ensembles
import Lattices

/// The magnetization and the terms of the action, each per site.
///
///     m = V^-1 Σ_x φ_x,   phi2 = V^-1 Σ_x φ_x²,   phi4 = V^-1 Σ_x φ_x⁴,
///     hop_μ = V^-1 Σ_x φ_x φ_{x+μ},   action = −J Σ_μ hop_μ + c2 phi2 + c4 phi4
///
/// |m|, m², m⁴ follow from m; hop, phi2 and phi4 of each configuration let it be reweighted exactly
/// to any couplings.
public struct FieldMoments: Observable {
  public let lattice: Lattice
  private let hopping: Double
  private let quadratic: Double
  private let quartic: Double
  private let extents: [Int32]

  /// The coefficients of S = Σ_x [ −J Σ_μ φ_x φ_{x+μ} + c2 φ_x² + c4 φ_x⁴ ].
  public init(lattice: Lattice, hopping: Double, quadratic: Double, quartic: Double) {
    self.lattice = lattice
    self.hopping = hopping
    self.quadratic = quadratic
    self.quartic = quartic
    extents = lattice.extents.map { Int32($0) }
  }

  public var variables: [Variable] {
    [
      Variable(
        name: "m", longName: "magnetization per site",
        definition: #"m = V^{-1} \sum_x \phi_x"#),
      Variable(
        name: "phi2", longName: "mean square of the field",
        definition: #"V^{-1} \sum_x \phi_x^2"#),
      Variable(
        name: "phi4", longName: "mean fourth power of the field",
        definition: #"V^{-1} \sum_x \phi_x^4"#),
      Variable(
        name: "hop", axes: [lattice.directionAxis], longName: "nearest-neighbour energy",
        definition: #"h_\mu = V^{-1} \sum_x \phi_x \phi_{x+\mu}"#),
      Variable(
        name: "action", longName: "action per site",
        definition: #"s = -J \sum_\mu h_\mu + c_2 \phi^2 + c_4 \phi^4"#),
    ]
  }

  public func measure(
    _ rows: UnsafePointer<Double>, count: Int, into outputs: [UnsafeMutablePointer<Double>]
  ) {
    let d = lattice.dimensions
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 3 + d) { buffer in
      let sums = buffer.baseAddress!
      for member in 0..<count {
        df_field_sums(Int32(d), extents, rows + member * lattice.volume, sums)
        var hop = 0.0
        for axis in 0..<d {
          outputs[3][member * d + axis] = sums[3 + axis]
          hop += sums[3 + axis]
        }
        for index in 0..<3 { outputs[index][member] = sums[index] }
        outputs[4][member] = -hopping * hop + quadratic * sums[1] + quartic * sums[2]
      }
    }
  }
}

extension Lattice {
  /// The axis of variables that have one value for each direction.
  public var directionAxis: Axis {
    Axis(
      name: "direction", coordinates: (0..<dimensions).map { Double($0) },
      longName: "lattice direction, 0 for x, 1 for y, ...")
  }

  /// The longest extent T; correlators and correlation lengths are measured along it.
  public var longestExtent: Int { extents.max()! }

  /// The directions whose extent is the longest; averages over directions are over these.
  public var longDirections: [Int] {
    (0..<dimensions).filter { extents[$0] == longestExtent }
  }
}
