// SPDX-License-Identifier: GPL-3.0-or-later
import Networks

/// What a network of convolutions on a lattice is made of.
public struct ConvolutionArchitecture: Sendable, Equatable, Codable {
  /// Channels C of every nonlinear layer.
  public var channels: Int
  /// Nonlinear layers: 1 or 2 with an exact divergence, any number for a deep drift.
  public var layers: Int
  public var activation: Activation
  /// b(−φ) = −b(φ); asks for an odd nonlinearity.
  public var isOdd: Bool
  /// What kernels keep besides translations.
  public var symmetry: KernelSpace.Symmetry
  /// The longest displacement of kernels; nil for all.
  public var radius: Double?
  /// The scales s of the kernels G_s = 1/(1 + s² p̂²) that the input is convolved with at first (they are
  /// trained further); channel c begins with scale c mod (number of scales). Empty: the field itself is the
  /// argument of the first nonlinearity.
  public var inputScales: [Double]
  /// Kernels of a part linear in φ with coefficients of its own; 0 for none.
  public var linearKernels: Int
  /// Chebyshev polynomials of time up to this order; nil for no dependence on time.
  public var timeOrder: Int?
  /// How many conditions, such as couplings, the network depends on.
  public var conditions: Int
  /// Widths of the layers between time and conditions and the channels' scales; empty for a linear map.
  public var conditionerWidths: [Int]
  /// Standard deviation of the kernels that lead to the result; 0 begins with b = 0.
  public var outputScale: Double

  public init(
    channels: Int = 8, layers: Int = 1, activation: Activation = .tanh, isOdd: Bool = true,
    symmetry: KernelSpace.Symmetry = .hyperoctahedral, radius: Double? = nil,
    inputScales: [Double] = [0, 1, 3], linearKernels: Int = 0, timeOrder: Int? = 4,
    conditions: Int = 0, conditionerWidths: [Int] = [], outputScale: Double = 0
  ) {
    precondition(channels >= 1 && layers >= 1, "a network has channels and layers")
    precondition(!isOdd || activation.isOdd, "an odd network has an odd nonlinearity")
    precondition(linearKernels >= 0 && conditions >= 0)
    self.channels = channels
    self.layers = layers
    self.activation = activation
    self.isOdd = isOdd
    self.symmetry = symmetry
    self.radius = radius
    self.inputScales = inputScales
    self.linearKernels = linearKernels
    self.timeOrder = timeOrder
    self.conditions = conditions
    self.conditionerWidths = conditionerWidths
    self.outputScale = outputScale
  }
}
