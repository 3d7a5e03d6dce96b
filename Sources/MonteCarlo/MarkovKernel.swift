// SPDX-License-Identifier: GPL-3.0-or-later
import Ensembles
import RandomStreams

/// A Markov transition on a batch of independent chains that leaves its target invariant.
///
/// The state of the chains is their configurations and nothing else: every random number is addressed
/// by (seed, purpose, chain, update number), so the same batch and the same update number always give
/// the same bits.
public protocol MarkovKernel: Sendable {
  /// What each update reports: tables with one value for each chain, without the chains' number.
  var diagnostics: [Table] { get }

  /// One update of every chain, in place.
  func update(_ chains: inout Configurations, in context: UpdateContext) -> UpdateInfo
}

/// What an update draws on: the streams, its number, and the threads that share the chains.
public struct UpdateContext: Sendable {
  public var streams: RandomStreams
  /// The number of the update, counted from 0 over thermalisation and production.
  public var number: Int
  public var workers: Workers

  public init(streams: RandomStreams, number: Int, workers: Workers = Workers(1)) {
    self.streams = streams
    self.number = number
    self.workers = workers
  }
}

/// What only a reader of an update wants to know.
public struct UpdateInfo: Sendable, Equatable {
  /// For each chain, the probability with which its proposal was accepted, or the fraction of
  /// accepted proposals where there are many.
  public var acceptance: [Double]
  /// For each table of `diagnostics` and each of its variables, one number for each chain.
  public var values: [[[Double]]]

  public init(acceptance: [Double], values: [[[Double]]]) {
    self.acceptance = acceptance
    self.values = values
  }
}

/// A kernel with a step size that thermalisation may tune.
public protocol TunableKernel: MarkovKernel {
  /// The step size in lattice units.
  var stepSize: Double { get set }

  /// The mean acceptance that tuning aims at.
  var targetAcceptance: Double { get }
}
