// SPDX-License-Identifier: GPL-3.0-or-later

/// How a drift that was trained in closed form is refined by a network of convolutions, trained by
/// gradients.
public struct NetworkSpecification: Sendable, Equatable {
  /// Nonlinear layers, 1 or 2.
  public var layers: Int
  /// Channels of each of them.
  public var channels: Int
  /// Steps of the optimiser.
  public var iterations: Int
  /// Its peak.
  public var learningRate: Double
  /// Walkers of each iteration.
  public var walkers: Int
  /// Random times along the path at which an iteration takes the loss.
  public var slices: Int

  public init(
    layers: Int, channels: Int, iterations: Int, learningRate: Double, walkers: Int, slices: Int
  ) {
    self.layers = layers
    self.channels = channels
    self.iterations = iterations
    self.learningRate = learningRate
    self.walkers = walkers
    self.slices = slices
  }

  /// What `network` is without one.
  static let none = "spectral"
  static let name = "convolution"

  /// The refinement in a few words of fixed form.
  var identity: String {
    "network=\(Self.name) layers=\(layers) channels=\(channels) iterations=\(iterations) "
      + "learning_rate=\(NumberText.text(learningRate)) gradient_walkers=\(walkers) "
      + "gradient_slices=\(slices)"
  }
}

extension SweepKey {
  private static let convolution = [
    Applicability(selector: "method", values: ["nets"]),
    Applicability(selector: "network", values: [NetworkSpecification.name]),
  ]

  /// The refinement of a drift by a network.
  static let networkKeys = [
    key(
      .samplers, "network", .choice([NetworkSpecification.none, NetworkSpecification.name]),
      .fixed(NetworkSpecification.none), varies: false,
      only: [Applicability(selector: "method", values: ["nets"])],
      "what the drift is made of: the spectral drift of the closed-form training alone, or with a "
        + "network of convolutions added, which is trained by gradients after it"),
    key(
      .samplers, "layers", .integer(1...2), .fixed("2"), only: convolution,
      "the number of nonlinear layers of the network; its divergence is exact"),
    key(
      .samplers, "channels", .count(from: 1), .fixed("8"), only: convolution,
      "the number of channels of each layer"),
    key(
      .samplers, "iterations", .count(from: 1), .fixed("500"), only: convolution,
      "the number of steps of the optimiser (Adam)"),
    key(
      .samplers, "learning_rate", .real(.positive), .fixed("0.01"), only: convolution,
      "the peak of the learning rate, which rises in the first iterations and then falls like a "
        + "cosine"),
    key(
      .samplers, "gradient_walkers", .count(from: 2), .fixed("64"), only: convolution,
      "the number of walkers that each iteration sends along the path anew"),
    key(
      .samplers, "gradient_slices", .count(from: 2), .fixed("20"), only: convolution,
      "the number of times along the path, random in each iteration, at which the loss is taken"),
  ]
}

extension SectionValues {
  /// The network of the section, if it has one.
  var network: NetworkSpecification? {
    guard values["network"]?.content == .text(NetworkSpecification.name) else { return nil }
    func count(_ key: String) -> Int { content(key).integer }
    return NetworkSpecification(
      layers: count("layers"), channels: count("channels"), iterations: count("iterations"),
      learningRate: content("learning_rate").real, walkers: count("gradient_walkers"),
      slices: count("gradient_slices"))
  }
}
