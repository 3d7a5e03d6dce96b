// SPDX-License-Identifier: GPL-3.0-or-later
import Lattices
import Networks
import RandomStreams

/// A drift on a lattice made of one or two nonlinear layers of convolutions, with an exact divergence,
/// added to another drift where there is one; see `ConvolutionProgram` for its formulas.
///
/// It commutes with translations, with the reflections and exchanges of axes of equal extent (but for
/// `symmetry: .none`) and with φ → −φ (but for `isOdd: false`).
public struct ConvolutionDrift: NetworkDrift, DivergenceDrift {
  public let base: (any DivergenceDrift)?
  public var network: PreparedNetwork<ConvolutionProgram>
  public var conditions: [Double]

  /// A network with random parameters; with the output scale 0 it begins as its base.
  public init(
    _ lattice: Lattice, _ architecture: ConvolutionArchitecture = ConvolutionArchitecture(),
    base: (any DivergenceDrift)? = nil, using streams: RandomStreams
  ) {
    let program = ConvolutionProgram(lattice, architecture, divergence: .exact)
    self.base = base
    network = PreparedNetwork(program, parameters: program.initialParameters(using: streams))
    conditions = Array(repeating: 0, count: architecture.conditions)
  }

  public var architecture: ConvolutionArchitecture { network.program.architecture }
  public var lattice: Lattice { network.program.lattice }
}

/// A drift on a lattice made of any number of layers of convolutions, whose divergence is only estimated,
/// from probes in training; for weights that need none.
public struct DeepConvolutionDrift: NetworkDrift {
  public let base: (any DivergenceDrift)?
  public var network: PreparedNetwork<ConvolutionProgram>
  public var conditions: [Double]

  /// A network with random parameters; with the output scale 0 it begins as its base.
  public init(
    _ lattice: Lattice, _ architecture: ConvolutionArchitecture,
    base: (any DivergenceDrift)? = nil, using streams: RandomStreams
  ) {
    let program = ConvolutionProgram(lattice, architecture, divergence: .probe)
    self.base = base
    network = PreparedNetwork(program, parameters: program.initialParameters(using: streams))
    conditions = Array(repeating: 0, count: architecture.conditions)
  }
}
