// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Lattices
import Networks
import RandomStreams
import Transport

/// The network that refines a drift, as the attributes and tables of its file.
enum StoredNetwork {
  private enum Name {
    static let network = "network"
    static let layers = "layers"
    static let channels = "channels"
    static let inputScales = "input_scales"
    static let timeOrder = "time_order"
    static let activation = "activation"
  }

  /// The architecture, but for what all networks of drifts have in common: an odd nonlinearity and
  /// kernels of the hyperoctahedral group.
  static func attributes(_ architecture: ConvolutionArchitecture) -> [String: AttributeValue] {
    [
      Name.network: .text(NetworkSpecification.name), Name.layers: .integer(architecture.layers),
      Name.channels: .integer(architecture.channels),
      Name.inputScales: .reals(architecture.inputScales),
      Name.timeOrder: .integer(architecture.timeOrder ?? 0),
      Name.activation: .text("\(architecture.activation)"),
    ]
  }

  /// The network of a complete drift, nil if it has none. Throws if its parameters do not belong to what
  /// the file says of it.
  static func read(
    _ reader: any EnsembleReader, refining base: SpectralDrift
  ) throws -> ConvolutionDrift? {
    let attributes = try reader.attributes(of: TableName.drift)
    guard let kind = attributes.text(Name.network) else { return nil }
    guard kind == NetworkSpecification.name else {
      throw EnsembleError("its drift has a network '\(kind)' that this program does not know")
    }
    guard let layers = attributes.real(Name.layers), [1, 2].contains(layers),
      let channels = attributes.real(Name.channels), channels >= 1,
      let scales = attributes.reals(Name.inputScales),
      let order = attributes.real(Name.timeOrder), order >= 0,
      let activation = Activation.allCases.first(where: {
        $0.isOdd && "\($0)" == attributes.text(Name.activation)
      })
    else { throw EnsembleError("the file does not say what its network is made of") }
    var drift = ConvolutionDrift(
      base.lattice,
      ConvolutionArchitecture(
        channels: Int(channels), layers: Int(layers), activation: activation, inputScales: scales,
        timeOrder: Int(order)), base: base, using: RandomStreams(seed: 0))
    let parameters = try reader.values(of: "value", in: TableName.parameters)
    guard parameters.count == drift.layout.count else {
      throw EnsembleError("its parameters do not belong to its network")
    }
    drift.parameters = parameters
    return drift
  }

  /// Which parameters are of which part, in the order of the table.
  static func attributes(of layout: ParameterLayout) -> [String: AttributeValue] {
    [
      "part": .texts(layout.slices.map(\.name)),
      "part_count": .integers(layout.slices.map(\.range.count)),
    ]
  }

  private static let residual = #"(\nabla \cdot b - \nabla U \cdot b - \partial_t U)"#

  static let tables = [
    Table(
      name: TableName.refinement, rowName: "iteration", isPerChain: false,
      variables: [
        Variable(
          name: "loss", units: "1", longName: "PINN loss before the step of the iteration",
          definition: #"K^{-1} \sum_k {\rm Var}_k"# + residual),
        Variable(
          name: "residual", units: "1", longName: "variance per site of the residual, loss/V",
          definition: #"V^{-1} K^{-1} \sum_k {\rm Var}_k"# + residual),
        Variable(
          name: "ess", units: "1",
          longName: "effective sample size of the walkers of the iteration at its horizon, as a "
            + "fraction, with weights of the left-point rule"),
        Variable(
          name: "gradient_norm", units: "1", longName: "norm of the gradient before it is clipped"),
        Variable(name: "learning_rate", units: "1", longName: "learning rate"),
        Variable(
          name: "horizon", units: "1", longName: "time along the path up to which walkers go"),
      ]),
    Table(
      name: TableName.parameters, rowName: "parameter", isPerChain: false,
      variables: [
        Variable(
          name: "value", units: "1",
          longName: "parameter of the network, averaged exponentially over the iterations")
      ]),
    Table(
      name: TableName.check, rowName: "slice", isPerChain: false,
      variables: [
        Variable(name: "time", units: "1", longName: "time along the path"),
        Variable(
          name: "residual_spectral", units: "1",
          longName: "variance per site of the residual without the network"),
        Variable(
          name: "residual", units: "1",
          longName: "variance per site of the residual with the network",
          definition: #"V^{-1} {\rm Var}"# + residual),
        Variable(
          name: "ess", units: "1",
          longName: "effective sample size of the walkers as a fraction of their number"),
      ]),
  ]
}

extension TableName {
  /// The history of a training by gradients.
  public static let refinement = "refinement"
  /// The parameters of a network.
  public static let parameters = "parameters"
  /// What is left of the continuity equation along the drift that a training has come to.
  public static let check = "check"
}
