// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import Foundation

/// A loss that a drift is trained by; it may have parameters of its own.
public protocol DriftObjective<Trained>: Sendable {
  associatedtype Trained: TrainableDrift

  /// Its own parameters to begin with.
  var initialParameters: [Double] { get }

  /// Whether the points must be one whole roll-out with the weights of its walkers, rather than come from
  /// anywhere.
  var isOnPolicy: Bool { get }

  /// The loss at given points and its gradients, by the drift's parameters and by its own.
  func evaluate(
    _ drift: Trained, _ own: [Double], at states: TrainingStates, probes: Configurations?,
    workers: Workers
  ) -> ObjectiveValue
}

/// A loss and its gradients.
public struct ObjectiveValue: Sendable, Equatable {
  public var loss: Double
  /// The root of the weighted mean square of the residual ∇·b − ∇U·b − ∂_tU + ∂_tF, divided by the
  /// dimension; nil where a loss does not know it.
  public var residualPerSite: Double?
  public var gradient: [Double]
  public var ownGradient: [Double]

  public init(
    loss: Double, residualPerSite: Double?, gradient: [Double], ownGradient: [Double]
  ) {
    self.loss = loss
    self.residualPerSite = residualPerSite
    self.gradient = gradient
    self.ownGradient = ownGradient
  }
}

extension Double {
  var exponential: Double { exp(self) }
}
